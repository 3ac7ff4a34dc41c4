"""Detection over the store: read the histories, judge them, and settle what was measured again."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

from tracker.config.settings import PolicySettings
from tracker.model.calibrations import Calibration
from tracker.model.cells import Cell
from tracker.model.commits import Commit
from tracker.model.findings import Finding
from tracker.model.purposes import Aim, Purpose
from tracker.model.quality import Observation
from tracker.model.requests import Known
from tracker.model.series import History
from tracker.model.suites import Suite
from tracker.store.store import Store

if TYPE_CHECKING:
    from tracker.findings.confirmation import Suspicion
    from tracker.findings.detection import Analysis


#: measured commits before a range that its commits are judged with: what lies further back is
#: settled, so that a night costs the same however long the history is
_CONTEXT = 200
#: sessions of the reference commit that are looked at
_SESSIONS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A project's stored results along commits, and who looks for changes in them."""

    store: Store
    project_id: int
    #: what is judged, oldest first
    commits: tuple[Commit, ...]
    #: the line that leads to them, oldest first
    earlier: tuple[Commit, ...]
    suite: Suite
    #: the cells of the suite
    cells: tuple[Cell, ...]
    policy: PolicySettings

    def analysed(self, *, only: bool) -> tuple[tuple[History, ...], Analysis]:
        """The histories, and what detection says about them.

        The commits are judged with those that were measured before them.

        Args:
            only: the series of the cells alone, not all that the suite ever had.
        """
        with ThreadPoolExecutor(1, "reader") as reader:
            reading = reader.submit(self._read, only=only)
            # numpy and scipy take as long to load as the database to sort
            from tracker.findings.agreement import (  # noqa: PLC0415
                agreed,
                disagreement_findings,
                warnings,
            )
            from tracker.findings.context import cropped  # noqa: PLC0415
            from tracker.findings.detection import analyse  # noqa: PLC0415
        rules = self.policy.quality
        histories, observed = reading.result()
        found = agreed(histories, observed, rules)
        analysis = analyse(found.histories, self.policy, also=disagreement_findings(found, rules))
        told = replace(analysis, warnings=tuple(warnings(found, rules)))
        return cropped(found.histories, told, self.commits)

    def calibration(self, machine_class: str) -> Calibration | None:
        """What the suite can see on such machines; None where nobody looked."""
        if not self.cells:
            return None
        profile = self.cells[0].profile
        return self.store.calibration(self.project_id, self.suite.hash, machine_class, profile)

    def warnings(self, machine_class: str, run: str) -> tuple[str, ...]:
        """What a reader of a run's results must know of its machine."""
        from tracker.findings.control import Session, machine_moved  # noqa: PLC0415

        found = self.store.reference_sessions(self.project_id, machine_class, run, _SESSIONS)
        moved = machine_moved([Session(run=one, values=values) for one, values in found])
        if moved is None:
            return ()
        how = f"{abs(moved):.1%} {'slower' if moved > 0 else 'faster'}"
        before = len(found) - 1
        return (
            f"the machine moved: the reference commit was {how} than in {before} sessions before",
        )

    def suspicions(
        self, histories: Sequence[History], findings: Sequence[Finding]
    ) -> tuple[Suspicion, ...]:
        """What waits for fresh pairs."""
        from tracker.findings.confirmation import suspicions  # noqa: PLC0415

        if not findings:
            return ()
        classes = {history.coordinate.machine_class for history in histories}
        calibrations = map(self.calibration, sorted(classes))
        scales = {key: value for one in calibrations if one for key, value in one.scales.items()}
        return suspicions(
            findings,
            coordinates={history.series: history.coordinate for history in histories},
            commits=(*self.earlier, *self.commits),
            cells=self.cells,
            policy=self.policy,
            scales=scales,
        )

    def settled(
        self, histories: Sequence[History], findings: Sequence[Finding]
    ) -> tuple[Finding, ...]:
        """The findings, each as its fresh pairs left it, where there are any."""
        from tracker.findings.confirmation import settled  # noqa: PLC0415

        fresh: dict[Finding, Finding] = {}
        for suspicion in self.suspicions(histories, findings):
            _, known = self.last_attempt(suspicion)
            if known is not None:
                rows = suspicion.sides.verdicts(known)
                fresh[suspicion.finding] = settled(suspicion.finding, rows)
        return tuple(fresh.get(finding, finding) for finding in findings)

    def last_attempt(self, suspicion: Suspicion) -> tuple[int, Known | None]:
        """The number of the newest attempt to confirm, and what it gave; -1 and None: none."""
        known = None
        for attempt in count():
            found = self._known(suspicion, suspicion.sides.purpose(Aim.confirm, attempt))
            if not found.processes:
                return attempt - 1, known
            known = found
        raise AssertionError("counting does not end")

    def _known(self, suspicion: Suspicion, purpose: Purpose) -> Known:
        shas = [commit.sha for commit in suspicion.sides.commits]
        return self.store.known_pairs(self.project_id, shas, suspicion.sides.cells, purpose)

    def _read(self, *, only: bool) -> tuple[tuple[History, ...], tuple[Observation, ...]]:
        """The histories, and what each platform gave for those that are qualities."""
        cells = [cell.key for cell in self.cells] if only else None
        measured = self.store.measured(self.project_id, [commit.sha for commit in self.earlier])
        context = [commit for commit in self.earlier if commit.sha in measured][-_CONTEXT:]
        commits = (*context, *self.commits)
        suite_hash = self.suite.hash
        histories = tuple(
            self.store.histories(self.project_id, commits, suite_hash=suite_hash, cells=cells)
        )
        if not any(history.coordinate.is_quality for history in histories):
            return histories, ()
        shas = [commit.sha for commit in commits]
        return histories, self.store.observations(self.project_id, shas, suite_hash=suite_hash)
