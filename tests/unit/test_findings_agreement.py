"""One value of a quality for all platforms, from the reference; the others have to agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.series import POLICY, coordinate, history, point
from tracker.findings.agreement import Agreed, agreed, disagreement_findings, warnings
from tracker.findings.detection import analyse
from tracker.model.cells import NOT_APPLICABLE
from tracker.model.findings import Confirmation, FindingKind
from tracker.model.quality import (
    Disagreeing,
    Observation,
    Platform,
    QualityRules,
    Tolerance,
    badge,
    references,
    stand_in,
    subset_size,
)
from tracker.model.series import History
from tracker.model.suites import Direction, Kind

CPU = Platform(machine_class="bench-1", device="cpu", threads=1)
GPU = Platform(machine_class="bench-2", device="cuda", threads=4)
ACCURACY = replace(
    coordinate(metric="accuracy", direction=Direction.more),
    kind=Kind.quality,
    unit=NOT_APPLICABLE,
).without_platform(())


def rules(size: float = 0.003, **fields: Any) -> QualityRules:
    tolerances = (Tolerance(metric="accuracy", size=size, relative=False),)
    return replace(POLICY.quality, tolerances=tolerances, **fields)


def seen(
    platform: Platform, values: Sequence[float | None], processes: int = 2
) -> list[Observation]:
    """What a platform gave commit by commit; None where it did not measure."""
    return [
        Observation(
            series=ACCURACY.series,
            build=f"build-{at}",
            platform=platform,
            values=(value,) * processes,
            rounds=tuple(range(processes)),
            batches=(0,) * processes,
        )
        for at, value in enumerate(values)
        if value is not None
    ]


def stored(observed: Sequence[Observation]) -> History:
    """The history as the store gives it: the values of all platforms."""
    builds = sorted({one.build for one in observed})
    points = [
        point(
            int(build.removeprefix("build-")),
            [value for one in observed if one.build == build for value in one.values],
            build=build,
        )
        for build in builds
    ]
    return history(points, ACCURACY)


def held(observed: Sequence[Observation], by: QualityRules | None = None) -> Agreed:
    return agreed([stored(observed)], observed, by or rules())


def values(found: Agreed) -> list[tuple[float, ...]]:
    (one,) = found.histories
    return [point.values for point in one.points]


# the reference ------------------------------------------------------------------------


def test_values_are_those_of_the_reference() -> None:
    found = held([*seen(GPU, [0.9, 0.9]), *seen(CPU, [0.901, 0.902], 3)])
    assert values(found) == [(0.901,) * 3, (0.902,) * 3]
    assert not found.disagreements
    assert not found.stand_ins


def test_where_the_reference_measured_nothing_there_is_no_point() -> None:
    found = held([*seen(GPU, [0.9, 0.9, 0.9]), *seen(CPU, [0.901, None, 0.902])])
    assert values(found) == [(0.901,) * 2, (0.902,) * 2]


def test_another_platform_stands_in_where_there_is_no_reference_and_that_is_told() -> None:
    found = held(seen(GPU, [0.9, 0.91]))
    assert values(found) == [(0.9,) * 2, (0.91,) * 2]
    (warning,) = warnings(found, rules())
    assert warning == (
        "no value of parse[size=8] accuracy comes from the reference platform (cpu on *):"
        " those of cuda, bench-2, 4 threads stand in"
    )


def test_failures_stay_what_they_are() -> None:
    observed = seen(CPU, [0.9, None, 0.9])
    whole = stored(observed)
    failed = point(1, build="build-1")
    given = replace(whole, points=(whole.points[0], failed, whole.points[1]))
    (kept,) = agreed([given], observed, rules()).histories
    assert kept.points[1] == failed


def test_a_series_of_another_kind_is_left_alone() -> None:
    other = history([point(0, [1.0])])
    assert agreed([other], [], rules()).histories == (other,)


def test_references_are_ranked_by_builds_then_batch() -> None:
    def batch(size: int) -> Platform:
        return replace(CPU, parameters=(("batch", str(size)),))

    def ranked(*platforms: tuple[Platform, int], **fields: Any) -> tuple[Platform, ...]:
        return references(platforms, rules(**fields))

    assert ranked((GPU, 9), (CPU, 1)) == (CPU,)
    assert ranked((GPU, 9), (CPU, 1), device="*") == (GPU, CPU)
    assert ranked((GPU, 9), (CPU, 1), machine="bench-3") == ()
    assert ranked((batch(8), 3), (batch(32), 4)) == (batch(32), batch(8))
    assert ranked((batch(32), 3), (batch(8), 3)) == (batch(8), batch(32))
    assert stand_in([(CPU, 1), (GPU, 9)]) == GPU


def test_a_new_machine_goes_on_where_the_old_one_ended() -> None:
    new = replace(CPU, machine_class="bench-9")
    found = held([*seen(CPU, [0.9, 0.9, 0.9]), *seen(new, [None, None, 0.901, 0.902, 0.903, 0.9])])
    assert values(found) == [(one,) * 2 for one in (0.9, 0.9, 0.901, 0.902, 0.903, 0.9)]
    assert not found.disagreements


# disagreement -------------------------------------------------------------------------


def test_a_platform_that_disagrees_now_is_named_with_both_values() -> None:
    found = held([*seen(CPU, [0.912] * 4), *seen(GPU, [0.913, 0.871, 0.9121, 0.87])])
    (one,) = found.disagreements
    assert (one.platform, one.value, one.canonical) == (GPU, 0.87, 0.912)
    assert (one.before, one.since) == tuple(
        point.commit.sha for point in found.histories[0].points[2:]
    )
    assert one.text == (
        "0.87 on cuda, bench-2, 4 threads; 0.912 on the reference, cpu, bench-1, 1 thread"
        " (tolerance 0.003)"
    )


def test_the_reference_may_have_another_environment_and_other_builds() -> None:
    other = replace(ACCURACY, environment_class="env-cuda", python="cpython-3.11.9")
    ours = seen(CPU, [0.9, 0.9, 0.9])
    theirs = [
        replace(one, series=other.series, build=f"cuda {one.build}")
        for one in seen(GPU, [0.9, 0.8, 0.8])
    ]
    there = [point(at, theirs[at].values, build=theirs[at].build) for at in range(len(theirs))]
    both = [stored(ours), history(there, other)]
    found = agreed(both, [*ours, *theirs], rules())
    shown = [[point.values for point in one.points] for one in found.histories]
    assert shown == [[point.values for point in one.points] for one in both]
    assert not found.stand_ins
    (one,) = found.disagreements
    assert (one.history, one.platform, one.reference) == (both[1], GPU, CPU)
    assert (one.value, one.canonical, one.since) == (0.8, 0.9, there[1].commit.sha)


def test_a_disagreement_that_ended_is_history() -> None:
    assert not held([*seen(CPU, [0.9] * 2), *seen(GPU, [0.8, 0.9])]).disagreements


def test_the_tolerance_itself_is_tolerated() -> None:
    observed = [*seen(CPU, [0.912]), *seen(GPU, [0.915])]
    assert 0.915 - 0.912 > 0.003  # as numbers of the machine
    assert not held(observed).disagreements
    assert held(observed, rules(0.0029)).disagreements


def test_a_warning_about_a_subset_says_that_it_is_one() -> None:
    part = replace(ACCURACY, dataset="digits/test@20:3f2a91c0")
    observed = [replace(one, series=part.series) for one in [*seen(CPU, [0.9]), *seen(GPU, [0.8])]]
    known = history([point(0, [0.9, 0.8], build="build-0")], part)
    found = agreed([known], observed, rules())
    (warning,) = warnings(found, rules())
    assert warning.startswith("platforms disagree: parse[size=8] accuracy (subset: 20): 0.8 on")


def test_only_what_both_measured_is_compared() -> None:
    assert not held([*seen(CPU, [0.9, None]), *seen(GPU, [None, 0.1])]).disagreements


@pytest.mark.parametrize("disagreeing", list(Disagreeing))
def test_disagreement_is_a_sentence_or_a_finding_as_the_rules_say(disagreeing: Disagreeing) -> None:
    wanted = rules(disagreeing=disagreeing)
    found = held([*seen(CPU, [0.9] * 3), *seen(GPU, [0.9, 0.8, 0.8])], wanted)
    findings = list(disagreement_findings(found, wanted))
    if disagreeing is Disagreeing.warn:
        assert findings == []
        (warning,) = warnings(found, wanted)
        assert warning.startswith("platforms disagree: parse[size=8] accuracy: 0.8 on cuda")
        return
    assert list(warnings(found, wanted)) == []
    analysis = analyse(found.histories, POLICY, also=findings)
    (finding,) = analysis.findings
    assert finding.kind is FindingKind.disagreement
    assert finding.is_worse
    assert finding.confirmation is Confirmation.confirmed
    points = found.histories[0].points
    assert (finding.after, finding.commit) == (points[0].commit.sha, points[1].commit.sha)
    assert finding.headline.reason == found.disagreements[0].text


@given(
    st.lists(st.floats(0.5, 1), min_size=1, max_size=6),
    st.lists(st.floats(0.5, 1), min_size=1, max_size=6),
)
def test_the_order_of_observations_does_not_matter(ours: list[float], theirs: list[float]) -> None:
    observed = [*seen(CPU, ours), *seen(GPU, theirs)]
    whole = stored(observed)
    assert agreed([whole], observed, rules()) == agreed([whole], observed[::-1], rules())


# tolerances and badges ----------------------------------------------------------------


def test_the_most_specific_tolerance_holds() -> None:
    def named(metric: str, size: float) -> Tolerance:
        return Tolerance(metric=metric, size=size, relative=True)

    several = replace(
        rules(), tolerances=(named("acc*", 2), named("*", 1), named("accuracy", 3), named("a*", 4))
    )
    sizes = [several.tolerance(metric).size for metric in ("accuracy", "accept", "axis", "bleu")]
    assert sizes == [3, 2, 4, 1]
    assert rules().tolerance("bleu").margin(5.0) == 0


@pytest.mark.parametrize(
    ("tolerance", "value", "margin", "text"),
    [
        (Tolerance(metric="*", size=0.003, relative=False), 50.0, 0.003, "0.003"),
        (Tolerance(metric="*", size=0.005, relative=True), -50.0, 0.25, "0.5 %"),
    ],
)
def test_margins(tolerance: Tolerance, value: float, margin: float, text: str) -> None:
    assert tolerance.margin(value) == margin
    assert tolerance.text == text
    assert tolerance.holds(value + margin, value)
    assert not tolerance.holds(value + 1.01 * margin, value)


@pytest.mark.parametrize(
    ("dataset", "size", "shown"),
    [
        ("imagenette/val@1500:3f2a91c0", 1500, "subset: 1,500"),
        ("imagenette/val:3f2a91c0", None, ""),
        ("-", None, ""),
        ("mail@500", None, ""),
    ],
)
def test_what_a_subset_is(dataset: str, size: int | None, shown: str) -> None:
    assert (subset_size(dataset), badge(dataset)) == (size, shown)
