"""The files that users copy, read by the tools that will read them there, or by their schemas."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "ci" / "templates"
#: five fields of a time, and what is done then
_LINE = re.compile(r"^((?:[\d*]\S*\s+){5})(\S.*)$", re.MULTILINE)


def said(command: Sequence[str], **environment: str) -> str:
    """What a linter complains about; "" where it does not."""
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr if done.returncode or done.stderr else ""


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        ("github.yaml", "vendor.github-workflows"),
        ("github-compare.yaml", "vendor.github-workflows"),
        ("github-pages.yaml", "vendor.github-workflows"),
        ("gitlab.yaml", "vendor.gitlab-ci"),
    ],
)
def test_ci_systems_understand_it(file: str, schema: str) -> None:
    pytest.importorskip("check_jsonschema", reason="`ci/setup` brings it")
    lint = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema]
    assert said([*lint, str(TEMPLATES / file)]) == ""


def test_actionlint_has_nothing_against_it(tmp_path: Path) -> None:
    tool = shutil.which("actionlint")
    if tool is None:
        pytest.skip("no actionlint here")
    configuration = tmp_path / "actionlint.yaml"
    configuration.write_text("self-hosted-runner: {labels: [benchmarks]}", encoding="utf-8")
    workflows = sorted(map(str, TEMPLATES.glob("github*.yaml")))
    assert said([tool, "-config-file", str(configuration), *workflows]) == ""


def test_times_are_times() -> None:
    cronsim = pytest.importorskip("cronsim", reason="`ci/setup` brings it")
    workflow = yaml.safe_load((TEMPLATES / "github.yaml").read_text("utf-8"))
    # to YAML 1.1 the key `on` is true
    times = [entry["cron"] for entry in workflow[True]["schedule"]]
    times += [time for time, _ in _LINE.findall((TEMPLATES / "crontab").read_text("utf-8"))]
    assert len(times) == 2
    for time in times:
        cronsim.CronSim(time.strip(), datetime.now(UTC))


def test_systemd_understands_it(tmp_path: Path) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("no systemd here")
    for name in ("tracker-nightly.service", "tracker-nightly.timer"):
        text = (TEMPLATES / name).read_text("utf-8")
        # it also looks whether the program is there
        here = text.replace("%h/.local/bin/tracker", sys.executable)
        (tmp_path / name).write_text(here, encoding="utf-8")
    lint = [tool, "verify", "--user", "--man=no"]
    units = sorted(map(str, tmp_path.iterdir()))
    assert said([*lint, *units], XDG_RUNTIME_DIR=str(tmp_path)) == ""


@pytest.mark.parametrize("path", [ROOT / "ci" / "nightly", TEMPLATES / "crontab"])
def test_shells_understand_it(path: Path) -> None:
    text = path.read_text("utf-8")
    commands = [rest for _, rest in _LINE.findall(text)] if path.name == "crontab" else [text]
    assert all(said(["bash", "-n", "-c", command]) == "" for command in commands)
