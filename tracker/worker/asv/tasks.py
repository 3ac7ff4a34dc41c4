"""What asv's kinds of benchmarks measure."""

from __future__ import annotations

import os
import sys
from functools import partial
from time import perf_counter

from ..protocol import DEFAULTS
from ..surroundings import peak_memory
from ..task import Incompatible, Task, Unsupported
from .cache import cached
from .names import METRICS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from .suite import AsvBenchmark


class _AsvTask(Task):
    """Setup, cache and teardown, which all kinds share."""

    #: directory for all processes that measure the same build; "" where there is none
    shared = ""

    def __init__(
        self, benchmark: AsvBenchmark, values: tuple[Any, ...], protocol: dict[str, Any]
    ) -> None:
        self.metric, self.unit = METRICS[benchmark.kind]
        self._benchmark = benchmark
        self._values = values
        self._setups = benchmark.every("setup")[::-1]
        self._teardowns = benchmark.every("teardown")
        self._cache: tuple[Any, ...] | None = None
        self._rules = {**DEFAULTS, **protocol}

    @property
    def _arguments(self) -> tuple[Any, ...]:
        return (self._cache or ()) + self._values

    def setup(self) -> None:
        """Call the suite's setup functions, those of the module first."""
        if self._cache is None:
            self._cache = self._cached()
        try:
            for setup in self._setups:
                setup(*self._arguments)
        except NotImplementedError as error:
            raise Unsupported("setup raised NotImplementedError %s" % error) from error

    def teardown(self) -> None:
        """Call the suite's teardown functions; a benchmark may have skipped itself before."""
        error = sys.exc_info()[1]
        for teardown in self._teardowns:
            teardown(*self._arguments)
        if type(error).__name__ == "SkipNotImplemented":
            raise Unsupported(str(error) or "the benchmark skipped itself") from error

    def _call(self) -> Any:
        return self._benchmark.function(*self._arguments)

    def _cached(self) -> tuple[Any, ...]:
        function = self._benchmark.first("setup_cache", None)
        return cached(function, self._setups, self.shared) if function else ()


class TimedTask(_AsvTask):
    """``time_``: timed by the protocol, with what the suite fixes."""

    def __init__(
        self, benchmark: AsvBenchmark, values: tuple[Any, ...], protocol: dict[str, Any]
    ) -> None:
        super().__init__(benchmark, values, protocol)
        self.setup_each_sample = bool(self._setups or self._teardowns)
        self.overrides = _overrides(benchmark, self._rules)
        self.call = self._call

    def setup(self) -> None:
        """Prepare, and bind what is timed as directly as can be."""
        super().setup()
        function = self._benchmark.function
        self.call = partial(function, *self._arguments) if self._arguments else function


def _overrides(benchmark: AsvBenchmark, rules: dict[str, Any]) -> dict[str, Any]:
    overrides: dict[str, Any] = {}
    number = int(benchmark.first("number", 0))
    if number:
        overrides["loops"] = number
    sample_time = benchmark.first("sample_time", None)
    if sample_time is not None:
        overrides["sample_seconds"] = float(sample_time)
    warmup_time = float(benchmark.first("warmup_time", -1))
    if warmup_time >= 0:
        overrides["warmup_seconds"] = warmup_time
    overrides["samples"] = _samples(benchmark.first("repeat", 0), rules["samples"])
    return overrides


def _samples(repeat: Any, policy: int) -> int:
    """``repeat`` is a number, 0 for the policy's, or (at least, at most, seconds)."""
    if isinstance(repeat, (list, tuple)):
        least, most = int(repeat[0]), int(repeat[1])
        return max(least, min(most, policy))
    return int(repeat) or policy


