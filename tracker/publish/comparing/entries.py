"""The entries of a comparison: a row each, or the points of one curve that came out alike. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tracker.model.comparisons import Compared, ComparedCurve
from tracker.model.findings import Outcome
from tracker.model.suites import Kind
from tracker.publish import curves
from tracker.publish.comparing.contents import Comparison
from tracker.publish.comparing.sentences import name, reason, word
from tracker.publish.wording import clean, counted

#: verdicts that are called otherwise when they are counted
_COUNTED = {Outcome.same.value: "the same", Outcome.unknown.value: "not decided"}
#: names that a sentence lists before it counts the rest
_LISTED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row, or several points of a curve."""

    #: ``parse[size=8]``, or ``forward: batch 8 and up``
    name: str
    #: the row; of several points the first of them, with the mean change of all
    row: Compared
    #: what became of the shape of a curve, or where it ends now; may be empty
    became: str = ""
    #: where there are several, in the order of the rows
    points: tuple[Compared, ...] = ()


def entries(rows: Sequence[Compared], comparison: Comparison) -> tuple[Entry, ...]:
    """Rows of a comparison, in their order, points of one curve that came out alike as one entry.

    Args:
        rows: some of the comparison's, or all.
    """
    curve_of = {row: curve for curve in comparison.curves for row in curve.rows}
    groups: dict[object, list[Compared]] = {}
    for row in rows:
        curve = curve_of.get(row)
        # what has no ratio up or down has no part in a mean of them
        alone = curve is None or (row.verdict is not None and row.verdict.effect <= -1)
        groups.setdefault(row if alone else (curve, *_way(row)), []).append(row)
    return tuple(_entry(group, curve_of.get(group[0]), comparison) for group in groups.values())


def single(row: Compared, names: Mapping[str, str]) -> Entry:
    """A row as an entry of its own."""
    return Entry(name=name(row, names), row=row)


def name_of_curve(curve: ComparedCurve, comparison: Comparison) -> str:
    """``forward``: as its points are called, without the size."""
    row = curve.rows[0]
    return name(row, comparison.names).replace(clean(row.cell.title), clean(curve.title), 1)


def _way(row: Compared) -> tuple[object, ...]:
    """What points of a curve have to have in common: the verdict, its reason, up or down."""
    is_up = row.verdict.effect > 0 if row.verdict and _has_changed(row) else None
    return word(row), curves.without_figures(row.reason), is_up


def _has_changed(row: Compared) -> bool:
    return row.verdict is not None and row.verdict.outcome in (Outcome.slower, Outcome.faster)


def _entry(rows: Sequence[Compared], curve: ComparedCurve | None, comparison: Comparison) -> Entry:
    alone = single(rows[0], comparison.names)
    if curve is None:
        return alone
    became = _became(rows, curve)
    if len(rows) == 1:
        return replace(alone, became=became)
    sizes = curves.sizes(_sizes(rows, curve), curve.sizes)
    return Entry(
        name=f"{name_of_curve(curve, comparison)}: {curve.parameter} {sizes}",
        row=_together(rows),
        became=became,
        points=tuple(rows),
    )


def _sizes(rows: Sequence[Compared], curve: ComparedCurve) -> list[float]:
    return [size for size, row in curve.points if row in rows]


def _became(rows: Sequence[Compared], curve: ComparedCurve) -> str:
    """Another shape, or an end; nothing for points that did neither."""
    if rows[0].is_lost:
        return curves.last_good(_sizes(rows, curve), curve.sizes)
    if not _has_changed(rows[0]):
        return ""
    return curves.shape(curve, max(size for size, row in curve.points if row.verdict))


def _together(rows: Sequence[Compared]) -> Compared:
    """Several rows as one: their mean change, the worst that is known of any of them."""
    verdicts = [row.verdict for row in rows if row.verdict]
    if not verdicts:
        return rows[0]
    mean, low, high = curves.mean_change(verdicts)
    verdict = replace(
        verdicts[0],
        effect=mean,
        low=low,
        high=high,
        mde=max(one.mde for one in verdicts),
        p=max(one.p for one in verdicts),
    )
    return replace(
        rows[0],
        verdict=verdict,
        exact=all(row.exact for row in rows),
        rounds=min(row.rounds for row in rows),
    )


def verdict(comparison: Comparison) -> str:
    """The comparison in a few words: ``2 slower, 1 faster, 15 the same``. A curve counts once."""
    rows = [
        row
        for outcome in (Outcome.slower, Outcome.faster, Outcome.same, Outcome.unknown)
        for row in sorted(comparison.of(outcome), key=lambda row: row.kind is not Kind.quality)
    ]
    told = [word(entry.row) for entry in entries([*rows, *comparison.without], comparison)]
    words = [_COUNTED.get(one, one) for one in told]
    parts = [f"{words.count(one)} {one}" for one in dict.fromkeys(words)]
    if comparison.identical:
        parts.append(f"{counted(len(comparison.identical), 'cell')} identical")
    text = ", ".join(parts) or "nothing to compare"
    return f"faster but wrong: {text}" if comparison.is_faster_but_wrong else text


def reasons(told: Sequence[Entry]) -> Iterator[str]:
    """``load[size=8], load[size=9]: timed out at the head``: a line for each reason."""
    grouped: dict[str, list[str]] = {}
    for entry in told:
        if entry.row.reason:
            grouped.setdefault(reason(entry.row), []).append(entry.name)
    for why, called in grouped.items():
        more = len(called) - _LISTED
        listed = [*called[:_LISTED], *([f"{more} more"] if more > 0 else [])]
        yield f"{', '.join(listed)}: {why}"
