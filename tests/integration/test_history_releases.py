from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.histories import git
from tracker.config.places import Places
from tracker.config.settings import HistorySettings
from tracker.errors import InfrastructureError, UsageError
from tracker.history import index as index_module
from tracker.history.releases import write_releases
from tracker.history.repository import Repository

EVERYTHING = HistorySettings(first_parent=True, since="", tags=(), every=1, paths=())


@cache  # gzip writes the time of day: two calls would not give the same archive
def sdist(version: str) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name, content in {
            "PKG-INFO": f"Metadata-Version: 2.1\nName: sample\nVersion: {version}\n",
            'src/säm ple/it\'s "it".py': f"VERSION = {version!r}\n",
        }.items():
            entry = tarfile.TarInfo(f"sample-{version}/{name}")
            entry.size = len(content.encode())
            entry.mtime = 1_577_934_245
            tar.addfile(entry, io.BytesIO(content.encode()))
    return archive.getvalue()


@dataclass
class Index:
    """A package index on loopback, with one package."""

    url: str
    files: list[dict[str, Any]] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    #: paths that were asked for, and how often the next answers fail
    asked: list[str] = field(default_factory=list)
    failures: int = 0
    authorization: str = ""
    page: bytes | None = None

    def add(self, filename: str, content: bytes, day: int = 1, **more: object) -> None:
        self.contents[f"/files/{filename}"] = content
        entry = {
            "filename": filename,
            "url": f"../../files/{filename}",
            "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
            "upload-time": f"2022-01-{day:02}T10:20:30.123456Z",
            "yanked": False,
        }
        self.files.append({**entry, **more})

    def answer(self, path: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        self.asked.append(path)
        self.authorization = headers.get("Authorization", "")
        if self.failures:
            self.failures -= 1
            return 503, b""
        if path == "/simple/sample/":
            listing = {"meta": {"api-version": "1.1"}, "name": "sample", "files": self.files}
            return 200, self.page or json.dumps(listing).encode()
        return (200, self.contents[path]) if path in self.contents else (404, b"")


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Index]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = served.answer(self.path, dict(self.headers))
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    for variable in ("UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    nothing = tmp_path / "no index beside it"
    nothing.mkdir()
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", nothing.as_uri())
    monkeypatch.setattr(index_module, "_PAUSE", 0.0)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = Index(url=f"http://127.0.0.1:{server.server_port}/simple")
        monkeypatch.setenv("UV_DEFAULT_INDEX", served.url)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield served
        server.shutdown()
        thread.join()


@pytest.fixture
def releases(index: Index) -> Index:
    for day, version in enumerate(["1.0", "1.9", "1.10", "2.0rc1", "2.0"], start=1):
        index.add(f"sample-{version}.tar.gz", sdist(version), day)
    return index


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "the 'relêases'" / "sample"


def test_one_commit_a_release_in_the_order_of_versions(releases: Index, directory: Path) -> None:
    history = write_releases("Sample", "", directory)
    assert [release.version for release in history.releases] == ["1.0", "1.9", "1.10", "2.0"]
    assert history.releases[2].date == datetime(2022, 1, 3, 10, 20, 30, tzinfo=UTC)
    assert history.releases[0].sha256 == hashlib.sha256(sdist("1.0")).hexdigest()
    repository = Repository.open(
        str(directory), places=Places(cache=directory.parent / "c", state=directory), root=directory
    )
    commits = repository.commits("1.0..HEAD", EVERYTHING)
    assert [(commit.label, commit.subject) for commit in commits] == [
        ("1.9", "Sample 1.9"),
        ("1.10", "Sample 1.10"),
        ("2.0", "Sample 2.0"),
    ]
    assert commits[0].authored_at == commits[0].committed_at == history.releases[1].date
    assert [commit.sha for commit in commits] == [one.commit for one in history.releases[1:]]
    assert repository.blob("1.10", 'src/säm ple/it\'s "it".py') == b"VERSION = '1.10'\n"
    assert b"Version: 1.10\n" in (repository.blob("1.10", "PKG-INFO") or b"")


def test_a_second_time_nothing_is_downloaded(releases: Index, directory: Path) -> None:
    first = write_releases("sample", ">=1.9", directory)
    releases.asked.clear()
    assert write_releases("sample", ">=1.9", directory) == first
    assert releases.asked == ["/simple/sample/"]


def test_what_is_new_is_added(releases: Index, directory: Path) -> None:
    before = write_releases("sample", "", directory)
    releases.add("sample-2.1.tar.gz", sdist("2.1"), 9)
    releases.asked.clear()
    after = write_releases("sample", "", directory)
    assert after.releases[:-1] == before.releases
    assert after.releases[-1].version == "2.1"
    assert releases.asked == ["/simple/sample/", "/files/sample-2.1.tar.gz"]


def test_the_same_releases_are_the_same_commits_anywhere(
    releases: Index, directory: Path, tmp_path: Path
) -> None:
    write_releases("sample", ">=1.9", directory)
    write_releases("sample", "<1.5", directory)
    here = write_releases("sample", "<2", directory)
    there = write_releases("sample", "<2", tmp_path / "there")
    assert here.releases == there.releases
    assert git(directory, "tag", "--list").split() == ["1.0", "1.10", "1.9"]


def test_only_the_newest(releases: Index, directory: Path) -> None:
    history = write_releases("sample", "", directory, limit=2)
    assert [release.version for release in history.releases] == ["1.10", "2.0"]


def test_pre_releases_are_asked_for_by_name(releases: Index, directory: Path) -> None:
    history = write_releases("sample", ">=2.0rc1", directory)
    assert [release.version for release in history.releases] == ["2.0rc1", "2.0"]


def test_yanked_releases_are_asked_for_by_pin(releases: Index, directory: Path) -> None:
    releases.add("sample-1.5.tar.gz", sdist("1.5"), yanked="it was broken")
    history = write_releases("sample", "<2", directory)
    assert [release.version for release in history.releases] == ["1.0", "1.9", "1.10"]
    (pinned,) = write_releases("sample", "==1.5", directory).releases
    assert pinned.version == "1.5"


def test_a_release_without_source_is_left_out_with_a_note(releases: Index, directory: Path) -> None:
    releases.add("sample-1.5-py3-none-any.whl", b"")
    releases.add("sample-1.6.exe", b"")
    notes: list[str] = []
    history = write_releases("sample", "<1.9", directory, progress=notes.append)
    assert [release.version for release in history.releases] == ["1.0"]
    assert notes == ["1.5 has no source distribution and is left out", "downloading 1.0"]


def test_a_zip_and_an_index_without_times(index: Index, directory: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr(zipfile.ZipInfo("sample-1.0/setup.py", (2019, 5, 6, 7, 8, 10)), "")
    index.add("sample-1.0.zip", archive.getvalue(), hashes={})
    del index.files[0]["upload-time"]
    (release,) = write_releases("sample", "", directory).releases
    assert release.date == datetime(2019, 5, 6, 7, 8, 10, tzinfo=UTC)
    assert git(directory, "ls-tree", "--name-only", "1.0") == "setup.py"


def test_a_server_that_stumbles_is_asked_again(releases: Index, directory: Path) -> None:
    releases.failures = 2
    assert write_releases("sample", "==1.0", directory).releases


def test_an_index_with_a_password(
    releases: Index, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", releases.url.replace("//", "//me:s%20ecret@"))
    assert write_releases("sample", "==1.0", directory).releases
    assert releases.authorization == "Basic bWU6cyBlY3JldA=="


def test_what_pip_is_configured_for(
    releases: Index, directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV_DEFAULT_INDEX")
    settings = tmp_path / "pip.conf"
    settings.write_text(f"[global]\nindex-url = {releases.url}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    assert write_releases("sample", "==1.0", directory).releases
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("PIP_INDEX_URL", releases.url)
    assert write_releases("sample", "==1.9", directory).releases


@pytest.mark.parametrize(
    ("package", "specifier", "code"),
    [
        ("sample", "newest", "releases.specifier"),
        ("sample", ">=9", "releases.unknown"),
        ("another", "", "releases.unknown"),
        ("../sample", "", "releases.name"),
    ],
)
def test_what_cannot_be_asked_for(
    releases: Index, directory: Path, package: str, specifier: str, code: str
) -> None:
    with pytest.raises(UsageError) as caught:
        write_releases(package, specifier, directory)
    assert caught.value.code == code
    assert caught.value.hint
    assert not directory.exists()


def test_a_directory_with_something_else(releases: Index, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for taken in (tmp_path, tmp_path / "file"):
        with pytest.raises(UsageError) as caught:
            write_releases("sample", "", taken)
        assert caught.value.code == "releases.directory"


def test_an_index_that_does_not_speak_json(index: Index, directory: Path) -> None:
    index.page = b"<!DOCTYPE html><html></html>"
    with pytest.raises(UsageError) as caught:
        write_releases("sample", "", directory)
    assert caught.value.code == "releases.index"


def test_an_archive_that_is_not_what_was_announced(index: Index, directory: Path) -> None:
    index.add("sample-1.0.tar.gz", sdist("1.0"), hashes={"sha256": "0" * 64})
    with pytest.raises(InfrastructureError, match="not what the index announced"):
        write_releases("sample", "", directory)


def test_an_archive_that_is_gone(releases: Index, directory: Path) -> None:
    del releases.contents["/files/sample-1.0.tar.gz"]
    with pytest.raises(InfrastructureError, match="does not have it"):
        write_releases("sample", "", directory)


def test_an_archive_that_is_somewhere_on_this_machine(index: Index, directory: Path) -> None:
    index.add("sample-1.0.tar.gz", sdist("1.0"), url="file:///etc/hostname")
    with pytest.raises(UsageError, match="not on a server"):
        write_releases("sample", "", directory)


def test_a_network_that_is_away(
    directory: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://me:secret@127.0.0.1:9/simple")
    with pytest.raises(InfrastructureError) as caught:
        write_releases("sample", "", directory)
    assert caught.value.code == "infrastructure.network"
    assert caught.value.hint
    assert "secret" not in caught.value.message


def test_a_repository_around_the_directory_is_left_alone(
    releases: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    around = tmp_path / "around"
    around.mkdir()
    git(around, "init", "--quiet", "--initial-branch=main")
    git(around, "commit", "--quiet", "--allow-empty", "--message=ours")
    before = git(around, "for-each-ref")
    monkeypatch.chdir(around)
    history = write_releases("sample", ">=1.9", Path("inside/sample"))
    assert git(around, "for-each-ref") == before
    assert git(history.path, "rev-parse", "--absolute-git-dir").strip() == str(history.path)
    assert [release.version for release in history.releases] == ["1.9", "1.10", "2.0"]
