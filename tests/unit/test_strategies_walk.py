"""The walk asks for exactly what is missing, in fair rounds, and remembers nothing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import PINNED, cell, commit
from tracker.model.measurements import State
from tracker.model.purposes import Aim, Purpose
from tracker.model.requests import Ending, Known, Measure, MeasureTogether, Prepare
from tracker.model.suites import Kind
from tracker.strategies.walk import Walk

COMMITS = tuple(commit(number) for number in range(7))
CELLS = (cell("parse"), cell("load"))
WALK = Walk(
    commits=COMMITS,
    cells=CELLS,
    processes=3,
    noisy_processes=2,
    noisy_seconds=0.04,
    batch_commits=4,
    seed=1,
)


def built(*commits: int, same: dict[int, int] | None = None) -> Known:
    """Builds named after their commit; ``same`` makes a commit share another's build."""
    same = same or {}
    return Known(builds={(COMMITS[n].sha, PINNED): (f"build-{same.get(n, n)}",) for n in commits})


def after(known: Known, asked: tuple[Measure, ...]) -> Known:
    """What is known once all of ``asked`` was measured."""
    measured = dict(known.measured)
    for request in asked:
        key = request.build, request.cell.key
        measured[key] = measured.get(key, frozenset()) | {request.round}
    return replace(known, measured=measured)


def test_a_batch_is_built_before_it_is_measured() -> None:
    (prepare,) = WALK.ask(Known())
    assert prepare == Prepare(environment=PINNED, commits=COMMITS[:4])


def test_the_next_batch_waits_for_the_rounds_of_the_one_before() -> None:
    known = built(0, 1, 2, 3)
    for _ in range(3):
        asked = WALK.ask(known)
        assert all(isinstance(request, Measure) for request in asked)
        known = after(known, asked)  # type: ignore[arg-type]
    (prepare,) = WALK.ask(known)
    assert prepare == Prepare(environment=PINNED, commits=COMMITS[4:])


def test_a_round_has_every_build_and_cell_once_in_a_shuffled_order() -> None:
    asked = WALK.ask(built(0, 1, 2, 3))
    pairs = [(r.build, r.cell.key) for r in asked if isinstance(r, Measure)]
    assert len(set(pairs)) == len(pairs) == 8
    in_order = sorted(pairs)
    assert pairs != in_order
    assert [r.position for r in asked if isinstance(r, Measure)] == list(range(8))


def test_the_same_knowledge_gives_the_same_request() -> None:
    known = built(0, 1, 2, 3)
    assert WALK.ask(known) == WALK.ask(known)


def test_commits_with_one_build_are_measured_once() -> None:
    asked = WALK.ask(built(0, 1, 2, 3, same={1: 0, 3: 0}))
    assert {r.build for r in asked if isinstance(r, Measure)} == {"build-0", "build-2"}
    assert len(asked) == 4


def test_a_commit_that_does_not_build_is_not_asked_for_again() -> None:
    known = Known(builds={(c.sha, PINNED): () for c in COMMITS})
    assert WALK.ask(known) == ()


def test_a_cell_that_failed_at_a_build_is_left_alone() -> None:
    known = replace(built(0), failed={("build-0", CELLS[0].key): Ending(state=State.timed_out)})
    walk = replace(WALK, commits=COMMITS[:1])
    assert {r.cell for r in walk.ask(known) if isinstance(r, Measure)} == {CELLS[1]}


def test_the_reference_commit_takes_part_in_each_round() -> None:
    reference = commit(90)
    walk = replace(WALK, reference=reference, chart=Purpose(aim=Aim.reference, key="run-1"))
    known = built(0, 1, 2, 3)
    assert walk.ask(known) == (Prepare(environment=PINNED, commits=(reference,)),)
    known = replace(known, builds={**known.builds, (reference.sha, PINNED): ("build-r",)})
    asked = [request for request in walk.ask(known) if isinstance(request, Measure)]
    beside = [request for request in asked if request.commit == reference]
    assert {request.cell for request in beside} == set(CELLS)
    assert {request.purpose.key for request in beside} == {"run-1"}
    assert {request.batch for request in asked} == {COMMITS[0].short}
    assert len(asked) == len(beside) + 8
    everything = frozenset(range(3))
    done = {(f"build-{n}", cell.key): everything for n in range(4) for cell in CELLS}
    known = replace(known, builds=built(0, 1, 2, 3).builds, measured=done)
    assert replace(walk, commits=COMMITS[:4]).ask(known) == ()


