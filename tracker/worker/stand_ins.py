"""Modules that a script imports and the environment lacks, or that are to be others here."""

from __future__ import annotations

import ast
import sys
from importlib.machinery import ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Mapping


def replace_modules(contents: Mapping[str, Mapping[str, Any]]) -> None:
    """Let imports of these names find this, whatever else is there."""
    sys.meta_path.insert(0, _Finder(contents))


def provide_modules(contents: Mapping[str, Mapping[str, Any]]) -> None:
    """Let imports of these names find this, where nothing else is there."""
    sys.meta_path.append(_Finder(contents))


def imported_names(source: bytes, path: str) -> set[str]:
    """The top-level modules that a source names in its imports, wherever these stand.

    Raises:
        SyntaxError: it is not valid Python here.
    """
    names: set[str] = set()
    for node in ast.walk(ast.parse(source, path)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names}


class _Finder:
    """Finds modules by name. Each is a package without files, so that it may have submodules."""

    def __init__(self, contents: Mapping[str, Mapping[str, Any]]) -> None:
        self._contents = contents

    def find_spec(
        self,
        name: str,
        path: object = None,  # noqa: ARG002 - the interface of finders
        target: object = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if name not in self._contents:
            return None
        return ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """Let Python make the module."""

    def exec_module(self, module: ModuleType) -> None:
        vars(module).update(self._contents[module.__name__])


class DatabaseError(Exception):
    """What was asked of the database is not there."""


class NoDatabase:
    """In the place of a connection: recorders take it, and statements are refused."""

    autocommit = False

    def cursor(self, *_: object, **__: object) -> None:
        """Refuse.

        Raises:
            DatabaseError: always.
        """
        raise DatabaseError("a benchmark has no database: hand measurements to the recorder")

    def close(self) -> None:
        """There is nothing to close."""


def connect(*_: object, **__: object) -> NoDatabase:
    """Connect to nothing, whatever is asked for."""
    return NoDatabase()


#: what scripts use of psycopg2 to make the connection that they give to their recorder
PSYCOPG2 = {"connect": connect, "Error": DatabaseError, "OperationalError": DatabaseError}
