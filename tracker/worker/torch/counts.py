"""Work that torch can tell of one call: the same number in every process.

Counted once, after the timing. FLOPs, operators and the memory of tensors are those of the eager
call; a compiled call does the same work in other pieces. FLOPs are counted where layers are
computed operator by operator and attention by its formula, so that they are the same on every
device and with every backend.
"""

from __future__ import annotations

import weakref
from contextlib import ExitStack, contextmanager

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from ..protocol import extra_reading
from .work import tensors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Iterator

    from .work import Work

#: operators that are layers, for which torch's counter has no formula: the backend that has them
_LAYERS = {"mkldnn_rnn_layer": "mkldnn", "_cudnn_rnn": "cudnn"}


def counts(work: Work, device: str) -> list[dict[str, Any]]:
    """Count the parameters, FLOPs, operators and memory of a call, and what compiling gave."""
    numbers = [*_parameters(work.model)]
    with work:
        tally = Tally()
        with tally:
            kept = work.plain()  # an output lives as long as its user keeps it
        numbers += [("operators", "operators", tally.operators)]
        numbers += [("tensor_memory", "bytes", tally.peak)]
        del kept
        layers = {backend for name, backend in _LAYERS.items() if name in tally.names}
        numbers.append(("flops", "FLOP", _flops(work.plain, layers)))
        if device.startswith("cuda"):
            numbers += _kernels(work.call)
    numbers += _graphs()
    return [extra_reading(metric, unit, number, exact=True) for metric, unit, number in numbers]


def _parameters(model: Any) -> list[tuple[str, str, int]]:
    if not isinstance(model, torch.nn.Module):
        return []
    every = list(model.parameters())
    return [
        ("parameters", "parameters", sum(each.numel() for each in every)),
        ("parameter_memory", "bytes", sum(each.numel() * each.element_size() for each in every)),
    ]


def _flops(call: Callable[[], Any], layers: Iterable[str]) -> int:
    """Floating-point operations by torch's ``FlopCounterMode``: a multiply-add counts as two.

    Args:
        call: what is counted.
        layers: backends whose operators for whole layers would be counted as none.
    """
    from torch.nn.attention import SDPBackend, sdpa_kernel  # noqa: PLC0415
    from torch.utils.flop_counter import FlopCounterMode  # noqa: PLC0415

    # of the fused kernels it knows those of CUDA only
    with _in_parts(layers), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        call()
    return int(counter.get_total_flops())


@contextmanager
def _in_parts(layers: Iterable[str]) -> Iterator[None]:
    """Let layers be computed operator by operator: encoders of transformers, and recurrent ones."""
    with ExitStack() as restored:
        encoders = torch.backends.mha
        restored.callback(encoders.set_fastpath_enabled, encoders.get_fastpath_enabled())
        encoders.set_fastpath_enabled(False)
        for name in layers:
            backend = getattr(torch.backends, name)
            restored.callback(setattr, backend, "enabled", backend.enabled)
            backend.enabled = False
        yield


class Tally(TorchDispatchMode):  # type: ignore[misc] # no types of torch here
    """Counts operators, and the bytes that their results hold at once.

    Memory is that of tensors which were made meanwhile; parameters and inputs, and what a
    kernel needs for itself, are not in it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.operators = 0
        #: how they are called
        self.names: set[str] = set()
        self.peak = 0
        self._live = 0
        #: of storages that are there: kept so that their end is told
        self._known: dict[int, weakref.ref[Any]] = {}

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        named = kwargs or {}
        # an operator that is made of others is those, with gradients and without
        with self:
            result = function.decompose(*args, **named)
        if result is not NotImplemented:
            return result
        for given in (*tensors(args), *tensors(named)):
            self._notice(given, 0)
        result = function(*args, **named)
        self.operators += 1
        self.names.add(function.__name__.partition(".")[0])
        for made in tensors(result):
            self._notice(made, made.untyped_storage().nbytes())
        self.peak = max(self.peak, self._live)
        return result

    def _notice(self, tensor: torch.Tensor, number: int) -> None:
        storage = tensor.untyped_storage()
        key = storage._cdata  # noqa: SLF001 - its identity, which views share
        if key in self._known:
            return

        def gone(_: object) -> None:
            del self._known[key]
            self._live -= number

        self._known[key] = weakref.ref(storage, gone)
        self._live += number


def _kernels(call: Callable[[], Any]) -> list[tuple[str, str, int]]:
    """Kernels that a call starts on the device, copies and fills of memory left out.

    Nothing is told where the profiler saw nothing: drivers may keep that for administrators.
    """
    from torch.profiler import ProfilerActivity, profile  # noqa: PLC0415

    with profile(activities=[ProfilerActivity.CUDA]) as profiler:
        call()
        torch.cuda.synchronize()
    seen = [each for each in profiler.events() if each.device_type.name == "CUDA"]
    # what optimizers and compiled graphs call their parts is on the device's line of time too
    names = [each.name for each in seen if not getattr(each, "is_user_annotation", False)]
    kernels = sum(not name.startswith(("Memcpy", "Memset")) for name in names)
    return [("kernels", "kernels", kernels)] if names else []


def _graphs() -> list[tuple[str, str, int]]:
    """How often compiling gave up on the model and went on in Python: graphs and their breaks."""
    import sys  # noqa: PLC0415

    dynamo = sys.modules.get("torch._dynamo.utils")
    if dynamo is None or not dynamo.counters["stats"]["unique_graphs"]:
        return []
    counters = dynamo.counters
    return [
        ("graphs", "graphs", int(counters["stats"]["unique_graphs"])),
        ("graph_breaks", "breaks", sum(counters["graph_break"].values())),
    ]