class _OwnClock(_AsvTask):
    """Timed, but not by this process's clock."""

    #: calls behind a sample where the suite does not say; 0: calibrated
    number = 0

    def readings(self) -> list[dict[str, Any]]:
        rules = {**self._rules, **_overrides(self._benchmark, self._rules)}
        number = int(self._benchmark.first("number", self.number)) or self._calibrated(rules)
        self._seconds(number)  # fills caches
        samples = [self._seconds(number) / number for _ in range(int(rules["samples"]))]
        return [{"samples": samples, "loops": number}]

    def _calibrated(self, rules: dict[str, Any]) -> int:
        number = 1
        while self._seconds(number) < rules["sample_seconds"]:
            number *= 2
        return number

    def _seconds(self, number: int) -> float:
        raise NotImplementedError


class TimerTask(_OwnClock):
    """``time_`` with a ``timer`` of the suite's own, such as ``time.process_time``."""

    def _seconds(self, number: int) -> float:
        import timeit  # noqa: PLC0415 - rarely needed

        timer = timeit.Timer(self._call, self._prepare, self._benchmark.first("timer", None))
        return timer.timeit(number)

    def _prepare(self) -> None:
        self.teardown()
        self.setup()


def timed_task(
    benchmark: AsvBenchmark, values: tuple[Any, ...], protocol: dict[str, Any]
) -> _AsvTask:
    """Choose by who holds the clock."""
    own_timer = benchmark.first("timer", perf_counter) is not perf_counter
    return (TimerTask if own_timer else TimedTask)(benchmark, values, protocol)


class RawTask(_OwnClock):
    """``timeraw_``: the code that the function returns, timed in fresh interpreters."""

    number = 1

    _PROGRAM = (
        "import sys, timeit; statement, setup, number = eval(sys.stdin.read());"
        "seconds = timeit.timeit(statement, setup, number=number); print(); print(repr(seconds))"
    )

    def _seconds(self, number: int) -> float:
        import subprocess  # noqa: PLC0415 - only this kind needs them
        from textwrap import dedent  # noqa: PLC0415

        given = self._call()
        statement, setup = given if isinstance(given, tuple) else (given, "")
        variables = self._benchmark.first("env", {})
        ended = subprocess.run(
            [sys.executable, "-c", self._PROGRAM],
            input=repr((dedent(statement), dedent(setup), number)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            env={**os.environ, **{str(name): str(value) for name, value in variables.items()}},
            check=False,
        )
        if ended.returncode:
            sys.stderr.write(ended.stderr)
            last = (ended.stderr.strip().splitlines() or ["no message"])[-1]
            raise RuntimeError("exit code %d: %s" % (ended.returncode, last))
        return float(ended.stdout.splitlines()[-1])


class MemTask(_AsvTask):
    """``mem_``: the bytes that one more of the returned object takes."""

    def readings(self) -> list[dict[str, Any]]:
        try:
            from pympler.asizeof import (  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415
                asizeof,
            )
        except ImportError as error:
            raise Incompatible(
                "mem_ benchmarks need pympler: add it to environment.requires"
            ) from error
        import copy  # noqa: PLC0415

        one = self._call()
        return [{"samples": [asizeof([one, copy.copy(one)]) - asizeof([one, one])]}]


class PeakTask(_AsvTask):
    """``peakmem_``: the most memory of the process, setup included."""

    def readings(self) -> list[dict[str, Any]]:
        self._call()
        return [{"samples": [peak_memory()]}]


class TrackTask(_AsvTask):
    """``track_``: the number that the function returns; NaN says that there is none."""

    def __init__(
        self, benchmark: AsvBenchmark, values: tuple[Any, ...], protocol: dict[str, Any]
    ) -> None:
        super().__init__(benchmark, values, protocol)
        self.unit = str(benchmark.first("unit", self.unit))

    def readings(self) -> list[dict[str, Any]]:
        value = self._call()
        if hasattr(value, "__float__") and not isinstance(value, (bool, int, str)):
            value = float(value)
            if value != value:  # noqa: PLR0124 - math.isnan would need an import
                raise Unsupported("the benchmark returned NaN, which in asv is no value")
        return [{"samples": [value]}]


TASKS: dict[str, Callable[..., _AsvTask]] = {
    "mem": MemTask,
    "peakmem": PeakTask,
    "time": timed_task,
    "timeraw": RawTask,
    "track": TrackTask,
}
