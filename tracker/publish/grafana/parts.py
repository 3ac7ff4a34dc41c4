"""What dashboards are made of: queries, panels, variables, annotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import dedent

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders import stat as stats
from grafana_foundation_sdk.builders import table as tables
from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.cog import builder, variants
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model

from tracker.publish.grafana.api.contents import NAME, TITLE, TYPE

#: the data source that provisioning makes
SOURCE = model.DataSourceRef(type_val=TYPE, uid=NAME)

WIDTH = 24

Panel = builder.Builder[model.Panel]

#: colours of numbers, see ``stat``; 1e-9 is anything above 0
PLAIN = ((None, "text"),)
NONE_IS_GOOD = ((None, "green"), (1e-9, "red"))
#: of a share of processes; the alert calls at the last
FAILURES = ((None, "green"), (1e-9, "orange"), (0.2, "red"))

#: a time, cut to what is a step of the chart; not less than the minutes that are stored. In
#: milliseconds: PostgreSQL cuts by no interval of years, which Grafana's other form may be
EVERY = (
    "date_bin(greatest($__interval_ms, 60000) * interval '1 millisecond', {}, "
    "timestamptz '2000-01-01')"
)


@dataclass(frozen=True, kw_only=True)
class Query(variants.Dataquery, builder.Builder["Query"]):
    """One statement for the PostgreSQL data source, which the SDK does not know."""

    sql: str
    #: "table", or "time_series" for rows with a ``time`` and, for several lines, a ``metric``
    form: str = "table"
    ref: str = "A"

    def build(self) -> Query:
        return self

    def to_json(self) -> dict[str, object]:
        return {
            "refId": self.ref,
            "datasource": SOURCE,
            "editorMode": "code",
            "format": self.form,
            "rawQuery": True,
            "rawSql": dedent(self.sql).strip(),
        }


def chosen(column: str, variable: str) -> str:
    """The condition that a column is among the chosen values of a variable; none chosen is none."""
    return f"{column} = ANY(ARRAY[${{{variable}:sqlstring}}]::text[])"


def escaped(column: str) -> str:
    """Text of others for an annotation, which Grafana shows as HTML."""
    return f"replace(replace({column}, '&', '&amp;'), '<', '&lt;')"


def table(
    title: str,
    sql: str,
    *,
    height: int = 9,
    width: int = WIDTH,
    ratios: Sequence[str] = (),
    seconds: Sequence[str] = (),
    links: Sequence[tuple[str, str, str]] = (),
    hidden: Sequence[str] = (),
    told: str = "",
) -> Panel:
    """Rows as they come.

    Args:
        told: what a reader may want to know beside the title.
        ratios: columns with ratios minus one, shown as per cent.
        seconds: columns with a time in seconds.
        links: column, title and address of a link on its cells.
        hidden: columns that only links need.
    """
    panel = tables.Panel().title(title).height(height).span(width).datasource(SOURCE)
    panel.with_target(Query(sql=sql)).show_header(True).filterable(True).description(told)
    for column in ratios:
        panel.override_by_name(column, [_property("unit", "percentunit"), _property("decimals", 1)])
    for column in seconds:
        panel.override_by_name(column, [_property("unit", "s")])
    for column, text, url in links:
        panel.override_by_name(column, [_property("links", [{"title": text, "url": url}])])
    for column in hidden:
        panel.override_by_name(column, [_property("custom.hidden", True)])
    return panel


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
            _property("custom.drawStyle", "points"),
            _property("custom.pointSize", 3),
            _property("custom.hideFrom", {"legend": True, "tooltip": True, "viz": False}),
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
            _property("custom.lineWidth", 0),
            _property("custom.showPoints", "never"),
            _property("custom.hideFrom", {"legend": True, "tooltip": True, "viz": False}),
            _property("color", {"mode": "fixed", "fixedColor": "#808080"}),
        ],
    )
    panel.override_by_regexp("/^high_/", [_property("custom.fillOpacity", 25)])
    for unit in (*units, "other"):
        for number in range(1, lines + 1):
            below = _property("custom.fillBelowTo", f"low_{unit}_{number}")
            panel.override_by_name(f"high_{unit}_{number}", [below])
    for unit in units:
        named = rf"/\({unit}\)|^(low|high)_{unit}_\d+$/"
        panel.override_by_regexp(named, [_property("unit", unit)])
    return panel


def stat(
    title: str,
    sql: str,
    *,
    width: int = 6,
    unit: str = "",
    colours: Sequence[tuple[float | None, str]] = PLAIN,
    words: Mapping[str, str] | None = None,
    told: str = "",
) -> Panel:
    """One value.

    Args:
        colours: of a number from a value on; the first is that of all below.
        words: colours of values that are text.
    """
    panel = stats.Panel().title(title).description(told).height(4).span(width).datasource(SOURCE)
    panel.with_target(Query(sql=sql)).no_value("none")
    # strings are values too: without this, Grafana shows numbers alone
    panel.reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]).fields("/.*/"))
    if unit:
        panel.unit(unit)
    if words:
        known = {word: model.ValueMappingResult(color=colour) for word, colour in words.items()}
        panel.mappings([model.ValueMap(options=known)])
    return panel.thresholds(
        build.ThresholdsConfig()
        .mode(model.ThresholdsMode.ABSOLUTE)
        .steps([model.Threshold(value=value, color=colour) for value, colour in colours])
    )


def row(title: str) -> build.Row:
    """A heading above the panels that follow."""
    return build.Row(title)


def one_of(name: str, label: str, sql: str) -> build.QueryVariable:
    """A variable with one value out of what a statement gives."""
    return (
        build.QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query(dedent(sql).strip())
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.DISABLED)
    )


def some_of(name: str, label: str, sql: str) -> build.QueryVariable:
    """A variable with some values, at first all, out of what a statement gives."""
    return (
        one_of(name, label, sql)
        .multi(True)
        .include_all(True)
        .current(model.VariableOption(text=["All"], value=["$__all"], selected=True))
    )


def marks(name: str, sql: str, colour: str) -> build.AnnotationQuery:
    """Annotations: a statement that gives ``time``, ``text`` (see ``escaped``) and ``tags``."""
    # the SDK types the target for Grafana's own data source only
    return (
        build.AnnotationQuery()
        .name(name)
        .datasource(SOURCE)
        .enable(True)
        .icon_color(colour)
        .target(Query(sql=sql))  # type: ignore[arg-type]
    )


def dashboard(
    uid: str,
    title: str,
    variables: Sequence[builder.Builder[model.VariableModel]],
    panels: Sequence[Panel | build.Row],
    annotations: Sequence[build.AnnotationQuery] = (),
    *,
    since: str = "now-1y",
    links: Sequence[build.DashboardLink] = (),
) -> model.Dashboard:
    """A whole dashboard, its panels numbered and put in rows from left to right.

    A row has to be filled, by panels that are ``WIDTH`` wide together: the SDK breaks it then.
    """
    whole = (
        build.Dashboard(f"{TITLE}: {title}")
        .uid(f"{NAME}-{uid}")
        .tags([NAME])
        .time(since, "now")
        .variables(list(variables))
        .annotations(list(annotations))
        .link(
            build.DashboardLink(TITLE)
            .type(model.DashboardLinkType.DASHBOARDS)
            .tags([NAME])
            .as_dropdown(True)
            .include_vars(True)
            .keep_time(True)
        )
        .readonly()
    )
    for link in links:
        whole.link(link)
    for panel in panels:
        if isinstance(panel, build.Row):
            whole.with_row(panel)
        else:
            whole.with_panel(panel)
    made = whole.build()
    for number, placed in enumerate(made.panels or (), 1):
        placed.id_val = number
    return made


def _property(name: str, value: object) -> model.DynamicConfigValue:
    return model.DynamicConfigValue(id_val=name, value=value)
