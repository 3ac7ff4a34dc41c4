from __future__ import annotations

import os
import shutil
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.histories import START, CommitPlan, git, sample_project, write_history
from tracker.config.places import Places
from tracker.config.settings import HistorySettings
from tracker.errors import InfrastructureError, RepositoryError, RevisionError
from tracker.history.repository import Repository, is_lfs_pointer

EVERYTHING = HistorySettings(first_parent=True, since="", tags=(), every=1, paths=())
Open = Callable[..., Repository]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(cache=tmp_path / "the cäche", state=tmp_path / "state")


@pytest.fixture
def reopen(tmp_path: Path, places: Places) -> Open:
    def reopen(location: Path | str = "the 'próject'", *, fetch: bool = True) -> Repository:
        return Repository.open(str(location), places=places, root=tmp_path, fetch=fetch)

    return reopen


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tmp_path / "the 'próject'"


def subjects(repository: Repository, text: str, **filters: object) -> list[str]:
    settings = replace(EVERYTHING, **filters)  # type: ignore[arg-type]
    return [commit.subject for commit in repository.commits(text, settings)]


def plan(name: str, **more: object) -> CommitPlan:
    return CommitPlan(name=name, message=name, **more)  # type: ignore[arg-type]


class TestReading:
    def test_a_commit_has_everything_that_git_knows(self, project: Path, reopen: Open) -> None:
        history = sample_project(project, commits=3, non_ascii=True, tags={1: "v1"})
        commit = reopen().resolve("v1")
        assert commit.sha == history.commits[1]
        assert commit.parents == (history.commits[0],)
        assert commit.tree == git(project, "rev-parse", "v1^{tree}")
        assert commit.author == "Dév Eloper"
        assert commit.authored_at == commit.committed_at == START + timedelta(days=1)
        assert commit.authored_at.utcoffset() == timedelta(hours=1)
        assert commit.subject == "Change number 1 — größer, «計算» and 'quoted' \"too\""
        assert commit.tags == ("v1",)
        assert commit.position == 1

    def test_annotated_tags_belong_to_their_commit(self, project: Path, reopen: Open) -> None:
        write_history(project, [plan("only")])
        git(project, "tag", "-a", "-m", "A release", "v2")
        git(project, "tag", "v10")
        assert reopen().resolve("HEAD").tags == ("v10", "v2")

    def test_dates_that_no_clock_shows_are_read(self, project: Path, reopen: Open) -> None:
        write_history(project, [plan("only")])
        odd = git(project, "cat-file", "commit", "HEAD").replace("+0100", "-9999") + "\n"
        sha = git(
            project,
            "hash-object",
            "-t",
            "commit",
            "-w",
            "--stdin",
            "--literally",
            data=odd.encode(),
        )
        git(project, "update-ref", "refs/heads/main", sha)
        assert reopen().resolve("HEAD").committed_at.year == 1970

    def test_files_are_read_without_a_checkout(self, project: Path, reopen: Open) -> None:
        history = sample_project(project, commits=2, non_ascii=True, subdirectory="a package")
        repository = reopen()
        content = repository.blob(history.commits[1], "a package/src/sample/work.py")
        assert content is not None
        assert content.startswith(b"REVISION = 1\n")
        assert repository.blob(history.commits[1], "a package/nothing here") is None
        assert repository.blob(history.commits[1], "a package") is None
        assert repository.blob(history.commits[1], "a\npath") is None
        both = repository.blobs(history.commits, "a package/docs/Übersicht «計算» & 'more'.md")
        assert both == ("Größe 0\n".encode(), "Größe 1\n".encode())

    def test_the_tree_lists_paths_from_the_root(self, project: Path, reopen: Open) -> None:
        history = sample_project(project, commits=1, subdirectory="a package", files={"top": ""})
        repository = reopen()
        paths = {entry.path for entry in repository.tree(history.commits[0])}
        below = {entry.path for entry in repository.tree(history.commits[0], "a package")}
        assert below == paths - {"top"}
        assert "a package/src/sample/work.py" in below
        assert repository.tree(history.commits[0], "a pack") == ()

    def test_submodules_and_large_files_are_visible(self, project: Path, reopen: Open) -> None:
        pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"
        shas = write_history(
            project, [plan("c", files={"large.bin": pointer}, submodules={"vendor/ö": "1" * 40})]
        )
        repository = reopen()
        entries = {entry.path: entry for entry in repository.tree(shas["c"])}
        assert (entries["vendor/ö"].mode, entries["vendor/ö"].kind) == ("160000", "commit")
        assert is_lfs_pointer(repository.blob(shas["c"], "large.bin") or b"")
        assert not is_lfs_pointer(b"version 2\n")

    def test_what_git_refuses_is_an_error(self, project: Path, reopen: Open) -> None:
        write_history(project, [plan("only")])
        repository = reopen()
        with pytest.raises(RepositoryError, match="ls-tree failed"):
            repository.tree("f" * 40)


