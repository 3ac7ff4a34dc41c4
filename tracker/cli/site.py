"""``tracker site``."""

from __future__ import annotations

import shlex
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.options import (
    configured,
    console,
    is_plain,
    load_settings,
    plainly,
    ranged,
    split_range,
)

if TYPE_CHECKING:
    from rich.console import Console

    from tracker.publish.site.writing import Written


def as_address(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """Callback of ``--url``: an address that names of files can be put behind."""
    if value and not value.startswith(("https://", "http://")):
        raise click.BadParameter(f"{value!r} does not begin with https:// or http://")
    return f"{value.rstrip('/')}/" if value else ""


@click.command(
    epilog="Example:  tracker site public --url https://example.github.io/project/",
)
@click.argument("directory", type=click.Path(path_type=Path), metavar="DIRECTORY [RANGE]")
@ranged
@plainly
@click.option("--force", is_flag=True, help="Write even among files that are no such site.")
@click.option(
    "--url",
    default="",
    callback=as_address,
    metavar="URL",
    help="Where the site will be: its feed then names whole addresses.",
)
@configured
def site(
    directory: Path,
    plain: bool,
    force: bool,
    url: str,
    config: Path | None,
    overrides: tuple[str, ...],
    **history: Any,
) -> None:
    """Write a site of what is stored for a RANGE, by default for the whole line.

    Pages for benchmarks, commits and findings, and a feed; any web server shows them. Measures
    nothing. The same command again writes only what is new.
    """
    from tracker.publish.site.contents import stored_site
    from tracker.publish.site.files import files
    from tracker.publish.site.progress import watched
    from tracker.publish.site.writing import claimed, write

    range_text, overrides = split_range(overrides, "ALL")
    settings = load_settings(config, overrides, **history)
    project = settings.project.name
    out, plain = console(plain=is_plain(plain)), is_plain(plain)
    with claimed(directory, project, force=force):
        with nullcontext() if plain else out.status("reading and judging what is stored"):
            count, texts = files(stored_site(settings, range_text, url=url))
        written = write(watched(texts, count, out, plain=plain), directory, project)
    _tell(written, directory, out)


def _tell(written: Written, directory: Path, out: Console) -> None:
    from tracker.publish.terminal import say
    from tracker.publish.wording import counted

    removed = f", {written.removed:,} removed" if written.removed else ""
    say(out, str(directory / "index.html"))
    say(out, f"{counted(written.files, 'file')}, {written.changed:,} new or changed{removed}")
    say(out, f"→ python -m http.server --directory {shlex.quote(str(directory))}")
