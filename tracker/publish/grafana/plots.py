"""Panels that have no time: bars along commits, curves along a parameter."""

from __future__ import annotations

from grafana_foundation_sdk.builders import barchart, xychart
from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import xychart as xy

from tracker.publish.grafana.parts import SOURCE, Panel, Query


def bars(
    title: str, sql: str, *, width: int, height: int = 9, unit: str = "s", told: str = ""
) -> Panel:
    """Bars side by side: a statement that gives ``short``, ``line`` and ``value``."""
    # long rows are made wide here: SQL cannot name columns that it does not know
    wide = model.DataTransformerConfig(
        id_val="groupingToMatrix",
        options={
            "rowField": "short",
            "columnField": "line",
            "valueField": "value",
            # what a commit does not have is no bar, and not one of an empty text
            "emptyValue": "null",
        },
    )
    return (
        barchart.Panel()
        .title(title)
        .description(told)
        .height(height)
        .span(width)
        .datasource(SOURCE)
        .with_target(Query(sql=sql))
        .with_transformation(wide)
        .x_tick_label_rotation(-45)
        .show_value(common.VisibilityMode.NEVER)
        .legend(common_builders.VizLegendOptions().show_legend(True))
        .unit(unit)
    )


def curves(
    title: str, sql: str, *, width: int, height: int = 11, unit: str = "", told: str = ""
) -> Panel:
    """Curves: a statement that gives the number ``x``, another, and the ``line`` of both."""
    apart = model.DataTransformerConfig(
        id_val="partitionByValues",
        options={"fields": ["line"], "keepFields": False, "naming": {"asLabels": True}},
    )
    panel = (
        xychart.Panel()
        .title(title)
        .description(told)
        .height(height)
        .span(width)
        .datasource(SOURCE)
        .with_target(Query(sql=sql))
        .with_transformation(apart)
        .mapping(xy.SeriesMapping.AUTO)
        .show(xy.XYShowMode.POINTS_AND_LINES)
        .legend(common_builders.VizLegendOptions().show_legend(True))
    )
    return panel.unit(unit) if unit else panel
