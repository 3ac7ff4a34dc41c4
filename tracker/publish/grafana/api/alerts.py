"""When Grafana calls somebody: rules over the database, and whom."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent
from typing import Any

import yaml

from tracker.errors import UsageError
from tracker.publish.grafana.api.access import CONTACT
from tracker.publish.grafana.api.contents import NAME, TITLE, TYPE, Document

#: seconds between two looks at the database
INTERVAL = 300

_EXPRESSION = "__expr__"
_LIMITS = {"intervalMs": 1000, "maxDataPoints": 43200}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A statement whose rows are each one number with its labels, and the number that is too much.

    No rows is well. There is no dollar sign in it: Grafana's files would fill in its environment.
    """

    name: str
    title: str
    sql: str
    #: it calls when a number is above
    above: float
    #: with ``{{ .Labels.NAME }}`` and ``{{ .Values.A }}``
    summary: str

    @property
    def uid(self) -> str:
        return f"{NAME}-{self.name}"

    def document(self) -> Document:
        """What Grafana's interface and its files have in common."""
        return {
            "uid": self.uid,
            "title": self.title,
            "condition": "B",
            "data": [
                _query("A", NAME, 600, _statement(self.sql)),
                _query("B", _EXPRESSION, 0, _threshold(self.above)),
            ],
            "noDataState": "OK",
            "execErrState": "Error",
            "for": "0s",
            "annotations": {"summary": self.summary},
            "labels": {"tool": NAME},
            "isPaused": False,
        }


def _query(ref: str, source: str, seconds: int, model: Document) -> Document:
    return {
        "refId": ref,
        "datasourceUid": source,
        "queryType": "",
        "relativeTimeRange": {"from": seconds, "to": 0},
        "model": {"refId": ref} | model | _LIMITS,
    }


def _statement(sql: str) -> Document:
    return {
        "datasource": {"type": TYPE, "uid": NAME},
        "editorMode": "code",
        "format": "table",
        "rawQuery": True,
        "rawSql": dedent(sql).strip() + "\n",
    }


def _threshold(above: float) -> Document:
    return {
        "datasource": {"type": _EXPRESSION, "uid": _EXPRESSION},
        "type": "threshold",
        "expression": "A",
        "conditions": [
            {
                "type": "query",
                "evaluator": {"type": "gt", "params": [above]},
                "operator": {"type": "and"},
                "query": {"params": ["B"]},
                "reducer": {"type": "last", "params": []},
            }
        ],
    }


