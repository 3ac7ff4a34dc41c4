"""``tracker doctor``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.options import (
    configured,
    console,
    find_configuration,
    is_plain,
    load_settings,
    plainly,
)

if TYPE_CHECKING:
    from rich.console import Console

    from tracker.machine.tuning import Knob

#: processes under each setting: enough to tell noise of twice the size
PROBES = 20

_MARKS = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "failure": "[red]✗[/]"}
_PLAIN_MARKS = {"ok": "ok     ", "warning": "warning", "failure": "failure"}


@click.command(
    epilog="Examples:  tracker doctor   |   tracker doctor --tune   |   sudo tracker doctor --tune "
    "--apply"
)
@click.option("--tune", is_flag=True, help="Show what makes timings loud here, and try it out.")
@click.option("--apply", is_flag=True, help="With --tune: change what this machine allows.")
@plainly
@configured
def doctor(
    tune: bool, apply: bool, plain: bool, config: Path | None, overrides: tuple[str, ...]
) -> None:
    """Check git, uv, PostgreSQL, disk, clock, governor and load, and say what to do.

    Exit code 3 when something keeps this machine from measuring. With --tune: the settings of the
    system that change how loud timings are, which of them may be changed here, and what settings
    of single processes do to the noise, measured. Nothing is changed without --apply.
    """
    if apply and not tune:
        raise click.UsageError("--apply goes with --tune")
    if tune:
        _tune(console(plain=is_plain(plain)), apply=apply)
        return
    from rich.markup import escape

    from tracker.config.places import Places
    from tracker.config.settings import StoreSettings
    from tracker.environments.checks import check_uv
    from tracker.machine.checks import Level, machine_checks
    from tracker.store.checks import check_store

    places = Places.of_user()
    has_configuration = config or overrides or find_configuration(Path.cwd())
    store = load_settings(config, overrides).store if has_configuration else StoreSettings(url="")
    out = console(plain=is_plain(plain))
    marks = _PLAIN_MARKS if is_plain(plain) else _MARKS
    failed = False
    for check in (*machine_checks(places), check_uv(), check_store(store, places)):
        out.print(f"{marks[check.level]} {check.name:22} {escape(check.found)}")
        if check.advice:
            out.print(f"    → {escape(check.advice)}")
        failed |= check.level is Level.failure
    if failed:
        raise click.exceptions.Exit(3)


def _tune(out: Console, *, apply: bool) -> None:
    from rich.table import Table

    from tracker.machine.tuning import knobs

    table = Table("setting", "now", "best", "", box=None)
    found = knobs()
    for knob in found:
        table.add_row(knob.name, knob.now or "not on this system", knob.wanted, _standing(knob))
    out.print(table)
    out.print()
    _show_loudness(out)
    changeable = [knob for knob in found if knob.is_there and not knob.is_set and knob.is_allowed]
    out.print()
    if not apply:
        names = ", ".join(knob.name for knob in changeable) or "nothing"
        out.print(f"--apply would change: {names}. Nothing was changed.")
        return
    for knob in changeable:
        _turn(knob, out)
    if changeable:
        out.print()
        _show_loudness(out)


def _standing(knob: Knob) -> str:
    if not knob.is_there:
        return ""
    if knob.is_set:
        return "as it should be"
    how = "may be changed here" if knob.is_allowed else knob.advice or "needs root"
    return f"{how}: {knob.why}"


def _turn(knob: Knob, out: Console) -> None:
    from tracker.machine.tuning import turned

    try:
        for file, before in turned(knob):
            out.print(f"{file}: {before} → {knob.wanted}   (back: echo {before} > {file})")
    except OSError as error:
        out.print(f"{knob.name}: the system refuses: {error.strerror}")


def _show_loudness(out: Console) -> None:
    from rich.progress import Progress
    from rich.table import Table

    from tracker.machine.fingerprint import usable_cores
    from tracker.machine.noise_probe import loudness, settings
    from tracker.machine.tuning import isolated
    from tracker.publish.wording import percent

    tried = settings(isolated() or usable_cores()[-1:])
    with Progress(console=out, transient=True, disable=not out.is_terminal) as progress:
        task = progress.add_task("trying settings of one process")

        def show(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        heard = loudness(tried, rounds=PROBES, progress=show)
    table = Table(
        f"the same work, {PROBES} processes each", "time", "between processes", "", box=None
    )
    for one in heard:
        table.add_row(
            one.setting.name,
            f"{one.seconds * 1000:.2f} ms",
            percent(one.between, sign=False),
            "" if one is heard[0] else _effect(one.louder_than(heard[0])),
        )
    out.print(table)


def _effect(ratio: float) -> str:
    return "no clear difference" if ratio == 1 else f"{ratio:.1f} × the noise"
