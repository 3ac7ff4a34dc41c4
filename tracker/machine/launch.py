"""Run a program that is not trusted to behave: bounded, alone, and gone when it is over."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial

from tracker.machine.program import Ended, Program
from tracker.machine.running import Running, Watch
from tracker.machine.turns import TurnLimits


def launch(program: Program, *, stop: threading.Event | None = None) -> Ended:
    """Run a program to its end and collect what it reports and prints.

    Results are JSON lines written to the file descriptor that ``TRACKER_RESULTS_FD`` names, so
    that nothing printed can spoil them. At a limit, at ``stop``, and after the end, whatever
    descends from it is killed.

    Raises:
        InfrastructureError: the process cannot be started, or its remains not be killed.
        DiskFullError: there is no room for its files.
    """
    with _started(program) as run, Watch(run, stop=stop or threading.Event()) as watch:
        watch.until_one_ends()
        return run.ended()


def launch_pair(
    first: Program, second: Program, *, turns: TurnLimits, stop: threading.Event
) -> tuple[Ended, Ended | None]:
    """Run two programs at once that take turns, and otherwise one after the other.

    The second starts when the first waits for its turn. Each has as many turns, in the order
    1 2, 2 1, 1 2, ..., with the same number of calls: the larger of what the two would take. Where
    one ends before its first turn, the other has its turns alone; later on it has no more of them.
    What takes no turns runs to its end before the second starts.

    Returns:
        How both ended; None for a second that was not started, because the first was ended by a
        limit or by ``stop``.

    Raises:
        InfrastructureError, DiskFullError: as ``launch``.
    """
    with _started(first, in_turns=True) as one:
        with Watch(one, stop=stop) as watch:
            watch.until(partial(_waits, one))
        if one.how not in (None, "exited"):
            return one.ended(), None
        alone = one.ended() if one.how else None
        with _started(second, in_turns=True, beside=one) as two:
            living = [run for run in (one, two) if not run.how]
            with Watch(*living, stop=stop) as watch:
                watch.until(partial(_waits, two))
                if not (one.how or two.how):
                    _take_turns((one, two), turns, watch)
            return alone or _finished(one, turns, stop), _finished(two, turns, stop)


def _take_turns(runs: Sequence[Running], turns: TurnLimits, watch: Watch) -> None:
    loops = max(map(_loops, runs))
    until = time.monotonic() + turns.seconds
    for number in range(turns.most):
        if number >= turns.fewest and time.monotonic() > until:
            return
        for run in runs if number % 2 == 0 else reversed(runs):
            _give(run, loops)
            watch.until(partial(_waits, run))
            if any(one.how for one in runs):
                return


def _finished(run: Running, turns: TurnLimits, stop: threading.Event) -> Ended:
    """Its end, once it had its turns."""
    if not run.how:
        with Watch(run, stop=stop) as watch:
            if run.turns and not run.turns.given:
                watch.until(partial(_waits, run))
                if not run.how:
                    _take_turns((run,), turns, watch)
            if not run.how:
                _give(run, 0)
                watch.until_one_ends()
    return run.ended()


def _give(run: Running, loops: int) -> None:
    assert run.turns is not None  # noqa: S101  both were started so
    run.turns.give(loops)


def _waits(run: Running) -> bool:
    return run.turns is not None and run.turns.waits_with is not None


def _loops(run: Running) -> int:
    return (run.turns and run.turns.waits_with) or 1


@contextlib.contextmanager
def _started(
    program: Program, *, in_turns: bool = False, beside: Running | None = None
) -> Iterator[Running]:
    run = Running(program, in_turns=in_turns, beside=beside)
    try:
        yield run
    except BaseException:
        run.abandon()
        raise
    finally:
        run.close()
