"""Git, run so that nothing in a repository can make it run something else.

A repository is input from strangers: its configuration may name programs (hooks, file-system
monitors, filters, transports), and its addresses may be commands. Every call of git goes through
``call`` or ``run``, which leave none of that in force.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tracker.errors import DiskFullError, InfrastructureError, RepositoryError

if TYPE_CHECKING:
    from types import ModuleType

#: the ways to reach a repository that start no program of somebody else's choice
PROTOCOLS = ("file", "https", "http", "ssh", "git")

#: laid over whatever a repository configures
_OVERRIDES = (
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    f"core.attributesFile={os.devnull}",
    "core.askPass=",
    "diff.external=",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    # a server that says nothing for a minute is away
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=60",
    # the person named this repository, and nothing in it is obeyed whoever owns it
    "safe.directory=*",
)
_OPTIONS = tuple(part for override in _OVERRIDES for part in ("-c", override))

#: what reads the source of a local fetch: git drops the options of its caller there
UPLOAD_PACK = " ".join(["git", *(f"-c '{override}'" for override in _OVERRIDES), "upload-pack"])

_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": ":".join(PROTOCOLS),
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    # ssh would ask the terminal itself
    "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=30",
}
#: neither the machine's nor the user's configuration: it may name programs
_NO_CONFIGURATION = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
#: what of the caller's own variables reaches git: how servers are reached. The rest would, inside
#: of a hook for instance, turn git to another repository
_KEPT = frozenset({"GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSH_COMMAND", "GIT_EXEC_PATH"})

#: what ``env`` ends with when it does not find the program
_NOT_FOUND = 127


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a git process left."""

    status: int
    out: bytes
    #: what it complained about, without credentials
    complaint: str


def gitpython() -> ModuleType:
    """GitPython, imported late: it looks for git, and a missing git is an error of its own here."""
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    import git  # noqa: PLC0415 - slow to import, and not every command needs it

    return git


def call(
    *args: str,
    cwd: Path,
    data: bytes | None = None,
    as_user_configured: bool = False,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Answer:
    """One git process in ``cwd``; its exit status is the caller's to judge.

    Args:
        args: the git command and its arguments.
        cwd: a repository or work tree.
        data: what git reads from its standard input.
        as_user_configured: obey the configuration of the user and the machine (never that of a
            repository), which says how servers are reached: proxies, certificates, credentials.
        variables: more of git's environment.

    Raises:
        InfrastructureError: there is no git.
    """
    git = gitpython()
    environment = _ENVIRONMENT | ({} if as_user_configured else _NO_CONFIGURATION)
    environment |= {name: os.environ[name] for name in _KEPT & os.environ.keys()} | {**variables}
    # what is no repository must not turn into the one around it
    environment["GIT_CEILING_DIRECTORIES"] = str(cwd.absolute().parent)
    strays = [name for name in os.environ if name.startswith("GIT_") and name not in environment]
    forget = ["env", *(part for name in strays for part in ("-u", name))] if strays else []
    try:
        process: Any = git.Git(cwd).execute(
            [*forget, "git", *_OPTIONS, *args],
            istream=subprocess.PIPE,
            as_process=True,
            env=environment,
        )
    except git.GitCommandNotFound as error:
        raise _missing() from error
    out, complaint = process.communicate(data)
    if forget and process.returncode == _NOT_FOUND:
        raise _missing()
    return Answer(
        status=process.returncode, out=out, complaint=complaint.decode(errors="replace").strip()
    )


def _missing() -> InfrastructureError:
    return InfrastructureError(
        "git is not installed", code="infrastructure.git", hint="install git 2.31 or later"
    )


def run(
    *args: str,
    cwd: Path,
    data: bytes | None = None,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """What one git process in ``cwd`` prints.

    Raises:
        RepositoryError: git refused.
        DiskFullError: no space left.
        InfrastructureError: there is no git.
    """
    answer = call(*args, cwd=cwd, data=data, variables=variables)
    if answer.status:
        command = next(word for word in args if not word.startswith("-"))
        raise refusal(f"git {command} failed in {cwd}", answer)
    return answer.out


def refusal(message: str, answer: Answer) -> RepositoryError | DiskFullError:
    """The error for an answer that is none: ``message`` and what git said."""
    if "No space left on device" in answer.complaint:
        return DiskFullError(f"{message}: no space left on the device", hint="free some space")
    return RepositoryError(f"{message}: {last_line(answer.complaint)}")


def last_line(complaint: str) -> str:
    """The line of git's complaint that says most, without the prefix."""
    lines = [line for line in complaint.splitlines() if line.startswith(("fatal:", "error:"))]
    said = (lines or complaint.splitlines() or ["git gave no reason"])[0]
    return said.partition(": ")[2] if lines else said
