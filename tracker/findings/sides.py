"""Two commits and the builds of theirs that may be held against each other. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.config.settings import PolicySettings
from tracker.findings.pairing import Pair
from tracker.findings.pairs import Judge
from tracker.model.calibrations import Calibration
from tracker.model.cells import Cell
from tracker.model.commits import Commit
from tracker.model.comparisons import Compared
from tracker.model.purposes import Aim, Purpose
from tracker.model.requests import Known
from tracker.model.suites import Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What is compared, and by whom."""

    base: Commit
    head: Commit
    cells: tuple[Cell, ...]
    judge: Judge
    #: may the sides run in two environment classes?
    across: bool = False

    @classmethod
    def of(
        cls,
        commits: tuple[Commit, Commit],
        cells: tuple[Cell, ...],
        suite: Suite,
        policy: PolicySettings,
        calibration: Calibration | None,
        *,
        sequential: bool,
        across: bool,
    ) -> Sides:
        """Two commits over all cells of a suite.

        Args:
            calibration: of machine and suite, which knows the noise of cells.
            sequential: is there a look after every round, or is this the only one?
        """
        base, head = commits
        judge = Judge.of(
            suite,
            policy,
            scales=calibration.scales if calibration else {},
            sequential=sequential,
            cells=len(cells),
        )
        return cls(base=base, head=head, cells=cells, judge=judge, across=across)

    @property
    def commits(self) -> tuple[Commit, ...]:
        """Both, or the one that they are."""
        return tuple(dict.fromkeys((self.base, self.head)))

    def purpose(self, aim: Aim, attempt: int = 0) -> Purpose:
        """The experiment that holds them against each other; another attempt wants fresh ones."""
        return Purpose.of(aim, self.base.sha, self.head.sha, attempt)

    def pairs(self, known: Known) -> tuple[Pair, ...]:
        """The builds that are held against each other for each cell; none where they are one."""
        return tuple(pair for cell in self.cells if (pair := self._pair(cell, known)))

    def identical(self, known: Known) -> tuple[Cell, ...]:
        """The cells that install the same on both sides."""
        return tuple(
            cell
            for cell in self.cells
            if any(base == head for base, head in self._builds(cell, known))
        )

    def verdicts(self, known: Known) -> tuple[Compared, ...]:
        """What is known of each metric of each cell, cells in their order.

        A cell that cannot be compared has a row that says why, unless it installs the same.
        """
        return tuple(row for cell in self.cells for row in self._rows(cell, known))

    def standing(self, known: Known) -> tuple[Compared, ...]:
        """The main row of each cell that has one."""
        rows = (self.judge.main(pair, known) for pair in self.pairs(known))
        return tuple(row for row in rows if row)

    def progress(self, known: Known) -> tuple[int, int]:
        """Cells decided, and all cells that can be compared."""
        pairs = self.pairs(known)
        return sum(self.judge.is_over(pair, known) for pair in pairs), len(pairs)

    def _rows(self, cell: Cell, known: Known) -> tuple[Compared, ...]:
        if pair := self._pair(cell, known):
            return self.judge.compared(pair, known)
        reason = self._gap(cell, known)
        return (self.judge.without(cell, reason),) if reason else ()

    def _gap(self, cell: Cell, known: Known) -> str:
        """Why there is nothing to compare; "" where the sides install the same."""
        for side, commit in (("base", self.base), ("head", self.head)):
            if not known.builds.get((commit.sha, cell.environment)):
                return f"no build at the {side}"
        return "" if self._builds(cell, known) else "the sides need different environments"

    def _pair(self, cell: Cell, known: Known) -> Pair | None:
        builds = self._builds(cell, known)
        if not builds or any(base == head for base, head in builds):
            return None
        base, head = builds[-1]  # at a border the newer class is the one that goes on
        return Pair(cell=cell, base=base, head=head)

    def _builds(self, cell: Cell, known: Known) -> list[tuple[str, str]]:
        """Builds of both sides that may be held against each other."""
        bases = known.builds.get((self.base.sha, cell.environment), ())
        heads = known.builds.get((self.head.sha, cell.environment), ())
        both = [(base, head) for base in bases for head in heads]
        alike = [(base, head) for base, head in both if known.classes[base] == known.classes[head]]
        return alike or (both if self.across else [])
