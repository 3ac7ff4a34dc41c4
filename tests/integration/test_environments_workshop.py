"""Commits become interpreters: real git, real uv, real builds."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.histories import CommitPlan, sample_project, write_history
from tests.support.series import POLICY
from tests.support.waiting import set_once
from tests.unit.test_environments_content import write_wheel
from tracker.config.commands import CommandLine, command_line
from tracker.config.places import Places
from tracker.config.settings import (
    EnvironmentSettings,
    ExecutorSettings,
    HistorySettings,
    Level,
    NotifySettings,
    ProjectSettings,
    Settings,
    StoreSettings,
    SuiteSettings,
)
from tracker.environments.workshop import Workshop
from tracker.environments.worktrees import Worktrees
from tracker.errors import ConfigurationError, RevisionError, SuiteError, TrackerError
from tracker.history.repository import Repository
from tracker.machine.sandbox import available
from tracker.model.cells import EnvironmentRequest
from tracker.model.commits import Commit
from tracker.model.environments import Build, BuildFailure, EnvironmentClass

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
PINNED = EnvironmentRequest(recipe="pinned", python=PYTHON)
EVERYTHING = HistorySettings(first_parent=True, since="", tags=(), every=1, paths=())


SETUP = "from setuptools import setup\nsetup(name='thing', py_modules=['thing'])\n"


def lines(*texts: str) -> tuple[CommandLine, ...]:
    return tuple(map(command_line, texts))


class Bench:
    """A repository and a workshop on it."""

    def __init__(self, root: Path, places: Places) -> None:
        self.root = root
        self.places = places
        self.project = root / "the project ü"

    def open(
        self, *, subdirectory: str = "", sandbox: bool = False, **environment: Any
    ) -> Workshop:
        repository = Repository.open(str(self.project), places=self.places, root=self.root)
        self.commits = repository.commits("ALL", EVERYTHING)
        settings = _settings(self.root, subdirectory, environment)
        settings = replace(settings, executor=replace(settings.executor, sandbox=sandbox))
        return Workshop(settings=settings, repository=repository, places=self.places)

    def write(self, *trees: Mapping[str, str | bytes | None], **fields: Any) -> None:
        write_history(self.project, [CommitPlan(files=tree, **fields) for tree in trees])


def _settings(root: Path, subdirectory: str, environment: Mapping[str, Any]) -> Settings:
    defaults = EnvironmentSettings(
        recipes=("pinned",),
        pythons=(PYTHON,),
        requires=(),
        extras=(),
        build_requires=(),
        identity=True,
        inert_paths=("docs/**",),
        submodules=False,
        lfs=False,
        build_timeout=120.0,
        cache_bytes=10**9,
    )
    return Settings(
        notify=NotifySettings(to={}, level=Level.normal),
        project=ProjectSettings(
            name="sample",
            repository=".",
            subdirectory=subdirectory,
            branch="",
            package="",
            commit_url="",
        ),
        history=EVERYTHING,
        suite=SuiteSettings(
            name="s", harness="python", path="s.py", revision="", version="", gold=False
        ),
        environment=replace(defaults, **environment),
        executor=ExecutorSettings(kind="local", build_jobs=2, sandbox=False, passthrough=()),
        store=StoreSettings(url=""),
        policy=POLICY,
        matrices=(),
        profile="full",
        root=root,
        resolved={},
        sources={},
    )


@pytest.fixture(scope="session")
def builders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build environments that all tests share: installing setuptools takes a second each time."""
    return tmp_path_factory.mktemp("builders")


@pytest.fixture
def bench(tmp_path: Path, places: Places, builders: Path) -> Iterator[Bench]:
    places.cache.mkdir()
    (places.cache / "builders").symlink_to(builders)
    yield Bench(tmp_path, places)
    _allow_removal(places.cache)


def _allow_removal(directory: Path) -> None:
    for path, _, _ in os.walk(directory):
        os.chmod(path, 0o700)  # noqa: PTH101 - exported suites are read-only


def build(workshop: Workshop, commit: Commit, request: EnvironmentRequest = PINNED) -> Build:
    (environment_class,) = assigned(workshop, [commit], request)[commit.sha]
    outcome = workshop.build(commit, environment_class)
    assert isinstance(outcome, Build), outcome
    return outcome


