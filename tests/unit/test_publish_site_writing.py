"""How a site reaches a directory."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from textwrap import dedent

import pytest

from tests.support import reports
from tracker.errors import DiskFullError, InfrastructureError, UsageError
from tracker.publish.site.contents import Site
from tracker.publish.site.files import File, files
from tracker.publish.site.writing import Written, claimed, write


def of(commits: int) -> list[File]:
    return list(files(Site(report=reports.wide(8, commits), times={}))[1])


def site(directory: Path, *, force: bool = False) -> AbstractContextManager[None]:
    return claimed(directory, "p", force=force)


def contents(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


def test_a_second_time_only_what_is_new_is_written(tmp_path: Path) -> None:
    place = tmp_path / "für alle" / "site"
    first = write(of(4), place, "p")
    assert (first.changed, first.removed) == (first.files, 0)
    stamps = {path: path.stat().st_mtime_ns for path in place.rglob("*") if path.is_file()}
    assert write(of(4), place, "p") == Written(files=first.files, changed=0, removed=0)
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    second = write(of(5), place, "p")
    assert 0 < second.changed < second.files


def test_what_the_site_no_longer_has_is_removed_and_nothing_else(tmp_path: Path) -> None:
    write(of(5), tmp_path, "p")
    kept = ["CNAME", ".git/config", "commits/notes.txt", "assets/logo.png"]
    for name in kept:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine")
    gone = f"commits/{reports.commit(4).sha}.html"
    assert (tmp_path / gone).exists()
    assert write(of(4), tmp_path, "p").removed == 2
    assert not (tmp_path / gone).exists()
    assert all((tmp_path / name).read_text() == "mine" for name in kept)


def test_an_interruption_leaves_the_site_as_it_was(tmp_path: Path) -> None:
    write(of(4), tmp_path, "p")
    before = contents(tmp_path)
    new = of(5)
    for stop in (0, 5, len(new) - 1, len(new)):

        def interrupted(stop: int = stop) -> Iterator[File]:
            yield from new[:stop]
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt), claimed(tmp_path, "p", force=False):
            write(interrupted(), tmp_path, "p")
        assert contents(tmp_path) == before
    write(new, tmp_path, "p")
    assert contents(tmp_path).keys() - {"tracker-site.json"} == {path for path, _ in new}


def test_a_killed_command_shows_nothing_and_holds_nothing(tmp_path: Path) -> None:
    place = tmp_path / "site"
    script = """
        import sys
        from pathlib import Path
        from tracker.publish.site.writing import claimed, write

        def files():
            yield "assets/page.css", "body {}"
            print("going", flush=True)
            sys.stdin.read()

        place = Path(sys.argv[1])
        with claimed(place, "p", force=False):
            write(files(), place, "p")
    """
    with subprocess.Popen(
        [sys.executable, "-c", dedent(script), str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"going\n"
        with pytest.raises(UsageError, match="another command is writing"), site(place):
            pass
        process.kill()
    left = contents(place)
    assert {Path(path).parts[0] for path in left} == {".tracker-site"}
    assert left[".tracker-site/.gitignore"] == b"*\n"
    with site(place):
        write([("index.html", "x")], place, "p")
    assert contents(place).keys() == {"index.html", "tracker-site.json"}


def test_a_new_directory_goes_again_when_nothing_came_of_it(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name, remains in (("new", False), ("empty", True)):
        with pytest.raises(UsageError, match="nothing is stored"), site(tmp_path / name):
            raise UsageError("nothing is stored")
        assert (tmp_path / name).exists() is remains


def test_only_an_empty_directory_or_a_site_of_the_project_is_written_to(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: elsewhere")
    with site(tmp_path):
        pass
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(UsageError, match="not empty, and not a site"), site(tmp_path):
        pass
    assert contents(tmp_path).keys() == {".git", "index.html"}
    with site(tmp_path, force=True):
        pass
    with (
        pytest.raises(UsageError, match=r"index\.html is a file"),
        site(tmp_path / "index.html", force=True),
    ):
        pass
    write([], tmp_path, "p")
    with site(tmp_path):
        pass
    with (
        pytest.raises(UsageError, match="the site of project 'p', not of 'q'"),
        claimed(tmp_path, "q", force=False),
    ):
        pass


@pytest.mark.parametrize("marker", ["", "[]", '{"project": 3}', "\ufeff{"])
def test_a_marker_that_says_nothing_is_none(tmp_path: Path, marker: str) -> None:
    (tmp_path / "tracker-site.json").write_text(marker, encoding="utf-8")
    with pytest.raises(UsageError), site(tmp_path):
        pass


def test_faults_of_the_disk_are_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "file").touch()
    with pytest.raises(InfrastructureError, match="cannot write the site into"):
        write([], tmp_path / "file" / "below", "p")
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(DiskFullError, match="no space left"):
        write([("index.html", "x")], tmp_path / "site", "p")
