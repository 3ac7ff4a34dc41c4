"""A Python that has torch and transformers, for tests that need one: ``ci/ml`` makes it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def python_with_torch() -> Path:
    """The interpreter that ``TRACKER_ML_PYTHON`` names, or that of ``.venv-ml``; else a skip."""
    python = Path(os.environ.get("TRACKER_ML_PYTHON") or ROOT / ".venv-ml" / "bin" / "python")
    if not python.exists():
        pytest.skip("no Python with torch: run ci/ml, or name one in TRACKER_ML_PYTHON")
    return python
