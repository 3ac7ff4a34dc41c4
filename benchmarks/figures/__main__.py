"""``python -m benchmarks.figures [NAME...]``: measure, store, print."""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

from benchmarks.figures.figure import Figure, show, store

NAMES = (
    *("start", "ingest", "unchanged", "resume", "memory", "overhead"),
    *("pairs", "duels", "bisections", "histories", "mornings", "sampler"),
    *("dashboards", "workloads"),
)


def main(chosen: list[str]) -> None:
    if unknown := set(chosen) - set(NAMES):
        sys.exit(f"no figure {min(unknown)!r}; there are: {', '.join(NAMES)}")
    figures: list[Figure] = []
    for name in chosen or NAMES:
        print(f"measuring {name} ...", flush=True)
        module = importlib.import_module(f"benchmarks.figures.{name}")
        with tempfile.TemporaryDirectory(prefix=f"tracker-{name}-") as directory:
            measured = module.measure(Path(directory))
        store(name, measured)
        show(measured)
        figures += measured
    print()
    show(figures)


main(sys.argv[1:])
