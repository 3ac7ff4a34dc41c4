"""What Grafana takes, as far as the tracker sends it: which fields, of which types, which needed.

Written anew from facts of Grafana's published descriptions. Of each body: the OpenAPI definition
that is named beside it, in grafana/grafana `public/openapi3.json`, read through the models of
grafana/grafana-openapi-client-go at 6029e6c6. Of dashboards and alert rules: the JSON Schemas
`dashboard` and `alerting` of grafana/grafana-foundation-sdk, branch v11.6.x+cog-v0.0.x at aba721fd.
Where those say "object" for what may be any value (values of overrides, options of matchers,
targets of annotations), Grafana's own files are followed.
"""

from __future__ import annotations

import re
from typing import Any

from jsonschema import Draft7Validator

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
ANY: Schema = {}
UID: Schema = {"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,40}$"}
TEXTS: Schema = {"type": "array", "items": TEXT}
LABELS: Schema = {"type": "object", "additionalProperties": TEXT}


def record(needed: str = "", also: Schema | None = None, **fields: Schema) -> Schema:
    """An object with these fields and no others; ``also``: those that Python has words for."""
    return {
        "type": "object",
        "properties": fields | (also or {}),
        "required": needed.split(),
        "additionalProperties": False,
    }


def list_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


SOURCE = record(type=TEXT, uid=TEXT)
GRID = record(
    "h w x y",
    h={"type": "integer", "exclusiveMinimum": 0},
    w={"type": "integer", "exclusiveMinimum": 0, "maximum": 24},
    x={"type": "integer", "minimum": 0, "exclusiveMaximum": 24},
    y=WHOLE,
    static=FLAG,
)
PANEL = record(
    "type",
    type=TEXT,
    id=WHOLE,
    pluginVersion=TEXT,
    targets=list_of({"type": "object", "required": ["refId"]}),
    title=TEXT,
    description=TEXT,
    transparent=FLAG,
    datasource=SOURCE,
    gridPos=GRID,
    links=list_of({"type": "object"}),
    repeat=TEXT,
    repeatDirection={"enum": ["h", "v"]},
    maxPerRow={"type": "number"},
    maxDataPoints={"type": "number"},
    transformations=list_of({"type": "object", "required": ["id", "options"]}),
    interval=TEXT,
    timeFrom=TEXT,
    timeShift=TEXT,
    hideTimeOverride=FLAG,
    libraryPanel=record("name uid", name=TEXT, uid=TEXT),
    cacheTimeout=TEXT,
    queryCachingTTL={"type": "number"},
    options={"type": "object"},
    fieldConfig=record("defaults overrides", defaults={"type": "object"}, overrides=list_of(ANY)),
)
ROW = record(
    "type id panels",
    type={"const": "row"},
    collapsed=FLAG,
    title=TEXT,
    datasource=SOURCE,
    gridPos=GRID,
    id=WHOLE,
    panels=list_of(PANEL),
    repeat=TEXT,
)
VARIABLE = record(
    "type name",
    type={"enum": ["query", "adhoc", "constant", "datasource", "interval", "textbox", "custom"]},
    name=TEXT,
    label=TEXT,
    hide=WHOLE,
    skipUrlSync=FLAG,
    description=TEXT,
    query=ANY,
    datasource=SOURCE,
    current={"type": "object"},
    multi=FLAG,
    allowCustomValue=FLAG,
    options=list_of({"type": "object"}),
    refresh=WHOLE,
    sort=WHOLE,
    includeAll=FLAG,
    allValue=TEXT,
    regex=TEXT,
    auto=FLAG,
    auto_min=TEXT,
    auto_count=WHOLE,
)
ANNOTATION = record(
    "name datasource enable iconColor",
    name=TEXT,
    datasource=SOURCE,
    enable=FLAG,
    hide=FLAG,
    iconColor=TEXT,
    filter={"type": "object"},
    target={"type": "object"},
    type=TEXT,
    builtIn={"type": "number"},
    expr=TEXT,
)
DASHBOARD = record(
    "schemaVersion templating annotations",
    id={"type": ["integer", "null"]},
    uid=UID,
    title=TEXT,
    description=TEXT,
    revision=WHOLE,
    gnetId=TEXT,
    tags=TEXTS,
    timezone=TEXT,
    editable=FLAG,
    graphTooltip={"enum": [0, 1, 2]},
    time=record("from to", {"from": TEXT, "to": TEXT}),
    timepicker={"type": "object"},
    fiscalYearStartMonth={"type": "integer", "minimum": 0, "exclusiveMaximum": 12},
    liveNow=FLAG,
    weekStart=TEXT,
    refresh=TEXT,
    schemaVersion=WHOLE,
    version=WHOLE,
    panels=list_of({"if": {"properties": {"type": {"const": "row"}}}, "then": ROW, "else": PANEL}),
    templating=record("list", list=list_of(VARIABLE)),
    annotations=record("list", list=list_of(ANNOTATION)),
    links=list_of({"type": "object", "required": ["title", "type"]}),
    snapshot={"type": "object"},
    preload=FLAG,
)

