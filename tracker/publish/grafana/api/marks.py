"""Findings as annotations that any dashboard of the organisation can show, by their tag."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from tracker.model.findings import Confirmation, Triage
from tracker.model.sightings import Sighting
from tracker.publish.grafana.api.contents import NAME
from tracker.publish.sentences import called, change, status
from tracker.publish.wording import clean, effect_name

_KEY = "finding:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """An annotation of the tracker's."""

    #: milliseconds since 1970
    at: int
    #: as HTML
    text: str
    tags: frozenset[str]

    @property
    def key(self) -> str:
        """The tag that tells which finding it is about; empty where it is not the tracker's."""
        return next((tag for tag in self.tags if tag.startswith(_KEY)), "")


def project_tag(project: str) -> str:
    """What the marks of a project have in common, beside ``NAME``."""
    return f"project:{project}"


def mark(project: str, sighting: Sighting) -> Mark | None:
    """The mark of a finding; None where it turned out to be nothing."""
    found = sighting.finding
    if found.triage is Triage.false_alarm or found.confirmation is Confirmation.refuted:
        return None
    headline = " ".join([called(found), found.commit[:8], clean(sighting.subject)])
    parts = [headline]
    if found.effects:
        worst = found.headline
        parts.append(" ".join(filter(None, (effect_name(worst), change(worst)[0]))))
    parts.append(status(found))
    return Mark(
        at=int(sighting.at.timestamp() * 1000),
        text="<br>".join(escape(part) for part in parts),
        tags=frozenset(
            {
                NAME,
                project_tag(project),
                f"{_KEY}{found.id}",
                found.kind.value,
                found.confirmation.value,
                found.triage.value,
            }
        ),
    )
