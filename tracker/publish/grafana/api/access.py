"""Where Grafana is, and what it may be told: from the environment, never from a configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from tracker.errors import UsageError

URL = "TRACKER_GRAFANA_URL"
TOKEN = "TRACKER_GRAFANA_TOKEN"  # noqa: S105  the name of a variable
PASSWORD = "TRACKER_GRAFANA_PASSWORD"  # noqa: S105  the name of a variable
CONTACT = "TRACKER_GRAFANA_CONTACT"

_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A server, and what opens it. Its text never shows secrets."""

    #: ``http`` or ``https``
    scheme: str
    #: in brackets where it is an address of IPv6
    host: str
    port: int | None
    #: below which Grafana answers: empty, or with a slash at its end
    prefix: str
    token: str = field(repr=False)
    #: what else it is told that nobody may read
    secrets: tuple[str, ...] = field(repr=False)

    def __str__(self) -> str:
        port = f":{self.port}" if self.port else ""
        return f"{self.scheme}://{self.host}{port}/{self.prefix}".rstrip("/")

    def without_secrets(self, text: str) -> str:
        """A text of the server's, which may repeat what it was told."""
        for one in (self.token, *self.secrets):
            text = text.replace(one, "***")
        return text


def access(url: str, token: str, *secrets: str) -> Access:
    """How Grafana at a URL is reached with a token.

    Args:
        secrets: what else nobody may read of what Grafana answers; empty ones are none.

    Raises:
        UsageError: either is missing or cannot be one. A token is not repeated in it.
    """
    parts = _parts(url)
    if not token:
        raise UsageError(
            "Grafana needs a token",
            code="grafana.token",
            hint=f"make one of a service account with the role Admin; set {TOKEN}, or {TOKEN}_FILE "
            "to a file with it",
        )
    if not _TOKEN.fullmatch(token):
        raise UsageError(
            "the token for Grafana has characters that no token has",
            code="grafana.token",
            hint="it is one word, such as glsa_...",
        )
    host = parts.hostname or ""
    prefix = parts.path.strip("/")
    return Access(
        scheme=parts.scheme,
        host=f"[{host}]" if ":" in host else host,
        port=parts.port,
        prefix=f"{prefix}/" if prefix else "",
        token=token,
        secrets=tuple(filter(None, secrets)),
    )


def _parts(url: str) -> SplitResult:
    if not url:
        raise UsageError(
            "where is Grafana?",
            code="grafana.url",
            hint=f"give --url or set {URL}, such as https://grafana.example.org",
        )
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none
        usable = False
    if not usable:
        raise UsageError(
            "the address of Grafana cannot be read",
            code="grafana.url",
            hint="write https://HOST, https://HOST:PORT or https://HOST/PATH",
        )
    if parts.username or parts.password:
        raise UsageError(
            "the address of Grafana has a name or a password in it",
            code="grafana.url",
            hint=f"Grafana is opened with a token: set {TOKEN}",
        )
    return parts


def secret(name: str, environ: Mapping[str, str], file: Path | None = None) -> str:
    """A secret of a file, of the file that ``NAME_FILE`` names, or of ``NAME``; empty for none.

    Raises:
        UsageError: the file cannot be read.
    """
    if file is None and environ.get(f"{name}_FILE"):
        file = Path(environ[f"{name}_FILE"])
    if file is None:
        return environ.get(name, "").strip()
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UsageError(
            f"the secret in {file} cannot be read: {reason}", code="grafana.secret"
        ) from None
