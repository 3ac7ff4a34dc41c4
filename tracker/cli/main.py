"""The ``tracker`` command. Its commands are imported when they are called: help must be instant."""

from __future__ import annotations

import gc
import importlib
import os
import sys

import click

from tracker.errors import TrackerError

#: command -> one line of help, kept here so that `tracker --help` imports none of them
COMMANDS = {
    "init": "Write a small configuration for a project.",
    "plan": "Show what a run would do, without doing it.",
    "run": "Build and measure every commit of a range, and report what changed.",
    "nightly": "Measure what is new since the last night, in a given time, and report it.",
    "compare": "Tell whether one commit is faster or slower than another, by measuring both.",
    "bisect": "Find the commit that changed a benchmark.",
    "test": "Tell `git bisect run` whether a commit is good or bad.",
    "confirm": "Measure a finding again, in fresh pairs.",
    "calibrate": "Measure what this machine and suite can see, and how often they are wrong.",
    "detect": "Judge what is stored: which commits changed what.",
    "findings": "List findings, and decide about them: ack, expect, false-alarm, reopen.",
    "report": "Write the report of what is stored.",
    "site": "Write a site of what is stored, for any web server.",
    "show": "Show one commit or finding in detail.",
    "log": "List past runs.",
    "grafana": "Bring dashboards, findings and alerts to Grafana: push, check, render, up.",
    "history": "Write the releases of a package as a git repository.",
    "db": "The database: start, stop, status, url, migrate, verify, dump.",
    "doctor": "Check that this machine can measure, and say what to do.",
    "completion": "Print the script that completes commands in your shell.",
    "version": "Print the version.",
}

#: objects made before the collector of garbage looks at them
_NEW_OBJECTS = 20_000

EXIT_FAULT = 4
EXIT_INTERRUPTED = 130


class LazyGroup(click.Group):
    """Commands by name, imported on first use."""

    # click decides the signatures

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"tracker.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101  a file without its command is a bug
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 nothing found; 1 confirmed regression; 2 usage or configuration; "
    "3 could not measure; 4 database or machine; 5 Grafana differs; 130 interrupted.",
)
def tracker() -> None:
    """Find the commit that made it slower.

    Builds every commit of a project into an environment of its own, measures it there,
    and tells which commits changed what.

    \b
    tracker init                       write tracker.yaml for this repository
    tracker plan HEAD~20..HEAD         see what would be measured
    tracker run HEAD~20..HEAD          measure it
    tracker report                     look at it
    """  # noqa: D301 - click reads the backspace: keep these lines as they are


def main() -> None:
    """Run the command line; every error of the tree ends as a message and its exit status."""
    # nearly all that a command reads stays until it ends: to look for garbage in it takes a tenth
    # of its time
    gc.set_threshold(_NEW_OBJECTS)
    # numpy's linear algebra, which nothing here uses, would start a thread for each core
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        status = tracker.main(standalone_mode=False)
    except click.exceptions.Exit as ended:
        status = ended.exit_code
    except click.exceptions.Abort:
        status = EXIT_INTERRUPTED
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except TrackerError as error:
        from tracker.cli.errors import show

        show(error)
        status = error.exit_status
    except KeyboardInterrupt:
        status = EXIT_INTERRUPTED
    except BrokenPipeError:
        # whoever read our output has enough of it: `tracker log | head`
        sys.stderr.close()
        status = 0
    except Exception:  # noqa: BLE001  whatever it is, Python's own exit code 1 would say "regression"
        import traceback

        traceback.print_exc()
        click.echo(
            "error: this is a fault of the tracker, not of your project; what was measured is "
            "stored   [internal]\n  hint: report it with the lines above",
            err=True,
        )
        status = EXIT_FAULT
    sys.exit(status if isinstance(status, int) else 0)
