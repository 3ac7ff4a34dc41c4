"""The modules of an asv suite as text: what is called how, where, and what is said about it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tracker.harnesses.sources import Source, read_source, statements
from tracker.worker.asv.names import kind_of, submodules

#: what a module calls to make benchmarks that its text does not show
_MAKERS = {"setattr", "globals", "exec", "vars"}
#: attributes of benchmarks that the outline needs
READ = {"params", "param_names", "timeout", "unit", "benchmark_name"}


@dataclass(frozen=True, kw_only=True)
class Class:
    """A class, where it was written."""

    module: Module
    node: ast.ClassDef


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function or method, where it was written."""

    module: Module
    node: ast.FunctionDef


@dataclass(frozen=True, kw_only=True)
class _Elsewhere:
    """A name that comes from another module of the suite."""

    module: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Module:
    """One file of the suite."""

    package: Package
    #: dotted, without the name of the suite's directory; "" for the directory itself
    name: str
    is_package: bool
    source: Source

    @cached_property
    def _bound(self) -> Mapping[str, Class | Function | _Elsewhere]:
        bound: dict[str, Class | Function | _Elsewhere] = {}
        for statement in statements(self.source.tree.body):
            match statement:
                case ast.ClassDef(name=name):
                    bound[name] = Class(module=self, node=statement)
                case ast.FunctionDef(name=name):
                    bound[name] = Function(module=self, node=statement)
                case ast.ImportFrom(names=names):
                    module = self._imported(statement)
                    if module is not None:
                        for alias in names:
                            bound[alias.asname or alias.name] = _Elsewhere(
                                module=module, name=alias.name
                            )
                case _:
                    pass
        return bound

    def _imported(self, statement: ast.ImportFrom) -> str | None:
        """The module that names come from; None where it is not of the suite."""
        parts = statement.module.split(".") if statement.module else []
        if not statement.level:
            return ".".join(parts[1:]) if parts[0] == self.package.name else None
        here = self.name.split(".") if self.name else []
        return ".".join(here[: len(here) - statement.level + self.is_package] + parts)

    @property
    def names(self) -> tuple[str, ...]:
        """Public names of classes and functions, in the order of the text."""
        return tuple(name for name in self._bound if not name.startswith("_"))

    def find(self, name: str) -> Class | Function | None:
        """The class or function of the suite that has a name in this module."""
        module, seen = self, set()
        while (module.name, name) not in seen:
            seen.add((module.name, name))
            bound = module._bound.get(name)
            if not isinstance(bound, _Elsewhere):
                return bound
            if bound.module not in self.package.modules:
                return None
            module, name = self.package.modules[bound.module], bound.name
        return None

    def lineage(
        self, name: str, below: tuple[ast.ClassDef, ...] = ()
    ) -> tuple[tuple[Class, ...], bool]:
        """A class and its bases in the suite, nearest first, and whether there are no others."""
        found = self.find(name)
        if not isinstance(found, Class) or found.node in below:
            return (), name == "object"
        classes: tuple[Class, ...] = (found,)
        all_known = True
        for base in found.node.bases:
            if isinstance(base, ast.Name):
                more, known = found.module.lineage(base.id, (*below, found.node))
                classes += more
                all_known = all_known and known
            else:
                all_known = False
        return classes, all_known

    @cached_property
    def shows_all(self) -> bool:
        """Whether every benchmark of the module, and all about it, is written out in its text."""
        nodes = list(ast.walk(self.source.tree))
        classes = [node.body for node in nodes if isinstance(node, ast.ClassDef)]
        return not any(map(_hides, nodes)) and all(
            map(_is_written_out, [self.source.tree.body, *classes])
        )


