"""What a workload does with its model: the calls that are timed, and those that are counted."""

from __future__ import annotations

from functools import partial

import torch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .work import Work


def _forward(work: Work, positional: Any, named: Any, options: Any, compiler: Any) -> None:
    _refuse(options)
    if hasattr(work.model, "eval"):
        work.model.eval()
    work.plain = partial(work.model, *positional, **named)
    work.call = partial(compiler(work.model), *positional, **named)


def _train(work: Work, positional: Any, named: Any, options: Any, compiler: Any) -> None:
    model = work.model.train()
    loss = options.pop("loss", _loss)
    optimizer = options.pop("optimizer", None) or torch.optim.SGD(model.parameters(), lr=1e-4)
    _refuse(options)

    def step(forward: Any) -> Any:
        optimizer.zero_grad(set_to_none=True)
        value = loss(forward(*positional, **named))
        value.backward()
        optimizer.step()
        return value

    work.plain = partial(step, model)
    work.call = partial(step, compiler(model))


def _loss(output: Any) -> Any:
    return output.mean() if isinstance(output, torch.Tensor) else output.loss


def _generate(work: Work, positional: Any, named: Any, options: Any, compiler: Any) -> None:
    model, number = work.model.eval(), int(options.get("max_new_tokens", 16))
    chosen = {
        "max_new_tokens": number,
        "min_new_tokens": number,
        "do_sample": False,
        "num_beams": 1,
        **named,
        **options,
    }
    eager = model.forward
    model.forward = compiled = compiler(eager)

    def streamed() -> Any:
        work.tokens.begin()
        return model.generate(*positional, streamer=work.tokens, **chosen)

    def plain() -> Any:
        model.forward = eager
        try:
            return model.generate(*positional, **chosen)
        finally:
            model.forward = compiled

    work.plain = plain
    work.call = streamed


def _call(work: Work, positional: Any, named: Any, options: Any, compiler: Any) -> None:
    _refuse(options)
    work.plain = partial(work.model, *positional, **named)
    work.call = partial(compiler(work.model), *positional, **named)


def _refuse(options: dict[str, Any]) -> None:
    if options:
        raise ValueError("this workload has no options %s" % ", ".join(sorted(options)))


#: what a workload does -> what makes its calls of the model, the inputs and the options
ACTIONS = {"forward": _forward, "train": _train, "generate": _generate, "call": _call}
