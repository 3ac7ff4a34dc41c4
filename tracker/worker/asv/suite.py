"""Harness ``asv``: existing suites of airspeed velocity, unmodified, with this project's timing.

What a suite is written for is kept: which functions are benchmarks and how they are
called, parameters, ``setup`` before and ``teardown`` after every sample (not every
call: a benchmark that uses up what ``setup`` made says ``number = 1``), ``setup_cache``
in a process of its own, skipping by ``NotImplementedError``. ``number``, ``repeat``,
``warmup_time`` and ``sample_time`` win over the policy; ``rounds``, ``processes`` and
``min_run_count`` say how often processes run, which the policy decides.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec

from ..parameters import Values
from ..task import Incompatible, SuiteOfTasks, Task, Unsupported
from .names import METRICS, full_name, kind_of, normalized, submodules
from .tasks import TASKS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable, Iterator

_ABSTRACT = 1 << 20  # of the flags of a type
_FUNCTION = type(lambda: None)


def open_suite(job: dict[str, Any]) -> AsvSuite:
    """Make the suite's directory a package that can be imported; import none of it yet."""
    path = os.path.abspath(job["suite"])
    root = job["options"]["root"]
    sys.meta_path.insert(0, _Finder(root, path))
    return AsvSuite(root, path, job.get("protocol", {}), job.get("shared", ""))


class AsvSuite(SuiteOfTasks):
    """All modules below one directory, each imported when it is needed."""

    def __init__(self, root: str, path: str, protocol: dict[str, Any], shared: str) -> None:
        self._root = root
        self._path = path
        self._protocol = protocol
        self._shared = shared

    def describe(self) -> list[dict[str, Any]]:
        found = {one.name: one for module in self._modules("") for one in self._found_in(module)}
        return [one.description() for one in found.values()]

    def task(self, benchmark: str, parameters: dict[str, str]) -> Task:
        found = self._found(benchmark)
        if found is None:
            raise LookupError("the suite has no benchmark %r here" % benchmark)
        values = found.values(parameters)
        if values in found.first("skip_params", ()):
            raise Unsupported("the suite skips these parameters")
        task = TASKS[found.kind](found, values, self._protocol)
        task.shared = self._shared
        return task

    def _found(self, benchmark: str) -> AsvBenchmark | None:
        """Look in the module that the name says, and only then in all of them."""
        parts = benchmark.split(".")
        likely = [".".join(parts[:-cut]) for cut in (1, 2) if len(parts) >= cut]
        for name in likely:
            if self._is_module(name):
                for one in self._found_in(self._imported(name)):
                    if one.name == benchmark:
                        return one
        for module in self._modules(""):
            for one in self._found_in(module):
                if one.name == benchmark:
                    return one
        return None

    def _is_module(self, name: str) -> bool:
        if not name:
            return True
        path = os.path.join(self._path, *name.split("."))
        return os.path.exists(path + ".py") or os.path.exists(os.path.join(path, "__init__.py"))

    def _modules(self, name: str) -> Iterator[ModuleType]:
        yield self._imported(name)
        directory = os.path.join(self._path, *name.split(".")) if name else self._path
        if os.path.isdir(directory):
            for child, is_package in submodules(directory):
                dotted = "%s.%s" % (name, child) if name else child
                if is_package:
                    yield from self._modules(dotted)
                else:
                    yield self._imported(dotted)

    def _imported(self, name: str) -> ModuleType:
        full = "%s.%s" % (self._root, name) if name else self._root
        try:
            __import__(full)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] == "asv_runner":
                raise Incompatible(
                    "the suite imports asv_runner: add it to environment.requires"
                ) from error
            raise
        return sys.modules[full]

    def _found_in(self, module: ModuleType) -> Iterator[AsvBenchmark]:
        for attribute, value in list(vars(module).items()):
            if attribute.startswith("_"):
                continue
            if isinstance(value, type):
                if not value.__flags__ & _ABSTRACT:
                    yield from _methods(module, value)
            elif isinstance(value, _FUNCTION) and _is_benchmark(attribute, value):
                yield AsvBenchmark(module, None, attribute, value)


def _methods(module: ModuleType, owner: type) -> Iterator[AsvBenchmark]:
    for attribute in dir(owner):
        value: Any = getattr(owner, attribute, None)
        is_method = isinstance(value, _FUNCTION) or hasattr(value, "__func__")
        if is_method and _is_benchmark(attribute, value):
            yield AsvBenchmark(module, owner, attribute, value)


