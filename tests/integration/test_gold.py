"""The gold suites that ship: read as a user would choose them, and never changed silently."""

import json
import shutil
from pathlib import Path

import pytest

from tracker import resources
from tracker.config.compose import load
from tracker.config.matrix import expand
from tracker.config.settings import Settings
from tracker.harnesses.registry import harness
from tracker.model.suites import Suite

NAMES = ("micro", "torch-core", "transformers-generation")
GOLD = resources.directory("benchmarks") / "gold"


def chosen(name: str, root: Path, *overrides: str) -> Settings:
    start = ("project=default", "project.name=demo", f"suite={name}", *overrides)
    return load(config=None, overrides=start, root=root)


def outline(settings: Settings, files: Path | None = None) -> Suite:
    suite = settings.suite
    return harness(suite.harness).outline(suite, files or Path(suite.path))


@pytest.mark.parametrize("name", NAMES)
def test_its_version_is_its_content(name: str, tmp_path: Path) -> None:
    suite = outline(chosen(name, tmp_path))
    known = json.loads((GOLD / "hashes.json").read_text())
    title = f"{suite.name}@{suite.version}"
    assert suite.gold
    assert suite.complete
    assert known.get(title) == suite.hash, (
        f"{title} changed: give it a new version in conf/suite/{name}.yaml, "
        f"and add that with {suite.hash} to benchmarks/gold/hashes.json"
    )


@pytest.mark.parametrize("name", NAMES)
def test_any_change_of_a_member_changes_its_hash(name: str, tmp_path: Path) -> None:
    settings = chosen(name, tmp_path)
    source = Path(settings.suite.path)
    directory = source if source.is_dir() else source.parent
    copy = Path(shutil.copytree(directory, tmp_path / "copy"))
    files = copy if source.is_dir() else copy / source.name
    assert outline(settings, files).hash == outline(settings).hash
    member = next(files.glob("[!_]*.py")) if files.is_dir() else files
    member.write_text(member.read_text() + "\n")
    assert outline(settings, files).hash != outline(settings).hash


def test_an_accelerator_gets_the_larger_models(tmp_path: Path) -> None:
    for name in ("torch-core", "transformers-generation"):
        small = chosen(name, tmp_path)
        large = chosen(name, tmp_path, "profile=gpu")
        cells = expand(large, outline(large)).cells
        assert {cell.device for cell in cells} == {"cuda"}
        assert {dict(cell.parameters).get("size", "'base'") for cell in cells} == {"'base'"}
        assert {dict(cell.parameters).get("compile") for cell in cells} >= {"False", "True"}
        cells = expand(small, outline(small)).cells
        assert {cell.device for cell in cells} == {"cpu"}
        assert {dict(cell.parameters).get("size", "'tiny'") for cell in cells} == {"'tiny'"}
