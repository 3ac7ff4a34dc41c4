"""Git histories made to order: what the tests walk and what the project's own benchmark measures.

Written through ``git fast-import``, so a hundred commits take milliseconds, and with fixed names
and dates, so the same call gives the same SHAs on every machine. Standard library only.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

#: the functions of the sample package, each one a benchmark of its suites
FUNCTIONS = ("parse", "render", "search", "load")
#: when the first commit of a history is made; an offset on purpose, so that dates are not all UTC
START = datetime(2024, 1, 1, 12, tzinfo=timezone(timedelta(hours=1)))

_EMAIL = "dev@example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitPlan:
    """One commit to write."""

    #: path -> content of what differs from the first parent; None deletes
    files: Mapping[str, str | bytes | None] = field(default_factory=dict)
    message: str = "Change something"
    author: str = "Dév Eloper"
    when: datetime = START
    #: names of earlier plans, or revisions the repository has; None: the plan before
    parents: tuple[str, ...] | None = None
    tags: tuple[str, ...] = ()
    branch: str = "main"
    #: what ``parents`` and the result call it; "" for ``c`` and its index
    name: str = ""
    #: path -> SHA of submodules that it points at
    submodules: Mapping[str, str] = field(default_factory=dict)


def git(path: Path, *args: str, data: bytes | None = None) -> str:
    """What git says in ``path``, heedless of the configuration of whoever runs the tests.

    Raises:
        subprocess.CalledProcessError: git failed.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Dév Eloper",
        "GIT_AUTHOR_EMAIL": _EMAIL,
        "GIT_COMMITTER_NAME": "Dév Eloper",
        "GIT_COMMITTER_EMAIL": _EMAIL,
    }
    done = subprocess.run(
        ["git", *args], cwd=path, env=environment, input=data, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


def write_history(path: Path, plans: Sequence[CommitPlan]) -> dict[str, str]:
    """Write the plans as commits of the repository at ``path`` and check its head out.

    The repository is made where there is none. Where there is one, its branches go on from the
    parents that the plans name, or start anew, as after a force push.

    Returns:
        name of each plan -> SHA.
    """
    if not (path / ".git").exists():
        path.mkdir(parents=True, exist_ok=True)
        git(path, "init", "-q", f"--initial-branch={plans[0].branch}")
    names = [plan.name or f"c{index}" for index, plan in enumerate(plans)]
    marks = {name: f":{number}" for number, name in enumerate(names, start=1)}
    stream = b"".join(
        _commit(plan, marks[name], _parents(plan, index, names, marks))
        for index, (plan, name) in enumerate(zip(plans, names, strict=True))
    )
    exported = path / ".git" / "marks"
    git(path, "fast-import", "--quiet", "--force", f"--export-marks={exported}", data=stream)
    shas = dict(line.split() for line in exported.read_text().splitlines())
    git(path, "reset", "-q", "--hard")
    return {name: shas[mark] for name, mark in marks.items()}


def _parents(
    plan: CommitPlan, index: int, names: Sequence[str], marks: Mapping[str, str]
) -> tuple[str, ...]:
    if plan.parents is None:
        return (marks[names[index - 1]],) if index else ()
    return tuple(marks.get(parent, parent) for parent in plan.parents)


def _commit(plan: CommitPlan, mark: str, parents: tuple[str, ...]) -> bytes:
    person = f"{plan.author} <{_EMAIL}> {int(plan.when.timestamp())} {plan.when:%z}"
    lines = [
        # a root must not go on from where the branch is
        *([] if parents else [f"reset refs/heads/{plan.branch}\n".encode()]),
        f"commit refs/heads/{plan.branch}\nmark {mark}\n".encode(),
        f"author {person}\ncommitter {person}\n".encode(),
        _data(plan.message.encode()),
        *(
            f"{verb} {parent}\n".encode()
            for verb, parent in zip(["from", *["merge"] * len(parents)], parents, strict=False)
        ),
        *_changes(plan),
        *(f"\nreset refs/tags/{tag}\nfrom {mark}\n".encode() for tag in plan.tags),
    ]
    return b"".join([*lines, b"\n"])


def _changes(plan: CommitPlan) -> Iterator[bytes]:
    for path, content in plan.files.items():
        if content is None:
            yield f"D {_quoted(path)}\n".encode()
        else:
            yield f"M 100644 inline {_quoted(path)}\n".encode()
            yield _data(content.encode() if isinstance(content, str) else content)
    for path, sha in plan.submodules.items():
        yield f"M 160000 {sha} {_quoted(path)}\n".encode()


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleHistory:
    """A written history of the package ``sample``."""

    path: Path
    #: SHAs along the first-parent line, oldest first
    commits: tuple[str, ...]
    #: index of a merge -> SHA of the commit that it brings in
    sides: Mapping[int, str]
    #: directory of the package inside the repository
    subdirectory: str


def sample_project(
    path: Path,
    *,
    commits: int,
    changes: Mapping[int, float | Mapping[str, float]] | None = None,
    docs_only: Collection[int] = (),
    unbuildable: Collection[int] = (),
    syntax_errors: Collection[int] = (),
    raising: Mapping[int, str] | None = None,
    deleted: Mapping[int, str] | None = None,
    merges: Collection[int] = (),
    tags: Mapping[int, str] | None = None,
    non_ascii: bool = False,
    subdirectory: str = "",
    legacy: bool = False,
    work: int = 200,
    files: Mapping[str, str] | None = None,
) -> SampleHistory:
    """A small installable package ``sample`` and its history, every commit with other code.

    Args:
        path: where the repository is made.
        commits: length of the first-parent line.
        changes: lasting: from this commit on the functions (all of them for a bare number) cost
            this many times what they did.
        docs_only: commits that touch documentation alone.
        unbuildable: commits, each alone, that cannot be built.
        syntax_errors: commits, each alone, whose package cannot be imported.
        raising: commits, each alone, where one function raises.
        deleted: lasting: from this commit on the function is gone.
        merges: commits that merge a side commit, which starts at the commit before.
        tags: names of commits.
        non_ascii: messages and paths with letters from all over the world.
        subdirectory: where in the repository the package lies.
        legacy: ``setup.py`` alone instead of ``pyproject.toml``.
        work: turns of the loop behind each unit of ``size``; about 30 ns each.
        files: more files of the first commit, relative to the repository.
    """
    plans: list[CommitPlan] = []
    costs = dict.fromkeys(FUNCTIONS, float(work))
    revision = 0
    for index in range(commits):
        change = (changes or {}).get(index, {})
        factors = change if isinstance(change, Mapping) else dict.fromkeys(FUNCTIONS, change)
        costs = {name: cost * factors.get(name, 1.0) for name, cost in costs.items()}
        if gone := (deleted or {}).get(index):
            del costs[gone]
        revision = revision if index in docs_only else index
        tree: dict[str, str | None] = {
            "docs/notes.md": f"# Notes\n\nRevision {index}.\n",
            "setup.py": _setup(legacy=legacy, broken=index in unbuildable),
            "pyproject.toml": _project(legacy=legacy, broken=index in unbuildable),
            "src/sample/work.py": _module(costs, revision, raising=(raising or {}).get(index, "")),
            "src/sample/__init__.py": _package(broken=index in syntax_errors),
        }
        if non_ascii:
            tree["docs/Übersicht «計算» & 'more'.md"] = f"Größe {index}\n"
        when = START + timedelta(days=index)
        previous = f"c{index - 1}"
        if index in merges:
            side = {"src/sample/side.py": f"SIDE = {index}\n"}
            tree |= side
            plans.append(
                CommitPlan(
                    files=_below(subdirectory, side),
                    message=f"Work aside of {index}",
                    when=when - timedelta(hours=1),
                    parents=(previous,),
                    branch=f"side-{index}",
                    name=f"side-{index}",
                )
            )
        plans.append(
            CommitPlan(
                files=_below(subdirectory, tree) | (dict(files or {}) if index == 0 else {}),
                message=_message(index, non_ascii=non_ascii, docs_only=index in docs_only),
                when=when,
                parents=_line(index, merges),
                tags=tuple(filter(None, [(tags or {}).get(index)])),
                name=f"c{index}",
            )
        )
    shas = write_history(path, plans)
    return SampleHistory(
        path=path,
        commits=tuple(shas[f"c{index}"] for index in range(commits)),
        sides={index: shas[f"side-{index}"] for index in sorted(merges)},
        subdirectory=subdirectory,
    )


def _line(index: int, merges: Collection[int]) -> tuple[str, ...]:
    if index == 0:
        return ()
    return (f"c{index - 1}", *([f"side-{index}"] if index in merges else []))


def _below(subdirectory: str, files: Mapping[str, str | None]) -> dict[str, str | bytes | None]:
    return {f"{subdirectory}/{name}" if subdirectory else name: files[name] for name in files}


def _message(index: int, *, non_ascii: bool, docs_only: bool) -> str:
    what = "Document" if docs_only else "Change"
    return f"{what} number {index}" + (
        " — größer, «計算» and 'quoted' \"too\"" if non_ascii else ""
    )


_PYPROJECT = """\
[build-system]
{system}

[project]
name = "sample"
version = "1.0"
description = "A package that does counted work."
requires-python = ">=3.8"
"""

#: builds in a quarter of the time that setuptools needs
_FLIT = 'requires = ["flit_core>=3.8"]\nbuild-backend = "flit_core.buildapi"'

_SETUPTOOLS = 'requires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"'

_LEGACY_SETUP = """\
from setuptools import find_packages, setup

setup(
    name="sample",
    version="1.0",
    package_dir={"": "src"},
    packages=find_packages("src"),
)
"""

_BROKEN_SETUP = 'raise SystemExit("this commit cannot be built")\n'


def _setup(*, legacy: bool, broken: bool) -> str | None:
    if broken:
        return _BROKEN_SETUP
    return _LEGACY_SETUP if legacy else None


def _project(*, legacy: bool, broken: bool) -> str | None:
    if legacy:
        return None
    return _PYPROJECT.format(system=_SETUPTOOLS if broken else _FLIT)


def _package(*, broken: bool) -> str:
    return "def broken(:\n" if broken else '"""A package that does counted work."""\n'


def _module(costs: Mapping[str, float], revision: int, *, raising: str) -> str:
    functions = (
        f"""

def {name}(size=10):
    {'raise RuntimeError("this commit cannot do it")' if name == raising else "total = 0"}
    for turn in range(size * {round(cost)}):
        total += turn
    return total
"""
        for name, cost in costs.items()
    )
    return f"REVISION = {revision}\n{''.join(functions)}"


def write_suite(path: Path, *, sizes: Sequence[int] = ()) -> Path:
    """A suite file of the ``python`` harness: one benchmark a function, over ``sizes`` if any."""
    parameters = f'(params={{"size": {list(sizes)!r}}})' if sizes else ""
    argument = "size" if sizes else ""
    functions = (
        f"\n\n@benchmark{parameters}\ndef {name}({argument}):\n    work.{name}({argument})\n"
        for name in FUNCTIONS
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"from sample import work\nfrom tracker import benchmark\n{''.join(functions)}")
    return path


def asv_suite(
    *, repository: str = ".", subdirectory: str = "", sizes: Sequence[int] = ()
) -> dict[str, str]:
    """The same benchmarks as an asv suite: path -> content."""
    argument = "size" if sizes else ""
    functions = (
        f"\n\ndef time_{name}({argument}):\n    work.{name}({argument})\n"
        + (f"\n\ntime_{name}.params = {list(sizes)!r}\n" if sizes else "")
        + (f'time_{name}.param_names = ["size"]\n' if sizes else "")
        for name in FUNCTIONS
    )
    configuration = {
        "version": 1,
        "project": "sample",
        "project_url": "https://example.org/sample",
        "repo": repository,
        "repo_subdir": subdirectory,
        "branches": ["main"],
        "environment_type": "virtualenv",
        "benchmark_dir": "benchmarks",
        "matrix": {},
    }
    return {
        "asv.conf.json": json.dumps(configuration, indent=4) + "\n",
        "benchmarks/__init__.py": "",
        "benchmarks/benchmarks.py": f"from sample import work\n{''.join(functions)}",
    }


def write_asv_suite(
    directory: Path, *, repository: str = ".", subdirectory: str = "", sizes: Sequence[int] = ()
) -> Path:
    """Write ``asv_suite`` below ``directory``; gives the path of its ``asv.conf.json``."""
    suite = asv_suite(repository=repository, subdirectory=subdirectory, sizes=sizes)
    for name, content in suite.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(content)
    return directory / "asv.conf.json"
