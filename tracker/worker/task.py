"""What a harness hands to the protocol: a suite that opens, and tasks that can be measured.

A harness adapter is a module of the worker with one function, ``open_suite(job)``,
that returns a ``SuiteOfTasks``. Everything here runs inside the commit's
environment, on Python 3.8 and later, with the standard library alone.
"""

from __future__ import annotations

from time import perf_counter

TYPE_CHECKING = False  # importing typing would cost every process milliseconds
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Any, Callable, Mapping, Sequence

    from .telling import Telling


class Unsupported(Exception):  # noqa: N818 - an answer, not an error
    """The benchmark says that it does not apply here: a state, not a failure."""


class Incompatible(Exception):  # noqa: N818 - as above
    """The harness cannot work with this commit: says nothing about its speed."""


class Failed(Exception):  # noqa: N818 - as above
    """The benchmark ended, and what it left says that it failed; there is no traceback to show."""


class OutOfMemory(Exception):  # noqa: N818 - as above
    """What was asked for does not fit: a state of its own, with what did fit."""


class SuiteOfTasks:
    """A suite, opened. Opening may import the package under test."""

    def describe(self) -> list[dict[str, Any]]:
        """List one dict a benchmark, with the fields of ``tracker.model.suites.Benchmark``.

        ``axes`` is a list of ``{"name": str, "values": [repr, ...], "open": bool}``.
        """
        raise NotImplementedError

    def task(self, benchmark: str, parameters: dict[str, str]) -> Task:
        """Return the ``Task`` for a benchmark's name and ``{parameter: repr of value}``.

        Raises:
            LookupError: the suite has no such benchmark or parameter value here.
        """
        raise NotImplementedError


class WallClock:
    """The seconds that pass while a batch of calls runs."""

    def start(self) -> Any:
        return perf_counter()

    def stop(self, started: Any) -> float:
        """Return the seconds since ``start``, all that was asked for since being done."""
        return perf_counter() - started  # type: ignore[no-any-return]


class Task:
    """One benchmark with fixed parameters.

    A task is either *timed* (``call`` is not None: the protocol times it in
    calibrated loops) or measures *itself* (``readings`` returns finished numbers, or
    hands them over to ``teller`` as they come).
    """

    #: metric, unit and direction of the main reading
    metric = "time"
    unit = "s"
    direction = "lower"
    #: "performance" or "quality"
    kind = "performance"
    #: may readings be compared exactly?
    exact = False
    #: what computes, for the coordinate
    backend = "python"
    precision = "-"
    dataset = "-"
    #: parameters that must not change a quality: they are no part of its coordinate
    neutral: Sequence[str] = ()
    #: the device actually used
    device = "cpu"
    #: things that one call handles, where the benchmark says so; 0: it does not
    items = 0
    #: protocol settings that the suite fixes for this task (loops, samples, warmup_seconds, ...)
    overrides: Mapping[str, Any] = {}
    #: run ``setup`` and ``teardown`` around every sample instead of once a process
    setup_each_sample = False
    #: the callable to time, without arguments; None when the task measures itself
    call: Callable[[], Any] | None = None
    #: counts that say nothing here, whoever wants them
    uncounted: Sequence[str] = ()
    #: what times a batch of calls
    clock = WallClock()
    #: metrics that the first calls of a process are, each by itself; warm-up comes after them
    firsts: Sequence[str] = ()
    #: what else a reader needs to know of the process, JSON values
    facts: Mapping[str, Any] = {}
    #: samples are handed over while the task runs; it raises ``Failed`` where there were none
    hands_over = False
    #: takes such samples; set by who measures the task
    teller: Telling | None = None

    def setup(self) -> None:
        """Prepare; raise ``Unsupported`` where the benchmark does not apply."""

    def teardown(self) -> None:
        """Undo ``setup``."""

    def readings(self) -> list[dict[str, Any]]:
        """Measure itself: a list of ``{"metric", "unit", "direction", "exact", "samples"}``.

        A reading may have ``answers``: what came out for each sample of the data, by its id.
        """
        raise NotImplementedError

    def sampling(self) -> None:
        """Take notice that the samples begin: what was called before is warm-up."""

    def beside(self) -> list[dict[str, Any]]:
        """Return readings beside the timing, of the calls since ``sampling``."""
        return []

    def counted(self) -> list[dict[str, Any]]:
        """Count what the harness can tell of a call, in this process, after the timing."""
        return []

    def callable_again(self) -> AbstractContextManager[None] | None:
        """Return a block in which ``call`` may be called after ``teardown``, to be counted here.

        None: it is counted in a process of its own, with a fixed hash seed.
        """
        return None

    def wrong(self) -> str:
        """Say what is wrong with what the calls computed, which makes their times worthless."""
        return ""

    def told(self, error: Exception) -> Exception:
        """Return what an error of this task amounts to."""
        return error
