"""The points of a scaling curve are asked together, and told together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import inf

import numpy as np
import pytest

from tests.support.series import POLICY, coordinate, history
from tracker.findings.bending import with_curves
from tracker.findings.correcting import corrected
from tracker.findings.detection import analyse
from tracker.findings.grouping import change_findings
from tracker.model.cells import Coordinate
from tracker.model.findings import ChangePoint, Finding, FindingKind, Judgement, Outcome, Verdict
from tracker.model.scaling import curves
from tracker.model.series import History

SIZES = (1, 2, 4, 8, 16, 32, 64)
NAMES = ("batch", "batch_size")


def sized(size: object, benchmark: str = "forward", **others: str) -> Coordinate:
    parameters = {"batch": repr(size), **others}
    return replace(coordinate(benchmark), parameters=tuple(sorted(parameters.items())))


def judged(
    of: Coordinate, before: float, effect: float = 0.0, *, p: float = 1e-6, half: float = 0.01
) -> tuple[History, Judgement]:
    """A series that changes at its fourth commit; without an effect it does not."""
    one = history(np.full((6, 5), before), of)
    after = before * (1 + effect)
    verdict = Verdict(
        outcome=Outcome.slower if effect > 0 else Outcome.faster,
        effect=effect,
        low=effect - half,
        high=effect + half,
        mde=0.02,
        p=p,
    )
    change = ChangePoint(index=3, verdict=verdict, before=before, after=after)
    return one, Judgement(
        series=one.series,
        changes=(change,) if effect else (),
        levels=((0, before), (3, after)) if effect else ((0, before),),
        noise=0.01,
        mde=0.02,
    )


def found(pairs: list[tuple[History, Judgement]]) -> Finding:
    histories = [one for one, _ in pairs]
    judgements: Mapping[str, Judgement] = {one.series: one for _, one in pairs}
    made = change_findings(histories, judgements, POLICY)
    (finding,) = with_curves(made, histories, judgements, POLICY.scaling)
    return finding


# which series are a curve -------------------------------------------------------------


def test_a_curve_is_what_differs_in_one_number_alone() -> None:
    ones = [sized(size, dtype="'f32'") for size in (16, 2, 8)]
    others = [sized(size, dtype="'f16'") for size in (2, 4)]
    memory = [replace(one, metric="peak_memory", unit="bytes") for one in ones]
    time, held = curves([*ones, *others, *memory], NAMES)
    assert time.sizes == (2.0, 8.0, 16.0)
    assert (time.title, time.parameter) == ("forward[dtype=f32]", "batch")
    assert (time.shared.metric, held.shared.metric) == ("time", "peak_memory")
    assert [point.series for point in time.points] == [ones[i].series for i in (1, 2, 0)]


def test_values_that_are_no_size_are_no_point() -> None:
    ones = [sized(size) for size in (1, 2, 4, "auto", 0, -1, True, None, 1e400)]
    (curve,) = curves(ones, NAMES)
    assert curve.sizes == (1.0, 2.0, 4.0)
    assert curves([sized("8"), sized("16"), sized("32")], NAMES)[0].sizes == (8.0, 16.0, 32.0)
    assert curves(ones, ()) == ()


def test_a_series_is_a_point_of_one_curve() -> None:
    grid = [sized(size, batch_size=repr(other)) for size in (1, 2, 4) for other in (1, 2, 4)]
    found = curves(grid, NAMES)
    assert [curve.parameter for curve in found] == ["batch"] * 3
    assert len({point.series for curve in found for point in curve.points}) == 9


def test_sizes_are_read_from_titles_of_what_never_gave_a_value() -> None:
    (curve,) = curves([sized(size, dtype="'f32'") for size in (1, 2, 4)], NAMES)
    assert curve.size_of("forward[batch=64,dtype=f32]") == 64.0
    for other in ("forward[batch=64]", "forward[batch=x,dtype=f32]", "forward", "a[dtype=f32]"):
        assert curve.size_of(other) is None


# correction ---------------------------------------------------------------------------


def verdict(p: float, effect: float = 0.02) -> Verdict:
    return Verdict(
        outcome=Outcome.slower, effect=effect, low=effect - 0.01, high=effect + 0.01, mde=0.02, p=p
    )


CURVE = {f"f{size}": "f" for size in SIZES}
OTHERS = [f"other{n}" for n in range(20)]


def test_weak_evidence_of_all_points_is_not_lost_among_many_series() -> None:
    weak = {series: verdict(0.01) for series in CURVE}
    together = corrected(weak, [*CURVE, *OTHERS], CURVE)
    assert max(together.values()) < 0.001
    apart = corrected({"f1": verdict(0.01)}, [*CURVE, *OTHERS], {})
    assert apart["f1"] > 0.05


def test_one_point_alone_is_not_lost_among_those_that_did_not_change() -> None:
    (q,) = corrected({"f64": verdict(1e-5)}, [*CURVE, *OTHERS], CURVE).values()
    # 7 points and the common question, then 21 members
    assert q == pytest.approx(8e-5 * 21)


def test_points_that_go_the_other_way_do_not_lean_on_the_others() -> None:
    told = {series: verdict(1e-4) for series in list(CURVE)[:5]} | {"f64": verdict(0.04, -0.02)}
    qs = corrected(told, CURVE, CURVE)
    assert qs["f1"] < 1e-3
    assert qs["f64"] > 0.05


def test_without_a_curve_it_is_benjamini_and_hochberg() -> None:
    told = {"a": verdict(0.002), "b": verdict(0.01)}
    assert corrected(told, ["a", "b", "c", "d"], {}) == pytest.approx({"a": 0.008, "b": 0.02})


# shape --------------------------------------------------------------------------------


def time_of(size: int, half: float = 8.0) -> float:
    """Seconds of a call whose throughput reaches half of its limit at a size."""
    return (size + half) * 1e-3


def test_one_ratio_everywhere_is_one_effect_and_no_change_of_shape() -> None:
    finding = found([judged(sized(size), time_of(size), 0.12) for size in SIZES])
    (curve,) = finding.curves
    assert len(finding.effects) == len(curve.points) == 7
    assert not curve.bent
    assert curve.knees[0] == curve.knees[1]
    assert curve.efficiencies is not None
    assert curve.efficiencies[0] == pytest.approx(curve.efficiencies[1])


def test_larger_sizes_alone_bend_the_curve_and_move_its_knee() -> None:
    slower = {size: 2.0 * size / 16 - 1 if size > 8 else 0.0 for size in SIZES}
    finding = found([judged(sized(size), time_of(size, half=40), slower[size]) for size in SIZES])
    (curve,) = finding.curves
    assert {effect.title for effect in finding.effects} == {
        f"forward[batch={size}]" for size in (16, 32, 64)
    }
    assert curve.bent
    assert curve.shape_q is not None
    assert curve.shape_q < 1e-6
    assert curve.knees[1] == 8.0
    assert curve.efficiencies is not None
    assert curve.efficiencies[1] < curve.efficiencies[0] / 4


def test_points_too_small_to_be_seen_do_not_bend_a_curve() -> None:
    # the same 2 % everywhere, found in half of the points: the others may have it too
    steps = [(size, 0.02 if size < 8 else 0.0) for size in SIZES]
    (curve,) = found([judged(sized(size), 1e-3, step) for size, step in steps]).curves
    assert not curve.bent


def test_unbounded_intervals_and_zero_times_are_no_evidence() -> None:
    pairs = [judged(sized(size), time_of(size), 0.3, half=inf) for size in SIZES]
    (curve,) = found(pairs).curves
    assert (curve.shape_q, curve.bent) == (None, False)
    zero = [judged(sized(size), 0.0 if size == 1 else 1e-3, 0.3) for size in SIZES[1:]]
    (curve,) = found([judged(sized(1), 0.0), *zero]).curves
    assert curve.efficiencies is None


def test_sizes_that_have_no_values_at_the_commit_are_no_points() -> None:
    pairs = [judged(sized(size), time_of(size), 0.12) for size in SIZES[:-1]]
    largest, _ = judged(sized(64), time_of(64))
    gone = replace(largest, points=tuple(replace(one, values=()) for one in largest.points))
    known = Judgement(series=gone.series, changes=(), levels=(), noise=0.0, mde=inf)
    (curve,) = found([*pairs, (gone, known)]).curves
    assert [point.size for point in curve.points] == [1, 2, 4, 8, 16, 32]
    assert curve.efficiencies is not None
    # of (b + 8) ms: 32 in 40 ms, where 32 times 1 in 9 ms would be linear
    assert curve.efficiencies[0] == pytest.approx(9 / 40)


def test_a_lost_size_is_told_by_its_curve() -> None:
    histories = []
    for size in SIZES:
        values = np.full((6, 5), time_of(size))
        one = history(values, sized(size))
        if size == 64:
            lost = replace(one.points[5], values=(), rounds=(), reason="out of memory")
            one = replace(one, points=(*one.points[:5], lost))
        histories.append(one)
    (finding,) = analyse(histories, POLICY).findings
    assert finding.kind is FindingKind.failed
    (curve,) = finding.curves
    assert (curve.title, len(curve.points)) == ("forward", 7)


def test_series_that_are_no_curve_say_nothing_of_one() -> None:
    one = judged(sized(1), 1e-3, 0.12)
    assert found([one]).curves == ()
