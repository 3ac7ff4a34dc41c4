"""``tracker version``."""

from __future__ import annotations

import click


@click.command()
def version() -> None:
    """Print the version of the tracker and of what it runs on."""
    import platform

    from tracker.version import VERSION

    click.echo(f"tracker {VERSION} (Python {platform.python_version()}, {platform.platform()})")
