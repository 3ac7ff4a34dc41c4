"""Harness ``asv``: existing suites of airspeed velocity, read as they are.

What asv finds by importing, this reads from the text: modules of a package, classes
with their bases, and functions whose name begins with ``time_``, ``mem_`` and so on.
Where the text does not say it all, the suite is not complete, and the worker is asked.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tracker.config.settings import SuiteSettings
from tracker.harnesses.asv_package import Attributes, Class, Function, Module, Package
from tracker.harnesses.base import check_options, plain_job, present, put_together
from tracker.harnesses.sources import statements
from tracker.model.suites import Axis, Benchmark, Suite
from tracker.worker.asv.names import METRICS, full_name, kind_of, normalized
from tracker.worker.parameters import Values

_HINT = "a benchmark is a function or method whose name begins with time_, mem_ or track_"


class AsvHarness:
    """Reads a directory of benchmarks (``benchmark_dir``) or a single file."""

    def outline(self, settings: SuiteSettings, files: Path) -> Suite:
        """See ``Harness.outline``."""
        check_options(settings.options, (), where="suite.options")
        package = Package.read(present(settings, files), _root_name(settings))
        modules = package.modules.values()
        found = [one for module in modules for one in _of_module(module)]
        return put_together(
            settings,
            files,
            list({one.name: one for one, _ in found if one is not None}.values()),
            complete=all(module.shows_all for module in modules) and all(sure for _, sure in found),
            hint=_HINT,
        )

    def job(self, settings: SuiteSettings, files: Path) -> dict[str, Any]:
        """See ``Harness.job``. Modules import each other by the directory's own name."""
        return plain_job(settings, files) | {
            "options": {"root": _root_name(settings)},
            # for `setup_cache`; whoever runs the processes of a build names their directory
            "shared": "",
        }


def _root_name(settings: SuiteSettings) -> str:
    """The name of the package, as configured: the files may lie elsewhere now."""
    return Path(settings.path).absolute().stem


#: a benchmark, and whether all about it is known; None: something that may hold benchmarks
_Found = tuple[Benchmark | None, bool]


def _of_module(module: Module) -> Iterator[_Found]:
    for name in module.names:
        symbol = module.find(name)
        if isinstance(symbol, Class):
            yield from _of_class(module, name)
        elif symbol is not None and kind_of(name):
            yield _benchmark(module, (), symbol)


def _of_class(module: Module, name: str) -> Iterator[_Found]:
    classes, all_known = module.lineage(name)
    if not all_known:
        yield None, False
    methods = {
        statement.name: Function(module=one.module, node=statement)
        for one in reversed(classes)
        for statement in statements(one.node.body)
        if isinstance(statement, ast.FunctionDef) and kind_of(statement.name)
    }
    for _, method in sorted(methods.items()):
        yield _benchmark(module, classes, method)


def _benchmark(module: Module, classes: tuple[Class, ...], function: Function) -> _Found:
    attributes = _Tolerant(Attributes(module, classes, function))
    name = function.node.name
    metric, unit = METRICS[kind_of(name)]
    if metric == "value":
        unit = str(attributes.literal("unit", unit))
    where = function.module.source.place(function.node)
    own_name = attributes.literal("benchmark_name", "")
    class_name = classes[0].node.name if classes else ""
    one = Benchmark(
        name=own_name or full_name(module.name, class_name, name),
        axes=_axes(attributes),
        metric=metric,
        unit=unit,
        timeout=attributes.literal("timeout", None),
        where=where,
    )
    return one, attributes.all_known


class _Tolerant:
    """Attributes, defaults in the place of what is computed, and whether anything was."""

    def __init__(self, attributes: Attributes) -> None:
        self._attributes = attributes
        self.all_known = True

    def literal(self, name: str, default: Any) -> Any:
        try:
            return self._attributes.literal(name, default)
        except ValueError:
            self.all_known = False
            return default


def _axes(attributes: _Tolerant) -> tuple[Axis, ...]:
    names = attributes.literal("param_names", ())
    params = attributes.literal("params", None)
    if params is None and not attributes.all_known:
        return tuple(Axis(name=str(name), values=()) for name in names)
    return tuple(
        Axis(name=name, values=tuple(Values(values).texts))
        for name, values in normalized(params or (), names)
    )
