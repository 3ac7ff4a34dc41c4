"""What the files of a site are called: by hashes and plain letters, not by names as written."""

from __future__ import annotations

import hashlib
import re

from tracker.publish.contents import Series

_PLAIN = re.compile(r"[^a-z0-9]+")
#: of the part of a slug that people read
_LONGEST = 48


def slug(benchmark: str) -> str:
    """``parse-1f2e3d4c``: no two benchmarks have the same, whatever they are called."""
    plain = _PLAIN.sub("-", benchmark.lower()).strip("-")[:_LONGEST].strip("-")
    digest = hashlib.sha256(benchmark.encode()).hexdigest()[:8]
    return "-".join(filter(None, (plain, digest)))


def short(sha: str) -> str:
    """A commit in the files of series."""
    return sha[:12]


def key(one: Series) -> str:
    """A series in cards and tables: its benchmark's page, and its place there."""
    return f"{slug(one.coordinate.benchmark)}/{one.short}"


def benchmark_page(benchmark: str) -> str:
    return f"benchmarks/{slug(benchmark)}.html"


def series_file(one: Series) -> str:
    return f"series/{one.short}.js"


def commit_page(sha: str) -> str:
    return f"commits/{sha}.html"


def commit_file(sha: str) -> str:
    """What every series did at a commit."""
    return f"commits/{sha}.js"


#: what a site may have written into its folders, and may take away again
OURS = re.compile(
    r"benchmarks/[a-z0-9-]+\.html|series/[0-9a-f]{12}\.js|commits/[0-9a-f]{40,64}\.(html|js)"
)
