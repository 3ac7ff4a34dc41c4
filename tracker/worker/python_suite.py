"""Harness ``python``: plain functions with a decorator, in a file or in several of one directory.

In a file a benchmark is called as its function; in a directory ``FILE.FUNCTION``,
and only the file that a benchmark is in is executed to measure it. Files whose name
starts with ``_`` are for the others to import, ``from . import _shared``.
"""

from __future__ import annotations

import os
import sys

from .datasets import dataset, text_of
from .marks import ATTRIBUTE, BATCHES, benchmark, items_of, takes
from .parameters import Values, label
from .protocol import plain_number
from .task import SuiteOfTasks, Task, Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any, Callable

_SUITE = "suite"


def open_suite(job: dict[str, Any]) -> PythonSuite:
    """Execute the suite's file, or those that the job needs of a directory."""
    return PythonSuite(read_functions(job))


def read_functions(job: dict[str, Any]) -> dict[str, Callable[..., Any]]:
    """Execute what the job needs of a suite: marked functions by the name of their benchmark."""
    sys.meta_path.append(_Provider())
    path = job["suite"]
    if not os.path.isdir(path):
        return _functions(_executed(path, _module(_SUITE, path)))
    wanted = job.get("benchmark", "").partition(".")[0]
    functions = {}
    _open_package(path)
    for name in _files(path):
        if wanted in ("", name):
            file = os.path.join(path, name + ".py")
            module = _executed(file, _module("%s.%s" % (_SUITE, name), file))
            for benchmark_name, function in _functions(module).items():
                functions["%s.%s" % (name, benchmark_name)] = function
    return functions


class PythonSuite(SuiteOfTasks):
    """Marked functions by the name of their benchmark."""

    def __init__(self, functions: dict[str, Callable[..., Any]]) -> None:
        self._functions = functions

    def describe(self) -> list[dict[str, Any]]:
        return [_description(name, function) for name, function in self._functions.items()]

    def task(self, benchmark: str, parameters: dict[str, str]) -> Task:
        return PythonTask(*self.chosen(benchmark, parameters))

    def chosen(
        self, benchmark: str, parameters: dict[str, str]
    ) -> tuple[Callable[..., Any], dict[str, Any]]:
        """Return a benchmark's function and the values of its parameters.

        Raises:
            LookupError: the suite has no such benchmark or parameter value here.
        """
        if benchmark not in self._functions:
            raise LookupError("the suite has no benchmark %r here" % benchmark)
        function = self._functions[benchmark]
        axes = getattr(function, ATTRIBUTE)["params"]
        if set(axes) != set(parameters):
            raise LookupError(
                "%s takes the parameters %s, not %s"
                % (benchmark, sorted(axes) or "none", sorted(parameters) or "none")
            )
        return function, {n: Values(axes[n]).value(text) for n, text in parameters.items()}


def _description(name: str, function: Callable[..., Any]) -> dict[str, Any]:
    mark = getattr(function, ATTRIBUTE)
    code = getattr(function, "__code__", None)
    axes = [(parameter, Values(values)) for parameter, values in mark["params"].items()]
    return {
        "name": name,
        "axes": [
            {"name": parameter, "values": values.texts, "open": values.open}
            for parameter, values in axes
        ],
        "kind": mark["kind"],
        "metric": mark["metric"],
        "unit": mark["unit"],
        "direction": mark["direction"],
        "timeout": mark["timeout"],
        "where": "%s:%d" % (code.co_filename, code.co_firstlineno) if code else "",
    }


