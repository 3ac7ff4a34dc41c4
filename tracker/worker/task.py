"""What a harness hands to the protocol: a suite that opens, and tasks that can be measured.

A harness adapter is a module of the worker with one function, ``open_suite(job)``,
that returns a ``SuiteOfTasks``. Everything here runs inside the commit's
environment, on Python 3.8 and later, with the standard library alone.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing would cost every process milliseconds
if TYPE_CHECKING:
    from typing import Any, Callable, Mapping, Sequence


class Unsupported(Exception):  # noqa: N818 - an answer, not an error
    """The benchmark says that it does not apply here: a state, not a failure."""


class Incompatible(Exception):  # noqa: N818 - as above
    """The harness cannot work with this commit: says nothing about its speed."""


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


class Task:
    """One benchmark with fixed parameters.

    A task is either *timed* (``call`` is not None: the protocol times it in
    calibrated loops) or measures *itself* (``readings`` returns finished numbers).
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

    def setup(self) -> None:
        """Prepare; raise ``Unsupported`` where the benchmark does not apply."""

    def teardown(self) -> None:
        """Undo ``setup``."""

    def readings(self) -> list[dict[str, Any]]:
        """Measure itself: a list of ``{"metric", "unit", "direction", "exact", "samples"}``.

        A reading may have ``answers``: what came out for each sample of the data, by its id.
        """
        raise NotImplementedError
