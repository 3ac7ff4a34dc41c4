"""``tracker doctor``."""

from __future__ import annotations

from pathlib import Path

import click

from tracker.cli.options import configured, console, is_plain, plainly

_MARKS = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "failure": "[red]✗[/]"}
_PLAIN_MARKS = {"ok": "ok     ", "warning": "warning", "failure": "failure"}


@click.command(epilog="Example:  tracker doctor")
@plainly
@configured
def doctor(plain: bool, config: Path | None, overrides: tuple[str, ...]) -> None:
    """Check git, uv, PostgreSQL, disk, clock, governor and load, and say what to do.

    Exit code 3 when something keeps this machine from measuring.
    """
    from rich.markup import escape

    from tracker.cli.options import find_configuration, load_settings
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
