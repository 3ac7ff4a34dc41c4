"""Changes found in histories, beside Otava, asv, ruptures and a t test in Perfherder's manner.

Simulated series of one value a commit and of five processes, and series that a machine measured
with changes planted in them; what judging them costs. Seeds are of this figure alone. Two processes
work at once; takes some quarter of an hour.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.figures.figure import Figure
from benchmarks.histories import judging, several, single, speed


def measure(_directory: Path) -> list[Figure]:
    """Speed; accuracy of one value a commit, and of several processes."""
    judging.prepare()
    return [*speed.figures(), *single.figures(), *several.figures()]
