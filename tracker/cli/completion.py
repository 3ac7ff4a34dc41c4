"""``tracker completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command(epilog='Example:  eval "$(tracker completion bash)"')
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that completes commands in a SHELL."""
    script = get_completion_class(shell)
    assert script is not None  # noqa: S101  the choices above are the ones that exist
    click.echo(script(context.find_root().command, {}, "tracker", "_TRACKER_COMPLETE").source())