class TestRanges:
    @pytest.fixture
    def repository(self, project: Path, reopen: Open) -> Repository:
        sample_project(
            project,
            commits=10,
            docs_only=[2, 5],
            merges=[4],
            tags={1: "v1", 3: "v2", 6: "v3-rc", 8: "v3"},
        )
        return reopen()

    def test_a_range_leaves_its_start_out(self, repository: Repository) -> None:
        assert subjects(repository, "HEAD~2..HEAD") == ["Change number 8", "Change number 9"]
        assert subjects(repository, "v2..v3-rc") == [
            "Change number 4",
            "Document number 5",
            "Change number 6",
        ]

    def test_one_revision_is_one_commit(self, repository: Repository) -> None:
        assert subjects(repository, "v2") == ["Change number 3"]

    @pytest.mark.parametrize("text", ["ALL", "..HEAD", "..", "..main"])
    def test_the_whole_line(self, repository: Repository, text: str) -> None:
        commits = repository.commits(text, EVERYTHING)
        assert [commit.position for commit in commits] == list(range(10))
        assert tuple(commit.sha for commit in commits) == repository.line()

    def test_side_commits_stand_where_they_were_merged(self, repository: Repository) -> None:
        commits = repository.commits("v2..HEAD~4", replace(EVERYTHING, first_parent=False))
        assert [(commit.subject, commit.position) for commit in commits] == [
            ("Work aside of 4", 4),
            ("Change number 4", 4),
            ("Document number 5", 5),
        ]
        assert commits[1].parents == (repository.resolve("v2").sha, commits[0].sha)

    def test_tags(self, repository: Repository) -> None:
        names = [c.label for c in repository.commits("ALL", replace(EVERYTHING, tags=("v?", "x")))]
        assert names == ["v1", "v2", "v3"]

    def test_every_third_from_the_newest(self, repository: Repository) -> None:
        commits = repository.commits("ALL", replace(EVERYTHING, every=3))
        assert [commit.position for commit in commits] == [0, 3, 6, 9]

    def test_since(self, repository: Repository) -> None:
        day = (START + timedelta(days=8)).date().isoformat() + "T00:00:00+01:00"
        assert subjects(repository, "ALL", since=day) == ["Change number 8", "Change number 9"]

    def test_paths(self, repository: Repository) -> None:
        positions = [
            c.position for c in repository.commits("ALL", replace(EVERYTHING, paths=("src",)))
        ]
        assert positions == [0, 1, 3, 4, 6, 7, 8, 9]
        aside = replace(EVERYTHING, first_parent=False, paths=("src/sample/side.py",))
        assert [c.subject for c in repository.commits("ALL", aside)] == ["Work aside of 4"]
        brought = replace(aside, first_parent=True)
        assert [c.subject for c in repository.commits("ALL", brought)] == ["Change number 4"]

    def test_a_branch_beside_the_line_counts_along_its_own(self, repository: Repository) -> None:
        (commit,) = repository.commits("side-4", EVERYTHING)
        assert commit.position == 4
        named = repository.commits("HEAD~2..HEAD", EVERYTHING, branch="side-4")
        assert [commit.position for commit in named] == [8, 9]

    @pytest.mark.parametrize(
        ("text", "filters", "hint"),
        [
            ("HEAD..HEAD~3", {}, "OLD..NEW"),
            ("HEAD..HEAD", {}, "OLD..NEW"),
            ("ALL", {"tags": ("none",), "paths": ("src",)}, "history.tags, history.paths let no"),
        ],
    )
    def test_an_empty_range_says_why(
        self, repository: Repository, text: str, filters: dict[str, object], hint: str
    ) -> None:
        with pytest.raises(RevisionError) as caught:
            subjects(repository, text, **filters)
        assert caught.value.code == "revision.empty"
        assert hint in caught.value.hint

    @pytest.mark.parametrize("text", ["mian", "HEAD~2..mian", "mian..HEAD", "mian~2"])
    def test_unknown_revisions_are_guessed(self, repository: Repository, text: str) -> None:
        with pytest.raises(RevisionError, match="mian") as caught:
            subjects(repository, text)
        assert caught.value.code == "revision.unknown"
        assert caught.value.hint == "did you mean main?"

    def test_a_line_that_is_too_short(self, repository: Repository) -> None:
        with pytest.raises(RevisionError) as caught:
            subjects(repository, "HEAD~20..HEAD")
        assert caught.value.hint == "HEAD~9 is the first commit of its line; ALL means all of it"

    def test_nothing_git_could_mean_is_said_so(self, repository: Repository) -> None:
        with pytest.raises(RevisionError) as caught:
            repository.resolve("0000")
        assert caught.value.hint == "`git log` shows what there is"

    def test_a_file_is_no_commit(self, repository: Repository) -> None:
        with pytest.raises(RevisionError):
            repository.resolve("HEAD:setup.py")

    def test_what_is_no_date(self, repository: Repository) -> None:
        with pytest.raises(RevisionError) as caught:
            subjects(repository, "ALL", since="bananas")
        assert caught.value.code == "revision.since"

    def test_unknown_branch(self, repository: Repository) -> None:
        with pytest.raises(RevisionError, match="mian"):
            repository.commits("HEAD", EVERYTHING, branch="mian")


