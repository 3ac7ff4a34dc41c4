"""Python files as text: what can be known of a suite without running it."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tracker.errors import Problem, SuiteError
from tracker.model.suites import Axis
from tracker.worker.parameters import Values

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, kw_only=True)
class Source:
    """One parsed file."""

    #: relative to the suite, for messages
    name: str
    tree: ast.Module

    @cached_property
    def constants(self) -> Mapping[str, ast.expr]:
        """Names that a module binds once to an expression and never touches again."""
        return _constants(self.tree)

    def literal(self, node: ast.expr) -> Any:
        """The value of an expression of literals and constants.

        Raises:
            ValueError: it is computed.
        """
        filled = _Filled(self.constants).visit(copy.deepcopy(node))
        try:
            return ast.literal_eval(filled)
        except (TypeError, SyntaxError, MemoryError, RecursionError) as error:
            raise ValueError("computed") from error

    def place(self, node: ast.stmt) -> str:
        """``file:line``."""
        return f"{self.name}:{node.lineno}"


def read_source(path: Path, name: str) -> Source:
    """Parse a file.

    Raises:
        SuiteError: it is no Python, with the place and the text of the line.
    """
    try:
        return Source(name=name, tree=ast.parse(path.read_bytes(), filename=name))
    except SyntaxError as error:
        line, text = error.lineno or 1, (error.text or "").strip()
        raise _no_python(name, f"{name}:{line}", error.msg, text) from error
    except ValueError as error:  # a null byte, before Python 3.12
        raise _no_python(name, name, str(error), "") from error


def _no_python(name: str, where: str, message: str, text: str) -> SuiteError:
    return SuiteError(
        f"{name} is not valid Python: {message}",
        code="suite.syntax",
        problems=[Problem(message=message, where=where, value=text)],
        hint="the suite is read by the tracker's own Python; correct the line and try again",
    )


def python_files(directory: Path) -> tuple[str, ...]:
    """Names of the Python files right in a directory, those that start with ``_`` left out."""
    names = (path.name for path in directory.iterdir() if path.suffix == ".py")
    return tuple(sorted(name for name in names if not name.startswith("_")))


def statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body that run at most once, inside of ``if`` and ``try`` too."""
    for statement in body:
        yield statement
        match statement:
            case ast.If() | ast.With():
                yield from statements(statement.body)
                yield from statements(getattr(statement, "orelse", ()))
            case ast.Try():
                yield from statements(statement.body)
                for handler in statement.handlers:
                    yield from statements(handler.body)
                yield from statements(statement.orelse)
                yield from statements(statement.finalbody)
            case _:
                pass


def argument_names(function: Function) -> tuple[str, ...]:
    """The names of all arguments, ``*args`` and ``**kwargs`` aside."""
    arguments = function.args
    return tuple(a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))


def closed_axis(name: str, values: Iterable[Any]) -> Axis:
    """An axis that takes the suite's values only, each named as the worker names it."""
    return Axis(name=name, values=tuple(Values(list(values)).texts))


class _Filled(ast.NodeTransformer):
    """Puts constants in the place of their names."""

    def __init__(self, constants: Mapping[str, ast.expr]) -> None:
        self._constants = constants

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self._constants.get(node.id, node))


def _constants(tree: ast.Module) -> Mapping[str, ast.expr]:
    touched = Counter(_touched(tree))
    constants: dict[str, ast.expr] = {}
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if touched[name] == 1:
                constants[name] = _Filled(constants).visit(copy.deepcopy(value))
            case _:
                pass
    return constants


def _touched(tree: ast.Module) -> Iterator[str]:
    """Every name each time that it is bound, or that what it holds may be changed."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.Attribute(value=ast.Name(id=name)):
                yield name
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                yield name
            case ast.alias(name=name, asname=asname):
                yield asname or name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case _:
                pass
