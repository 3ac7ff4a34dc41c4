"""The files that a Grafana reads by itself, without anybody's token."""

from __future__ import annotations

from pathlib import Path

from tracker import resources
from tracker.publish.disk import write
from tracker.publish.grafana.api import alerts
from tracker.publish.grafana.api.alerts import Contact

#: what is taken as it ships; the rules are made by code
_SHIPPED = ("dashboards/*.json", "provisioning/dashboards/*", "provisioning/datasources/*")
RULES = Path("provisioning", "alerting", "tracker.yaml")


def render(directory: Path, whom: Contact | None = None) -> tuple[Path, ...]:
    """Write dashboards and provisioning into a directory, laid out as ``grafana/`` is.

    Args:
        whom: whom the alert rules call; None: whom Grafana's notification policies name.

    Raises:
        InfrastructureError: one of them cannot be written.
    """
    shipped = resources.directory("grafana")
    texts = {
        path.relative_to(shipped): path.read_text("utf-8")
        for pattern in _SHIPPED
        for path in sorted(shipped.glob(pattern))
    }
    texts[RULES] = alerts.provisioning(whom)
    written = []
    for name, text in texts.items():
        path = directory / name
        write(path, text)
        written.append(path)
    return tuple(written)
