"""One commit changes many series: let them agree on which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tracker.findings.judging import Judged
from tracker.model.findings import Judgement
from tracker.model.series import History


def aligned(histories: Sequence[History], judged: Mapping[str, Judged]) -> dict[str, Judgement]:
    """The judgements, with changes moved to the commit that most other series name.

    A change moves only among the places that its own values leave open, the least certain one
    first, and only to where more others are than at its own place. Counts, which know their
    place, so draw the noisy series to them, and from farther away.
    """
    shas = {one.series: [point.commit.sha for point in one.points] for one in histories}
    votes = Counter(
        shas[series][change.index]
        for series, one in judged.items()
        for change in one.judgement.changes
    )
    counted = {
        shas[series][near[0]]
        for series, one in judged.items()
        if not one.possible
        for near in one.near
    }
    indices = {
        series: [change.index for change in one.judgement.changes] for series, one in judged.items()
    }
    unsure = sorted(
        (-one.judgement.changes[at].verdict.p, series, at)
        for series, one in judged.items()
        for at, possible in enumerate(one.possible)
        if len(possible) > 1
    )
    for _, series, at in unsure:
        own = indices[series][at]
        votes[shas[series][own]] -= 1
        # Two changes of one series never meet: their open places lie inside their own levels,
        # which may touch, so a place that a neighbour took is no choice.
        near = judged[series].near[at]
        free = [
            place
            for place in judged[series].possible[at]
            if (place in near or shas[series][place] in counted)
            and _between(indices[series], at, place)
        ]
        best = max(free, key=lambda place: (votes[shas[series][place]], -abs(place - own)))
        if votes[shas[series][best]] > votes[shas[series][own]]:
            indices[series][at] = best
        votes[shas[series][indices[series][at]]] += 1
    return {series: _placed(one.judgement, indices[series]) for series, one in judged.items()}


def _between(indices: Sequence[int], at: int, place: int) -> bool:
    before = indices[at - 1] if at else -1
    after = indices[at + 1] if at + 1 < len(indices) else place + 1
    return before < place < after


def _placed(judgement: Judgement, indices: Sequence[int]) -> Judgement:
    if [change.index for change in judgement.changes] == list(indices):
        return judgement
    changes = tuple(
        replace(change, index=index)
        for change, index in zip(judgement.changes, indices, strict=True)
    )
    moved = {old.index: new for old, new in zip(judgement.changes, indices, strict=True)}
    levels = tuple((moved.get(start, start), value) for start, value in judgement.levels)
    return replace(judgement, changes=changes, levels=levels)
