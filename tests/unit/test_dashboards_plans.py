from __future__ import annotations

from typing import Any

import pytest

from benchmarks.dashboards.plans import lines, scanned


def _read(node: str, table: str, **fields: Any) -> dict[str, Any]:
    return {"Node Type": node, "Relation Name": table, **fields}


@pytest.mark.parametrize(
    ("read", "whole"),
    [
        (_read("Seq Scan", "measurement"), ["measurement"]),
        (_read("Seq Scan", "commit"), []),
        (_read("Index Only Scan", "build_point", **{"Index Name": "key"}), ["build_point"]),
        (_read("Index Scan", "reading", **{"Index Name": "key", "Index Cond": "id = 1"}), []),
        (_read("Index Scan", "measurement", **{"Index Name": "measurement_failed"}), []),
    ],
)
def test_large_tables_that_are_read_whole_are_seen_at_any_depth(
    read: dict[str, Any], whole: list[str]
) -> None:
    plan = {"Node Type": "Sort", "Plans": [{"Node Type": "Limit", "Plans": [read]}]}
    assert list(scanned(plan)) == whole


def test_a_plan_is_a_line_a_step() -> None:
    below = _read("Index Scan", "reading", **{"Index Name": "reading_pkey", "Actual Loops": 3})
    below |= {"Actual Rows": 2, "Actual Total Time": 0.5, "Shared Hit Blocks": 7}
    above = {"Node Type": "Limit", "Actual Rows": 1, "Actual Loops": 1, "Plans": [below]}
    assert list(lines(above)) == [
        "Limit: 1 rows, 0.0 ms, 0 pages",
        "  Index Scan reading by reading_pkey: 2 rows × 3, 1.5 ms, 7 pages",
    ]
