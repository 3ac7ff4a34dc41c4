"""The findings of a site as an Atom feed (RFC 4287). Pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from xml.etree import ElementTree as ET

from tracker.model.findings import Finding, Triage
from tracker.publish.report import Report
from tracker.publish.sentences import called, change, magnitude, remarks, status, verdict
from tracker.publish.site.contents import Site
from tracker.publish.site.naming import commit_page
from tracker.publish.wording import clean, xml_text

#: entries, at most
_LONGEST = 50
#: effects that an entry tells of
_SHOWN = 10
#: of the names that entries have for ever
_NAMES = uuid.UUID("b6b2f6a4-6d0f-5c43-9f2e-0d0b7a4f5c11")


def feed(site: Site) -> str:
    """The newest findings first, but for false alarms; each keeps its name when it is told anew."""
    report = site.report
    found = sorted(
        (one for one in report.findings if one.id in site.times and _is_news(one)),
        key=lambda one: (_times(one, site)[0], one.id),
        reverse=True,
    )[:_LONGEST]
    root = ET.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en"})
    _text(root, "id", _name(report.project))
    _text(root, "title", f"{report.project}: findings")
    _text(root, "subtitle", verdict(report))
    updated = max((_times(one, site)[1] for one in found), default=_measured(report))
    _text(root, "updated", _moment(updated))
    ET.SubElement(root, "link", {"rel": "alternate", "href": f"{site.url}index.html"})
    ET.SubElement(root, "link", {"rel": "self", "href": f"{site.url}feed.xml"})
    _text(ET.SubElement(root, "author"), "name", "tracker")
    for one in found:
        _entry(root, one, site)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _is_news(finding: Finding) -> bool:
    return finding.triage is not Triage.false_alarm


def _times(finding: Finding, site: Site) -> tuple[datetime, datetime]:
    assert finding.id is not None  # noqa: S101  the store's numbers are the keys of its times
    return site.times[finding.id]


def _measured(report: Report) -> datetime:
    return report.run.started_at if report.run else report.generated_at


def _entry(root: ET.Element, finding: Finding, site: Site) -> None:
    report = site.report
    found, updated = _times(finding, site)
    entry = ET.SubElement(root, "entry")
    _text(entry, "id", _name(f"{report.project}/{finding.id}"))
    _text(entry, "title", _title(finding, report))
    _text(entry, "published", _moment(found))
    _text(entry, "updated", _moment(updated))
    href = f"{site.url}{commit_page(finding.commit)}"
    ET.SubElement(entry, "link", {"rel": "alternate", "href": href})
    _text(entry, "content", "".join(_content(finding, report)), type="html")


def _title(finding: Finding, report: Report) -> str:
    """``regression: parse[size=8] +21.4 % at 9f3c2ab1``, and how many more series."""
    effect = finding.headline
    size, *_ = change(effect)
    more = f" and {len(finding.effects) - 1} more" if len(finding.effects) > 1 else ""
    what = " ".join(filter(None, (report.name_of(effect), size)))
    return clean(f"{called(finding)}: {what}{more} at {report.label(finding.commit)}")


def _content(finding: Finding, report: Report) -> Iterator[str]:
    """HTML that holds all text of the project escaped."""
    commit = report.commit(finding.commit)
    yield f"<p><b>{escape(commit.subject)}</b></p>"
    told = filter(None, (commit.author, f"{commit.authored_at:%Y-%m-%d}", magnitude(finding)))
    yield f"<p>{escape(' · '.join((*told, status(finding))))}</p><ul>"
    for effect in finding.effects[:_SHOWN]:
        words = " ".join(filter(None, (report.name_of(effect), *change(effect))))
        yield f"<li>{escape(clean(words))}</li>"
    yield "</ul>"
    for remark in remarks(finding, report):
        yield f"<p>{escape(remark)}</p>"


def _text(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = xml_text(text)


def _name(what: str) -> str:
    return uuid.uuid5(_NAMES, what).urn


def _moment(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
