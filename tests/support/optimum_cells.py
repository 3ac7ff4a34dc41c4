"""Many cells in one process, which is quicker than right: a program for an environment with torch.

Reads a list of jobs as JSON and prints one object, name of a job -> how it ended, what
optimum-benchmark was given, and what was told of it. A job may have ``without``, names that this
transformers shall not have.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib import import_module
from typing import Any

from tracker.worker.optimum.suite import open_suite
from tracker.worker.session import _ended_by

BACKEND = "optimum_benchmark.backends.pytorch.backend"


@contextmanager
def without(names: list[str]) -> Iterator[None]:
    """Have transformers lack some names, as at a commit that removed them."""
    modules = ("transformers", "transformers.models.gpt2")
    lazy: list[Any] = [import_module(one) for one in modules]
    before = [dict(one._class_to_module) for one in lazy]
    for one in lazy:
        for name in names:
            one._class_to_module.pop(name, None)
            vars(one).pop(name, None)
    try:
        yield
    finally:
        for one, classes in zip(lazy, before, strict=True):
            one._class_to_module.update(classes)


@contextmanager
def watched(seen: dict[str, Any]) -> Iterator[None]:
    """Note what a backend is made with, and what it computes."""
    module = sys.modules[BACKEND]
    own = module.PyTorchBackend

    class Backend(own):  # type: ignore[misc, valid-type]
        def __init__(self, config: Any) -> None:
            seen["config"] = asdict(config)
            super().__init__(config)

        def generate(self, inputs: Any, kwargs: Any) -> Any:
            seen.setdefault("inputs", list(inputs["input_ids"].shape))
            seen.setdefault("new_tokens", kwargs["max_new_tokens"])
            return super().generate(inputs, kwargs)

    module.PyTorchBackend = Backend  # type: ignore[attr-defined]
    try:
        yield
    finally:
        module.PyTorchBackend = own  # type: ignore[attr-defined]


def ended(job: dict[str, Any]) -> dict[str, Any]:
    """How one job ends, and what was seen."""
    seen: dict[str, Any] = {}
    try:
        with without(job.get("without", [])):
            suite = open_suite(job)
        # once more: what is imported meanwhile makes transformers another module
        with without(job.get("without", [])), watched(seen):
            task = suite.task(job["benchmark"], job["parameters"])
            try:
                task.readings()
            except Exception as error:
                raise task.told(error) from error
    except Exception as error:  # noqa: BLE001 - as the worker does
        return _ended_by(error)
    told = {name: getattr(task, name) for name in ("backend", "precision", "dataset", "device")}
    return {"state": "measured", "reason": "", **seen, **told, "facts": task.facts}


if __name__ == "__main__":
    answers = {job["name"]: ended(job) for job in json.load(sys.stdin)}
    print(json.dumps(answers, default=str))