def test_ambiguous_digits(project: Path, reopen: Open) -> None:
    shas = write_history(project, [plan(f"c{number}") for number in range(900)]).values()
    ((digits, _),) = Counter(sha[:4] for sha in shas).most_common(1)
    with pytest.raises(RevisionError, match="several") as caught:
        reopen().resolve(digits)
    assert caught.value.code == "revision.ambiguous"


class TestFollowing:
    def test_new_commits_are_fetched(self, project: Path, reopen: Open) -> None:
        write_history(project, [plan("a"), plan("b")])
        assert subjects(reopen(), "ALL") == ["a", "b"]
        write_history(project, [plan("c", parents=("main",))])
        assert subjects(reopen(fetch=False), "ALL") == ["a", "b"]
        assert subjects(reopen(), "ALL") == ["a", "b", "c"]

    def test_a_detached_head_is_followed(self, project: Path, reopen: Open) -> None:
        write_history(project, [plan("a"), plan("b"), plan("c")])
        git(project, "checkout", "-q", "--detach", "HEAD~1")
        assert subjects(reopen(), "HEAD~1..HEAD") == ["b"]

    def test_another_work_tree_has_its_own_head(
        self, project: Path, reopen: Open, tmp_path: Path
    ) -> None:
        write_history(project, [plan("a"), plan("b")])
        git(project, "worktree", "add", "-q", "--detach", str(tmp_path / "öther"), "HEAD~1")
        assert subjects(reopen(tmp_path / "öther"), "HEAD") == ["a"]
        assert subjects(reopen(), "HEAD") == ["b"]

    def test_a_directory_inside_stands_for_the_repository(
        self, project: Path, reopen: Open
    ) -> None:
        write_history(project, [plan("a", files={"deep/down/file": ""})])
        inside = reopen(project / "deep" / "down")
        assert inside.git_dir == reopen().git_dir
        assert inside.name == project.name

    def test_force_pushed_commits_stay_known(self, project: Path, reopen: Open) -> None:
        old = write_history(project, [plan("a"), plan("b"), plan("c")])
        reopen()
        write_history(project, [plan("other a"), plan("other b")])
        git(project, "reflog", "expire", "--expire=now", "--all")
        git(project, "gc", "-q", "--prune=now")
        repository = reopen()
        repository.git("gc", "--quiet", "--prune=now")
        assert subjects(repository, "ALL") == ["other a", "other b"]
        assert subjects(repository, f"{old['a']}..{old['c']}") == ["b", "c"]
        assert repository.resolve(old["c"][:10]).position == 2

    def test_a_renamed_branch(self, project: Path, reopen: Open) -> None:
        write_history(project, [plan("a", branch="feature")])
        reopen()
        git(project, "branch", "-m", "feature", "feature/new")
        repository = reopen()
        assert subjects(repository, "feature/new") == ["a"]
        with pytest.raises(RevisionError) as caught:
            repository.resolve("feature")
        assert "feature/new" in caught.value.hint

    def test_moved_tags_are_moved(self, project: Path, reopen: Open) -> None:
        write_history(project, [plan("a", tags=("v1",)), plan("b")])
        reopen()
        git(project, "tag", "-f", "v1", "main")
        assert subjects(reopen(), "v1") == ["b"]

    def test_references_of_the_tracker_are_not_taken_from_others(
        self, project: Path, reopen: Open
    ) -> None:
        shas = write_history(project, [plan("a"), plan("b")])
        git(project, "update-ref", "refs/tracker/head", shas["a"])
        git(project, "update-ref", f"refs/replace/{shas['b']}", shas["a"])
        assert subjects(reopen(), "HEAD") == ["b"]

    def test_locks_of_a_killed_git_are_removed(self, project: Path, reopen: Open) -> None:
        write_history(project, [plan("a")])
        mirror = reopen().git_dir
        write_history(project, [plan("b", parents=("main",))])
        for lock in ["packed-refs.lock", "refs/heads/main.lock", "refs/tracker/head.lock"]:
            (mirror / lock).touch()
        assert subjects(reopen(), "HEAD") == ["b"]

    def test_a_url_of_a_file(self, project: Path, reopen: Open) -> None:
        write_history(project, [plan("a")])
        assert subjects(reopen(project.as_uri()), "HEAD") == ["a"]

    def test_two_at_once_wait_for_each_other(
        self, project: Path, places: Places, tmp_path: Path
    ) -> None:
        sample_project(project, commits=20)
        said: list[str] = []

        def commits(_: int) -> int:
            repository = Repository.open(
                str(project), places=places, root=tmp_path, progress=said.append
            )
            return len(repository.commits("ALL", EVERYTHING))

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(commits, range(4))) == [20] * 4
        assert any("waiting" in text for text in said)

    def test_a_server(
        self, project: Path, reopen: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.delenv(variable, raising=False)
        served = tmp_path / "served" / "project.git"

        def publish() -> None:
            shutil.rmtree(served, ignore_errors=True)
            git(tmp_path, "clone", "-q", "--bare", str(project), str(served))
            git(served, "update-server-info")

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

        handler = partial(Handler, directory=served.parent)
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            url = f"http://127.0.0.1:{server.server_port}/project.git"
            write_history(project, [plan("a", tags=("v1",))])
            publish()
            first = subjects(reopen(url), "ALL")
            write_history(project, [plan("b", parents=("main",))])
            publish()
            repository = reopen(url)
            with pytest.raises(RepositoryError) as caught:
                reopen(f"http://127.0.0.1:{server.server_port}/other.git")
            server.shutdown()
            thread.join()
        assert first == ["a"]
        assert subjects(repository, "v1..HEAD") == ["b"]
        assert repository.name == "project"
        assert caught.value.code == "repository.missing"


class TestShallow:
    @pytest.fixture
    def shallow(self, project: Path, tmp_path: Path) -> Path:
        sample_project(project, commits=6)
        clone = tmp_path / "shallow"
        git(tmp_path, "clone", "-q", "--depth=3", project.as_uri(), str(clone))
        return clone

    def test_what_it_has_works(self, shallow: Path, reopen: Open) -> None:
        repository = reopen(shallow)
        assert subjects(repository, "HEAD~2..HEAD") == ["Change number 4", "Change number 5"]
        assert subjects(repository, "HEAD~2") == ["Change number 3"]

    @pytest.mark.parametrize("text", ["ALL", "HEAD~4..HEAD"])
    def test_what_it_lacks_is_an_error(self, shallow: Path, reopen: Open, text: str) -> None:
        with pytest.raises(RevisionError) as caught:
            subjects(reopen(shallow), text)
        assert "git fetch --unshallow" in caught.value.hint

    def test_completed_later(self, shallow: Path, reopen: Open) -> None:
        reopen(shallow)
        git(shallow, "fetch", "-q", "--unshallow")
        assert len(subjects(reopen(shallow), "ALL")) == 6


class TestRefusals:
    @pytest.mark.parametrize(
        ("location", "code"),
        [
            ("nowhere", "repository.missing"),
            (".", "repository.missing"),
            ("ext::sh -c touch% pwned", "repository.protocol"),
            ("fd::17", "repository.protocol"),
            ("ext://host/path", "repository.protocol"),
            ("--upload-pack=touch pwned", "repository.location"),
        ],
    )
    def test_locations(self, reopen: Open, tmp_path: Path, location: str, code: str) -> None:
        with pytest.raises(RepositoryError) as caught:
            reopen(location)
        assert caught.value.code == code
        assert caught.value.hint
        assert not list(tmp_path.rglob("pwned"))

    def test_an_empty_repository(self, project: Path, reopen: Open) -> None:
        project.mkdir()
        git(project, "init", "-q")
        with pytest.raises(RepositoryError) as caught:
            reopen()
        assert caught.value.code == "repository.empty"

    def test_never_fetched(self, project: Path, reopen: Open) -> None:
        write_history(project, [plan("a")])
        with pytest.raises(RepositoryError, match="never fetched"):
            reopen(fetch=False)

    def test_a_server_that_is_away(self, reopen: Open) -> None:
        with pytest.raises(InfrastructureError) as caught:
            reopen("http://user:secret@127.0.0.1:9/project.git")
        assert caught.value.code == "infrastructure.network"
        assert "secret" not in caught.value.message

    def test_no_git(self, project: Path, reopen: Open, monkeypatch: pytest.MonkeyPatch) -> None:
        write_history(project, [plan("a")])
        monkeypatch.setenv("PATH", "")
        with pytest.raises(InfrastructureError, match="git is not installed"):
            reopen()
        programs = project.parent / "programs"
        programs.mkdir()
        (programs / "env").symlink_to(shutil.which("env", path=os.defpath) or "")
        monkeypatch.setenv("PATH", str(programs))
        monkeypatch.setenv("GIT_DIR", "of a hook")
        with pytest.raises(InfrastructureError, match="git is not installed"):
            reopen()


class TestHostility:
    def test_nothing_that_a_repository_configures_is_run(
        self, project: Path, reopen: Open, tmp_path: Path
    ) -> None:
        write_history(
            project, [plan("a", files={".gitattributes": "* filter=evil diff=evil\n", "f": "x"})]
        )
        witness = tmp_path / "witness"
        program = tmp_path / "program"
        program.write_text(f'#!/bin/sh\necho "$0 $@" >> "{witness}"\ncat\n')
        program.chmod(0o755)
        hooks = project / ".git" / "hooks"
        shutil.rmtree(hooks, ignore_errors=True)
        hooks.mkdir()
        for hook in ["post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"]:
            shutil.copy(program, hooks / hook)
        alternate = tmp_path / "alternate"
        write_history(alternate, [plan("elsewhere")])
        (project / ".git" / "objects" / "info" / "alternates").write_text(
            f"{alternate / '.git' / 'objects'}\n"
        )
        for key in [
            "core.fsmonitor",
            "core.sshCommand",
            "core.gitProxy",
            "core.pager",
            "core.alternateRefsCommand",
            "core.askPass",
            "credential.helper",
            "uploadpack.packObjectsHook",
            "filter.evil.smudge",
            "filter.evil.clean",
            "filter.evil.process",
            "diff.external",
            "diff.evil.textconv",
            "remote.origin.uploadpack",
            "gpg.program",
        ]:
            git(project, "config", key, str(program))
        git(project, "config", "core.hooksPath", str(hooks))
        git(project, "config", "log.showSignature", "true")
        git(project, "config", "url.ext::sh.insteadOf", str(project))
        git(project, "config", "extensions.partialClone", "origin")
        git(project, "config", "remote.origin.url", f"ext::{program}")
        witness.unlink(missing_ok=True)

        repository = reopen()
        (commit,) = repository.commits("ALL", EVERYTHING)
        tree = tmp_path / "tree"
        repository.git("worktree", "add", "--quiet", "--detach", str(tree), commit.sha)
        repository.git("status", "--porcelain", cwd=tree)
        assert (tree / "f").read_text() == "x"
        assert not witness.exists()

    def test_the_variables_of_a_hook_do_not_turn_git_elsewhere(
        self, project: Path, reopen: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_history(project, [plan("a")])
        other = tmp_path / "other"
        write_history(other, [plan("wrong")])
        monkeypatch.setenv("GIT_DIR", str(other / ".git"))
        monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
        monkeypatch.setenv("GIT_WORK_TREE", str(other))
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", "alias.log")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", "!false")
        assert subjects(reopen(), "ALL") == ["a"]
