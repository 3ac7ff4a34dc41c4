"""Speed-ups as CSV: ``pandas.read_csv(path, index_col="benchmark")`` reads them."""

from __future__ import annotations

import csv
from io import StringIO

from tracker.publish.deployment.contents import Speedups


def render(speedups: Speedups) -> str:
    """A row a benchmark; for each column the ratio and its 95 % interval, empty where unknown."""
    out = StringIO()
    rows = csv.writer(out, lineterminator="\n")
    columns = (f"{name}{end}" for name in speedups.columns for end in ("", "_low", "_high"))
    rows.writerow(("benchmark", *columns))
    for name, ones in speedups.rows:
        ends = ((one.ratio, *(one.bounds or ("", ""))) if one else ("", "", "") for one in ones)
        rows.writerow((name, *(figure for triple in ends for figure in triple)))
    return out.getvalue()
