# Runs beside any code, on Python 3.7 and later.
# ruff: noqa: PTH118, PTH123, BLE001
"""Run inside of a build environment: builds one wheel by the hooks of PEP 517.

Started as ``python backend.py JOB.json``; stands alone. The job has ``source`` (directory
of the project), ``backend`` (``module:object``), ``backend_path``, ``provided``
(requirements that this environment was made for), ``ask`` (call the hook that names more
of them) and ``wheels`` (directory for the result). One JSON line goes to the results pipe:

- ``{"event": "wheel", "name": file}``;
- ``{"event": "requires", "requires": [...]}``: the hook named what this environment lacks;
- ``{"event": "failed", "reason": line}``: and the traceback is printed.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from typing import Any


def build(job: dict[str, Any]) -> dict[str, Any]:
    """Carry out a job and return the line to report."""
    # The directory of this file is no place to import from.
    sys.path[:1] = [os.path.join(job["source"], entry) for entry in job["backend_path"]]
    os.chdir(job["source"])
    module, _, attributes = job["backend"].partition(":")
    backend = importlib.import_module(module)
    for attribute in filter(None, attributes.split(".")):
        backend = getattr(backend, attribute)
    if job["ask"] and hasattr(backend, "get_requires_for_build_wheel"):
        named = backend.get_requires_for_build_wheel()
        lacking = [text for text in named if text not in job["provided"]]
        if lacking:
            return {"event": "requires", "requires": lacking}
    return {"event": "wheel", "name": backend.build_wheel(job["wheels"])}


def main(path: str) -> int:
    """Build, and report what came out."""
    with open(path, encoding="utf-8") as file:
        job = json.load(file)
    results = int(os.environ.pop("TRACKER_RESULTS_FD"))
    os.set_inheritable(results, False)
    try:
        line = build(job)
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        said = str(error).strip().splitlines() or [""]
        line = {"event": "failed", "reason": f"{type(error).__name__}: {said[-1]}".rstrip(": ")}
    os.write(results, (json.dumps(line) + "\n").encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
