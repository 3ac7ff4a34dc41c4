"""To which samples of its data a change of quality can be traced. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracker.model.cells import shown
from tracker.model.quality import AnswerSheet, Platform, QualityRules, references, stand_in
from tracker.publish.contents import Series
from tracker.publish.wording import clean, counted

#: samples that are listed before the rest is counted
_LISTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """What one quality answered otherwise at a commit than at the one before it."""

    #: name of the series
    name: str
    #: id of the sample, what came out before and here; None: it was not among the samples
    changed: tuple[tuple[str, str | None, str | None], ...]
    #: samples of both commits together
    samples: int


def traced(
    qualities: Sequence[tuple[Series, str]],
    commit: str,
    sheets: Sequence[AnswerSheet],
    rules: QualityRules,
) -> Iterator[Traced]:
    """The qualities whose answers are known at a commit and before it.

    Args:
        qualities: each with the SHA of the commit that was measured before.
        commit: SHA.
        sheets: of all of these commits.
        rules: where both sides have answers of several platforms, the reference's count.
    """
    for series, before in qualities:
        own = [one for one in sheets if one.series == series.series]
        old = {one.platform: one.answers for one in own if one.commit == before}
        new = {one.platform: one.answers for one in own if one.commit == commit}
        if platform := _common(old, new, rules):
            yield _traced(series.name, old[platform], new[platform])


def traced_lines(one: Traced) -> Iterator[str]:
    """``accuracy of x: 3 of 500 samples changed``, and which."""
    told = f"{len(one.changed):,} of {counted(one.samples, 'sample')} changed"
    yield f"{one.name}: {told}"
    for sample, before, here in one.changed[:_LISTED]:
        yield f"  {clean(sample)}: {_answer(before)} → {_answer(here)}"
    if (more := len(one.changed) - _LISTED) > 0:
        yield f"  and {more:,} more"


def _answer(text: str | None) -> str:
    return "no such sample" if text is None else clean(shown(text))


def _common(
    old: Mapping[Platform, object], new: Mapping[Platform, object], rules: QualityRules
) -> Platform | None:
    seen = Counter([*old, *new])
    both = [(platform, number) for platform, number in seen.items() if number > 1]
    if not both:
        return None
    return next(iter(references(both, rules)), None) or stand_in(both)


def _traced(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> Traced:
    samples = sorted({*old, *new})
    return Traced(
        name=name,
        changed=tuple(
            (sample, old.get(sample), new.get(sample))
            for sample in samples
            if old.get(sample) != new.get(sample)
        ),
        samples=len(samples),
    )
