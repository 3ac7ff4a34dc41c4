"""A Python that has what machine learning needs, which is not the one that runs the tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]


def ml_python_or_skip() -> Path:
    """The Python that ``TRACKER_ML_PYTHON`` names, or that of ``.venv-ml``; else a skip."""
    named = os.environ.get("TRACKER_ML_PYTHON")
    found = Path(named) if named else _ROOT / ".venv-ml" / "bin" / "python"
    if not found.exists():
        pytest.skip(f"needs torch and transformers: there is no {found}; set TRACKER_ML_PYTHON")
    return found
