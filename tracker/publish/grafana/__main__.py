"""``python -m tracker.publish.grafana DIR`` writes the dashboards."""

from __future__ import annotations

import sys
from pathlib import Path

from tracker.publish.grafana.render import write

write(Path(sys.argv[1]))