def test_noisy_processes_are_repeated_with_more_work_but_not_for_ever() -> None:
    walk = replace(WALK, commits=COMMITS[:1], cells=CELLS[:1])
    target = "build-0", CELLS[0].key
    known = replace(built(0), measured={target: frozenset(range(3))}, noisy={target: 1})
    (again,) = walk.ask(known)
    assert isinstance(again, Measure)
    assert (again.round, again.sample_seconds) == (3, 0.04)
    assert walk.progress(known) == (3, 4)
    known = replace(known, measured={target: frozenset(range(5))}, noisy={target: 5})
    assert walk.ask(known) == ()


@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 1), st.integers(0, 2))))
def test_what_is_known_and_what_is_asked_make_the_whole_without_overlap(
    done: set[tuple[int, int, int]],
) -> None:
    known = built(*range(7))
    measured: dict[tuple[str, str], frozenset[int]] = {}
    for number, which, round_ in done:
        key = f"build-{number}", CELLS[which].key
        measured[key] = measured.get(key, frozenset()) | {round_}
    known = replace(known, measured=measured)
    asked = 0
    while requests := WALK.ask(known):
        before = WALK.progress(known)
        assert before == (len(done) + asked, 42)
        for request in requests:
            assert isinstance(request, Measure)
            key = request.build, request.cell.key
            assert request.round not in known.measured.get(key, ())
        asked += len(requests)
        known = after(known, requests)  # type: ignore[arg-type]
    assert len(done) + asked == 42
    assert WALK.progress(known) == (42, 42)


def test_cells_that_share_a_start_are_asked_for_together() -> None:
    cells = (replace(CELLS[0], shares_start=True), replace(CELLS[1], shares_start=True))
    walk = replace(WALK, cells=(*cells, cell("import")), commits=COMMITS[:2])
    requests = walk.ask(built(0, 1))
    together = [one for one in requests if isinstance(one, MeasureTogether)]
    alone = [one for one in requests if isinstance(one, Measure)]
    assert sorted(one.members[0].build for one in together) == ["build-0", "build-1"]
    for group in together:
        assert {one.cell for one in group.members} == set(cells)
        assert len({(one.build, one.round) for one in group.members}) == 1
    assert {(one.build, one.cell.benchmark) for one in alone} == {
        ("build-0", "import"),
        ("build-1", "import"),
    }
    # one that is left begins as it would have begun with others
    left = replace(built(0, 1), measured={("build-0", cells[0].key): frozenset({0, 1, 2})})
    first = [one for one in walk.ask(left) if isinstance(one, MeasureTogether)]
    assert {(one.members[0].build, len(one.members)) for one in first} == {
        ("build-0", 1),
        ("build-1", 2),
    }


def test_a_quality_is_not_repeated_for_noise_nor_beside_the_reference() -> None:
    right = replace(cell("right"), kind=Kind.quality)
    walk = replace(WALK, cells=(right,), commits=COMMITS[:1], reference=COMMITS[1])
    known = built(0, 1)
    for _ in range(3):
        asked = walk.ask(known)
        assert [request.build for request in asked if isinstance(request, Measure)] == ["build-0"]
        known = after(known, asked)  # type: ignore[arg-type]
    assert walk.ask(replace(known, noisy={("build-0", right.key): 3})) == ()
    timed = replace(walk, cells=(cell("parse"),))
    assert len(timed.ask(built(0, 1))) == 2
