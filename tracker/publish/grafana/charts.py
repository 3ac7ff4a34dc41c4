"""Lines along time, and what stands around them."""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.models import common

from tracker.publish.grafana.parts import SOURCE, WIDTH, Query, property_of

#: a time, cut to what is a step of the chart; not less than the minutes that are stored. In
#: milliseconds: PostgreSQL cuts by no interval of years, which Grafana's other form may be
EVERY = (
    "date_bin(greatest($__interval_ms, 60000) * interval '1 millisecond', {}, "
    "timestamptz '2000-01-01')"
)


def chart(
    title: str,
    *queries: str,
    height: int = 11,
    width: int = WIDTH,
    unit: str = "",
    told: str = "",
) -> timeseries.Panel:
    """Lines over time: statements that give ``time``, ``metric`` and ``value``.

    Args:
        told: what a reader may want to know beside the title.
    """
    panel = (
        timeseries.Panel()
        .title(title)
        .description(told)
        .height(height)
        .span(width)
        .datasource(SOURCE)
        .show_points(common.VisibilityMode.ALWAYS)
        .point_size(5)
        # of lines in one answer, each has a gap where only the others have a value
        .span_nulls(True)
        .legend(
            common_builders.VizLegendOptions()
            .show_legend(True)
            .display_mode(common.LegendDisplayMode.TABLE)
            .placement(common.LegendPlacement.BOTTOM)
            .calcs(["lastNotNull", "min", "max"])
        )
        .tooltip(
            common_builders.VizTooltipOptions()
            .mode(common.TooltipDisplayMode.MULTI)
            .sort(common.SortOrder.DESCENDING)
        )
    )
    if unit:
        panel.unit(unit)
    for ref, sql in zip("ABCDEFGH", queries, strict=False):
        panel.with_target(Query(sql=sql, form="time_series", ref=ref))
    return panel


def dots(panel: timeseries.Panel, ref: str) -> timeseries.Panel:
    """Show what a query gives as dots without a line."""
    return panel.override_by_query(
        ref,
        [
            property_of("custom.drawStyle", "points"),
            property_of("custom.pointSize", 3),
            property_of("custom.hideFrom", {"legend": True, "tooltip": True, "viz": False}),
        ],
    )


def bands(panel: timeseries.Panel, ref: str, lines: int, units: Sequence[str]) -> timeseries.Panel:
    """Show what a query gives as areas, each between its columns ``low_UNIT_1`` and ``high_...``.

    They are columns since Grafana fills between lines whose names are known beforehand. Lines with
    their unit in brackets, and these columns, are on the axis of the unit; those of the unit
    ``other`` on one of plain numbers.
    """
    panel.override_by_query(
        ref,
        [
            property_of("custom.lineWidth", 0),
            property_of("custom.showPoints", "never"),
            property_of("custom.hideFrom", {"legend": True, "tooltip": True, "viz": False}),
            property_of("color", {"mode": "fixed", "fixedColor": "#808080"}),
        ],
    )
    panel.override_by_regexp("/^high_/", [property_of("custom.fillOpacity", 25)])
    for unit in (*units, "other"):
        for number in range(1, lines + 1):
            below = property_of("custom.fillBelowTo", f"low_{unit}_{number}")
            panel.override_by_name(f"high_{unit}_{number}", [below])
    for unit in units:
        named = rf"/\({unit}\)|^(low|high)_{unit}_\d+$/"
        panel.override_by_regexp(named, [property_of("unit", unit)])
    return panel
