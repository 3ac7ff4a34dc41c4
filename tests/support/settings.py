"""Checked settings with everything filled in, for tests that care about a few fields of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.support.series import POLICY
from tracker.config.settings import (
    EnvironmentSettings,
    ExecutorSettings,
    HistorySettings,
    Level,
    MatrixSettings,
    NotifySettings,
    ProjectSettings,
    Settings,
    StoreSettings,
    SuiteSettings,
)

SETTINGS = Settings(
    project=ProjectSettings(
        name="demo", repository=".", subdirectory="", branch="", package="", commit_url=""
    ),
    history=HistorySettings(first_parent=False, since="", tags=(), every=1, paths=()),
    suite=SuiteSettings(
        name="parse", harness="python", path="suite.py", revision="", version="3", gold=False
    ),
    environment=EnvironmentSettings(
        recipes=("pinned",),
        pythons=("3.11",),
        requires=(),
        extras=(),
        build_requires=(),
        identity=True,
        inert_paths=(),
        submodules=False,
        lfs=False,
        build_timeout=60.0,
        cache_bytes=10**9,
    ),
    executor=ExecutorSettings(kind="local", build_jobs=1, sandbox=False, passthrough=()),
    store=StoreSettings(url=""),
    policy=POLICY,
    notify=NotifySettings(to={}, level=Level.normal),
    matrices=(MatrixSettings(),),
    profile="nightly",
    root=Path("/nowhere"),
    resolved={},
    sources={},
)


def with_matrices(*matrices: MatrixSettings, **environment: Any) -> Settings:
    """Settings with these matrices, and fields of the environment."""
    return replace(
        SETTINGS,
        matrices=matrices or SETTINGS.matrices,
        environment=replace(SETTINGS.environment, **environment),
    )
