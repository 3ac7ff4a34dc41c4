"""Harnesses ``python`` and ``torch``: functions with a decorator of the tracker."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.config.settings import SuiteSettings
from tracker.errors import Problem, SuiteError
from tracker.harnesses.base import check_options, plain_job, present, put_together, report
from tracker.harnesses.sources import Function, Source, python_files, read_source, statements
from tracker.model.suites import Axis, Benchmark, Direction, Kind, Suite
from tracker.worker.marks import ATTRIBUTE
from tracker.worker.parameters import Values

_HINT = "a benchmark is a function with `@benchmark`, from `from tracker import benchmark`"


#: by the name that ``tracker`` has it under
Decorators = Mapping[str, Callable[..., Any]]


class PythonHarness:
    """Reads the decorators of a file, or of the files of a directory."""

    def __init__(self, *options: str, **decorators: Callable[..., Any]) -> None:
        """Prepare.

        Args:
            options: those that suites may have.
            decorators: what marks a benchmark.
        """
        self._options = options
        self._decorators = decorators

    def outline(self, settings: SuiteSettings, files: Path) -> Suite:
        """See ``Harness.outline``."""
        check_options(settings.options, self._options, where="suite.options")
        report(_undecided(settings.options))
        sources = _sources(present(settings, files))
        read = [_read(source, prefix, self._decorators) for prefix, source in sources]
        return put_together(
            settings,
            files,
            [one for benchmarks, _ in read for one in benchmarks],
            complete=all(complete for _, complete in read),
            shares_start=settings.options.get("share_start", False),
            hint=_HINT,
        )

    def job(self, settings: SuiteSettings, files: Path) -> dict[str, Any]:
        """See ``Harness.job``."""
        return plain_job(settings, files)


def _undecided(options: Mapping[str, Any]) -> Iterator[Problem]:
    """Every option there is says yes or no."""
    for name, value in options.items():
        if not isinstance(value, bool):
            yield Problem(
                message="neither true nor false", where=f"suite.options.{name}", value=str(value)
            )


def uses(source: Source, name: str) -> bool:
    """Whether a file uses a decorator of the tracker: ``benchmark`` or ``workload``."""
    return _Use.in_source(source, name).count(source.tree) > 0


def _sources(files: Path) -> Iterator[tuple[str, Source]]:
    if not files.is_dir():
        yield "", read_source(files, files.name)
        return
    for name in python_files(files):
        yield name.removesuffix("py"), read_source(files / name, name)


def _read(source: Source, prefix: str, decorators: Decorators) -> tuple[list[Benchmark], bool]:
    """The benchmarks of a file, and whether these are all that it can have."""
    ways = {_Use.in_source(source, name): decorator for name, decorator in decorators.items()}
    found, complete = [], True
    for statement in statements(source.tree.body):
        if not isinstance(statement, Function):
            continue
        for node in statement.decorator_list:
            for way in (way for way in ways if way.is_of(node)):
                one, known = _benchmark(source, prefix, statement, node, ways[way])
                found.append(one)
                complete = complete and known
    return found, complete and len(found) == sum(way.count(source.tree) for way in ways)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """How a decorator of the tracker is called in a file."""

    name: str
    names: frozenset[str]
    modules: frozenset[str]

    @classmethod
    def in_source(cls, source: Source, name: str) -> _Use:
        nodes = list(ast.walk(source.tree))
        return cls(
            name=name,
            names=frozenset(
                alias.asname or alias.name
                for node in nodes
                if isinstance(node, ast.ImportFrom) and node.module == "tracker"
                for alias in node.names
                if alias.name == name
            ),
            modules=frozenset(
                alias.asname or alias.name
                for node in nodes
                if isinstance(node, ast.Import)
                for alias in node.names
                if alias.name == "tracker"
            ),
        )

    def is_of(self, node: ast.expr) -> bool:
        """Whether a decorator is this one, called or not."""
        return self._is(node.func if isinstance(node, ast.Call) else node)

    def count(self, tree: ast.Module) -> int:
        """How often a file names it, as a decorator or otherwise."""
        return sum(self._is(node) for node in ast.walk(tree))

    def _is(self, node: ast.AST) -> bool:
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                return name in self.names
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                return name == self.name and module in self.modules
            case _:
                return False


def _benchmark(
    source: Source,
    prefix: str,
    function: Function,
    node: ast.expr,
    decorator: Callable[..., Any],
) -> tuple[Benchmark, bool]:
    """A benchmark, and whether the text says everything about it."""
    keywords = node.keywords if isinstance(node, ast.Call) else []
    axes, complete = _axes(source, keywords)
    given: dict[str, Any] = {}
    for keyword in keywords:
        if keyword.arg in ("params", "setup", "teardown", "items", "dataset", "neutral"):
            continue
        try:
            given[keyword.arg or "**"] = source.literal(keyword.value)
        except ValueError:
            complete = False
    given["name"] = given.get("name") or function.name
    mark = _mark(decorator, given, source.place(function))
    return Benchmark(
        name=prefix + mark["name"],
        axes=axes,
        kind=Kind(mark["kind"]),
        metric=mark["metric"],
        unit=mark["unit"],
        direction=Direction(mark["direction"]),
        timeout=mark["timeout"],
        where=source.place(function),
    ), complete


def _mark(
    decorator: Callable[..., Any], arguments: Mapping[str, Any], where: str
) -> Mapping[str, Any]:
    """What the decorator itself makes of its arguments, so that there is one rule for both."""

    def stand_in(**parameters: Any) -> None: ...

    try:
        mark: Mapping[str, Any] = getattr(decorator(**arguments)(stand_in), ATTRIBUTE)
    except (TypeError, ValueError) as error:
        raise SuiteError(
            "a benchmark is marked wrongly",
            code="suite.invalid",
            problems=[Problem(message=str(error), where=where)],
        ) from error
    return mark


def _axes(source: Source, keywords: list[ast.keyword]) -> tuple[tuple[Axis, ...], bool]:
    """The axes, without values where these are computed, and whether there can be no others."""
    node = next((keyword.value for keyword in keywords if keyword.arg == "params"), None)
    if isinstance(node, ast.Name):
        node = source.constants.get(node.id, node)
    match node:
        case None | ast.Constant(value=None):
            return (), True
        case ast.Dict(keys=keys, values=values) if all(isinstance(k, ast.Constant) for k in keys):
            names = [str(key.value) for key in keys if isinstance(key, ast.Constant)]
            return tuple(map(_axis, [source] * len(names), names, values)), True
        case _:
            return (), False


def _axis(source: Source, name: str, node: ast.expr) -> Axis:
    try:
        values = Values(list(source.literal(node)))
    except (ValueError, TypeError):
        return Axis(name=name, values=(), open=True)
    return Axis(name=name, values=tuple(values.texts), open=values.open)
