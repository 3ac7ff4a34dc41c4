"""The decorator that makes a function a workload: a model, its inputs, and what to do with them."""

from __future__ import annotations

from ..marks import ATTRIBUTE, mark_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Mapping, Sequence

ACTIONS = ("forward", "train", "generate", "call")
#: parameters that the harness applies to whatever the function returns
APPLIED = ("dtype", "compile", "sdpa")


def workload(
    function: Callable[..., Any] | None = None,
    *,
    name: str = "",
    do: str = "forward",
    params: Mapping[str, Sequence[Any]] | None = None,
    setup: Callable[..., Any] | None = None,
    timeout: float | None = None,
    items: int | str = 0,
) -> Any:
    """Mark a function that returns a model and its inputs: ``@workload(params={"batch": [1, 8]})``.

    The function gets the parameters that it names, and ``device`` where it names that; it runs
    once a process, with a fixed seed, and tensors that it makes are on the device. It returns
    ``model, inputs``, or ``model, inputs, options``. Inputs are a tuple (positional), a mapping
    (by keyword) or one tensor.

    ``do`` says what is timed:

    - ``"forward"``: ``model(inputs)``, without gradients.
    - ``"train"``: forward, loss, backward, and a step of the optimizer. Options: ``loss``, a
      function of the output (default: its ``loss``, or its mean), and ``optimizer`` (default:
      SGD with a learning rate of 0.0001).
    - ``"generate"``: ``model.generate(inputs)``, greedy; options go to it (default:
      ``max_new_tokens`` 16, all of which are made).
    - ``"call"``: what the function returns is called with the inputs, or without any.

    The harness itself applies the parameters ``dtype`` ("float32", "bfloat16", ... for weights
    and inputs; "autocast-bfloat16" for autocast), ``compile`` (False, True, a mode or a backend
    of ``torch.compile``) and ``sdpa`` (a backend of scaled dot product attention).

    Args:
        function: makes what is measured.
        name: how the benchmark is called; the function's name.
        do: see above.
        params: the values of each parameter; the matrix takes their product.
        setup: called before, what it returns is the function's first argument; its time is not
            part of ``load_time``.
        timeout: seconds after which one process is given up.
        items: how many things a call handles, or the parameter that says so, such as ``"batch"``.
            Where that is too many for the memory, the number that fits is looked for.

    Raises:
        TypeError: the function cannot be called, or nothing takes a parameter.
        ValueError: an unknown action, or a parameter without values.
    """
    if do not in ACTIONS:
        raise ValueError("a workload does one of %s, not %r" % (", ".join(ACTIONS), do))

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        mark = mark_of(
            function,
            name=name or function.__name__,
            params=params,
            setup=setup,
            timeout=timeout,
            items=items,
            applied=APPLIED,
        )
        setattr(function, ATTRIBUTE, dict(mark, do=do))
        return function

    return decorate if function is None else decorate(function)
