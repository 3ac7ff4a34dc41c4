"""A work tree with its changes, as if it were committed: in the private copy, under no name."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tracker.history.hardened import run


def snapshot(work_tree: Path, git_dir: Path, parent: str) -> str:
    """SHA of a commit of all files that are tracked or not ignored; the parent where none differs.

    Nothing is written to the work tree's own repository, and none of its configuration obeyed.
    The same files on the same parent give the same SHA.

    Raises:
        RepositoryError: git cannot read the work tree.
    """
    with tempfile.TemporaryDirectory() as directory:
        variables = {"GIT_INDEX_FILE": str(Path(directory) / "index")}
        places = (f"--git-dir={git_dir}", f"--work-tree={work_tree}")
        # from the parent's index git need not read what has not changed; and ignored files that
        # are tracked stay in
        run(*places, "read-tree", parent, cwd=work_tree, variables=variables)
        run(*places, "add", "--all", "--", ".", cwd=work_tree, variables=variables)
        tree = run(*places, "write-tree", cwd=work_tree, variables=variables).decode().strip()
    if tree == run("rev-parse", f"{parent}^{{tree}}", cwd=git_dir).decode().strip():
        return parent
    dates = run("log", "-1", "--format=%ct", parent, cwd=git_dir).decode().strip()
    who = f"work tree <> {dates} +0000"
    text = f"tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n\nuncommitted changes\n"
    written = run("hash-object", "-t", "commit", "-w", "--stdin", cwd=git_dir, data=text.encode())
    return written.decode().strip()