@dataclass(kw_only=True)
class Package:
    """All modules of a suite."""

    #: what the modules call it in absolute imports
    name: str
    modules: dict[str, Module] = field(default_factory=dict)

    @classmethod
    def read(cls, files: Path, name: str) -> Package:
        """Parse every module, or the one file that the suite is.

        Raises:
            SuiteError: a file is no Python.
        """
        package = cls(name=name)
        if files.is_dir():
            package._read_directory(files, (), files)
        else:
            package._add(files, files.name, "", is_package=False)
        return package

    def _read_directory(self, directory: Path, parts: tuple[str, ...], root: Path) -> None:
        start = directory / "__init__.py"
        if start.exists():
            self._add(start, str(start.relative_to(root)), ".".join(parts), is_package=True)
        for child, is_package in submodules(str(directory)):
            if is_package:
                self._read_directory(directory / child, (*parts, child), root)
            else:
                path = directory / f"{child}.py"
                name = ".".join((*parts, child))
                self._add(path, str(path.relative_to(root)), name, is_package=False)

    def _add(self, path: Path, shown: str, name: str, *, is_package: bool) -> None:
        self.modules[name] = Module(
            package=self, name=name, is_package=is_package, source=read_source(path, shown)
        )


class Attributes:
    """What the text says about a benchmark: of its function, else its class, else its module."""

    def __init__(self, module: Module, classes: tuple[Class, ...], function: Function) -> None:
        bodies = [(one.module.source, one.node.body) for one in reversed(classes)]
        own = bodies or [(function.module.source, function.module.source.tree.body)]
        around = [(module.source, module.source.tree.body), *bodies]
        self._said: dict[str, tuple[Source, ast.expr | None]] = {}
        for owner, places in (("", around), (function.node.name, own)):
            for source, body in places:
                for name, value in _assigned(body, owner):
                    self._said[name] = source, value

    def __contains__(self, name: str) -> bool:
        return name in self._said

    def literal(self, name: str, default: Any) -> Any:
        """The value of an attribute, or the default where none is set.

        Raises:
            ValueError: it is computed.
        """
        if name not in self._said:
            return default
        source, node = self._said[name]
        if node is None:
            raise ValueError("computed")
        return source.literal(node)


def _hides(node: ast.AST) -> bool:
    """Whether a node may make benchmarks, or change what they are."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name in _MAKERS
        case ast.ImportFrom(names=names):
            return any(alias.name in {"*", *READ} or alias.asname in READ for alias in names)
        case ast.ClassDef(decorator_list=decorators, keywords=keywords):
            return bool(decorators or keywords)
        case ast.FunctionDef(name=name, decorator_list=decorators):
            return name in ("__init__", "__new__") or bool(decorators and kind_of(name))
        case _:
            return False


def _is_written_out(body: list[ast.stmt]) -> bool:
    """Whether no loop makes functions or classes of a body, and no alias is a benchmark."""
    for statement in statements(body):
        match statement:
            case ast.For() | ast.While():
                return False
            case ast.Assign(targets=targets) if not all(map(_is_plain, targets)):
                return False
            case _:
                pass
    return True


def _is_plain(target: ast.expr) -> bool:
    match target:
        case ast.Name(id=name):
            return not kind_of(name)
        case ast.Attribute(value=value):
            return isinstance(value, ast.Name) and bool(kind_of(value.id))
        case _:
            return True


def _assigned(body: list[ast.stmt], owner: str) -> Iterator[tuple[str, ast.expr | None]]:
    """Attributes set in a body, of ``owner`` or, where that is "", of the body itself."""
    for statement in statements(body):
        match statement:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from _set_by(target, value, owner)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield from _set_by(target, value, owner)
            case _:
                pass


def _set_by(target: ast.expr, value: ast.expr, owner: str) -> Iterator[tuple[str, ast.expr | None]]:
    match target:
        case ast.Name(id=name) if not owner:
            yield name, value
        case ast.Attribute(value=ast.Name(id=name), attr=attribute) if owner == name:
            yield attribute, value
        case ast.Tuple(elts=targets) if not owner:
            yield from ((one.id, None) for one in targets if isinstance(one, ast.Name))
        case _:
            pass
