"""``tracker history``."""

from __future__ import annotations

from pathlib import Path

import click

from tracker.cli.options import is_plain, plainly


@click.command(epilog='Example:  tracker history jsonschema ">=4.10,<4.26" releases/jsonschema')
@click.argument("package")
@click.argument("versions", default="")
@click.argument("directory", type=click.Path(path_type=Path), required=False)
@plainly
def history(package: str, versions: str, directory: Path | None, plain: bool) -> None:
    """Write the releases of a PACKAGE as a git repository: one commit a release, with its tag.

    VERSIONS limits them, in the syntax of requirements. Measured like any other history it
    answers: how fast is each release of my dependency? The repository lies in DIRECTORY,
    by default in the tracker's cache; a second call adds what is new.
    """
    from tracker.config.places import Places
    from tracker.history.releases import write_releases

    target = directory or Places.of_user().releases / package
    show = None if is_plain(plain) else lambda text: click.echo(text, err=True)
    releases = write_releases(package, versions, target, progress=show)
    for release in releases.releases:
        click.echo(f"{release.version:14} {release.date:%Y-%m-%d}")
    click.echo(f"{len(releases.releases)} releases in {releases.path}")
