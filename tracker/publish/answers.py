"""To which samples of its data a change, or a disagreement, of quality can be traced. Pure."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from tracker.model.cells import shown
from tracker.model.quality import AnswerSheet, Platform, QualityRules, references, stand_in
from tracker.publish.contents import Series
from tracker.publish.naming import natural
from tracker.publish.wording import clean, counted

#: samples that are listed before the rest is counted
_LISTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """What one quality answered otherwise at a commit than at the one before it, or elsewhere."""

    #: name of the series, with the platform where another one answered otherwise
    name: str
    #: id of the sample, what came out there and here; None: it was not among the samples
    changed: tuple[tuple[str, str | None, str | None], ...]
    #: samples of both together
    samples: int
    #: name of the platform that it was held against; empty: itself, at the commit before
    reference: str = ""


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


def disagreed(
    qualities: Sequence[Series], commit: str, sheets: Sequence[AnswerSheet], rules: QualityRules
) -> Iterator[Traced]:
    """The platforms that answered otherwise than the reference did at the same commit.

    Args:
        qualities: measured at the commit.
        sheets: of it, and perhaps of others: the reference is the platform that has most.
    """
    for series in qualities:
        own = [one for one in sheets if one.series == series.series]
        here = {one.platform: one.answers for one in own if one.commit == commit}
        seen = Counter(one.platform for one in own if one.platform in here)
        if not here:
            continue
        reference = _best([*seen.items()], rules)
        for platform, answers in here.items():
            if answers != here[reference]:
                name = f"{series.name} on {platform.name}"
                yield _traced(name, here[reference], answers, reference.name)


def traced_lines(one: Traced) -> Iterator[str]:
    """``accuracy of x: 3 of 500 samples changed``, and which."""
    how = f"not as on the reference, {clean(one.reference)}" if one.reference else "changed"
    yield f"{one.name}: {len(one.changed):,} of {counted(one.samples, 'sample')} {how}"
    for sample, before, here in one.changed[:_LISTED]:
        yield f"  {clean(sample)}: {_answer(before)} → {_answer(here)}"
    if (more := len(one.changed) - _LISTED) > 0:
        yield f"  and {more:,} more"


def sheet(ones: Sequence[Traced]) -> str:
    """All of the samples as CSV, a row each; an answer is empty where there was no such sample."""
    out = StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(("series", "against", "sample", "there", "here"))
    for one in ones:
        for sample, there, here in one.changed:
            rows.writerow((one.name, one.reference or "the commit before", sample, there, here))
    return out.getvalue()


def _answer(text: str | None) -> str:
    return "no such sample" if text is None else clean(shown(text))


def _common(
    old: Mapping[Platform, object], new: Mapping[Platform, object], rules: QualityRules
) -> Platform | None:
    seen = Counter([*old, *new])
    both = [(platform, number) for platform, number in seen.items() if number > 1]
    return _best(both, rules) if both else None


def _best(platforms: Sequence[tuple[Platform, int]], rules: QualityRules) -> Platform:
    """The reference, or what stands in for it."""
    return next(iter(references(platforms, rules)), None) or stand_in(platforms)


def _traced(
    name: str, old: Mapping[str, str], new: Mapping[str, str], reference: str = ""
) -> Traced:
    samples = sorted({*old, *new}, key=natural)
    return Traced(
        name=name,
        changed=tuple(
            (sample, old.get(sample), new.get(sample))
            for sample in samples
            if old.get(sample) != new.get(sample)
        ),
        samples=len(samples),
        reference=reference,
    )
