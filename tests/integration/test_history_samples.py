"""The generator that other tests trust."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from tests.support.histories import FUNCTIONS, asv_suite, git, sample_project, write_suite


def module(path: Path, sha: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(git(path, "show", f"{sha}:src/sample/work.py"), names)  # noqa: S102 - our own text
    return names


def test_planted_commits_are_what_they_are_called(tmp_path: Path) -> None:
    path = tmp_path / "a 'sample'"
    history = sample_project(
        path,
        commits=9,
        changes={1: 2.0, 2: {"parse": 1.5}},
        docs_only=[3],
        unbuildable=[4],
        syntax_errors=[5],
        raising={6: "load"},
        deleted={7: "search"},
        merges=[8],
        work=100,
    )
    code = [module(path, sha) for sha in history.commits]
    turns = [sum(range(10 * factor)) for factor in (100, 200, 300)]
    assert [code[index]["parse"]() for index in (0, 1, 2, 8)] == [*turns, turns[2]]
    assert [code[index]["render"]() for index in (0, 1, 2, 8)] == [turns[0], *[turns[1]] * 3]
    assert code[3]["REVISION"] == 2
    assert git(path, "diff", "--name-only", *history.commits[2:4]) == "docs/notes.md"
    assert "SystemExit" in git(path, "show", f"{history.commits[4]}:setup.py")
    with pytest.raises(SyntaxError):
        ast.parse(git(path, "show", f"{history.commits[5]}:src/sample/__init__.py"))
    with pytest.raises(RuntimeError):
        code[6]["load"]()
    assert code[7]["load"]() == turns[1]
    assert [("search" in names) for names in code] == [True] * 7 + [False] * 2
    assert git(path, "rev-parse", f"{history.commits[8]}^2") == history.sides[8]
    assert len({names["REVISION"] for names in code}) == 8


def test_the_same_call_gives_the_same_commits(tmp_path: Path) -> None:
    one, other = (sample_project(tmp_path / name, commits=3, non_ascii=True) for name in "ab")
    assert one.commits == other.commits


def test_suites_have_a_benchmark_a_function(tmp_path: Path) -> None:
    suite = ast.parse(write_suite(tmp_path / "new" / "suite.py", sizes=[1, 2]).read_text())
    asv = ast.parse(asv_suite(sizes=[1, 2])["benchmarks/benchmarks.py"])
    names = [
        [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        for tree in (suite, asv)
    ]
    assert names == [list(FUNCTIONS), [f"time_{name}" for name in FUNCTIONS]]
