"""Models measured at every commit: what a torch suite finds, and how its processes start."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.conftest import QUICK, Desk
from tests.support.histories import git
from tests.support.ml import ROOT, python_with_torch

pytestmark = pytest.mark.ml

LAYERS = """\
import torch


def model(width):
    layers = [torch.nn.Linear(width, width) for _ in range({layers})]
    return torch.nn.Sequential(*layers)
"""
SUITE = """\
import torch
from tracker import benchmark, workload
import sample


@workload(params={"batch": [1, 2, 8]}, items="batch")
def forward(batch):
    return sample.model(64), torch.randn(batch, 64)


@workload(do="train", params={"batch": [8]}, items="batch")
def step(batch):
    return sample.model(64), torch.randn(batch, 64)


@workload()
def broken():
    return torch.nn.Identity(), torch.full((2,), float("nan"))
"""
CONFIGURATION = """\
defaults:
  - tracker
  - override suite: torch
  - _self_
project: {name: layers, repository: repo, package: sample}
suite: {name: layers, path: suite.py, options: {share_start: true}}
environment: {requires: [torch==2.13.0, numpy]}
"""


def history(root: Path) -> list[str]:
    """Three commits, of which the second makes the model larger by half."""
    (root / "sample").mkdir(parents=True)
    git(root, "init", "-q")
    (root / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "sample"\nversion = "1"\n'
    )
    commits = []
    for number, layers in enumerate((2, 3, 3)):
        text = LAYERS.format(layers=layers) + f"\n\nCOMMIT = {number}\n"
        (root / "sample" / "__init__.py").write_text(text)
        git(root, "add", ".")
        git(root, "commit", "-qm", f"{layers} layers")
        commits.append(git(root, "rev-parse", "HEAD"))
    return commits


def test_a_larger_model_is_found_by_its_work(desk: Desk) -> None:
    python_with_torch()  # where it could be installed, an environment can have it too
    assert ROOT
    commits = history(desk.directory / "repo")
    (desk.directory / "suite.py").write_text(SUITE)
    (desk.directory / "tracker.yaml").write_text(CONFIGURATION)
    result = desk.tracker(
        *("run", "--json", "ALL", *QUICK, "policy.processes=2"),
        *("policy.confirm_seconds=0", "policy.counts=work"),
        timeout=400,
    )
    report = result.report
    found = [one for one in report["findings"] if one["kind"] == "regression"]
    assert {one["commit"] for one in found} == {commits[1]}, result.err
    metrics = {effect["metric"] for one in found for effect in one["effects"]}
    assert {"flops", "parameters", "operators", "parameter_memory"} <= metrics
    flops = [effect for one in found for effect in one["effects"] if effect["metric"] == "flops"]
    effects = [effect["verdict"]["effect"] for effect in flops]
    assert effects == pytest.approx([0.5] * len(flops), abs=0.2)
    assert flops
    assert result.status == 1
    (failure,) = report["failures"]
    assert failure["title"] == "broken"
    assert failure["reason"] == "the output has NaN"
