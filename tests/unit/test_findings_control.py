"""When the reference commit moves, the machine moved."""

from __future__ import annotations

import numpy as np
import pytest

from tracker.findings.control import Session, machine_moved


def sessions(*levels: float, sd: float = 0.01, series: int = 5) -> list[Session]:
    random = np.random.default_rng(4)
    return [
        Session(
            run=str(number),
            values={
                f"s{one}": tuple(level * (one + 1) * np.exp(random.normal(0, sd, 5)))
                for one in range(series)
            },
        )
        for number, level in enumerate(levels)
    ]


def test_a_machine_that_stays_is_left_alone() -> None:
    assert machine_moved(sessions(*[1.0] * 9)) is None
    assert machine_moved(sessions(1.0, 1.1, 0.95, 1.05, 0.9, 1.08, 1.1)) is None


@pytest.mark.parametrize("moved", [1.1, 0.9])
def test_a_move_is_told_with_its_size(moved: float) -> None:
    found = machine_moved(sessions(*[1.0] * 8, moved))
    assert found == pytest.approx(moved - 1, abs=0.02)


def test_too_few_sessions_tell_nothing() -> None:
    assert machine_moved([]) is None
    assert machine_moved(sessions(1.0, 1.0, 1.0, 2.0)) is None


def test_series_that_only_one_session_has_do_not_count() -> None:
    *earlier, last = sessions(*[1.0] * 8, 1.0)
    odd = Session(run="x", values={**last.values, "new": (5.0,)})
    assert machine_moved([*earlier, odd]) is None
    assert machine_moved([*earlier, Session(run="x", values={"new": (5.0,)})]) is None
