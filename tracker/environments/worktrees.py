"""Work trees of single commits, gone when they are no longer needed, whatever happens."""

from __future__ import annotations

import contextlib
import shutil
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tracker.environments.faults import Unbuildable, machine_faults, refuse_full_disk
from tracker.environments.locking import Taken, discard, hold
from tracker.errors import InfrastructureError, RepositoryError
from tracker.history.repository import Repository, TreeEntry, is_lfs_pointer

#: a pointer of LFS is smaller than this
_POINTER_BYTES = 1024
#: the commit names what nobody has or nobody may fetch: asking again would not help
_COMMITS_FAULT = (
    "No url found",
    "not our ref",
    "did not contain",
    "Unable to find current",
    "not allowed",
)


class Worktrees:
    """Checks commits out of the mirror, each into a directory of its own."""

    def __init__(
        self, repository: Repository, directory: Path, *, submodules: bool, lfs: bool
    ) -> None:
        self._repository = repository
        self._directory = directory
        self._submodules = submodules
        self._lfs = lfs

    @contextmanager
    def checked_out(self, sha: str, entries: tuple[TreeEntry, ...]) -> Iterator[Path]:
        """A detached work tree of the commit while the context lasts.

        Args:
            sha: the commit.
            entries: what of its tree the build needs: checked to be there.

        Raises:
            Unbuildable: it needs submodules or large files that nobody allowed to bring.
            DiskFullError, InfrastructureError: the machine failed.
        """
        if not self._submodules:
            _refuse_submodules(entries)
        path = self._directory / f"{sha[:12]}-{uuid.uuid4().hex[:8]}"
        with machine_faults(f"cannot check out {sha[:8]}"), hold(_lock(path)):
            try:
                self._add(path, sha)
                self._complete(path, entries)
                yield path
            finally:
                self._remove(path)
                discard(_lock(path))

    def sweep(self) -> None:
        """Remove the work trees of processes that are gone."""
        if self._directory.is_dir():
            # a lock without its tree and a tree without its lock are both remains
            names = {path.name.removesuffix(".lock") for path in self._directory.iterdir()}
            for path in sorted(self._directory / name for name in names):
                with contextlib.suppress(Taken), hold(_lock(path), wait=False):
                    self._remove(path)
                    discard(_lock(path))
        self._prune()

    def _add(self, path: Path, sha: str) -> None:
        try:
            with self._list():
                self._repository.git("worktree", "add", "--quiet", "--detach", str(path), sha)
        except RepositoryError as error:
            refuse_full_disk(f"cannot check out {sha[:8]}", error.message, self._directory)
            raise InfrastructureError(
                f"cannot check out {sha[:8]}: {error.message}",
                hint=f"if {self._repository.git_dir} is damaged, delete it: it is only a copy",
            ) from error

    def _complete(self, path: Path, entries: tuple[TreeEntry, ...]) -> None:
        if self._submodules and any(entry.kind == "commit" for entry in entries):
            self._bring(path, "submodules", ("submodule", "update", "--init", "--recursive"))
        if not _attributes_name_lfs(path, entries):
            return
        if self._lfs:
            self._bring(path, "large files", ("lfs", "pull"))
        _refuse_pointers(path, entries, asked=self._lfs)

    def _bring(self, path: Path, what: str, command: tuple[str, ...]) -> None:
        try:
            self._repository.git(*command, cwd=path)
        except RepositoryError as error:
            # without the work tree's place, so that commits that fail alike say the same
            said = error.message.rpartition(f"{path}: ")[2]
            if any(sign in said for sign in _COMMITS_FAULT):
                raise Unbuildable(f"cannot bring the {what}: {said}") from error
            raise InfrastructureError(
                f"cannot bring the {what}: {said}",
                hint="their server must be reached without a password, and git-lfs be installed",
            ) from error

    def _remove(self, path: Path) -> None:
        if path.exists():
            # not `git worktree remove`: a build may have left what git refuses to remove
            shutil.rmtree(path, ignore_errors=True)
            self._prune()

    def _prune(self) -> None:
        with self._list():
            self._repository.git("worktree", "prune", "--expire=now")

    def _list(self) -> AbstractContextManager[None]:
        """Git's list of work trees, for one at a time: to prune it takes what is being added."""
        return hold(self._repository.git_dir / "worktrees.lock")


def _lock(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def _refuse_submodules(entries: tuple[TreeEntry, ...]) -> None:
    for entry in entries:
        if entry.kind == "commit":
            raise Unbuildable(
                f"{entry.path} is a submodule, and environment.submodules is off", log=""
            )


def _attributes_name_lfs(path: Path, entries: tuple[TreeEntry, ...]) -> bool:
    named = {entry.path for entry in entries if entry.path.endswith(".gitattributes")}
    files = (path / name for name in named | {".gitattributes"})
    return any(file.is_file() and b"filter=lfs" in file.read_bytes() for file in files)


def _refuse_pointers(path: Path, entries: tuple[TreeEntry, ...], *, asked: bool) -> None:
    for entry in entries:
        file = path / entry.path
        if file.is_symlink() or not file.is_file() or file.stat().st_size >= _POINTER_BYTES:
            continue
        if is_lfs_pointer(file.read_bytes()):
            why = "git lfs did not bring it" if asked else "environment.lfs is off"
            raise Unbuildable(f"{entry.path} is a large file (LFS), and {why}", log="")
