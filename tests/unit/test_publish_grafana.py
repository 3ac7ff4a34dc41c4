from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import pytest
import yaml

from tests.support import grafana
from tracker.publish.grafana.api import alerts
from tracker.publish.grafana.api.contents import NAME, TITLE
from tracker.publish.grafana.parts import SOURCE
from tracker.publish.grafana.render import documents

ROOT = grafana.DASHBOARDS.parent
NAMES = sorted(path.stem for path in grafana.DASHBOARDS.glob("*.json"))
STATEMENTS = list(grafana.asked())


def test_what_is_committed_is_what_the_code_makes() -> None:
    """`python -m tracker.publish.grafana grafana/dashboards` writes it anew."""
    committed = {path.name: path.read_text("utf-8") for path in grafana.DASHBOARDS.glob("*.json")}
    assert committed == documents()


@pytest.mark.parametrize("name", NAMES)
def test_panels_are_numbered_and_do_not_overlap(name: str) -> None:
    panels = grafana.dashboard(name)["panels"]
    assert [panel["id"] for panel in panels] == list(range(1, len(panels) + 1))
    places = [panel["gridPos"] for panel in panels]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    assert not any(_overlap(one, other) for one, other in combinations(places, 2))


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(
        one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    )


@pytest.mark.parametrize("one", STATEMENTS, ids=str)
def test_statements_keep_to_what_every_version_of_grafana_understands(
    one: grafana.Asked,
) -> None:
    """Values are always quoted, and only for variables of this dashboard; no comments."""
    own = {v["name"] for v in grafana.dashboard(one.dashboard)["templating"]["list"]}
    assert set(re.findall(r"\$\{(\w+):sqlstring\}", one.sql)) <= own
    assert not re.search(r"\$(?!\{\w+:sqlstring\}|__timeFilter\(|__interval_ms\b)", one.sql)
    assert "--" not in one.sql
    assert "/*" not in one.sql


@pytest.mark.parametrize("name", NAMES)
def test_variables_ask_only_those_before_them(name: str) -> None:
    known: set[str] = set()
    for variable in grafana.dashboard(name)["templating"]["list"]:
        if variable["type"] == "query":
            assert set(re.findall(r"\$\{(\w+):", variable["query"])) <= known
        known.add(variable["name"])


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_to_dashboards_and_variables_that_there_are(name: str) -> None:
    known = {
        whole["uid"]: {variable["name"] for variable in whole["templating"]["list"]}
        for whole in map(grafana.dashboard, NAMES)
    }
    addresses = [link["url"] for link in grafana.dashboard(name)["links"] if link["type"] == "link"]
    for panel in grafana.panels():
        addresses += panel.links() if panel.dashboard == name else []
    for address in addresses:
        assert set(re.findall(r"\$\{(\w+):", address)) <= known[f"commit-tracker-{name}"]
        if found := re.match(r"/d/([^?]+)\?", address):
            assert set(re.findall(r"[?&]var-(\w+)=", address)) <= known[found[1]]
        else:
            assert address == "${__value.raw}"


def test_provisioning_makes_what_the_dashboards_refer_to() -> None:
    sources = _yaml("provisioning/datasources/tracker.yaml")["datasources"]
    assert [(one["type"], one["uid"]) for one in sources] == [(SOURCE.type_val, SOURCE.uid)]
    grafana_service = _yaml("compose.yaml")["services"]["grafana"]
    (provider,) = _yaml("provisioning/dashboards/tracker.yaml")["providers"]
    places = dict(volume.split(":")[:2] for volume in grafana_service["volumes"])
    assert all((ROOT / place).exists() for place in places if place.startswith("."))
    assert places["./dashboards"] == provider["options"]["path"]
    home = grafana_service["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (ROOT / "dashboards" / home.removeprefix(f"{places['./dashboards']}/")).exists()
    assert (provider["folder"], provider["folderUid"]) == (TITLE, NAME)
    # every variable that files ask for comes from the compose file
    called = alerts.provisioning(alerts.contact("https://example.org"))
    asked = set(re.findall(r"\$(TRACKER_\w+)", yaml.safe_dump(sources) + called))
    assert asked == {name for name in grafana_service["environment"] if "TRACKER" in name}


def test_nothing_listens_for_other_machines_and_no_password_is_written_down() -> None:
    for service in _yaml("compose.yaml")["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
        for name, value in service["environment"].items():
            assert "PASSWORD" not in name or value.startswith("${")


def _yaml(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / name).read_text("utf-8")))