def failure(workshop: Workshop, commit: Commit) -> BuildFailure:
    classes = workshop.assign([commit], PINNED, ())[commit.sha]
    outcome = classes if isinstance(classes, BuildFailure) else workshop.build(commit, classes[0])
    assert isinstance(outcome, BuildFailure), outcome
    return outcome


def assigned(
    workshop: Workshop,
    commits: Sequence[Commit],
    request: EnvironmentRequest = PINNED,
    known: Sequence[EnvironmentClass] = (),
) -> dict[str, tuple[EnvironmentClass, ...]]:
    classes = {}
    for sha, outcome in workshop.assign(commits, request, known).items():
        assert isinstance(outcome, tuple), outcome
        classes[sha] = outcome
    return classes


def says(python: Path, code: str) -> str:
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def scripted(name: str, setup: str, **files: str) -> dict[str, str | bytes | None]:
    """A project of one module with a ``setup.py``."""
    return {
        "setup.py": f"from setuptools import Extension, setup\nsetup(name={name!r}, {setup})\n",
        **files,
    }


def empty(directory: Path) -> bool:
    return not directory.exists() or not any(directory.iterdir())


def test_each_commit_runs_its_own_code(bench: Bench) -> None:
    sample_project(bench.project, commits=4, docs_only=[2], non_ascii=True)
    with bench.open() as workshop:
        builds = [build(workshop, commit) for commit in bench.commits]
        for commit, made, revision in zip(bench.commits, builds, (0, 1, 1, 3), strict=True):
            python = workshop.interpreter(commit, made)
            prefix, place, cached, number = says(
                python,
                "import sys, sample.work as w\n"
                "print(sys.prefix, w.__file__, w.__cached__, w.REVISION, sep='\\n')",
            ).splitlines()
            assert int(number) == revision
            assert Path(prefix) == python.parent.parent
            assert Path(place).is_relative_to(prefix)
            assert Path(cached).exists()
    assert builds[1] == builds[2]
    assert len({made.key for made in builds}) == 3
    assert builds[0].environment.packages == (("sample", "1.0"),)
    assert builds[0].environment.python.startswith(f"cpython-{PYTHON}.")
    assert builds[0].installed_bytes > 0
    assert len({made.environment.hash for made in builds}) == 1
    assert empty(bench.places.worktrees)
    assert empty(bench.places.scratch)
    assert len(list(bench.places.wheels.glob("*/*.whl"))) == 3


def test_without_identity_every_commit_is_a_build_of_its_own(bench: Bench) -> None:
    sample_project(bench.project, commits=2, docs_only=[1])
    with bench.open(identity=False) as workshop:
        builds = [build(workshop, commit) for commit in bench.commits]
    assert builds[0].key != builds[1].key


def test_commits_that_cannot_be_built_say_why(bench: Bench) -> None:
    sample_project(bench.project, commits=3, unbuildable=[1])
    with bench.open() as workshop:
        said = failure(workshop, bench.commits[1])
        assert said.reason == "SystemExit: this commit cannot be built"
        assert "Traceback" in said.log
        build(workshop, bench.commits[2])
    assert empty(bench.places.worktrees)
    assert empty(bench.places.scratch)


def test_a_build_that_never_ends_is_ended(bench: Bench) -> None:
    bench.write({"setup.py": "import time\ntime.sleep(600)\n"})
    with bench.open(build_timeout=1.0) as workshop:
        build_env_first = failure(workshop, bench.commits[0])
    assert "environment.build_timeout=1 seconds" in build_env_first.reason


def test_builds_see_no_credentials(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "secret")
    monkeypatch.setenv("UV_INDEX_SECRET_PASSWORD", "secret")
    setup = "import os\nraise SystemExit(f'seen {[n for n in os.environ if \"PASS\" in n]}')\n"
    bench.write({"setup.py": setup})
    with bench.open() as workshop:
        assert failure(workshop, bench.commits[0]).reason == "SystemExit: seen []"


@pytest.mark.parametrize("legacy", [False, True])
def test_a_package_below_the_root(bench: Bench, legacy: bool) -> None:
    sample_project(bench.project, commits=1, subdirectory="libs/a b", legacy=legacy)
    with bench.open(subdirectory="libs/a b") as workshop:
        made = build(workshop, bench.commits[0])
        python = workshop.interpreter(bench.commits[0], made)
        assert says(python, "import sample.work as w; print(w.REVISION)") == "0"
    with bench.open(subdirectory="libs/other") as workshop:
        assert "no directory 'libs/other'" in failure(workshop, bench.commits[0]).reason


