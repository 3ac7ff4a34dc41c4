"""Harness ``metrics-recorder``: scripts with a function ``run_benchmark`` that measure themselves.

They were written for the recorder of the Hugging Face transformers benchmark (its first
version) and run unchanged: they import ``MetricsRecorder`` from ``benchmarks_entrypoint``
or are given one, and what they hand to it leaves the process at once.
"""

from __future__ import annotations

import inspect
import os
import sys
from importlib.util import module_from_spec, spec_from_file_location

from ..parameters import Values
from ..stand_ins import PSYCOPG2, imported_names, provide_modules, replace_modules
from ..task import Failed, Incompatible, SuiteOfTasks, Task
from .recorder import Record, logger_of, recorder_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable

    from .recorder import MetricsRecorder

FUNCTION = "run_benchmark"
#: arguments that are given; others have defaults, and are parameters
GIVEN = ("logger", "repository", "branch", "commit_id", "commit_msg", "metrics_recorder")
#: where scripts import the recorder from
ENTRYPOINT = "benchmarks_entrypoint"
#: what scripts may import though the environment lacks it. Nobody else is to find it there
PROVIDED = {"psycopg2": PSYCOPG2, "benchmark": {}}
#: what scripts read devices with
_READERS = ("psutil", "gpustat", "pynvml")


def open_suite(job: dict[str, Any]) -> RecorderSuite:
    """Execute the script of the job's benchmark, or every one of the suite.

    Raises:
        Incompatible: the environment lacks what scripts read devices with.
    """
    recorder = recorder_of(Record())
    contents = {"MetricsRecorder": recorder}
    replace_modules({ENTRYPOINT: contents, "benchmark." + ENTRYPOINT: contents})
    files = script_files(job["suite"])
    sys.path += sorted({os.path.dirname(path) for path in files.values()})
    wanted = job.get("benchmark")
    functions = {}
    for name, path in files.items():
        if wanted in (None, name):
            function = getattr(_executed(path), FUNCTION, None)
            if function is not None:
                functions[name] = function
    return RecorderSuite(recorder, functions)


def script_files(suite: str) -> dict[str, str]:
    """Return the path of each Python file by the name that it would have as a benchmark.

    They lie right in a directory or in ``benches`` below it; those that start with ``_``
    are for the others to import.
    """
    if not os.path.isdir(suite):
        return {os.path.splitext(os.path.basename(suite))[0]: suite}
    files = {}
    for prefix in ("", "benches/"):
        place = os.path.join(suite, prefix)
        for name in sorted(os.listdir(place)) if os.path.isdir(place) else ():
            if name.endswith(".py") and not name.startswith("_"):
                files[prefix + name[: -len(".py")]] = os.path.join(place, name)
    return files


class RecorderSuite(SuiteOfTasks):
    """The functions ``run_benchmark`` by the names of their files."""

    def __init__(
        self, recorder: type[MetricsRecorder], functions: dict[str, Callable[..., Any]]
    ) -> None:
        self._recorder = recorder
        self._functions = functions

    def describe(self) -> list[dict[str, Any]]:
        return [_description(name, function) for name, function in self._functions.items()]

    def task(self, benchmark: str, parameters: dict[str, str]) -> Task:
        if benchmark not in self._functions:
            raise LookupError("the suite has no script %r with %s here" % (benchmark, FUNCTION))
        function = self._functions[benchmark]
        defaults = _parameters(function)
        if set(parameters) - set(defaults):
            raise LookupError(
                "%s takes the parameters %s, not %s"
                % (benchmark, sorted(defaults) or "none", sorted(parameters))
            )
        return RecorderTask(
            self._recorder,
            function,
            {name: defaults[name].value(text) for name, text in parameters.items()},
        )


def _description(name: str, function: Callable[..., Any]) -> dict[str, Any]:
    code = function.__code__
    return {
        "name": name,
        "axes": [
            {"name": parameter, "values": values.texts, "open": values.open}
            for parameter, values in _parameters(function).items()
        ],
        "kind": "performance",
        "metric": "time",
        "unit": "s",
        "direction": "lower",
        "timeout": None,
        "where": "%s:%d" % (code.co_filename, code.co_firstlineno),
    }


def _parameters(function: Callable[..., Any]) -> dict[str, Values]:
    return {
        name: Values([argument.default])
        for name, argument in inspect.signature(function).parameters.items()
        if name not in GIVEN and argument.default is not argument.empty
    }


class RecorderTask(Task):
    """One script. Its measurements are handed over while it runs."""

    hands_over = True

    def __init__(
        self,
        recorder: type[MetricsRecorder],
        function: Callable[..., Any],
        parameters: dict[str, Any],
    ) -> None:
        self._recorder = recorder
        self._record = recorder.record
        self._function = function
        self._parameters = parameters

    def readings(self) -> list[dict[str, Any]]:
        """Run the script.

        Raises:
            Failed: it measured nothing, or logged an error: scripts swallow their exceptions.
        """
        self._record.teller = self
        try:
            self._function(**self._arguments())
        finally:
            self._record.close()
        if reason := self._record.failure():
            raise Failed(reason)
        return []

    def sample(self, metric: str, unit: str, direction: str, value: float) -> None:
        """See ``Telling.sample``. What computed shows in the libraries that are loaded by now."""
        assert self.teller is not None
        torch: Any = sys.modules.get("torch")
        if torch is not None:
            self.backend = "torch"
            self.device = "cuda" if torch.cuda.is_initialized() else "cpu"
        self.teller.sample(metric, unit, direction, value)

    def about(self, **facts: Any) -> None:
        """Keep facts about the process, which leave it before the first sample and at its end."""
        self.facts = {**self.facts, **facts}

    def _arguments(self) -> dict[str, Any]:
        """By name, those that this script takes: they differ between revisions."""
        given: dict[str, Any] = dict.fromkeys(GIVEN, "")
        given["logger"] = logger_of(self._record)
        given["metrics_recorder"] = self._recorder()
        taken = inspect.signature(self._function).parameters
        return {**{name: given[name] for name in GIVEN if name in taken}, **self._parameters}


def _executed(path: str) -> ModuleType:
    """Execute a script."""
    with open(path, "rb") as file:
        named = imported_names(file.read(), path)
    provide_modules({name: PROVIDED[name] for name in named & set(PROVIDED)})
    spec = spec_from_file_location("suite." + os.path.basename(path)[: -len(".py")], path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as error:
        if error.name in _READERS:
            raise Incompatible(
                "the environment lacks %s: name it in environment.requires" % error.name
            ) from error
        raise
    return module
