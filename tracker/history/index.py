"""The package index that pip or uv are configured for: which source distributions it has.

Speaks the JSON form of the simple API (PEP 691, with the upload times of PEP 700).
"""

from __future__ import annotations

import base64
import configparser
import functools
import json
import os
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from tracker.errors import InfrastructureError, UsageError

_JSON = "application/vnd.pypi.simple.v1+json"
_TIMEOUT = 60.0
_ATTEMPTS = 3
#: seconds before the second attempt; four times that before the third
_PAUSE = 0.5
#: pip's setting -> what uv calls it
_FROM_PIP = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sdist:
    """A source distribution that an index offers."""

    version: Version
    filename: str
    url: str
    #: "" where the index does not tell
    sha256: str
    #: None where the index does not tell
    uploaded: datetime | None
    yanked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What one index has of a package."""

    sdists: tuple[Sdist, ...]
    #: versions with anything to install, be it without source
    versions: frozenset[Version]


def indexes() -> tuple[str, ...]:
    """URLs of the indexes, in the order they are asked.

    uv knows its own configuration and its default; it is told what pip was told, unless it was
    told something itself.

    Raises:
        InfrastructureError: uv does not run.
    """
    from uv import find_uv_bin  # noqa: PLC0415 - needed here alone

    environment = {**_told_to_pip(os.environ), **os.environ}
    command = [find_uv_bin(), "pip", "compile", "-", "--emit-index-url", "--quiet", "--no-header"]
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode:
        raise InfrastructureError(
            f"uv cannot tell the package index: {done.stderr.decode(errors='replace').strip()}",
            hint="check the configuration of uv",
        )
    options = (line.split(maxsplit=1) for line in done.stdout.decode().splitlines())
    return tuple(
        words[1] for words in options if len(words) == 2 and words[0].endswith("index-url")
    )


def _told_to_pip(environment: Mapping[str, str]) -> dict[str, str]:
    """What pip's variables and files say about indexes, in uv's words."""
    import platformdirs  # noqa: PLC0415 - needed here alone

    files = configparser.RawConfigParser(strict=False)
    places = (
        platformdirs.site_config_path("pip"),
        Path("/etc"),
        platformdirs.user_config_path("pip"),
    )
    chosen = filter(None, [environment.get("PIP_CONFIG_FILE")])
    files.read([*(place / "pip.conf" for place in places), *chosen], encoding="utf-8")
    told: dict[str, str] = {}
    for key, name in _FROM_PIP.items():
        variable = f"PIP_{key.replace('-', '_').upper()}"
        value = environment.get(variable) or files.get("global", key, fallback="")
        if value:
            told[name] = " ".join(value.split())
    return told


def offer(package: str, index: str) -> Offer | None:
    """What an index has of a package; None: it does not know the package.

    Raises:
        UsageError: ``releases.index``: the index does not speak JSON.
        InfrastructureError: it cannot be reached.
    """
    page = urljoin(index.rstrip("/") + "/", f"{canonicalize_name(package)}/")
    parts = urlsplit(page)
    if parts.scheme == "file" and not Path(unquote(parts.path)).exists():
        return None
    answer = get(page, accept=_JSON)
    if answer is None:
        return None
    try:
        files = json.loads(answer)["files"]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{_shown(index)} does not answer in JSON (PEP 691), so it tells no release dates",
            code="releases.index",
            hint="name another index, in UV_DEFAULT_INDEX for instance",
        ) from error
    sdists = tuple(_sdists(files, page))
    wheels = (_wheel(file["filename"]) for file in files)
    versions = {sdist.version for sdist in sdists} | set(filter(None, wheels))
    return Offer(sdists=sdists, versions=frozenset(versions))


def _sdists(files: Iterable[Mapping[str, Any]], page: str) -> Iterator[Sdist]:
    for file in files:
        try:
            _, version = parse_sdist_filename(file["filename"])
        except (InvalidSdistFilename, InvalidVersion):
            continue  # a wheel, or a form of long ago
        uploaded = file.get("upload-time")
        yield Sdist(
            version=version,
            filename=file["filename"],
            url=urljoin(page, file["url"]),
            sha256=file.get("hashes", {}).get("sha256", ""),
            uploaded=datetime.fromisoformat(uploaded) if uploaded else None,
            yanked=bool(file.get("yanked", False)),
        )


def _wheel(filename: str) -> Version | None:
    try:
        return parse_wheel_filename(filename)[1]
    except InvalidWheelFilename:
        return None


def get(url: str, *, accept: str = "*/*") -> bytes | None:
    """What lies at ``url``; None where nothing does.

    Raises:
        UsageError: ``releases.index``: neither http nor https.
        InfrastructureError: the network or the server failed, also when tried again.
    """
    request = _request(url, accept)
    for attempt in range(_ATTEMPTS):
        try:
            with urllib.request.urlopen(  # noqa: S310 - the scheme is checked above
                request, timeout=_TIMEOUT, context=_trust()
            ) as response:
                return bytes(response.read())
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in (404, 410):
                return None
            failure: Exception = error
        except (OSError, HTTPException) as error:
            failure = error
        if attempt + 1 < _ATTEMPTS:
            time.sleep(_PAUSE * 4**attempt)
    raise InfrastructureError(
        f"cannot fetch {_shown(url)}: {failure}",
        code="infrastructure.network",
        hint="check the network and the index that pip or uv are configured for, then run again",
    ) from failure


@functools.cache
def _trust() -> ssl.SSLContext:
    """The certificates that pip was given, or else the system's; slow to load."""
    given = os.environ.get("PIP_CERT") or os.environ.get("REQUESTS_CA_BUNDLE")
    return ssl.create_default_context(cafile=given or None)


def _request(url: str, accept: str) -> urllib.request.Request:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise UsageError(
            f"{url} is not on a server",
            code="releases.index",
            hint="releases are read from indexes of http and https",
        )
    headers = {"Accept": accept, "User-Agent": "commit-tracker"}
    if parts.username is not None:
        secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(secret).decode()}"
    return urllib.request.Request(_shown(url), headers=headers)  # noqa: S310 - checked above


def _shown(url: str) -> str:
    """Without credentials."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
