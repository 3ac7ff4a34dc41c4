"""What of a tree reaches a wheel."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.environments.source import active, is_inert, source_hash
from tracker.history.repository import TreeEntry


def entry(path: str, sha: str = "a" * 40, mode: str = "100644") -> TreeEntry:
    return TreeEntry(mode=mode, kind="blob", sha=sha, path=path)


@pytest.mark.parametrize(
    ("path", "glob", "inert"),
    [
        ("docs/guide/a.md", "docs/**", True),
        ("docs/guide/a.md", "docs", True),
        ("docs/guide/a.md", "docs/", True),
        ("docs.py", "docs/**", False),
        ("src/docs/a.md", "docs/**", False),
        ("src/docs/a.md", "**/docs", True),
        ("README.md", "*.md", True),
        ("src/pkg/template.md", "*.md", False),
        ("src/pkg/template.md", "**/*.md", True),
        ("CHANGELOG-old.txt", "CHANGELOG*", True),
        (".github/workflows/ci.yml", ".github/**", True),
        ("test1.py", "test[0-9].py", True),
        ("testa.py", "test[!0-9].py", True),
        ("a+b.py", "a+b.py", True),
        ("aab.py", "a+b.py", False),
        ("Übersicht «計算».md", "Ü*.md", True),
        ("x", "**", True),
    ],
)
def test_globs_start_at_the_root(path: str, glob: str, inert: bool) -> None:
    assert is_inert(path, [glob]) is inert


def test_inert_files_do_not_change_the_hash() -> None:
    before = [entry("src/a.py"), entry("docs/a.md", "b" * 40)]
    after = [entry("src/a.py"), entry("docs/a.md", "c" * 40), entry("docs/new.md")]
    inert = ["docs/**"]
    assert source_hash(active(before, inert)) == source_hash(active(after, inert))
    assert source_hash(before) != source_hash(after)


@pytest.mark.parametrize(
    "other", [entry("b.py"), entry("a.py", "b" * 40), entry("a.py", mode="100755")]
)
def test_name_content_and_mode_change_the_hash(other: TreeEntry) -> None:
    assert source_hash([entry("a.py")]) != source_hash([other])


@given(st.lists(st.text("ab/é", min_size=1), unique=True))
def test_order_does_not_change_the_hash(paths: list[str]) -> None:
    entries = [entry(path) for path in paths]
    assert source_hash(entries) == source_hash(reversed(entries))
