"""A build against itself: what it can see, and that it sees nothing that is not there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support.duels import CELL, HEAD, process
from tests.support.series import POLICY, coordinate
from tests.support.values import PINNED, START, cell, commit
from tracker.findings.calibrating import Subject, calibrated, subjects
from tracker.model.calibrations import Calibration
from tracker.model.measurements import Process
from tracker.model.purposes import Aim, Purpose
from tracker.model.requests import Known, MeasurePair, Prepare
from tracker.strategies.calibrate import Calibrate


def processes(pairs: int, sd: float = 0.01, seed: int = 2) -> tuple[Process, ...]:
    random = np.random.default_rng(seed)
    values = 1e-3 * np.exp(random.normal(0, sd, 2 * pairs))
    return tuple(process(n, (coordinate(), [value])) for n, value in enumerate(values))


def known(given: tuple[Process, ...]) -> Known:
    return Known(
        builds={(HEAD.sha, PINNED): ("b",)},
        processes={("b", CELL.key): given},
        measured={("b", CELL.key): frozenset(one.round for one in given)},
    )


def calibration(found: tuple[Subject, ...]) -> Calibration:
    return calibrated(found, POLICY, machine_class="m", suite_hash="s", profile="nightly", at=START)


def test_what_a_quiet_cell_can_see() -> None:
    result = calibration(subjects(known(processes(40)), HEAD, [CELL], {"parse": "time"}))
    (only,) = result.cells
    assert only.noise == pytest.approx(0.01, rel=0.4)
    assert 0.005 < only.mde < 0.04
    assert 5 <= only.rounds <= 40
    assert result.alarms == 0
    assert result.decisions > 0
    shares = [power.share for power in result.powers]
    assert shares[-1] == 1.0
    assert result.seconds_a_commit == pytest.approx(POLICY.processes * 0.3)
    assert result.seconds_a_comparison == pytest.approx(only.rounds * 0.6)


def test_the_same_pairs_give_the_same_answer() -> None:
    given = subjects(known(processes(12)), HEAD, [CELL], {})
    assert calibration(given) == calibration(given)


def test_half_pairs_and_other_batches_are_no_pairs() -> None:
    given = processes(6)
    odd = (*given[:-1], replace(given[-1], batch=2))
    (subject,) = subjects(known(odd), HEAD, [CELL], {"parse": "time"})
    assert len(subject.pairs) == 5


def test_too_few_pairs_are_left_out() -> None:
    result = calibration(subjects(known(processes(3)), HEAD, [CELL], {}))
    assert result.cells == ()
    assert result.decisions == 0
    assert result.alarm_share == 0.0


CALIBRATE = Calibrate(
    commit=HEAD,
    cells=(CELL, cell("load")),
    purpose=Purpose.of(Aim.calibrate, HEAD.sha),
    policy=replace(POLICY, rounds=3),
)


def test_rounds_of_pairs_of_one_build_until_there_are_enough() -> None:
    assert CALIBRATE.ask(Known()) == (Prepare(environment=PINNED, commits=(HEAD,)),)
    of = known(processes(3))
    asked = CALIBRATE.ask(of)
    assert len(asked) == 1  # the other cell has none yet
    (pair,) = asked
    assert isinstance(pair, MeasurePair)
    assert pair.first.cell.benchmark == "load"
    assert [one.round for one in pair.both] == [0, 1]
    assert {one.build for one in pair.both} == {"b"}
    assert CALIBRATE.progress(of) == (6, 12)


def test_a_build_that_there_is_none_of_asks_for_nothing() -> None:
    assert CALIBRATE.ask(Known(builds={(HEAD.sha, PINNED): ()})) == ()
    assert commit(9) not in CALIBRATE.asks_about
