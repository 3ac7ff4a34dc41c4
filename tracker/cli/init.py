"""``tracker init``."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.options import CONFIGURATION

if TYPE_CHECKING:
    from tracker.config.starter import Identity
    from tracker.harnesses.detect import Found


@click.command(
    epilog="Examples:  tracker init   |   tracker init path/to/project   |   tracker init --force"
)
@click.argument("directory", default=".", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help=f"Write over a {CONFIGURATION} that is there.")
def init(directory: Path, force: bool) -> None:
    """Write a small tracker.yaml for the project in DIRECTORY, by default this one.

    Finds suites of asv, of pytest-benchmark and of the tracker itself, and scripts for a metrics
    recorder. Where there is none of them, writes a first suite that works: benchmarks/suite.py.
    A suite is never written over.
    """
    from tracker.config import starter
    from tracker.errors import UsageError
    from tracker.harnesses.detect import detect
    from tracker.publish.disk import write

    subdirectory = _below_repository(directory)
    target = directory / CONFIGURATION
    if target.exists() and not force:
        raise UsageError(f"there is a {target} already", hint="--force writes it anew")
    identity = starter.identify_project(directory)
    found = detect(directory)
    sections, remarks = _sections(directory, identity, found)
    if subdirectory:
        sections["project"].setdefault("subdirectory", subdirectory)
    harness = found[0].harness if found else "python"
    write(target, starter.configuration(sections, harness=harness, remarks=remarks))
    for suite in found[:1]:
        click.echo(f"found a suite of {suite.harness}: {suite.evidence}")
    if not found:
        _write_suite(directory / starter.SUITE, starter.suite(identity))
    click.echo(f"wrote {target}")
    for remark in remarks:
        click.echo(f"note: {remark}")
    _say_next(directory)


def _below_repository(directory: Path) -> str:
    """The directory as seen from its repository's root, "" for the root itself."""
    from tracker.errors import RepositoryError
    from tracker.history.locations import locate

    try:
        top = locate(str(directory.absolute()), directory).address
    except RepositoryError as error:
        hint = "go to a clone of the project, or name it: tracker init path/to/project"
        raise RepositoryError(error.message, code=error.code, hint=hint) from error
    below = directory.resolve().relative_to(top)
    return "" if below == Path() else below.as_posix()


def _sections(
    directory: Path, identity: Identity, found: tuple[Found, ...]
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """What to configure, and what to say about it."""
    from tracker.config import starter

    sections: dict[str, dict[str, Any]] = {
        "project": {"name": identity.name, "repository": ".", "package": identity.package},
        "suite": {"path": starter.SUITE},
        "environment": {"python": _own_python()},
    }
    remarks = [f"also found, of {other.harness}: {other.evidence}" for other in found[1:]]
    if not identity.is_declared:
        remarks.append("no pyproject.toml or setup.py here: commits that lack both do not build")
    if found and found[0].harness == "asv":
        remarks += _follow_asv(found[0].path, directory, sections)
    elif found:
        sections["suite"]["path"] = found[0].path.relative_to(directory).as_posix()
    return sections, remarks


def _follow_asv(path: Path, directory: Path, sections: dict[str, dict[str, Any]]) -> list[str]:
    """Take over what asv was told; returns what is different now."""
    from tracker.harnesses.asv_configuration import left_out, read_asv_conf, settings_from

    conf = read_asv_conf(path)
    told = settings_from(conf, root=directory)
    pythons = told["environment"].get("pythons", [])
    project = {key: value for key, value in told["project"].items() if key != "repository"}
    sections["project"] |= project
    sections["suite"] = {"path": told["suite"]["path"]}
    for key in ("requires", "build_command", "install_command"):
        sections["environment"][key] = told["environment"].get(key, [])
    remarks = list(left_out(conf))
    if pythons and pythons != [_own_python()]:
        remarks.append(f"asv uses Python {', '.join(pythons)}; set environment.python to them")
    return remarks


def _own_python() -> str:
    return ".".join(platform.python_version_tuple()[:2])


def _write_suite(path: Path, text: str) -> None:
    from tracker.publish.disk import write

    if path.exists():
        click.echo(f"kept {path}, which has no function with @benchmark yet")
        return
    write(path, text)
    click.echo(f"found no suite, so wrote a first one: {path}")


def _say_next(directory: Path) -> None:
    click.echo("\nnext:")
    if directory.resolve() != Path.cwd():
        click.echo(f"  cd {directory}")
    click.echo("  tracker plan HEAD~5..HEAD                  what would be measured")
    click.echo("  tracker run HEAD~5..HEAD profile=smoke     measure it, in seconds a commit")
    click.echo("  tracker report                             look at it again")
