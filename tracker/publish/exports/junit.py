"""Cases as JUnit's XML, in the form that both common schemas of it accept.

There is no standard: the schemas are that of Ant's tasks, the stricter one, and that of Jenkins.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from xml.etree import ElementTree as ET  # only writes

from tracker.publish.exports.cases import Case, Result
from tracker.publish.wording import clean, xml_text


def render(
    cases: Iterable[Case], *, project: str, suite: str, machine: str, at: datetime, seconds: float
) -> str:
    """The document.

    Args:
        at: when it was made, aware.
        seconds: what it took, all cases together; what each took is not told.
    """
    found = tuple(cases)
    root = ET.Element("testsuites")
    top = ET.SubElement(
        root,
        "testsuite",
        {
            "name": _text(suite),
            "package": _text(project),
            "id": "0",
            "timestamp": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
            "hostname": _text(machine) or "localhost",
            "tests": str(len(found)),
            "failures": str(sum(one.result is Result.failed for one in found)),
            "errors": "0",
            "skipped": str(sum(one.result is Result.skipped for one in found)),
            "time": f"{seconds:.3f}",
        },
    )
    ET.SubElement(top, "properties")
    for case in found:
        _add(case, top, suite)
    ET.SubElement(top, "system-out")
    ET.SubElement(top, "system-err")
    ET.indent(root)
    return ET.tostring(root, "unicode", xml_declaration=True) + "\n"


def _add(case: Case, top: ET.Element, suite: str) -> None:
    attributes = {"name": _text(case.name), "classname": _text(suite), "time": "0"}
    entry = ET.SubElement(top, "testcase", attributes)
    told = [_text(line) for line in case.told]
    if case.result is Result.failed:
        failure = ET.SubElement(entry, "failure", {"type": "regression", "message": told[0]})
        failure.text = "\n".join(told)
    elif case.result is Result.skipped:
        ET.SubElement(entry, "skipped", {"message": "; ".join(told)})


def _text(text: str) -> str:
    return xml_text(clean(text))
