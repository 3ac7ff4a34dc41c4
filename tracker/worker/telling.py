"""Samples that leave the process as they are taken: nothing that happens later can lose them."""

from __future__ import annotations

from _thread import allocate_lock  # every process has it; threading would have to be imported

from . import surroundings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .channel import Channel
    from .task import Task


class Telling:
    """The way out for a task that hands its samples over. Threads may share it."""

    def __init__(self, channel: Channel, task: Task) -> None:
        self._channel = channel
        self._task = task
        self._lock = allocate_lock()
        self._begun = False

    def sample(self, metric: str, unit: str, direction: str, value: float) -> None:
        """Send one sample; those of one metric become one reading, in their order.

        What computes goes before the first of them, for a process that never comes to its end.
        """
        with self._lock:
            if not self._begun:
                used = dict(what_computed(self._task), threads=surroundings.threads())
                self._channel.send("used", **used)
                self._begun = True
            self._channel.send(
                "sample",
                metric=metric,
                unit=unit,
                direction=direction,
                kind=self._task.kind,
                exact=self._task.exact,
                value=value,
            )


def what_computed(task: Task) -> dict[str, Any]:
    """What only the process knows of its coordinate, threads aside, and what else it tells."""
    return {
        "facts": dict(task.facts),
        "backend": task.backend,
        "precision": task.precision,
        "dataset": task.dataset,
        "neutral": list(task.neutral),
        "device": task.device,
    }
