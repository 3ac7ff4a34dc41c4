"""What pages are put together from: frames, styles and scripts of ``assets/``, and data as JSON."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

_ASSETS = files("tracker.publish") / "assets"
_PLACE = re.compile(r"\{\{(\w+)\}\}")
#: where a part of a name ends; no point of a number is one
_END_OF_PART = re.compile(r"(?<=[._/,:=])(?![._/,:=\s\d])|(?=\[)|(?<=[a-z])(?=[A-Z])")


def asset(name: str) -> str:
    """Text of a script, a style, or a frame that pages are made of."""
    return (_ASSETS / name).read_text(encoding="utf-8")


def filled(frame: str, parts: Mapping[str, str]) -> str:
    """The frame of that name, its ``{{...}}`` replaced by parts that are escaped already."""
    # one pass: a placeholder inside of a value stays what it is
    return _PLACE.sub(lambda found: parts[found[1]], asset(frame))


def drawing_parts(scripts: Sequence[str], styles: Sequence[str]) -> dict[str, str]:
    """What a page that draws charts has in its frame: scripts, styles, licence, and the policy.

    Args:
        scripts: names of assets, in their order, the chart library among them.
        styles: names of assets.
    """
    texts = [asset(name) for name in scripts]
    return {
        "policy": escape(_policy(texts)),
        "licence": asset("uPlot.LICENSE.txt").replace("--", "- -"),
        "styles": "".join(f"<style>\n{asset(name)}</style>\n" for name in styles),
        "scripts": "".join(f"<script>{text}</script>\n" for text in texts),
    }


def _policy(scripts: Sequence[str]) -> str:
    """Content-Security-Policy: these scripts and styles, no connection of any kind."""
    hashes = (
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts
    )
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )


def breakable(text: str) -> str:
    """Text with long names as HTML: lines end where parts of a name do, not inside of a word."""
    return "<wbr>".join(map(escape, _END_OF_PART.split(text)))


def compact(value: Any) -> str:
    """JSON for scripts, without a space too many."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def embedded(value: Any) -> str:
    """JSON that stands inside of a script element: nothing in it can end that element."""
    text = compact(value)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