RULE = record(
    "condition data execErrState folderUID for noDataState orgID ruleGroup title",
    {"for": {"type": "string", "pattern": "^([0-9]+(y|w|d|h|m|s|ms))+$"}},
    annotations=LABELS,
    condition=TEXT,
    data=list_of(
        record(
            datasourceUid=TEXT,
            model={"type": "object"},
            queryType=TEXT,
            refId=TEXT,
            relativeTimeRange=record(also={"from": WHOLE, "to": WHOLE}),
        )
    ),
    execErrState={"enum": ["OK", "Alerting", "Error"]},
    folderUID=TEXT,
    id=WHOLE,
    isPaused=FLAG,
    labels=LABELS,
    noDataState={"enum": ["Alerting", "NoData", "OK"]},
    notification_settings=record(
        "receiver",
        receiver=TEXT,
        group_by=TEXTS,
        group_interval=TEXT,
        group_wait=TEXT,
        mute_time_intervals=TEXTS,
        repeat_interval=TEXT,
    ),
    orgID=WHOLE,
    provenance=TEXT,
    record={"type": "object"},
    ruleGroup={"type": "string", "minLength": 1, "maxLength": 190},
    title={"type": "string", "minLength": 1, "maxLength": 190},
    uid=UID,
    updated=TEXT,
)

ADD_SOURCE = record(
    "name type access",
    access={"enum": ["proxy", "direct"]},
    basicAuth=FLAG,
    basicAuthUser=TEXT,
    database=TEXT,
    isDefault=FLAG,
    jsonData={"type": "object"},
    name=TEXT,
    secureJsonData=LABELS,
    type=TEXT,
    uid=UID,
    url=TEXT,
    user=TEXT,
    withCredentials=FLAG,
)
CONTACT_POINT = record(
    "settings type",
    disableResolveMessage=FLAG,
    name=TEXT,
    provenance=TEXT,
    settings={"type": "object"},
    type={"enum": ["email", "slack", "teams", "webhook"]},
    uid=UID,
)
#: a method, a path, and the body that goes with them
BODIES: tuple[tuple[str, str, Schema], ...] = (
    # CreateFolderCommand
    ("POST", "/api/folders", record(description=TEXT, parentUid=TEXT, title=TEXT, uid=UID)),
    # AddDataSourceCommand
    ("POST", "/api/datasources", ADD_SOURCE),
    # UpdateDataSourceCommand
    (
        "PUT",
        "/api/datasources/uid/[^/]+",
        ADD_SOURCE | {"properties": ADD_SOURCE["properties"] | {"version": WHOLE}},
    ),
    # SaveDashboardCommand
    (
        "POST",
        "/api/dashboards/db",
        record(
            "dashboard",
            UpdatedAt=TEXT,
            dashboard=DASHBOARD,
            folderId=WHOLE,
            folderUid=TEXT,
            isFolder=FLAG,
            message=TEXT,
            overwrite=FLAG,
            userId=WHOLE,
        ),
    ),
    # PostAnnotationsCmd
    (
        "POST",
        "/api/annotations",
        record(
            "text",
            dashboardId=WHOLE,
            dashboardUID=TEXT,
            data={"type": "object"},
            panelId=WHOLE,
            tags=TEXTS,
            text=TEXT,
            time=WHOLE,
            timeEnd=WHOLE,
        ),
    ),
    # UpdateAnnotationsCmd
    (
        "PUT",
        "/api/annotations/[0-9]+",
        record(data={"type": "object"}, id=WHOLE, tags=TEXTS, text=TEXT, time=WHOLE, timeEnd=WHOLE),
    ),
    # EmbeddedContactPoint
    ("POST", "/api/v1/provisioning/contact-points", CONTACT_POINT),
    ("PUT", "/api/v1/provisioning/contact-points/[^/]+", CONTACT_POINT),
    # AlertRuleGroup
    (
        "PUT",
        "/api/v1/provisioning/folder/[^/]+/rule-groups/[^/]+",
        record(folderUid=TEXT, interval=WHOLE, rules=list_of(RULE), title=TEXT),
    ),
)


def violations(method: str, path: str, body: Any) -> list[str]:
    """What is wrong with a body, by the published descriptions; also where there is none for it."""
    for known, pattern, schema in BODIES:
        if method == known and re.fullmatch(pattern, path):
            errors = Draft7Validator(schema).iter_errors(body)
            return [f"{method} {path}: {error.json_path} {error.message}" for error in errors]
    return [] if body is None else [f"{method} {path} takes no body"]