def _is_benchmark(attribute: str, value: Any) -> bool:
    return bool(_kind(attribute, value)) and not getattr(value, "skip_benchmark", False)


def _kind(attribute: str, function: Any) -> str:
    own = getattr(function, "benchmark_name", None)
    return kind_of(own.split(".")[-1] if own is not None else attribute)


class AsvBenchmark:
    """A function or method with everything that its suite says about it."""

    def __init__(
        self, module: ModuleType, owner: type | None, attribute: str, function: Callable[..., Any]
    ) -> None:
        self._module = module
        self._owner = owner
        self._attribute = attribute
        self._function = function
        self._sources: tuple[Any, ...] = ()
        self.kind = _kind(attribute, function)
        self.name = getattr(function, "benchmark_name", None) or full_name(
            module.__name__.partition(".")[2],
            owner.__name__ if owner else "",
            attribute if owner else function.__name__,
        )

    @property
    def function(self) -> Callable[..., Any]:
        """The function, bound to an instance where it is a method."""
        function: Callable[..., Any] = self.sources[0]
        return function

    @property
    def sources(self) -> tuple[Any, ...]:
        """Where attributes are looked up, nearest first; one instance for all."""
        if not self._sources:
            if self._owner is None:
                self._sources = (self._function, self._module)
            else:
                instance = self._owner()
                self._sources = (getattr(instance, self._attribute), instance, self._module)
        return self._sources

    def first(self, name: str, default: Any) -> Any:
        """Return the nearest attribute of a name that is not None."""
        for source in self.sources:
            value = getattr(source, name, None)
            if value is not None:
                return value
        return default

    def every(self, name: str) -> list[Callable[..., Any]]:
        """Return an attribute of all sources that have it, nearest first; case does not matter."""
        found = []
        for source in self.sources:
            names = [key for key in dir(source) if key.lower() == name]
            if len(names) > 1:
                raise ValueError("%s has several functions for %s" % (self.name, name))
            found += [getattr(source, key) for key in names]
        return [function for function in found if function is not None]

    def axes(self) -> list[tuple[str, list[Any]]]:
        """Return the parameters, in the order that the function takes them."""
        return normalized(self.first("params", ()), list(self.first("param_names", ())))

    def values(self, parameters: dict[str, str]) -> tuple[Any, ...]:
        """Find the values that a cell's texts name.

        Raises:
            LookupError: the benchmark has other parameters here.
        """
        axes = self.axes()
        if {name for name, _ in axes} != set(parameters):
            raise LookupError(
                "%s takes the parameters %s here, not %s"
                % (self.name, [name for name, _ in axes] or "none", sorted(parameters) or "none")
            )
        return tuple(Values(values).value(parameters[name]) for name, values in axes)

    def description(self) -> dict[str, Any]:
        """Return the fields of a model ``Benchmark``."""
        metric, unit = METRICS[self.kind]
        if self.kind == "track":
            unit = str(self.first("unit", unit))
        timeout = self.first("timeout", None)
        code = getattr(self._function, "__code__", None)
        return {
            "name": self.name,
            "axes": [
                {"name": name, "values": Values(values).texts, "open": False}
                for name, values in self.axes()
            ],
            "kind": "performance",
            "metric": metric,
            "unit": unit,
            "direction": "lower",
            "timeout": None if timeout is None else float(timeout),
            "where": "%s:%d" % (code.co_filename, code.co_firstlineno) if code else "",
        }


class _Finder:
    """Finds the suite under its own name, and nothing else that lies beside it.

    The directory above may hold the project's own sources, which must not be imported.
    """

    def __init__(self, name: str, path: str) -> None:
        self._name = name
        self._path = path

    def find_spec(
        self,
        name: str,
        path: object = None,  # noqa: ARG002 - the interface of finders
        target: object = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if name != self._name:
            return None
        from importlib.util import spec_from_file_location  # noqa: PLC0415 - not a cheap module

        if not os.path.isdir(self._path):
            return spec_from_file_location(name, self._path)
        start = os.path.join(self._path, "__init__.py")
        if os.path.exists(start):
            return spec_from_file_location(name, start, submodule_search_locations=[self._path])
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [self._path]
        return spec
