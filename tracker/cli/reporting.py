"""How commands that end in a report show it, and which exit code it means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from tracker.publish.report import Report

FORMATS = ("html", "md", "json")


def show_report(
    report: Report, out: Console, *, as_json: bool, plain: bool, output: Path | None
) -> None:
    """Print the report, write its files where asked to, and say where they are."""
    from tracker.publish import document, terminal

    if as_json:
        click.echo(json.dumps(document.to_json(report)))
    else:
        terminal.render(report, out, plain=plain)
    if output is not None:
        for path in write_files(report, output, FORMATS):
            out.print(f"  {path}")


def write_files(report: Report, directory: Path, formats: tuple[str, ...]) -> list[Path]:
    """Write the report in each format, and its scaling curves, if any, as a table.

    Returns:
        the paths.
    """
    from tracker.publish import document, html, markdown
    from tracker.publish.scaling import sheet

    def as_json(shown: Report) -> str:
        return json.dumps(document.to_json(shown), indent=1)

    render = {"html": html.render, "md": markdown.render, "json": as_json}
    files = {f"report.{name}": render[name](report) for name in formats}
    if report.curves:
        files["scaling.csv"] = sheet.render(report.curves)
    return write_texts(files, directory)


def write_texts(files: Mapping[str, str], directory: Path) -> list[Path]:
    """Write files by their names and return the paths.

    Raises:
        InfrastructureError: one of them cannot be written.
    """
    from tracker.publish.disk import write

    for name, text in files.items():
        write(directory / name, text)
    return [directory / name for name in files]


def exit_status(report: Report, fail_on: str) -> int:
    """0 nothing found, 1 a regression that ``fail_on`` counts, 3 nothing was measured.

    What is faster but wrong counts as confirmed: nobody wants it, and refuted ones are not here.
    """
    from tracker.model.findings import Confirmation

    if not any(series.measured for series in report.series):
        return 3
    counted = {
        "never": (),
        "confirmed": (Confirmation.confirmed,),
        "suspected": (Confirmation.confirmed, Confirmation.suspected),
    }[fail_on]
    regressed = any(
        finding.is_worse
        and (finding.confirmation in counted or (counted and finding.is_faster_but_wrong))
        and not finding.is_settled
        for finding in report.findings
    )
    return int(regressed)
