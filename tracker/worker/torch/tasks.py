"""Workloads and plain benchmarks as tasks."""

from __future__ import annotations

import gc
import traceback
from functools import partial

import torch

from ..marks import ATTRIBUTE, items_of
from ..protocol import extra_reading
from ..python_suite import PythonTask
from ..task import OutOfMemory, Task, WallClock
from .process import is_out_of_memory
from .state import backend, facts, precision
from .work import prepared, tensors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from .work import Work


class PlainTask(PythonTask):
    """A function of a torch suite that is no workload; it may ask for the ``device``."""

    backend = "torch"

    def __init__(
        self, function: Callable[..., Any], parameters: dict[str, Any], device: str
    ) -> None:
        super().__init__(function, {**parameters, "device": device})
        self.device = device
        self.clock = _clock(device)

    def told(self, error: Exception) -> Exception:
        return OutOfMemory("out of memory") if is_out_of_memory(error) else error

    @property
    def precision(self) -> str:  # type: ignore[override]
        return precision("")

    @property
    def facts(self) -> dict[str, Any]:  # type: ignore[override]
        return facts(self.device)


class WorkloadTask(Task):
    """A model with its inputs, and what to do with them."""

    firsts = ("first_call", "second_call")
    #: tensors are not in Python's memory, what is depends on the calls before: ``tensor_memory``
    #: has them
    uncounted = ("allocations",)

    def __init__(
        self, function: Callable[..., Any], parameters: dict[str, Any], device: str
    ) -> None:
        self._function = function
        self._mark = getattr(function, ATTRIBUTE)
        self._parameters = parameters
        self._work: Work | None = None
        self.device = device
        self.clock = _clock(device)
        self.call = function
        self.items = items_of(self._mark, parameters)
        # a batch is as large as somebody wants to know about, and never too slow for its items
        self.overrides = {"preflight_item_seconds": 0.0}
        if self._mark["do"] == "generate":
            self.overrides["loops"] = 1  # each call has tokens of its own to time

    @property
    def work(self) -> Work:
        assert self._work is not None  # from ``setup`` on
        return self._work

    def setup(self) -> None:
        self._work = self._prepared(self._parameters)
        self.call = self._work.call
        self._work.enter()

    def teardown(self) -> None:
        self.work.leave()

    def sampling(self) -> None:
        self.work.tokens.clear()
        if self.device.startswith("cuda"):
            torch.cuda.reset_peak_memory_stats(self.device)

    def beside(self) -> list[dict[str, Any]]:
        readings = [extra_reading("load_time", "s", self.work.load_seconds)]
        for metric, samples in self.work.tokens.seconds().items():
            readings.append({**extra_reading(metric, "s", 0.0), "samples": samples})
        if self.device.startswith("cuda"):
            most = torch.cuda.max_memory_allocated(self.device)
            reserved = torch.cuda.max_memory_reserved(self.device)
            readings.append(extra_reading("device_memory_allocated", "bytes", most))
            readings.append(extra_reading("device_memory_reserved", "bytes", reserved))
        return readings

    def counted(self) -> list[dict[str, Any]]:
        from .counts import counts  # noqa: PLC0415 - only where asked for

        return counts(self.work, self.device)

    def callable_again(self) -> Work:
        """Importing torch and making the model again would take longer than what is counted."""
        return self.work

    def wrong(self) -> str:
        found = any(
            torch.isnan(each).any().item()
            for each in tensors(self.work.call())
            if each.is_floating_point()
        )
        return "the output has NaN" if found else ""

    def told(self, error: Exception) -> Exception:
        """An error for want of memory becomes a state, with the most items that fit."""
        if not is_out_of_memory(error):
            return error
        traceback.clear_frames(error.__traceback__)
        text = "out of memory"
        items = self._mark["items"]
        if isinstance(items, str):
            text += " with %s %d%s" % (items, self.items, self._what_fits(items))
        return OutOfMemory(text)

    def _prepared(self, parameters: dict[str, Any]) -> Work:
        return prepared(self._function, self._mark, parameters, self.device, self.clock)

    def _what_fits(self, name: str) -> str:
        """Halve the number of items until a call succeeds, and tell.

        Nothing is told where one fails otherwise: so many may be no input of this model.
        """
        number = self.items // 2
        while number:
            error = self._tried({**self._parameters, name: number})
            if error is None:
                return "; %d is the last that fits" % number
            if not is_out_of_memory(error):
                return ""
            number //= 2
        return "; not even 1 fits"

    def _tried(self, parameters: dict[str, Any]) -> Exception | None:
        """Call once with these; the error, which keeps nothing of what was made."""
        self._forget()
        try:
            work = self._prepared(parameters)
            with work:
                work.call()
        except Exception as error:
            traceback.clear_frames(error.__traceback__)
            return error.with_traceback(None)
        return None

    def _forget(self) -> None:
        self._work, self.call = None, self._function
        gc.collect()
        kind = self.device.partition(":")[0]
        if kind != "cpu":
            getattr(torch, kind).empty_cache()

    @property
    def backend(self) -> str:  # type: ignore[override]
        return backend(self._parameters.get("compile", False), self._parameters.get("sdpa", ""))

    @property
    def precision(self) -> str:  # type: ignore[override]
        return precision(self._parameters.get("dtype") or self.work.dtype)

    @property
    def facts(self) -> dict[str, Any]:  # type: ignore[override]
        return facts(self.device)


def _clock(device: str) -> WallClock:
    kind = device.partition(":")[0]
    if kind == "cuda":
        return _DeviceClock(device)
    if kind == "xpu":
        return _WaitingClock(partial(torch.xpu.synchronize, device))
    return _WaitingClock(torch.mps.synchronize) if kind == "mps" else WallClock()


class _WaitingClock(WallClock):
    """Wall time in which a device did all that it was asked for."""

    def __init__(self, wait: Callable[[], object]) -> None:
        self._wait = wait

    def start(self) -> Any:
        self._wait()
        return super().start()

    def stop(self, started: Any) -> float:
        self._wait()
        return super().stop(started)


class _DeviceClock(WallClock):
    """Times by events on the device, whose work goes on after a call has returned."""

    def __init__(self, device: str) -> None:
        self._device = device

    def start(self) -> Any:
        torch.cuda.synchronize(self._device)
        return self._event()

    def stop(self, started: Any) -> float:
        ended = self._event()
        ended.synchronize()
        return float(started.elapsed_time(ended)) / 1e3  # it tells milliseconds

    def _event(self) -> Any:
        event = torch.cuda.Event(enable_timing=True)
        event.record(torch.cuda.current_stream(self._device))
        return event