def test_compiled_extensions_are_the_same_wherever_they_were_built(bench: Bench) -> None:
    source = (
        "#include <Python.h>\n"
        "static PyObject *answer(PyObject *self, PyObject *none) {"
        " return PyUnicode_FromString(__FILE__); }\n"
        'static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, 0}, {0}};\n'
        'static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "native", 0, -1, methods};\n'
        "PyMODINIT_FUNC PyInit_native(void) { return PyModule_Create(&module); }\n"
    )
    tree = scripted("native", "ext_modules=[Extension('native', ['native.c'])]")
    bench.write(
        {**tree, "native.c": source},
        {"native.c": f"/* only a comment */\n{source}"},
        {"native.c": source.replace("__FILE__", '"other"')},
    )
    with bench.open() as workshop:
        builds = [build(workshop, commit) for commit in bench.commits]
        python = workshop.interpreter(bench.commits[0], builds[0])
        assert says(python, "import native; print(native.answer())") == "native.c"
    assert builds[0].key == builds[1].key != builds[2].key
    wheels = [path.read_bytes() for path in bench.places.wheels.glob("*/*.whl")]
    assert len(set(wheels)) == 3


def test_the_version_comes_from_tags_and_does_not_count(bench: Bench) -> None:
    setup = (
        "import subprocess\nfrom setuptools import setup\n"
        "said = subprocess.check_output(['git', 'describe', '--tags', '--long'], text=True)\n"
        "version = said.split('-')[0][1:] + '.post' + said.split('-')[1]\n"
        "open('thing/_version.py', 'w').write(f'version = {version!r}\\n')\n"
        "setup(name='thing', version=version, packages=['thing'])\n"
    )
    write_history(
        bench.project,
        [
            CommitPlan(files={"setup.py": setup, "thing/__init__.py": ""}, tags=("v1.5",)),
            CommitPlan(files={"NOTES": "more"}),
        ],
    )
    with bench.open() as workshop:
        builds = [build(workshop, commit) for commit in bench.commits]
    assert builds[0].environment.packages == (("thing", "1.5.post0"),)
    assert builds[0].key == builds[1].key


def test_what_hooks_ask_for_extends_the_build_environment(bench: Bench) -> None:
    tree = scripted("thing", "py_modules=['thing'], setup_requires=['pathspec']")
    needs = "import sys\nif 'bdist_wheel' in sys.argv:\n    import pathspec\n"
    bench.write({"setup.py": f"{needs}{tree['setup.py']!s}", "thing.py": ""})
    with bench.open() as workshop:
        build(workshop, bench.commits[0])


def test_a_project_older_than_its_setuptools_is_built_by_an_older_one(bench: Bench) -> None:
    bench.write({"setup.py": "import pkg_resources\n" + SETUP, "thing.py": ""})
    with bench.open() as workshop:
        build(workshop, bench.commits[0])


def test_a_build_lacks_what_nobody_named(bench: Bench) -> None:
    tree = {"setup.py": "import pathspec\n" + SETUP, "thing.py": ""}
    bench.write(tree)
    with bench.open() as workshop:
        assert "environment.build_requires" in failure(workshop, bench.commits[0]).reason
    with bench.open(build_requires=("pathspec",)) as workshop:
        build(workshop, bench.commits[0])


#: as asv users write them
WHEEL = "python -mpip wheel --no-deps --no-build-isolation -w {build_cache_dir} {build_dir}"


def test_a_project_is_built_by_its_own_command_lines(bench: Bench) -> None:
    tree = {**scripted("thing", "py_modules=['thing']"), "thing.py": "ANSWER = 1\n"}
    bench.write({**tree, "change.py": "open('thing.py', 'a').write('ANSWER = 2\\n')\n"})
    with bench.open() as workshop:
        hooked = build(workshop, bench.commits[0])
    changed = lines("return-code=3 python -c 'raise SystemExit(3)'", "python change.py", WHEEL)
    with bench.open(build_commands=changed) as workshop:
        made = build(workshop, bench.commits[0])
        python = workshop.interpreter(bench.commits[0], made)
        assert says(python, "import thing; print(thing.ANSWER)") == "2"
        cached = "import thing, pathlib; print(pathlib.Path(thing.__cached__).exists())"
        assert says(python, cached) == "True"
    assert made.key != hooked.key
    assert made.environment == hooked.environment
    assert empty(bench.places.scratch)


