"""JUnit's XML and SARIF, held against what their schemas say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.support import reports
from tests.support.comparisons import comparison, mixed, nothing, row, verdict
from tests.support.schemas import validate
from tests.support.settings import SETTINGS
from tests.support.values import cell
from tracker.config.settings import Settings
from tracker.model.findings import Confirmation, FindingKind, Outcome, Triage
from tracker.publish.comparing.contents import Comparison
from tracker.publish.exports import actions, alerts, cases, junit, sarif
from tracker.publish.exports.alerts import Alert
from tracker.publish.exports.places import Place, Whereabouts, whereabouts
from tracker.publish.report import Report

HOSTILE = "x[<b> \"&'] ]]> \x00\x1b[31m\ufffe {0} [here](https://evil.example.org)"

# JUnit --------------------------------------------------------------------------------

#: what the schema of Ant's tasks asks for; that of Jenkins asks for a part of it, and allows
#: nothing in these places that the other forbids
SUITE = {
    "name": r".+",
    "package": r".+",
    "id": r"0",
    "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
    "hostname": r".+",
    "tests": r"\d+",
    "failures": r"\d+",
    "errors": r"\d+",
    "skipped": r"\d+",
    "time": r"\d+(\.\d+)?",
}
CASE = {"name": r".*", "classname": r".*", "time": r"\d+(\.\d+)?"}
OUTCOMES = {"failure": {"type", "message"}, "skipped": {"message"}}


def checked(text: str) -> ET.Element:
    """The suite of a document that both schemas accept."""
    root = ET.fromstring(text)  # noqa: S314  our own
    assert root.tag == "testsuites"
    (suite,) = root
    assert suite.keys() == list(SUITE)
    assert all(re.fullmatch(SUITE[name], value) for name, value in suite.items())
    first, *entries, out, err = suite
    assert (first.tag, out.tag, err.tag) == ("properties", "system-out", "system-err")
    for entry in entries:
        assert entry.tag == "testcase"
        assert entry.keys() == list(CASE)
        assert all(re.fullmatch(CASE[name], value) for name, value in entry.items())
        assert len(entry) <= 1
        assert all(set(outcome.keys()) == OUTCOMES[outcome.tag] for outcome in entry)
    for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped")):
        assert int(suite.get(attribute, "")) == len(list(suite.iter(tag)))
    return suite


def compared(of: Comparison) -> ET.Element:
    return checked(
        junit.render(
            cases.of_comparison(of),
            project=of.project,
            suite="parse",
            machine=of.machine.name,
            at=of.generated_at,
            seconds=of.seconds,
        )
    )


def reported(of: Report) -> ET.Element:
    now = datetime(2024, 5, 3, tzinfo=UTC)
    return checked(
        junit.render(
            cases.of_report(of), project="demo", suite="parse", machine="", at=now, seconds=0.0
        )
    )


def outcomes(suite: ET.Element) -> dict[str, str]:
    return {
        entry.get("name", ""): entry[0].tag if len(entry) else "passed"
        for entry in suite.iter("testcase")
    }


def test_cells_of_a_comparison_are_test_cases() -> None:
    suite = compared(mixed())
    assert outcomes(suite) == {
        "parse[size=10]": "failure",
        "parse[size=2000]": "passed",
        "render (python 3.11)": "passed",
        "render (python 3.12)": "skipped",
        "search": "skipped",
        "load": "failure",
        "dump": "skipped",
        "sort": "skipped",
        "stem": "passed",
    }
    (failure, lost) = suite.iter("failure")
    assert (
        failure.get("message") == "slower: parse[size=10]: +30.0 % [+29.0, +31.0], 2.00 → 2.60 ms"
    )
    assert (failure.text or "").splitlines()[1].startswith("slower: parse[size=10] instructions")
    assert (lost.get("message") or "").startswith("lost: load: 2 ms → -, benchmark failed at")
    assert set(outcomes(compared(nothing())).values()) == {"passed"}


def test_cells_of_a_report_are_test_cases() -> None:
    report = reports.releases()
    assert outcomes(reported(report)) == {
        "errors": "skipped",
        "startup": "passed",
        "validate": "passed",
        "validate[schema=flat]": "passed",
        "validate[schema=refs]": "failure",
    }
    (failure,) = reported(report).iter("failure")
    assert (failure.get("message") or "").startswith("regression at v4.18.0: validate[schema=refs]")
    known = tuple(replace(one, triage=Triage.expected) for one in report.findings)
    assert "failure" not in outcomes(reported(replace(report, findings=known))).values()
    assert set(outcomes(reported(reports.single())).values()) == {"skipped"}
    assert outcomes(reported(reports.empty())) == {}


def test_hostile_names_are_text_in_xml() -> None:
    of = comparison([row(cell(HOSTILE), None, reason=HOSTILE + "\ud800")], project=HOSTILE)
    (name,) = outcomes(compared(of))
    assert name == of.names[of.rows[0].cell.key].replace("\ufffe", "")


# SARIF --------------------------------------------------------------------------------


def of_shape(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def list_of(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


#: nothing is known of where benchmarks are
UNKNOWN = Whereabouts(known={}, otherwise=Place(file="tracker.yaml", line=7))

TEXT = of_shape(text={"type": "string", "minLength": 1})
REGION = of_shape(startLine={"type": "integer", "minimum": 1})
ARTIFACT = of_shape(uri={"type": "string", "format": "uri-reference"})
RESULT = of_shape(
    ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": 0},
    level={"enum": ["none", "note", "warning", "error"]},
    message=TEXT,
    partialFingerprints={"type": "object", "additionalProperties": {"type": "string"}},
    locations={"minItems": 1}
    | list_of(of_shape(physicalLocation=of_shape(artifactLocation=ARTIFACT, region=REGION))),
)
DRIVER = of_shape(
    name={"type": "string"},
    semanticVersion={"type": "string"},
    rules=list_of(of_shape(id={"type": "string"}, shortDescription=TEXT)) | {"uniqueItems": True},
)
#: the part of the schema of version 2.1.0 that is written
SARIF = of_shape(
    **{
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": list_of(of_shape(tool=of_shape(driver=DRIVER), results=list_of(RESULT))),
    }
)


def results(text: str) -> list[dict[str, Any]]:
    """The results of a document that fits the schema."""
    document = json.loads(text)
    validate(document, SARIF)
    (run,) = document["runs"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return list(run["results"])


def test_what_changed_between_two_commits_is_an_alert() -> None:
    where = replace(UNKNOWN, known={"parse": Place(file="my benchmarks/suite.py", line=12)})
    found = results(sarif.render(alerts.of_comparison(mixed()), where))
    assert [(one["ruleId"], one["level"]) for one in found] == [
        ("slower", "error"),
        ("slower", "error"),
        ("lost", "error"),
        ("faster", "note"),
    ]
    assert found[0]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "my%20benchmarks/suite.py"},
                "region": {"startLine": 12},
            }
        }
    ]
    elsewhere = found[2]["locations"][0]["physicalLocation"]
    assert elsewhere["artifactLocation"] == {"uri": "tracker.yaml"}
    prints = [one["partialFingerprints"]["primaryLocationLineHash"] for one in found]
    assert len(set(prints)) == 4
    again = results(sarif.render(alerts.of_comparison(mixed()), UNKNOWN))
    again_prints = [one["partialFingerprints"]["primaryLocationLineHash"] for one in again]
    assert again_prints == prints
    assert results(sarif.render(alerts.of_comparison(nothing()), UNKNOWN)) == []


def test_findings_are_alerts() -> None:
    report = reports.releases()
    found = results(sarif.render(alerts.of_report(report), UNKNOWN))
    levels = {(one["ruleId"], one["level"]) for one in found}
    assert levels == {
        ("regression", "error"),
        ("regression", "warning"),
        ("failed", "warning"),
        ("improvement", "note"),
    }
    assert len(found) == sum(len(one.effects) for one in report.findings)
    stored = results(sarif.render(alerts.of_findings(report.findings), UNKNOWN))
    assert [one["level"] for one in stored] == [one["level"] for one in found]
    settled = [replace(one, triage=Triage.false_alarm) for one in report.findings]
    assert {
        one["level"] for one in results(sarif.render(alerts.of_findings(settled), UNKNOWN))
    } == {"note"}


@pytest.mark.parametrize("kind", FindingKind)
def test_every_kind_of_finding_has_a_rule(kind: FindingKind) -> None:
    one = replace(reports.releases().findings[0], kind=kind, confirmation=Confirmation.confirmed)
    assert results(sarif.render(alerts.of_findings([one]), UNKNOWN))


def test_hostile_names_are_no_links() -> None:
    of = comparison([row(cell(HOSTILE), None, reason=HOSTILE)])
    (found,) = results(sarif.render(alerts.of_comparison(of), UNKNOWN))
    assert "://" not in found["message"]["text"]


# annotations --------------------------------------------------------------------------

#: a command of GitHub Actions as its runner reads it: name, properties, text
COMMAND = re.compile(r"::(error|warning|notice)(?: ([^:]*))?::(.*)")


def annotated(found: Iterable[Alert], places: Whereabouts = UNKNOWN) -> list[tuple[str, ...]]:
    """Command, properties and text of each line."""
    read = [COMMAND.fullmatch(line) for line in actions.lines(found, places)]
    return [one.groups(default="") for one in read if one]


def test_what_changed_is_shown_beside_the_code() -> None:
    known = {"parse": Place(file="my suites, all/suite.py", line=12)}
    found = annotated(alerts.of_comparison(mixed()), replace(UNKNOWN, known=known))
    assert [command for command, *_ in found] == ["error", "error", "error", "notice"]
    _, where, text = found[0]
    assert where == "file=my suites%2C all/suite.py,line=12,title=slower"
    assert text == "slower: parse[size=10]: +30.0 %25 [+29.0, +31.0], 2.00 → 2.60 ms"
    assert found[2][1] == "file=tracker.yaml,line=7,title=lost"


def test_hostile_names_are_no_commands() -> None:
    evil = "x\n::set-env name=A::b\r%0A::stop-commands::y"
    of = comparison([row(cell(evil), verdict(Outcome.slower, 0.1), reason=evil)])
    (line,) = actions.lines(alerts.of_comparison(of), UNKNOWN)
    assert len(line.splitlines()) == 1
    assert line.startswith("::error file=tracker.yaml,line=7,title=slower::")
    assert "%250A" in line


def test_what_github_would_not_show_is_counted() -> None:
    one, *_ = alerts.of_comparison(mixed())
    assert len(annotated([one] * 10)) == 10
    found = annotated([one] * 25)
    assert (len(found), found[-1]) == (10, ("error", "", "16 more alerts like these"))


# where benchmarks are -----------------------------------------------------------------


def located(
    benchmark: str, settings: Settings, path: Path | str = "", revision: str = ""
) -> tuple[str, int]:
    """The place of a benchmark of a suite at a path."""
    where = {"a": "sub/bench.py:3", "nowhere": "", "run": "suite.options.commands.run"}
    suite = replace(settings.suite, path=str(path), revision=revision)
    place = whereabouts(where, replace(settings, suite=suite)).of(benchmark)
    return place.file, place.line


def test_places_start_at_the_root_of_the_repository(tmp_path: Path) -> None:
    inside = tmp_path / "repo" / "perf" / "suite"
    inside.mkdir(parents=True)
    (tmp_path / "repo" / ".git").mkdir()
    there = replace(SETTINGS, root=tmp_path / "repo" / "perf")
    assert located("a", there, inside) == ("perf/suite/sub/bench.py", 3)
    assert located("a", there, inside / "one.py") == ("perf/suite/sub/bench.py", 3)
    assert located("a", there, "benchmarks", "main") == ("benchmarks/sub/bench.py", 3)
    assert located("a", there, tmp_path) == ("perf/tracker.yaml", 1)
    apart = replace(SETTINGS, root=tmp_path)
    assert located("a", apart, inside) == ("repo/perf/suite/sub/bench.py", 3)


def test_what_has_no_place_of_its_own_is_where_the_configuration_names_it(tmp_path: Path) -> None:
    sources = {
        "project.name": "tracker.yaml:2",
        "suite.path": "tracker.yaml:7",
        "suite.options.commands.runs.run": "tracker.yaml:9",
        "suite.options.commands.run.run": "tracker.yaml:12",
    }
    there = replace(SETTINGS, root=tmp_path, sources=sources)
    assert located("run", there) == ("tracker.yaml", 12)
    assert located("nowhere", there) == ("tracker.yaml", 7)
    assert located("gone", there) == ("tracker.yaml", 7)
    typed = replace(there, sources={"suite.path": "command line"})
    assert located("gone", typed) == ("tracker.yaml", 1)
    shared = replace(there, sources={"suite.path": "/etc/tracker/suite/ours.yaml:4"})
    assert located("gone", shared) == ("tracker.yaml", 1)
