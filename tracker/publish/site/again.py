"""What was measured again to confirm it, and has another size by that than by the history. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from tracker.model.findings import Confirmation, Effect
from tracker.publish.report import Report


def measured_again(report: Report) -> Mapping[str, Mapping[str, Effect]]:
    """Series -> SHA of a commit -> what pairs of processes say of the change there."""
    by_history = {
        (one.series, one.spots[index].commit): verdict
        for one in report.series
        for index, verdict in (
            *((each.index, each.verdict) for each in one.changes),
            *((each.last, each.verdict) for each in one.drifts),
        )
    }
    told: dict[str, dict[str, Effect]] = defaultdict(dict)
    for finding in report.findings:
        if finding.confirmation is Confirmation.confirmed:
            for effect in finding.effects:
                other = by_history.get((effect.series, finding.commit))
                if effect.verdict is not None and effect.verdict != other:
                    told[effect.series][finding.commit] = effect
    return told