@pytest.mark.parametrize(
    "build_lines",
    [
        ["PIP_NO_BUILD_ISOLATION=false python -m build --wheel -o {build_cache_dir} {build_dir}"],
        ["return-code=any python -c 'raise SystemExit(7)'", WHEEL],
    ],
)
def test_what_asv_projects_have_gives_what_the_hooks_give(
    bench: Bench, build_lines: list[str]
) -> None:
    sample_project(bench.project, commits=1, subdirectory="a b", legacy=True)
    with bench.open(subdirectory="a b") as workshop:
        hooked = build(workshop, bench.commits[0])
    with bench.open(subdirectory="a b", build_commands=lines(*build_lines)) as workshop:
        assert build(workshop, bench.commits[0]) == hooked


def test_what_was_installed_becomes_the_wheel(bench: Bench) -> None:
    setup = (
        "py_modules=['thing'], scripts=['say'], data_files=[('share/thing', ['data'])],"
        " entry_points={'console_scripts': ['thing = thing:main']}"
    )
    said = "#!/usr/bin/env python\nimport thing\nprint(thing.main())\n"
    module = "def main():\n    return 'here'\n"
    bench.write({**scripted("thing", setup), "thing.py": module, "say": said, "data": "text"})
    with bench.open() as workshop:
        hooked = build(workshop, bench.commits[0])
    install = lines(
        "python -mpip install --no-build-isolation {build_dir}",
        "in-dir={env_dir} python -c 'import thing, sys; assert sys.prefix in thing.__file__'",
    )
    with bench.open(install_commands=install) as workshop:
        made = build(workshop, bench.commits[0])
        python = workshop.interpreter(bench.commits[0], made)
        assert (python.parent.parent / "share/thing/data").read_text() == "text"
        for script in ("say", "thing"):
            assert (python.parent / script).exists()
        done = subprocess.run([python.parent / "say"], capture_output=True, text=True, check=True)
        assert done.stdout == "here\n"
    assert made.content == hooked.content


@pytest.mark.parametrize(
    ("build_lines", "install_lines", "reason"),
    [
        (["python -c 'raise SystemExit(\"no luck\")'"], [], "status 1: no luck"),
        (["make-nothing {build_dir}"], [], "names the program make-nothing, which is not there"),
        (["./build"], [], "names the program ./build, which is not there"),
        (["in-dir={env_dir}/x python -c 1"], [], "starts in {env_dir}/x, which is not there"),
        (["python -c 1"], [], "left nothing in {build_cache_dir}, and not one wheel"),
        ([], ["python -c 1"], "installed nothing, and not the project"),
        (
            [],
            ["python -mpip install --no-build-isolation -e {build_dir}"],
            "in editable mode, and the work tree goes away",
        ),
    ],
)
def test_command_lines_that_build_nothing_say_why(
    bench: Bench, build_lines: list[str], install_lines: list[str], reason: str
) -> None:
    sample_project(bench.project, commits=1)
    with bench.open(
        build_commands=lines(*build_lines), install_commands=lines(*install_lines)
    ) as workshop:
        assert reason in failure(workshop, bench.commits[0]).reason
    assert empty(bench.places.scratch)


def test_command_lines_are_told_where_they_are_and_see_no_credentials(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "secret")
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:secret@example.org/simple")
    show = (
        "in-dir={env_dir} MINE={project} python -c 'import os; print(*("
        'f"{{k}}={{v}}" for k, v in sorted(os.environ.items())), os.getcwd(), sep="|");'
        "raise SystemExit(1)'"
    )
    sample_project(bench.project, commits=1)
    with bench.open(build_commands=lines(show)) as workshop:
        log = failure(workshop, bench.commits[0]).log
    assert "secret" not in log
    said = dict(part.partition("=")[::2] for part in log.strip().split("|"))
    assert said["ASV"] == "true"
    assert said["ASV_COMMIT"] == bench.commits[0].sha
    assert said["ASV_CONF_DIR"] == str(bench.root)
    assert said["MINE"] == said["ASV_PROJECT"] == "sample"
    assert said["PWD"] == said["ASV_ENV_DIR"] == log.strip().split("|")[-1]
    assert said["PATH"].startswith(said["ASV_ENV_DIR"])
    assert Path(said["ASV_BUILD_DIR"]).parent == bench.places.worktrees


