"""The files that Grafana reads."""

from __future__ import annotations

import json
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from tracker.publish import disk
from tracker.publish.grafana import (
    commits,
    device,
    fleet,
    overview,
    quality,
    scaling,
    series,
    transformers,
)
from tracker.publish.grafana.api.contents import NAME


def documents() -> dict[str, str]:
    """File name -> dashboard as JSON, the same bytes every time."""
    dashboards = (
        overview.overview(),
        series.series(),
        commits.one_commit(),
        commits.compare(),
        scaling.scaling(),
        quality.quality_and_speed(),
        transformers.transformers(),
        device.device(),
        fleet.fleet(),
    )
    return {
        f"{str(one.uid).removeprefix(f'{NAME}-')}.json": json.dumps(
            one, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False
        )
        + "\n"
        for one in dashboards
    }


def write(directory: Path) -> tuple[Path, ...]:
    """Write every dashboard into a directory, which is made."""
    written = []
    for name, text in documents().items():
        path = directory / name
        disk.write(path, text)
        written.append(path)
    return tuple(written)
