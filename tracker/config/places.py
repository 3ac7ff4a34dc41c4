"""The one place that knows where the tracker keeps things."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

_APP = "commit-tracker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Directories of one user: ``cache`` can be deleted at any time, ``state`` holds results."""

    cache: Path
    state: Path

    @classmethod
    def of_user(cls) -> Places:
        """The user's directories; ``TRACKER_HOME`` puts both below one directory."""
        if home := os.environ.get("TRACKER_HOME"):
            return cls(cache=Path(home, "cache").absolute(), state=Path(home, "state").absolute())
        return cls(
            cache=platformdirs.user_cache_path(_APP),
            state=platformdirs.user_state_path(_APP),
        )

    @property
    def mirrors(self) -> Path:
        """Private bare copies of the repositories under test."""
        return self.cache / "mirrors"

    @property
    def releases(self) -> Path:
        """Repositories written from package releases, and the archives they came from."""
        return self.cache / "releases"

    @property
    def worktrees(self) -> Path:
        return self.cache / "worktrees"

    @property
    def wheels(self) -> Path:
        return self.cache / "wheels"

    @property
    def environments(self) -> Path:
        return self.cache / "environments"

    @property
    def scratch(self) -> Path:
        """Private homes and working directories of processes; empty when nothing runs."""
        return self.cache / "scratch"

    @property
    def database(self) -> Path:
        """Data directory of the embedded server and its files."""
        return self.state / "database"

    @property
    def spool(self) -> Path:
        """Measurements that the database could not take yet."""
        return self.state / "spool"
