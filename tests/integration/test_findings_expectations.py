"""Announced changes, read from versions of a file in real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.histories import CommitPlan, write_history
from tracker.config.places import Places
from tracker.errors import ConfigurationError
from tracker.findings.expectations import FILE, expectations
from tracker.findings.lifecycle import Expectation
from tracker.history.repository import Repository


def opened(tmp_path: Path, *versions: str | None) -> tuple[Repository, list[str]]:
    """A linear history in which the file has these contents."""
    plans = []
    for number, text in enumerate(versions):
        files: dict[str, str | bytes | None] = {"a.py": f"{number}\n"}
        if text is not None or (number and versions[number - 1] is not None):
            files[FILE] = text
        plans.append(CommitPlan(files=files, message=f"Change {number}"))
    shas = write_history(tmp_path / "repo", plans)
    places = Places(cache=tmp_path / "cache", state=tmp_path / "state")
    repository = Repository.open(str(tmp_path / "repo"), places=places, root=tmp_path)
    return repository, [shas[f"c{number}"] for number in range(len(versions))]


OWN = "- {benchmark: 'parse*', reason: 'checks  more'}\n"


def test_an_entry_holds_at_the_commit_that_brings_it(tmp_path: Path) -> None:
    repository, shas = opened(tmp_path, None, OWN, OWN, None)
    pairs = list(zip(shas[1:], shas[:-1], strict=True))
    found = expectations(repository, shas[-1], pairs)
    own = Expectation(commit="", benchmark="parse*", reason="checks more")
    assert found == {shas[1]: (own,), shas[2]: (), shas[3]: ()}


def test_an_entry_with_a_commit_is_read_from_the_newest_version(tmp_path: Path) -> None:
    repository, (first, second) = opened(tmp_path, None, None)
    repository, shas = opened(
        tmp_path / "again", None, None, f"- {{commit: {second[:9]}, benchmark: '*', reason: x}}\n"
    )
    assert shas[:2] == [first, second]  # the same content makes the same commits
    found = expectations(repository, shas[2], [(second, first)])
    assert [one.reason for one in found[second]] == ["x"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {benchmark: x}\n", "needs a reason"),
        ("- {reason: x}\n", "needs a benchmark"),
        ("- {benchmark: x, reason: y, comit: z}\n", "unknown key 'comit'"),
        ("a: b\n", "must be a list"),
        ("- {", FILE),
    ],
)
def test_mistakes_in_the_newest_version_are_told(tmp_path: Path, text: str, said: str) -> None:
    repository, shas = opened(tmp_path, OWN, text)
    with pytest.raises(ConfigurationError) as told:
        expectations(repository, shas[1], [(shas[1], shas[0])])
    assert said in str(told.value.problems)
    assert expectations(repository, shas[0], [(shas[1], shas[0])])[shas[1]] == ()