RULES = (
    Rule(
        name="regression",
        title="New confirmed regression",
        sql="""
        SELECT project, finding::text AS finding, short AS commit,
               coalesce(max(title) FILTER (WHERE rank = 0), '') AS benchmark,
               count(rank)::float AS series
        FROM finding_detail
        WHERE confirmation = 'confirmed' AND triage = 'open'
              AND kind IN ('regression', 'quality-drift', 'drift')
        GROUP BY project, finding, short, kind
        HAVING kind <> 'drift' OR bool_or(rank = 0 AND outcome = 'slower')
        """,
        above=0,
        summary="{{ .Labels.project }}: {{ .Labels.commit }} made {{ .Labels.benchmark }} worse"
        " (finding {{ .Labels.finding }}); nobody has looked at it",
    ),
    Rule(
        name="nightly",
        title="Nightly missing",
        # a project without a night for a month has no nights
        sql="""
        SELECT p.name AS project, extract(epoch FROM now() - max(r.started_at))::float / 3600
               AS hours
        FROM run r JOIN project p ON p.id = r.project_id
        WHERE r.command[2] = 'nightly'
        GROUP BY p.name
        HAVING max(r.started_at) > now() - interval '30 days'
        """,
        above=30,
        summary="{{ .Labels.project }}: no night has begun for more than 30 hours",
    ),
    Rule(
        name="failures",
        title="Failure rate",
        sql="""
        SELECT DISTINCT ON (project) project, 100 * failed::float / processes AS percent
        FROM run_summary
        WHERE started_at > now() - interval '7 days' AND state <> 'running' AND processes > 0
        ORDER BY project, started_at DESC
        """,
        above=20,
        summary="{{ .Labels.project }}: more than a fifth of the last run's processes failed",
    ),
    Rule(
        name="machine",
        title="Machine drift",
        sql="""
        SELECT 'machine ' || machine_name AS what, count(*)::float AS changes
        FROM machine_condition WHERE changed_at > now() - interval '1 day' GROUP BY machine_name
        UNION ALL
        SELECT 'measurements of ' || project, count(DISTINCT finding)::float
        FROM finding_detail
        WHERE kind = 'machine-change' AND triage = 'open' AND confirmation <> 'refuted'
        GROUP BY project
        """,
        above=0,
        summary="{{ .Labels.what }} changed without a change of the code",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom the rules call."""

    #: name of the contact point in Grafana
    receiver: str
    #: what it is; None where somebody else looks after it
    document: Document | None


def contact(text: str) -> Contact | None:
    """Whom a text means: ``mailto:...``, ``https://...``, or a contact point by name; None: nobody.

    Raises:
        UsageError: an address of a kind that is not known here. It is not repeated: it may open
            something.
    """
    if not text:
        return None
    scheme, separator, rest = text.partition(":")
    if scheme == "mailto" and rest:
        addresses = ";".join(one.strip() for one in rest.split(","))
        return _own("email", {"addresses": addresses, "singleEmail": False})
    if scheme in ("http", "https") and rest.startswith("//"):
        return _own("webhook", {"url": text, "httpMethod": "POST"})
    if separator and (rest.startswith("//") or scheme == "mailto"):
        raise UsageError(
            f"{CONTACT} is of a kind that the tracker does not know",
            code="grafana.contact",
            hint="mailto:ONE,OTHER calls by mail, https://... a webhook, a name a contact point "
            "that Grafana has",
        )
    return Contact(receiver=text, document=None)


def _own(kind: str, settings: Document) -> Contact:
    return Contact(
        receiver=TITLE,
        document={"uid": NAME, "name": TITLE, "type": kind, "settings": settings},
    )


def group(whom: Contact | None) -> Document:
    """All rules as Grafana's interface takes them."""
    place: Document = {"folderUID": NAME, "ruleGroup": NAME, "orgID": 1} | _calls(whom)
    return {
        "title": NAME,
        "folderUid": NAME,
        "interval": INTERVAL,
        "rules": [rule.document() | place for rule in RULES],
    }


def _calls(whom: Contact | None) -> Document:
    """Of a rule; without it, Grafana's notification policies name whom it calls."""
    return {} if whom is None else {"notification_settings": {"receiver": whom.receiver}}


def provisioning(whom: Contact | None = None) -> str:
    """All rules, and whom they call, as a file that Grafana reads at its start.

    Grafana fills in variables of its environment there. The address of a webhook, which may open
    something, is one, of the same name as here; all other text stands for itself.
    """
    group = {
        "orgId": 1,
        "name": NAME,
        "folder": TITLE,
        "interval": f"{INTERVAL}s",
        "rules": [rule.document() | _verbatim(_calls(whom)) for rule in RULES],
    }
    whole = {"apiVersion": 1, **_contact_points(whom), "groups": [group]}
    text = yaml.dump(whole, Dumper=_Readable, sort_keys=False, allow_unicode=True, width=100)
    return f"# When Grafana calls somebody. Made by code: docs/grafana.md\n{text}"


def _contact_points(whom: Contact | None) -> Document:
    """Those of the file: one, or none where somebody else looks after it."""
    if whom is None or whom.document is None:
        return {}
    receiver = _verbatim({key: whom.document[key] for key in ("uid", "type", "settings")})
    if "url" in receiver["settings"]:
        receiver["settings"]["url"] = f"${CONTACT}"
    return {"contactPoints": [{"orgId": 1, "name": whom.receiver, "receivers": [receiver]}]}


def _verbatim(value: Any) -> Any:
    """The same, with text in which Grafana fills in nothing."""
    if isinstance(value, dict):
        return {key: _verbatim(one) for key, one in value.items()}
    return value.replace("$", "$$") if isinstance(value, str) else value


class _Readable(yaml.SafeDumper):
    """Statements as blocks of lines."""


def _lines(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Readable.add_representer(str, _lines)