class PythonTask(Task):
    """A marked function with its parameters."""

    def __init__(self, function: Callable[..., Any], parameters: dict[str, Any]) -> None:
        mark = getattr(function, ATTRIBUTE)
        self.metric, self.unit = mark["metric"], mark["unit"]
        self.direction, self.kind = mark["direction"], mark["kind"]
        self.neutral = mark.get("neutral", ())
        self._function = function
        self._mark = mark
        self._parameters = parameters
        self._prepared: tuple[Any, ...] = ()
        self.items = items_of(mark, parameters)
        self.call = None if self._measures_itself else self._bound(function)

    @property
    def _measures_itself(self) -> bool:
        return bool(self.metric != "time")

    def setup(self) -> None:
        """Name the data, call the suite's setup, and bind what it returns."""
        if self._mark.get("dataset") is not None:
            self._name_data(self._mark["dataset"])
        if self._mark["setup"] is not None:
            prepared = self._bound(self._mark["setup"])()
            self._prepared = () if prepared is None else (prepared,)
        if not self._measures_itself:
            self.call = self._bound(self._function)

    def teardown(self) -> None:
        if self._mark["teardown"] is not None:
            self._bound(self._mark["teardown"])()
        self._prepared = ()

    def readings(self) -> list[dict[str, Any]]:
        given = self._bound(self._function)()
        reading: dict[str, Any] = {}
        if isinstance(given, dict):
            given, reading["answers"] = _with_answers(given)
        numbers = given if isinstance(given, (list, tuple)) else [given]
        return [{**reading, "samples": [plain_number(number) for number in numbers]}]

    def _name_data(self, declared: Any) -> None:
        if callable(declared):
            declared = self._bound(declared)()
        data = dataset(**declared)
        for name in BATCHES:
            batch = self._parameters.get(name, 0)
            if isinstance(batch, int) and batch > data["size"]:
                raise Unsupported(
                    "a %s of %d is larger than the data: %d samples" % (name, batch, data["size"])
                )
        self.dataset = text_of(data)

    def _bound(self, function: Callable[..., Any]) -> Callable[..., Any]:
        chosen = {n: value for n, value in self._parameters.items() if takes(function, n)}
        if self._prepared or chosen:
            from functools import partial  # noqa: PLC0415 - costs milliseconds where not needed

            return partial(function, *self._prepared, **chosen)
        return function


def _with_answers(given: dict[str, Any]) -> tuple[Any, dict[str, str]]:
    """The value that a benchmark returned, and the answer to each sample of its data."""
    if set(given) - {"value", "samples"} or "value" not in given:
        raise ValueError("a benchmark returns 'value' and 'samples', not %s" % sorted(given))
    return given["value"], {
        str(name): label(plain_number(answer), 0)
        for name, answer in given.get("samples", {}).items()
    }


def _functions(module: ModuleType) -> dict[str, Callable[..., Any]]:
    functions: dict[str, Callable[..., Any]] = {}
    for value in vars(module).values():
        mark = (
            vars(value).get(ATTRIBUTE) if callable(value) and hasattr(value, "__dict__") else None
        )
        if mark is None or value.__module__ != module.__name__:
            continue
        if functions.setdefault(mark["name"], value) is not value:
            raise ValueError("two benchmarks are called %r" % mark["name"])
    return functions


def _open_package(path: str) -> None:
    """Make the directory a package, and let its files import each other in either way."""
    start = os.path.join(path, "__init__.py")
    package = _module(_SUITE, start)
    package.__path__ = [path]
    sys.path.append(path)  # last, so that a file called json.py shadows nothing
    if os.path.exists(start):
        _executed(start, package)


def _files(path: str) -> list[str]:
    names = (name[:-3] for name in sorted(os.listdir(path)) if name.endswith(".py"))
    return [name for name in names if not name.startswith("_")]


def _module(name: str, file: str) -> ModuleType:
    module: ModuleType = type(sys)(name)
    module.__file__ = file
    module.__package__ = name if name == _SUITE else _SUITE
    sys.modules[name] = module
    return module


def _executed(path: str, module: ModuleType) -> ModuleType:
    """Execute a file without leaving a compiled copy beside it: a suite may be read-only."""
    with open(path, "rb") as file:
        source = file.read()
    exec(compile(source, path, "exec", dont_inherit=True), vars(module))
    return module


class _Provider:
    """Gives suites what they import of ``tracker``, where the environment has none."""

    def find_spec(
        self,
        name: str,
        path: object = None,  # noqa: ARG002 - the interface of finders
        target: object = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if name != "tracker":
            return None
        from importlib.machinery import ModuleSpec  # noqa: PLC0415 - rarely needed

        return ModuleSpec(name, self)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """Let Python make the module."""

    def exec_module(self, module: ModuleType) -> None:
        from .torch.workloads import workload  # noqa: PLC0415 - only where a suite asks for it

        module.benchmark = benchmark  # type: ignore[attr-defined]
        module.workload = workload  # type: ignore[attr-defined]
        module.__getattr__ = _loaded_when_asked  # type: ignore[method-assign]


def _loaded_when_asked(name: str) -> Any:
    """``quality``, which few suites want, as ``tracker`` itself gives it."""
    if name != "quality":
        raise AttributeError("module 'tracker' has no attribute %r" % name)
    from . import quality  # noqa: PLC0415 - costs milliseconds where not needed

    return quality
