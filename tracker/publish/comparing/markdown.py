"""A comparison as Markdown, for the comment of a pull request: what changed, the rest folded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tracker.model.comparisons import Compared
from tracker.model.findings import Outcome
from tracker.publish.comparing.contents import Comparison
from tracker.publish.comparing.sentences import (
    between,
    closing,
    effect,
    headline,
    level,
    mde,
    name,
    reason,
    rounds,
    verdict,
    word,
)
from tracker.publish.markdown import escape, folded, table
from tracker.publish.wording import counted

_HEAD = ("benchmark", "base", "head", "change", "95 % interval", "verdict", "MDE", "rounds")


def render(comparison: Comparison) -> str:
    """The comparison as one Markdown document, GitHub flavour."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_lines(comparison))).rstrip() + "\n"


def _lines(comparison: Comparison) -> Iterator[str]:
    text = verdict(comparison)
    yield f"## {escape(text[0].upper() + text[1:])}"
    yield ""
    yield escape(headline(comparison))
    yield ""
    changed = (*comparison.of(Outcome.slower), *comparison.of(Outcome.faster))
    loud = (*changed, *comparison.without)
    if loud:
        yield from table(_HEAD, (_row(row, comparison) for row in loud))
    for warning in comparison.warnings:
        yield f"**Note:** {escape(warning)}"
        yield ""
    for line in closing(comparison):
        yield escape(line)
        yield ""
    quiet = (*comparison.of(Outcome.unknown), *comparison.of(Outcome.same))
    if quiet:
        title = f"{counted(len(quiet), 'other row')}: nothing seen"
        yield from folded(title, list(table(_HEAD, (_row(row, comparison) for row in quiet))))
    yield from folded("How it was measured", list(_provenance(comparison)))


def _row(row: Compared, comparison: Comparison) -> Sequence[str]:
    loud = row.verdict is None or row.verdict.outcome in (Outcome.slower, Outcome.faster)
    size, outcome = escape(effect(row)), word(row)
    why = f": {escape(reason(row))}" if row.reason else ""
    return (
        escape(name(row, comparison.names)),
        escape(level(row.base, row)),
        escape(level(row.head, row)),
        f"**{size}**" if loud and size else size,
        escape(between(row)),
        (f"**{outcome}**" if loud else outcome) + why,
        escape(mde(row)),
        rounds(row),
    )


def _provenance(comparison: Comparison) -> Iterator[str]:
    for which, side in (("base", comparison.base), ("head", comparison.head)):
        what = "" if side.stands_for else f" ({side.sha})"
        yield f"- {which}: {escape(side.label)}{what} {escape(side.subject)}".rstrip()
    for fact, value in sorted(comparison.machine.facts.items()):
        yield f"- {escape(fact)}: {escape(value)}"
