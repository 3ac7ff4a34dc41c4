"""What a bisection says in words: the same in every form of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from tracker.findings.line import Answer, Survey
from tracker.model.commits import Commit
from tracker.model.comparisons import Bisected, Compared, Culprit
from tracker.model.findings import Outcome
from tracker.publish.comparing.sentences import between, effect, name, word
from tracker.publish.wording import clean, counted, percent, smallest_seen, step

#: heights of a column, from hardly likely to likely
_HEIGHTS = "▁▂▃▄▅▆▇█"
#: commits that cannot be asked are listed up to so many
_LISTED = 5


def headline(found: Bisected) -> str:
    """What the ends are to each other: ``parse got slower: +8.2 % [+7.4, +9.0] from ...``."""
    where = f"from {found.base.label} to {found.head.label}, {counted(found.commits, 'commit')}"
    if found.row is None:
        return f"{_unchanged(found.ends)} {where}"
    return (
        f"{name(found.row)} got {word(found.row)}: {effect(found.row)} {between(found.row)} {where}"
    )


def _unchanged(rows: Sequence[Compared]) -> str:
    open_ones = [row for row in rows if row.verdict and row.verdict.outcome is Outcome.unknown]
    if open_ones:
        worst = max(row.verdict.mde for row in open_ones if row.verdict)
        return (
            f"not known whether anything changed ({counted(len(open_ones), 'cell')} not decided; "
            f"a change of {smallest_seen(worst)} would have been seen)"
        )
    seen = [row.verdict.mde for row in rows if row.verdict]
    if not seen:
        return "nothing changed: both ends install the same files"
    return f"nothing changed by more than {smallest_seen(max(seen))}, which would have been seen,"


def named(culprit: Culprit) -> str:
    """``3f2a1b0c Use a dict of dicts (Dev, 2024-01-10)``, or the range that it is in."""
    commit = culprit.commit
    if len(culprit.commits) > 1:
        first = culprit.commits[0]
        return f"one of {len(culprit.commits)} commits, {first.label} to {commit.label}"
    return (
        f"{commit.label} {clean(commit.subject)} "
        f"({clean(commit.author)}, {commit.authored_at:%Y-%m-%d})"
    )


def evidence(culprit: Culprit) -> Iterator[str]:
    """Why to believe it, a line each."""
    row = culprit.row
    if row is not None and row.verdict is not None:
        levels = (
            f", {step(row.base, row.head, row.unit)}"
            if row.base is not None and row.head is not None
            else ""
        )
        rounds = "" if row.exact else f", {counted(row.rounds, 'round')}"
        yield (
            f"{effect(row)} {between(row)}{levels} against {culprit.before.label}{rounds}"
            + ("" if row.verdict.outcome is not Outcome.unknown else ", not decided")
        )
    else:
        reason = row.reason if row is not None else "they run in different environments"
        yield f"not compared with {culprit.before.label}: {reason}"
    sure = f"probability {percent(culprit.chance, sign=False)}"
    yield f"{sure}, told by {culprit.count}" if culprit.count else sure
    if culprit.merge is not None:
        yield f"brought in by {culprit.merge.label} {clean(culprit.merge.subject)}"
    for commit in culprit.commits[:_LISTED] if len(culprit.commits) > 1 else ():
        yield f"{commit.label} {clean(commit.subject)}"
    if len(culprit.commits) > _LISTED:
        yield f"and {len(culprit.commits) - _LISTED} more"


def closing(found: Bisected) -> Iterator[str]:
    """What it took, and what could not be asked."""
    if found.row is not None and not found.culprits:
        yield "no commit can be named: what lies between the ends cannot be asked"
    if found.row is not None:
        yield f"asked {found.asked} of {counted(found.commits, 'commit')} beside the ends"
    if found.unseen:
        listed = ", ".join(commit.label for commit in found.unseen[:_LISTED])
        more = f" and {len(found.unseen) - _LISTED} more" if len(found.unseen) > _LISTED else ""
        yield f"could not be asked: {listed}{more}"


def left(survey: Survey) -> str:
    """``12 commits left, 3f2a1b0c to 9d8e7f6a (99.2 %)``: how far a search is."""
    located = survey.located
    if located is None:
        return "comparing the ends"
    first, last = (survey.line.commits[place] for place in (located.first, located.last))
    number = located.last - located.first + 1
    if number == 1:
        return f"1 commit left, {last.label} ({percent(located.chance, sign=False)})"
    share = percent(located.chance, sign=False)
    return f"{number} commits left, {first.label} to {last.label} ({share})"


def asked(commit: Commit, answer: Answer, survey: Survey) -> str:
    """``3f2a1b0c: like v1.0, by 10 rounds``."""
    how = counted(answer.rounds, "round") if answer.rounds else survey.count or "what it installs"
    return f"{commit.label}: {verdict(answer, survey)}, by {how}"


def verdict(answer: Answer, survey: Survey) -> str:
    """``like v1.0``: which end a commit is like."""
    side = survey.line.commits[-1] if answer.log_odds > 0 else survey.line.base
    return f"like {side.label}"


def strip(likely: Sequence[float], width: int) -> str:
    """The line as columns, higher where the change is more likely; at most ``width`` of them."""
    size = len(likely)
    columns = min(width, size)
    edges = [round(at * size / columns) for at in range(columns + 1)]
    sums = [sum(likely[a:b]) for a, b in pairwise(edges)]
    highest = max(sums) or 1.0
    return "".join(
        "·" if value < 0.001 else _HEIGHTS[min(int(value / highest * 8), 7)] for value in sums
    )
