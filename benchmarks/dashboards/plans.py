"""How PostgreSQL carries a statement out, as somebody can read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

#: tables of which no statement may read every row
LARGE = ("measurement", "reading", "telemetry", "build_point", "run_sensor")
#: indexes of few of their rows
PARTIAL = ("measurement_failed", "measurement_failed_commit")


def lines(plan: dict[str, Any], depth: int = 0) -> Iterator[str]:
    """One line a step: what it is, rows, times it was done, milliseconds with those below it."""
    named = plan.get("Relation Name") or plan.get("CTE Name") or plan.get("Subplan Name")
    where = f" {named}" if named else ""
    by = f" by {plan['Index Name']}" if "Index Name" in plan else ""
    pages = plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)
    loops = plan.get("Actual Loops", 0)
    done = f" × {loops}" if loops != 1 else ""
    yield (
        f"{'  ' * depth}{plan['Node Type']}{where}{by}:"
        f" {plan.get('Actual Rows', 0):.0f} rows{done},"
        f" {plan.get('Actual Total Time', 0) * loops:.1f} ms, {pages} pages"
    )
    for below in plan.get("Plans", ()):
        yield from lines(below, depth + 1)


def scanned(plan: dict[str, Any]) -> Iterator[str]:
    """Large tables that are read whole."""
    if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] in LARGE:
        yield plan["Relation Name"]
    by_index = plan["Node Type"] in {"Index Scan", "Index Only Scan"}
    is_whole = "Index Cond" not in plan and plan.get("Index Name") not in PARTIAL
    if by_index and is_whole and plan["Relation Name"] in LARGE:
        yield plan["Relation Name"]
    for below in plan.get("Plans", ()):
        yield from scanned(below)
