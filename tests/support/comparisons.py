"""Comparisons made to order, of everything that a reader may meet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from math import inf
from typing import Any

from tests.support.values import START, cell, commit, machine
from tracker.findings.bending import compared_curves
from tracker.model.calibrations import Calibration
from tracker.model.cells import Cell, EnvironmentRequest
from tracker.model.comparisons import Compared
from tracker.model.findings import Outcome, Verdict
from tracker.model.suites import Direction
from tracker.publish.comparing.contents import Comparison, geomeans
from tracker.publish.naming import names


def verdict(outcome: Outcome, effect: float, *, half: float = 0.01, mde: float = 0.02) -> Verdict:
    return Verdict(
        outcome=outcome, effect=effect, low=effect - half, high=effect + half, mde=mde, p=0.5
    )


def row(of: Cell, judged: Verdict | None, **fields: Any) -> Compared:
    """The time of a cell that took 2 ms at the base."""
    values: dict[str, Any] = {
        "metric": "time",
        "unit": "s",
        "direction": Direction.less,
        "exact": False,
        "base_series": "b" * 64,
        "head_series": "h" * 64,
        "base": 2e-3,
        "head": 2e-3 * (1 + judged.effect) if judged else None,
        "rounds": 12 if judged else 0,
    }
    return Compared(cell=of, verdict=judged, **(values | fields))


def count(of: Cell, outcome: Outcome, effect: float) -> Compared:
    """Its bytecode instructions."""
    return row(
        of,
        verdict(outcome, effect, half=0.0),
        metric="instructions",
        unit="instructions",
        exact=True,
        base=14_018.0,
        head=14_018.0 * (1 + effect),
        rounds=0,
    )


def comparison(rows: Iterable[Compared], **fields: Any) -> Comparison:
    told = tuple(rows)
    values: dict[str, Any] = {
        "project": "demo",
        "commit_url": "",
        "base": commit(1, tags=("v1.0",)),
        "head": commit(2),
        "rows": told,
        "curves": compared_curves(told, ("batch",)),
        "names": names(row.cell for row in told),
        "geomeans": geomeans(told),
        "identical": (),
        "machine": machine(),
        "practical": 0.01,
        "calibration": None,
        "seconds": 72.0,
        "stored": False,
        "generated_at": START,
    }
    return Comparison(**(values | fields))


def mixed() -> Comparison:
    """One of each: slower, faster, the same, open, early, lost, new, without values."""
    small, large = (cell("parse", parameters=(("size", size),)) for size in ("10", "2000"))
    old, new = (
        cell("render", environment=EnvironmentRequest(recipe="pinned", python=python))
        for python in ("3.11", "3.12")
    )
    return comparison(
        [
            row(small, verdict(Outcome.slower, 0.3)),
            count(small, Outcome.slower, 0.3),
            row(large, verdict(Outcome.same, 0.001)),
            count(large, Outcome.same, 0.0),
            row(old, verdict(Outcome.faster, -0.2)),
            row(new, verdict(Outcome.unknown, 0.02, half=0.05, mde=0.058), rounds=40),
            row(cell("search"), verdict(Outcome.unknown, 0.1, half=inf, mde=inf), rounds=2),
            row(cell("load"), None, reason="benchmark failed at the head: no attribute 'load'"),
            row(cell("dump"), None, base=None, head=1e-3, reason="only at the head"),
            row(cell("sort"), None, base=None, reason="timed out at the base, and at the head"),
        ],
        warnings=("measured on other-2",),
        identical=("stem",),
        calibration=Calibration(
            machine_class="test-2",
            suite_hash="5" * 64,
            profile="nightly",
            at=START - timedelta(days=3),
            decisions=240,
            alarms=1,
            powers=(),
            cells=(),
            seconds_a_commit=1.0,
        ),
    )


def sized(batch: int, benchmark: str = "forward", **fields: Any) -> Cell:
    return cell(benchmark, parameters=(("batch", str(batch)), ("dtype", "'f32'")), **fields)


def scaled() -> Comparison:
    """A curve whose sizes above 4 take longer, and whose largest size fits no more."""
    rows = []
    for batch in (1, 2, 4, 8, 16, 32):
        of, before = sized(batch), 1e-3 * (batch + 40)
        judged = (
            verdict(Outcome.slower, 0.4 + batch / 32)
            if batch > 4
            else verdict(Outcome.same, 0.001, half=0.004)
        )
        rows += [
            row(of, judged, base=before, head=before * (1 + judged.effect)),
            row(
                of,
                verdict(Outcome.same, 0.0),
                metric="peak_memory",
                unit="bytes",
                base=3e8,
                head=3e8,
            ),
        ]
    lost = row(sized(64), None, base=0.1, reason="out of memory at the head, took 8192 MiB")
    return comparison([*rows, lost, row(cell("other"), verdict(Outcome.faster, -0.3))])


def nothing() -> Comparison:
    """Both sides install the same."""
    return comparison([], identical=("parse", "render"), stored=True, seconds=0.0)
