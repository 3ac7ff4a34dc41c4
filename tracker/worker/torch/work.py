"""What a workload's function gave, made ready to be called."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import fields, is_dataclass
from functools import partial

import torch

from ..marks import takes
from ..task import Unsupported
from .actions import ACTIONS
from .tokens import Tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator

    from ..task import WallClock

_AUTOCAST = "autocast-"
_MODES = ("default", "reduce-overhead", "max-autotune", "max-autotune-no-cudagraphs")
_SDPA = {
    "math": "MATH",
    "flash": "FLASH_ATTENTION",
    "efficient": "EFFICIENT_ATTENTION",
    "cudnn": "CUDNN_ATTENTION",
}


class Work:
    """Something to call again and again, inside of the contexts that it needs.

    The contexts are entered once and not in every call, which would time them too.
    """

    def __init__(
        self, model: Any, load_seconds: float, contexts: Callable[[], Iterator[Any]]
    ) -> None:
        self.model = model
        #: how long the suite's function took, and the way to the device
        self.load_seconds = load_seconds
        #: what is timed
        self.call: Callable[[], Any] = model
        #: the same without compilation, for counting
        self.plain: Callable[[], Any] = model
        #: as the harness did not say it: of the first parameter
        self.dtype = _dtype_of(model)
        self.tokens = Tokens()
        self._contexts = contexts
        self._entered = ExitStack()

    def enter(self) -> None:
        for context in self._contexts():
            self._entered.enter_context(context)

    def leave(self) -> None:
        self._entered.close()

    def __enter__(self) -> None:
        self.enter()

    def __exit__(self, *error: object) -> None:
        self.leave()


def prepared(
    function: Callable[..., Any],
    mark: dict[str, Any],
    parameters: dict[str, Any],
    device: str,
    clock: WallClock,
) -> Work:
    """Call a workload's function, and apply what the harness itself takes of its parameters.

    Raises:
        TypeError: it returned something else than a model and inputs.
        ValueError: an unknown dtype, backend of attention, or way to compile.
        Unsupported: this torch has no such thing.
    """
    given = {**parameters, "device": device}
    before = () if mark["setup"] is None else (mark["setup"](**_taken(mark["setup"], given)),)
    torch.manual_seed(0)
    started = clock.start()
    with torch.device(device):
        made = function(*before, **_taken(function, given))
    model, inputs, options = _parts(made, mark["do"])
    asked, autocast = _precision(parameters)
    cast = None if autocast else asked
    if hasattr(model, "to"):
        model = model.to(device) if cast is None else model.to(device=device, dtype=cast)
    positional, named = _arguments(_moved(inputs, device, cast))
    seconds = clock.stop(started)
    work = Work(model, seconds, partial(_contexts, mark["do"], parameters, device))
    ACTIONS[mark["do"]](work, positional, named, options, _compiler(parameters.get("compile")))
    return work


def _taken(function: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if takes(function, name)}


def tensors(value: Any) -> Iterator[torch.Tensor]:
    """All tensors in a value, however it is nested."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, Mapping):
        yield from tensors(list(value.values()))
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from tensors(each)
    elif is_dataclass(value):
        yield from tensors([getattr(value, field.name) for field in fields(value)])


def _parts(made: Any, do: str) -> tuple[Any, Any, dict[str, Any]]:
    if do == "call" and not isinstance(made, tuple):
        return made, (), {}
    if not isinstance(made, tuple) or not 2 <= len(made) <= 3:
        raise TypeError("a workload returns `model, inputs` or `model, inputs, options`")
    return made[0], made[1], dict(made[2]) if len(made) == 3 else {}


def _moved(value: Any, device: str, dtype: torch.dtype | None) -> Any:
    """Return inputs on the device, those of floating point as the dtype."""
    if isinstance(value, torch.Tensor):
        cast = dtype if value.is_floating_point() else None
        return value.to(device=device, dtype=cast)
    if isinstance(value, Mapping):
        return {name: _moved(each, device, dtype) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        made = getattr(value, "_make", type(value))  # named ones take their fields one by one
        return made(_moved(each, device, dtype) for each in value)
    return value


def _arguments(inputs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if isinstance(inputs, dict):
        return (), inputs
    return (inputs if isinstance(inputs, tuple) else (inputs,)), {}


def _contexts(do: str, parameters: dict[str, Any], device: str) -> Iterator[Any]:
    if do in ("forward", "generate"):
        yield torch.inference_mode()
    dtype, autocast = _precision(parameters)
    if autocast:
        yield torch.autocast(device.partition(":")[0], dtype=dtype)
    if parameters.get("sdpa"):
        yield _attention(parameters["sdpa"])


def _attention(name: str) -> Any:
    if name not in _SDPA:
        raise ValueError("sdpa is one of %s, not %r" % (", ".join(_SDPA), name))
    try:
        from torch.nn.attention import SDPBackend, sdpa_kernel  # noqa: PLC0415 - from 2.3 on
    except ImportError:
        raise Unsupported("this torch cannot choose a backend of attention") from None
    if not hasattr(SDPBackend, _SDPA[name]):
        raise Unsupported("this torch has no %s attention" % name)
    return sdpa_kernel(getattr(SDPBackend, _SDPA[name]))


def _precision(parameters: dict[str, Any]) -> tuple[torch.dtype | None, bool]:
    """The dtype that is asked for, None for that of the model, and whether it is autocast.

    Raises:
        ValueError: there is no such dtype.
    """
    asked = parameters.get("dtype")
    if not asked:
        return None, False
    autocast = isinstance(asked, str) and asked.startswith(_AUTOCAST)
    name = asked[len(_AUTOCAST) :] if autocast else asked
    found = getattr(torch, name, None) if isinstance(name, str) else None
    if not isinstance(found, torch.dtype):
        raise ValueError("dtype is the name of one of torch, not %r" % (asked,))  # noqa: TRY004
    return found, autocast


def _dtype_of(model: Any) -> str:
    parameters = model.parameters() if isinstance(model, torch.nn.Module) else ()
    return next((str(each.dtype).partition(".")[2] for each in parameters), "")


def _compiler(how: Any) -> Callable[[Any], Any]:
    """Return what compiles a callable, or leaves it as it is.

    Raises:
        ValueError: there is no such mode or backend.
    """
    if not how:
        return lambda called: called
    if how is True:
        return partial(torch.compile)
    if how in _MODES:
        return partial(torch.compile, mode=how)
    from torch._dynamo import list_backends  # noqa: PLC0415 - takes a second, and few name one

    if how in list_backends(exclude_tags=()):
        return partial(torch.compile, backend=how)
    raise ValueError("torch.compile has no mode or backend %r" % how)
