"""The files of the summary of one commit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.cli.reporting import write_texts

if TYPE_CHECKING:
    from tracker.publish.deployment.contents import Summary


def write_files(summary: Summary, directory: Path, formats: tuple[str, ...]) -> list[Path]:
    """Write the summary in each format, and its speed-ups, if any, as a table and a picture.

    Returns:
        the paths.
    """
    from tracker.publish.deployment import bars, document, html, markdown, sheet

    def as_json(shown: Summary) -> str:
        return json.dumps(document.to_json(shown), indent=1)

    render = {"html": html.render, "md": markdown.render, "json": as_json}
    files = {f"summary.{name}": render[name](summary) for name in formats}
    if summary.speedups:
        files["speedups.csv"] = sheet.render(summary.speedups)
        files["speedups.svg"] = bars.render(summary.speedups)
    return write_texts(files, directory)
