"""Where packages come from: what pip was told, handed on to uv, which does not ask pip."""

from __future__ import annotations

import configparser
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

#: pip's key -> uv's variable, and how uv separates several values
_SETTINGS = (
    ("index-url", "UV_DEFAULT_INDEX", " "),
    ("extra-index-url", "UV_INDEX", " "),
    ("find-links", "UV_FIND_LINKS", ","),
    ("cert", "SSL_CERT_FILE", " "),
)
_PASSWORD = re.compile(r"://[^/]*@")
#: older names that uv still obeys: what the person set under them must not be overruled
_OLDER = {"UV_DEFAULT_INDEX": "UV_INDEX_URL", "UV_INDEX": "UV_EXTRA_INDEX_URL"}
#: pip takes the best version of all indexes; uv would stop at the first that knows the name
_STRATEGY = {"UV_INDEX_STRATEGY": "unsafe-best-match"}


def uv_variables(environment: Mapping[str, str], files: Iterable[Path]) -> dict[str, str]:
    """Variables that make uv look where pip looks, as far as uv was not told something itself.

    Args:
        environment: variables of the process.
        files: configuration files of pip, the strongest last.
    """
    settings = _told_pip(environment, files)
    variables = {}
    for key, variable, separator in _SETTINGS:
        value = settings[key]
        told = environment.get(variable) or environment.get(_OLDER.get(variable, ""))
        if value and not told:
            variables[variable] = separator.join(value.split())
    return {
        name: value for name, value in (_STRATEGY | variables).items() if not environment.get(name)
    }


def pip_variables(environment: Mapping[str, str], files: Iterable[Path]) -> dict[str, str]:
    """The same for pip in a home of its own, whose user must not see passwords: these are left out.

    Args:
        environment: variables of the process.
        files: configuration files of pip, the strongest last.
    """
    settings = _told_pip(environment, files)
    open_ones = {
        key: " ".join(part for part in value.split() if not _PASSWORD.search(part))
        for key, value in settings.items()
    }
    return {_pips(key): value for key, value in open_ones.items() if value}


def pip_files(environment: Mapping[str, str], home: Path) -> tuple[Path, ...]:
    """Where pip looks for its configuration, the strongest last.

    As pip's documentation has it: machine, user, environment, then ``PIP_CONFIG_FILE``;
    the null device there turns all of them off.
    """
    named = environment.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return ()
    machine = [Path(part) for part in environment.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")]
    user = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    return (
        *(directory / "pip" / "pip.conf" for directory in machine),
        Path("/etc/pip.conf"),
        home / ".pip" / "pip.conf",
        home / "Library" / "Application Support" / "pip" / "pip.conf",
        user / "pip" / "pip.conf",
        Path(sys.prefix, "pip.conf"),
        *([Path(named)] if named else []),
    )


def _told_pip(environment: Mapping[str, str], files: Iterable[Path]) -> dict[str, str]:
    configured = _configured(files)
    return {key: environment.get(_pips(key)) or configured.get(key, "") for key, _, _ in _SETTINGS}


def _pips(key: str) -> str:
    return f"PIP_{key.upper().replace('-', '_')}"


def _configured(files: Iterable[Path]) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    parser.read(files, encoding="utf-8")
    values: dict[str, str] = {}
    sections: Sequence[str] = ("global", "install")
    for section in sections:
        if parser.has_section(section):
            values |= {key.replace("_", "-"): value for key, value in parser.items(section)}
    return values
