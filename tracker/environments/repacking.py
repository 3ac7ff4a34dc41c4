"""From an installed distribution back to the files of its wheel."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from importlib.metadata import Distribution
from pathlib import Path

from packaging.utils import canonicalize_name

from tracker.environments.faults import Unbuildable

#: written by whoever installs, and by nobody who builds
_INSTALLERS = ("INSTALLER", "REQUESTED", "RECORD", "direct_url.json")


def identity(distribution: Distribution) -> tuple[str, str, str]:
    """Name, version, and where it came from: what is new once something was installed."""
    origin = distribution.read_text("direct_url.json") or ""
    return canonicalize_name(distribution.metadata["Name"]), distribution.version, origin


def own_among(fresh: Sequence[Distribution], names: Iterable[str]) -> Distribution:
    """The project's own among the distributions that its commands installed.

    Args:
        fresh: all of them.
        names: what the project may be called, the likeliest first.

    Raises:
        Unbuildable: it cannot be told, or its files are not all there.
    """
    by_name = {identity(one)[0]: one for one in fresh}
    own = next((by_name[name] for name in map(canonicalize_name, names) if name in by_name), None)
    if own is None and len(fresh) == 1:
        own = fresh[0]
    if own is None:
        found = ", ".join(sorted(by_name)) or "nothing"
        raise Unbuildable(f"environment.install_command installed {found}, and not the project")
    origin = json.loads(own.read_text("direct_url.json") or "{}")
    if origin.get("dir_info", {}).get("editable"):
        raise Unbuildable(
            "environment.install_command installs in editable mode, and the work tree goes away"
        )
    if own.read_text("WHEEL") is None or not own.files:
        raise Unbuildable(
            "environment.install_command installs no wheel: have `python -m pip install` do it"
        )
    return own


def lay_out(distribution: Distribution, prefix: Path, target: Path) -> None:
    """Copy a distribution's files as its wheel had them, without the ones that installing made.

    Args:
        distribution: installed.
        prefix: the environment that it is installed in.
        target: a new directory for the files.
    """
    site = Path(str(distribution.locate_file("")))
    name = canonicalize_name(distribution.metadata["Name"]).replace("-", "_")
    data = target / f"{name}-{distribution.version}.data"
    generated = {point.name for point in distribution.entry_points}
    for file in distribution.files or ():
        source = Path(str(file.locate())).resolve()
        if file.suffix == ".pyc" or (
            file.name in _INSTALLERS and file.parent.suffix == ".dist-info"
        ):
            continue
        if source.is_relative_to(site.resolve()):
            _copy(source, target / source.relative_to(site.resolve()))
        elif source.parent != (prefix / "bin").resolve():
            _copy(source, data / "data" / source.relative_to(prefix.resolve()))
        elif source.name not in generated:
            _copy(source, data / "scripts" / source.name)
            _forget_interpreter(data / "scripts" / source.name, prefix)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)


def _forget_interpreter(script: Path, prefix: Path) -> None:
    """A first line that names the environment's Python stands for whichever installs it."""
    first, end, rest = script.read_bytes().partition(b"\n")
    if first.startswith(b"#!" + bytes(prefix / "bin" / "python")):
        script.write_bytes(b"#!python" + end + rest)
