"""Harness ``pytest-benchmark``: existing tests that use the ``benchmark`` fixture."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tracker.config.settings import SuiteSettings
from tracker.errors import Problem
from tracker.harnesses.base import check_options, plain_job, present, put_together, report
from tracker.harnesses.sources import Source, read_source, statements
from tracker.model.suites import Axis, Benchmark, Suite
from tracker.worker.parameters import Values
from tracker.worker.pytest_suite import FILES

_FIXTURE = "benchmark"
_HINT = "a benchmark is a test with the argument `benchmark`, of pytest-benchmark"
_NOT_PARAMETERS = {"self", "cls", _FIXTURE}


class PytestBenchmarkHarness:
    """Reads test functions and their parameters.

    The one option, ``arguments``, is a list of further arguments for pytest.
    """

    def outline(self, settings: SuiteSettings, files: Path) -> Suite:
        """See ``Harness.outline``."""
        check_options(settings.options, ("arguments",), where="suite.options")
        report(_wrong_arguments(settings.options.get("arguments", ())))
        read = [
            one
            for source in _sources(present(settings, files))
            for one in _benchmarks(source, f"{source.name}::" if files.is_dir() else "")
        ]
        return put_together(
            settings,
            files,
            [benchmark for benchmark, _ in read],
            complete=all(known for _, known in read),
            hint=_HINT,
        )

    def job(self, settings: SuiteSettings, files: Path) -> dict[str, Any]:
        """See ``Harness.job``."""
        return plain_job(settings, files)


def test_files(directory: Path) -> tuple[Path, ...]:
    """The files of a directory that tests are looked for in, sorted."""
    return tuple(
        path
        for path in sorted(directory.rglob("*.py"))
        if any(fnmatch(path.name, pattern) for pattern in FILES)
    )


def _sources(files: Path) -> Iterator[Source]:
    if not files.is_dir():
        yield read_source(files, files.name)
    else:
        for path in test_files(files):
            yield read_source(path, path.relative_to(files).as_posix())


def uses_fixture(source: Source) -> bool:
    """Whether a file has a test with the fixture of this harness."""
    return next(_tests(source.tree.body, ""), None) is not None


def _wrong_arguments(arguments: Any) -> Iterator[Problem]:
    is_list = isinstance(arguments, list | tuple)
    if not is_list or not all(isinstance(one, str) for one in arguments):
        yield Problem(
            message="not a list of texts",
            where="suite.options.arguments",
            value=str(arguments),
            hint='arguments: ["-p", "my_plugin"]',
        )


def _tests(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for statement in statements(body):
        match statement:
            case ast.ClassDef(name=name) if name.startswith("Test"):
                yield from _tests(statement.body, f"{prefix}{name}::")
            case ast.FunctionDef(name=name) if name.startswith("test"):
                if _FIXTURE in _arguments(statement):
                    yield prefix + name, statement
            case _:
                pass


def _arguments(function: ast.FunctionDef) -> set[str]:
    arguments = function.args
    return {one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}


def _benchmarks(source: Source, prefix: str) -> Iterator[tuple[Benchmark, bool]]:
    """The benchmarks of a file, each with whether its text says all about it."""
    shared = any(map(_parametrizes_many, ast.walk(source.tree)))
    for name, function in _tests(source.tree.body, ""):
        axes, known = _axes(source, function)
        fixtures = _arguments(function) - _NOT_PARAMETERS - {axis.name for axis in axes}
        yield (
            Benchmark(name=prefix + name, axes=axes, where=source.place(function)),
            known and not shared and not fixtures,  # a fixture may have parameters
        )


def _parametrizes_many(node: ast.AST) -> bool:
    """Whether something gives parameters to more than the function it stands on."""
    match node:
        case ast.ClassDef(decorator_list=[_, *_]):
            return True
        case ast.Name(id=name) | ast.FunctionDef(name=name):
            return name in ("pytestmark", "pytest_generate_tests")
        case _:
            return False


def _axes(source: Source, function: ast.FunctionDef) -> tuple[tuple[Axis, ...], bool]:
    """One axis a ``parametrize`` of one name, nearest last, as pytest has them."""
    axes, known = [], True
    for decorator in function.decorator_list:
        match decorator:
            case ast.Call(func=ast.Attribute(attr="parametrize"), args=[names, values, *_]):
                axis = _axis(source, names, values)
                axes += [axis] if axis else []
                known = known and axis is not None
            case _:
                pass
    return tuple(axes), known


def _axis(source: Source, names: ast.expr, values: ast.expr) -> Axis | None:
    """None where several names are given at once: not every combination of them is there."""
    try:
        name = source.literal(names)
        if not isinstance(name, str) or "," in name:
            return None
        listed = list(source.literal(values))
    except (ValueError, TypeError):
        return None
    return Axis(name=name, values=tuple(Values(listed).texts))
