"""Harness ``metrics-recorder``: scripts that measure themselves and hand it to a recorder."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tracker.config.settings import SuiteSettings
from tracker.errors import Problem, SuiteError
from tracker.harnesses.base import check_options, plain_job, present, put_together
from tracker.harnesses.sources import Source, read_source, statements
from tracker.model.suites import Axis, Benchmark, Suite
from tracker.worker.parameters import Values
from tracker.worker.recorder.suite import ENTRYPOINT, FUNCTION, GIVEN, script_files

_HINT = f"a benchmark is a Python file with a function `{FUNCTION}`, here or in `benches`"


class MetricsRecorderHarness:
    """Reads which files have a function ``run_benchmark``, and its arguments with defaults."""

    def outline(self, settings: SuiteSettings, files: Path) -> Suite:
        """See ``Harness.outline``."""
        check_options(settings.options, (), where="suite.options")
        scripts = script_files(str(present(settings, files)))
        read = [_benchmark(name, Path(path)) for name, path in scripts.items()]
        return put_together(settings, files, [one for one in read if one], hint=_HINT)

    def job(self, settings: SuiteSettings, files: Path) -> dict[str, Any]:
        """See ``Harness.job``."""
        return plain_job(settings, files)


def is_script(source: Source) -> bool:
    """Whether a file is written for a metrics recorder."""
    return _function(source) is not None and any(
        isinstance(node, ast.ImportFrom) and (node.module or "").endswith(ENTRYPOINT)
        for node in ast.walk(source.tree)
    )


def _benchmark(name: str, path: Path) -> Benchmark | None:
    source = read_source(path, path.name)
    function = _function(source)
    if function is None:
        return None
    axes = tuple(_axes(source, _defaults(source, function)))
    return Benchmark(name=name, axes=axes, where=source.place(function))


def _function(source: Source) -> ast.FunctionDef | None:
    for statement in statements(source.tree.body):
        if isinstance(statement, ast.FunctionDef) and statement.name == FUNCTION:
            return statement
    return None


def _defaults(source: Source, function: ast.FunctionDef) -> Mapping[str, ast.expr]:
    """The arguments that nobody gives, with their defaults.

    Raises:
        SuiteError: one has none.
    """
    arguments = function.args
    positional = (*arguments.posonlyargs, *arguments.args)
    first = len(positional) - len(arguments.defaults)
    defaults: dict[str, ast.expr | None] = {
        **{argument.arg: None for argument in positional[:first]},
        **{
            argument.arg: node
            for argument, node in zip(positional[first:], arguments.defaults, strict=True)
        },
        **{
            argument.arg: node
            for argument, node in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        },
    }
    if missing := [name for name, node in defaults.items() if node is None and name not in GIVEN]:
        raise SuiteError(
            f"a script takes what nobody gives: {', '.join(missing)}",
            code="suite.invalid",
            problems=[
                Problem(
                    message=f"{FUNCTION} takes {name!r} without a default",
                    where=source.place(function),
                )
                for name in missing
            ],
            hint=f"given are {', '.join(GIVEN)}",
        )
    return {name: node for name, node in defaults.items() if node and name not in GIVEN}


def _axes(source: Source, defaults: Mapping[str, ast.expr]) -> Iterator[Axis]:
    """A parameter for each default that the text tells; others stay as they are."""
    for name, node in defaults.items():
        try:
            values = Values([source.literal(node)])
        except ValueError:
            continue
        yield Axis(name=name, values=tuple(values.texts), open=values.open)
