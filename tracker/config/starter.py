"""A first configuration, and a first suite, for a project that has none."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tracker.errors import ConfigurationError, Problem

#: where the first suite of a project lies, from its root
SUITE = "benchmarks/suite.py"

_HEAD = """\
# What the tracker measures in this repository. The tracker's directory conf/ has all keys with
# their defaults and reasons; any may stand here, or on the command line: policy.processes=7
"""
_COMMENTS = {
    "package": "imported everywhere, to verify that it is the commit's own",
    "python": 'or several: ["3.11", "3.12"]',
    "requires": "what the suite needs beside the project",
}

_SUITE = '''\
"""Benchmarks: functions that are timed at every commit. Their names stay, commits change."""
{imports}
from tracker import benchmark


@benchmark(params={{"size": [100, 10_000]}}, setup=lambda size: list(range(size, 0, -1)))
def sort_numbers(numbers):
    """An example. Replace it by what your users do all day."""
    sorted(numbers)
{example}'''

_IMPORT = '''

@benchmark
def first_import():
    """What every program that uses the package pays when it starts."""
    subprocess.run([sys.executable, "-c", "import {package}"], check=True)
'''


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a project calls itself."""

    #: of the distribution, else of the directory
    name: str
    #: what is imported; "" where no such package lies in the project
    package: str
    #: whether it says how it is built
    is_declared: bool


def identify_project(directory: Path) -> Identity:
    """The names that a project declares, without running anything of it.

    Raises:
        ConfigurationError: its ``pyproject.toml`` or ``setup.cfg`` cannot be read.
    """
    declared = _declared_name(directory)
    candidates = [declared, directory.absolute().name]
    package = next(filter(None, (_package(directory, name) for name in candidates if name)), "")
    return Identity(
        name=declared or directory.absolute().name,
        package=package,
        is_declared=any((directory / name).is_file() for name in ("pyproject.toml", "setup.py")),
    )


def configuration(
    sections: Mapping[str, Mapping[str, Any]], *, harness: str, remarks: Sequence[str] = ()
) -> str:
    """The text of a ``tracker.yaml``.

    Args:
        sections: section -> key -> text or list of texts; "" is left out.
        harness: which of the tracker's suite options to build on.
        remarks: what the person should know, as comments.
    """
    lines = [_HEAD.rstrip(), *(f"# Note: {remark}" for remark in remarks)]
    lines += ["defaults:", "  - tracker", f"  - override suite: {harness}", "  - _self_"]
    for section, values in sections.items():
        lines += ["", f"{section}:"]
        for key, value in values.items():
            if value:
                comment = f"   # {_COMMENTS[key]}" if key in _COMMENTS else ""
                lines.append(f"  {key}: {_written(value)}{comment}")
    return "\n".join(lines) + "\n"


def suite(identity: Identity) -> str:
    """The text of a suite that works."""
    if not identity.package:
        return _SUITE.format(imports="", example="")
    return _SUITE.format(
        imports="\nimport subprocess\nimport sys\n",
        example=_IMPORT.format(package=identity.package),
    )


def _declared_name(directory: Path) -> str:
    try:
        return _in_pyproject(directory / "pyproject.toml") or _in_setup(directory / "setup.cfg")
    except (tomllib.TOMLDecodeError, configparser.Error, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "the project's own metadata cannot be read",
            problems=[Problem(message=str(error).splitlines()[0], where=str(directory))],
        ) from error


def _in_pyproject(path: Path) -> str:
    if not path.is_file():
        return ""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    tool = content.get("tool", {})
    sections = (content.get("project", {}), tool.get("poetry", {}), tool.get("flit", {}))
    return next((str(section["name"]) for section in sections if "name" in section), "")


def _in_setup(path: Path) -> str:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(path, encoding="utf-8")
    return parser.get("metadata", "name", fallback="")


def _package(directory: Path, name: str) -> str:
    """The import name of a package or module called so, in either of the usual layouts."""
    wanted = re.sub(r"[-_.\s]+", "_", name).lower()
    for place in (directory / "src", directory):
        if not place.is_dir():
            continue
        for path in sorted(place.iterdir()):
            is_package = (path / "__init__.py").is_file() or path.suffix == ".py"
            if is_package and path.stem.lower() == wanted and path.stem.isidentifier():
                return path.stem
    return ""


def _written(value: str | Sequence[str]) -> str:
    """Text, or a list of texts, as YAML, quoted only where it has to be."""
    if not isinstance(value, str):
        return f"[{', '.join(map(_quoted, value))}]"
    if re.fullmatch(r"[A-Za-z.][\w./-]*", value, re.ASCII) and yaml.safe_load(value) == value:
        return value
    return _quoted(value)


def _quoted(text: str) -> str:
    return json.dumps(text.replace("${", r"\${"), ensure_ascii=False)