def test_command_lines_share_the_time_of_a_build(bench: Bench) -> None:
    sample_project(bench.project, commits=1)
    endless = lines("python -c 'import time; time.sleep(600)'")
    with bench.open(build_commands=endless, build_timeout=1.0) as workshop:
        reason = failure(workshop, bench.commits[0]).reason
    assert "environment.build_timeout=1 seconds" in reason


@pytest.mark.skipif(not available(), reason="bubblewrap does not work here")
def test_walls_around_a_build_leave_it_what_it_needs(bench: Bench) -> None:
    (bench.places.cache / "builders").unlink()  # leads out of what the walls let through
    sample_project(bench.project, commits=1)
    with bench.open(sandbox=True) as workshop:
        build(workshop, bench.commits[0])
    with socket.create_server(("127.0.0.1", 0)) as server:
        reach = f"import socket\nsocket.create_connection({server.getsockname()!r}, 1)\n"
        write_history(bench.project, [CommitPlan(files={"setup.py": f"{reach}{SETUP}"})])
        with bench.open(sandbox=True) as workshop:
            assert "refused" in failure(workshop, bench.commits[0]).reason


def test_a_package_may_change_its_name(bench: Bench) -> None:
    bench.write(
        scripted("older", "py_modules=['older']", **{"older.py": "NAME = 'older'\n"}),
        {**scripted("newer", "py_modules=['newer']", **{"newer.py": "NAME = 'newer'\n"})},
    )
    with bench.open() as workshop:
        for commit, name in zip(bench.commits, ("older", "newer"), strict=True):
            made = build(workshop, commit)
            assert [package for package, _ in made.environment.packages] == [name]
            assert workshop.import_names(made) == (name,)


def test_submodules_and_large_files_are_refused_unless_inert(bench: Bench) -> None:
    project = scripted("thing", "py_modules=['thing']", **{"thing.py": ""})
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    attributes = {".gitattributes": "*.bin filter=lfs\n"}
    write_history(
        bench.project,
        [
            CommitPlan(files={**project, **attributes, "docs/picture.bin": pointer}),
            CommitPlan(submodules={"docs/theme": "1" * 40}),
            CommitPlan(files={"data.bin": pointer}),
            CommitPlan(files={"data.bin": None}, submodules={"vendored": "1" * 40}),
        ],
    )
    with bench.open() as workshop:
        build(workshop, bench.commits[0])
        build(workshop, bench.commits[1])
        large, submodule = (failure(workshop, commit) for commit in bench.commits[2:])
    assert large.reason == "data.bin is a large file (LFS), and environment.lfs is off"
    assert submodule.reason == "vendored is a submodule, and environment.submodules is off"


def test_submodules_come_when_asked_for(bench: Bench) -> None:
    inner = bench.root / "inner"
    shas = write_history(inner, [CommitPlan(files={"vendored.py": "VALUE = 7\n"})])
    write_history(
        bench.project,
        [
            CommitPlan(
                files={
                    **scripted("thing", "py_modules=['vendored'], package_dir={'': 'deps'}"),
                    ".gitmodules": f'[submodule "deps"]\n  path = deps\n  url = {inner.as_uri()}\n',
                },
                submodules={"deps": shas["c0"]},
            )
        ],
    )
    with bench.open(submodules=True) as workshop:
        python = workshop.interpreter(bench.commits[0], build(workshop, bench.commits[0]))
        assert says(python, "import vendored; print(vendored.VALUE)") == "7"
    assert empty(bench.places.worktrees)


# locks ------------------------------------------------------------------------------------


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index of two small packages, told to pip and to nobody else."""
    directory = tmp_path / "the index"
    for version in ("1.0", "2.0", "3.0"):
        files = {
            "dep.py": f"VERSION = {version!r}\ndef main(): print(__file__)\n",
            f"dep-{version}.dist-info/entry_points.txt": "[console_scripts]\ndep = dep:main\n",
        }
        write_wheel(directory, files, name="dep", version=version, metadata="Requires-Dist: sub\n")
    write_wheel(directory, {"sub.py": ""}, name="sub", version="1.0")
    shutil.copytree(directory, tmp_path / "index")  # find-links of pip know no spaces
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    return directory


def declaring(*requires: str) -> dict[str, str | bytes | None]:
    """A project with an own backend, so that its build needs no package."""
    return {
        "pyproject.toml": (
            "[build-system]\nrequires = []\nbuild-backend = 'own'\nbackend-path = ['.']\n"
            f"[project]\nname = 'thing'\nversion = '1.0'\ndependencies = {list(requires)!r}\n"
        ),
        "own.py": (
            "import base64, hashlib, zipfile\n"
            "def build_wheel(directory, config_settings=None, metadata_directory=None):\n"
            "    name = 'thing-1.0-py3-none-any.whl'\n"
            "    info = 'thing-1.0.dist-info/'\n"
            f"    needs = ''.join(f'Requires-Dist: {{one}}\\n' for one in {list(requires)!r})\n"
            "    files = {'thing.py': '', info + 'METADATA':"
            " 'Metadata-Version: 2.1\\nName: thing\\nVersion: 1.0\\n' + needs, info + 'WHEEL':"
            " 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n'}\n"
            "    record = info + 'RECORD,,\\n'\n"
            "    with zipfile.ZipFile(directory + '/' + name, 'w') as archive:\n"
            "        for path, text in files.items():\n"
            "            digest = hashlib.sha256(text.encode()).digest()\n"
            "            code = base64.urlsafe_b64encode(digest).rstrip(b'=').decode()\n"
            "            record += f'{path},sha256={code},{len(text)}\\n'\n"
            "            archive.writestr(path, text)\n"
            "        archive.writestr(info + 'RECORD', record)\n"
            "    return name\n"
        ),
    }


def test_one_lock_serves_the_range_and_is_installed(bench: Bench, index: Path) -> None:
    bench.write(declaring(), declaring("dep<3"), declaring("dep>=1"))
    with bench.open() as workshop:
        classes = assigned(workshop, bench.commits)
        (one,) = {classes[commit.sha] for commit in bench.commits}
        assert one[0].lock == "dep==2.0\nsub==1.0"
        assert str(index.parent) not in one[0].lock
        made = [build_in(workshop, commit, one[0]) for commit in bench.commits]
        assert made[0].environment.packages == (("dep", "2.0"), ("sub", "1.0"), ("thing", "1.0"))
        python = workshop.interpreter(bench.commits[0], made[0])
        assert says(python, "import dep; print(dep.VERSION)") == "2.0"
        script = subprocess.run([python.parent / "dep"], capture_output=True, text=True, check=True)
        assert Path(script.stdout).is_relative_to(python.parent.parent)
        # the only difference between the commits is what they declare, and the lock decides that
        assert len({build.key for build in made}) == 1


def build_in(workshop: Workshop, commit: Commit, environment_class: EnvironmentClass) -> Build:
    outcome = workshop.build(commit, environment_class)
    assert isinstance(outcome, Build), outcome
    return outcome


def test_a_border_is_bridged_and_known_classes_go_on(bench: Bench, index: Path) -> None:
    bench.write(declaring("dep<2"), declaring("dep"), declaring("dep>=3"))
    with bench.open() as workshop:
        classes = assigned(workshop, bench.commits)
        first, second, third = (classes[commit.sha] for commit in bench.commits)
        assert [one.lock.split()[0] for one in second] == ["dep==1.0", "dep==3.0"]
        assert first == second[:1]
        assert third == second[1:]
        again = assigned(workshop, bench.commits[1:], known=(first[0], third[0]))
        assert again[bench.commits[2].sha] == third


def test_what_the_suite_needs_is_in_the_lock(bench: Bench, index: Path) -> None:
    bench.write(declaring())
    with bench.open(requires=("dep==1.0",)) as workshop:
        made = build(workshop, bench.commits[0])
    assert made.environment.lock == "dep==1.0\nsub==1.0"


def test_requirements_that_nothing_fits_fail_their_commit_alone(bench: Bench, index: Path) -> None:
    bench.write(declaring("dep"), declaring("dep>9"), declaring("dep"))
    with bench.open() as workshop:
        classes = workshop.assign(bench.commits, PINNED, ())
    good, bad, again = (classes[commit.sha] for commit in bench.commits)
    assert isinstance(bad, BuildFailure)
    assert "dep<=3.0" in bad.reason
    assert good == again


def test_what_only_a_build_can_tell_is_read_from_the_wheel(bench: Bench) -> None:
    setup = "version='1.0', py_modules=['thing'], install_requires=['packaging>=20']"
    bench.write(scripted("thing", setup, **{"thing.py": ""}))
    with bench.open() as workshop:
        made = build(workshop, bench.commits[0])
        assert [name for name, _ in made.environment.packages] == ["packaging", "thing"]


def test_contemporary_is_one_class_with_a_lock_a_commit(bench: Bench, index: Path) -> None:
    bench.write(declaring("dep<2"), declaring("dep>=2"))
    request = EnvironmentRequest(recipe="contemporary", python=PYTHON)
    with bench.open() as workshop:
        classes = assigned(workshop, bench.commits, request)
        (one,) = set(classes.values())
        assert one == (EnvironmentClass(recipe="contemporary", python=PYTHON),)
        locks = [build_in(workshop, commit, one[0]).environment.lock for commit in bench.commits]
    assert [lock.split()[0] for lock in locks] == ["dep==1.0", "dep==3.0"]


# the cache --------------------------------------------------------------------------------


def test_an_evicted_environment_is_made_again_from_its_wheel(bench: Bench) -> None:
    sample_project(bench.project, commits=1)
    (commit, made), again = _built(bench), 0
    shutil.rmtree(bench.places.environments)
    with bench.open() as workshop:
        python = workshop.interpreter(commit, made)
        assert says(python, "import sample.work; print('there')") == "there"
    shutil.rmtree(bench.places.environments)
    shutil.rmtree(bench.places.wheels)
    with bench.open() as workshop:
        python = workshop.interpreter(commit, made)
        again = len(list(bench.places.environments.glob("*/bin/python")))
        assert says(python, "import sample.work; print('there')") == "there"
    assert again == 1


def _built(bench: Bench) -> tuple[Commit, Build]:
    with bench.open() as workshop:
        return bench.commits[0], build(workshop, bench.commits[0])


def test_an_environment_whose_python_is_gone_is_made_again(bench: Bench) -> None:
    sample_project(bench.project, commits=1)
    commit, made = _built(bench)
    python = bench.places.environments / made.key / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python")
    with bench.open() as workshop:
        assert says(workshop.interpreter(commit, made), "print('there')") == "there"


def test_the_cache_stays_below_its_limit(bench: Bench) -> None:
    sample_project(bench.project, commits=4)
    with bench.open(cache_bytes=1) as workshop:
        for commit in bench.commits:
            made = build(workshop, commit)
            python = workshop.interpreter(commit, made)
        assert says(python, "import sample.work as w; print(w.REVISION)") == "3"
    with bench.open(cache_bytes=1) as workshop:
        build(workshop, bench.commits[0])
        assert len(list(bench.places.environments.glob("*/bin/python"))) <= 1


def test_threads_build_at_the_same_time(bench: Bench) -> None:
    sample_project(bench.project, commits=4, docs_only=[2])
    with bench.open() as workshop, ThreadPoolExecutor(4) as pool:
        (one,) = set(assigned(workshop, bench.commits).values())
        twice = [*bench.commits, *bench.commits]
        made = list(pool.map(lambda commit: build_in(workshop, commit, one[0]), twice))
    assert made[:4] == made[4:]
    assert empty(bench.places.worktrees)


def test_what_a_crash_left_is_swept(bench: Bench) -> None:
    sample_project(bench.project, commits=1)
    workshop = bench.open()
    mirror = next(path for path in bench.places.mirrors.iterdir() if path.is_dir())
    left = bench.places.worktrees / "dead"
    left.parent.mkdir(parents=True)
    subprocess.run(["git", "worktree", "add", "-q", "--detach", left], cwd=mirror, check=True)
    (bench.places.scratch / "build-dead").mkdir(parents=True)
    (bench.places.environments / "half").mkdir(parents=True)
    workshop.sweep()
    assert empty(bench.places.worktrees)
    assert empty(bench.places.scratch)
    assert empty(bench.places.environments)
    listed = subprocess.run(
        ["git", "worktree", "list"], cwd=mirror, check=True, capture_output=True, text=True
    )
    assert len(listed.stdout.splitlines()) == 1


def test_a_stop_ends_a_running_build(bench: Bench, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    tell = f"open({str(begun)!r}, 'w').close()\n"
    bench.write({"setup.py": f"import time\n{tell}time.sleep(600)\n"})
    repository = Repository.open(str(bench.project), places=bench.places, root=bench.root)
    (commit,) = repository.commits("ALL", EVERYTHING)
    settings = _settings(bench.root, "", {})
    with (
        set_once(begun.exists) as stop,
        Workshop(settings=settings, repository=repository, places=bench.places, stop=stop) as w,
    ):
        outcome = w.build(commit, EnvironmentClass(recipe="pinned", python=PYTHON))
    assert isinstance(outcome, BuildFailure)
    assert empty(bench.places.worktrees)


def test_a_stop_is_no_missing_interpreter(bench: Bench) -> None:
    sample_project(bench.project, commits=1)
    repository = Repository.open(str(bench.project), places=bench.places, root=bench.root)
    (commit,) = repository.commits("ALL", EVERYTHING)
    stop = threading.Event()
    stop.set()
    settings = _settings(bench.root, "", {})
    with Workshop(settings=settings, repository=repository, places=bench.places, stop=stop) as w:
        outcome = w.build(commit, EnvironmentClass(recipe="pinned", python=PYTHON))
    assert outcome == BuildFailure(reason="stopped", log="")


# suites -----------------------------------------------------------------------------------


def test_a_suite_is_exported_at_its_revision(bench: Bench) -> None:
    attributes = {".gitattributes": "benchmarks export-ignore\n", "other/x.py": ""}
    bench.write(
        {**attributes, "benchmarks/a b.py": "ONE = 1\n", "benchmarks/deep/é.txt": "data"},
        {"benchmarks/a b.py": "TWO = 2\n"},
        {"benchmarks": None},
    )
    with bench.open() as workshop:
        first, second, _ = (commit.sha for commit in bench.commits)
        directory = workshop.suite_at(first, "benchmarks")
        assert (directory / "a b.py").read_text() == "ONE = 1\n"
        assert (directory / "deep" / "é.txt").read_text() == "data"
        assert not (directory / "other").exists()
        assert workshop.suite_at(first, "benchmarks/") == directory
        file = workshop.suite_at(second, "benchmarks/a b.py")
        assert file.read_text() == "TWO = 2\n"
        assert (file.parent / "deep" / "é.txt").exists()
        assert file.stat().st_mode & 0o222 == 0
        with pytest.raises(SuiteError, match="there is no 'benchmarks' at HEAD"):
            workshop.suite_at("HEAD", "benchmarks")
        with pytest.raises(RevisionError):
            workshop.suite_at("nonsense", "benchmarks")


# bad input --------------------------------------------------------------------------------


def test_a_python_that_is_not_here_is_named(bench: Bench) -> None:
    sample_project(bench.project, commits=1)
    with bench.open() as workshop, pytest.raises(ConfigurationError) as raised:
        workshop.assign(bench.commits, EnvironmentRequest(recipe="pinned", python="3.99"), ())
    (problem,) = raised.value.problems
    assert problem.where == "environment.python"
    assert "uv python install 3.99" in problem.hint


def test_requirements_that_are_none_are_all_named(bench: Bench) -> None:
    sample_project(bench.project, commits=1)
    with pytest.raises(ConfigurationError) as raised:
        bench.open(requires=("good", "not good"), build_requires=("worse worse",))
    assert [problem.where for problem in raised.value.problems] == [
        "environment.requires",
        "environment.build_requires",
    ]


def test_an_index_that_is_away_is_the_machines_fault(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.write(declaring("dep"))
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://localhost:9/simple")
    monkeypatch.setenv("UV_INDEX", "http://localhost:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with bench.open() as workshop, pytest.raises(TrackerError) as raised:
        workshop.assign(bench.commits, PINNED, ())
    assert raised.value.code == "infrastructure.failed"


def test_work_trees_come_and_go_side_by_side(bench: Bench) -> None:
    bench.write(*({"x.py": f"X = {number}\n"} for number in range(6)))
    repository = Repository.open(str(bench.project), places=bench.places, root=bench.root)
    worktrees = Worktrees(repository, bench.places.worktrees, submodules=False, lfs=False)

    def visit(sha: str) -> str:
        with worktrees.checked_out(sha, ()) as path:
            return (path / "x.py").read_text()

    shas = [commit.sha for commit in repository.commits("ALL", EVERYTHING)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(visit, shas * 8))
    assert found == [f"X = {number}\n" for number in range(6)] * 8
    assert empty(bench.places.worktrees)
