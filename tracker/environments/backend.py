# Runs beside any code, on Python 3.7 and later.
# ruff: noqa: PTH103, PTH118, PTH123, BLE001
"""Run inside of a build environment: builds one wheel by the hooks of PEP 517.

Started as ``python backend.py JOB.json``; stands alone. The job has ``built`` (file of a wheel
in ``wheels`` that was built elsewhere; "" to build one), ``source`` (directory of the
project), ``backend`` (``module:object``), ``backend_path``, ``provided`` (requirements that
this environment was made for), ``ask`` (call the hook that names more of them), ``wheels``
(directory for the result) and ``bytecode`` (directory for its compiled modules, named as
below site-packages). One JSON line goes to the results pipe:

- ``{"event": "wheel", "name": file}``;
- ``{"event": "requires", "requires": [...]}``: the hook named what this environment lacks;
- ``{"event": "failed", "reason": line}``: and the traceback is printed.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import os
import py_compile
import shutil
import sys
import traceback
import warnings
import zipfile
from typing import Any


def build(job: dict[str, Any]) -> dict[str, Any]:
    """Carry out a job and return the line to report."""
    line = {"event": "wheel", "name": job["built"]} if job["built"] else _built(job)
    if line["event"] == "wheel":
        compile_modules(os.path.join(job["wheels"], line["name"]), job["bytecode"])
    return line


def _built(job: dict[str, Any]) -> dict[str, Any]:
    # The directory of this file is no place to import from.
    sys.path[:1] = [os.path.join(job["source"], entry) for entry in job["backend_path"]]
    os.chdir(job["source"])
    os.environ["PWD"] = job["source"]
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


def compile_modules(wheel: str, target: str) -> None:
    """Compile a wheel's modules here, where an interpreter of the right version already runs.

    The results are not bound to the times of the sources, which installing changes. A
    module that cannot be compiled is left to fail where it is imported.
    """
    unpacked = os.path.join(target, "unpacked")
    os.makedirs(unpacked)
    with zipfile.ZipFile(wheel) as archive:
        modules = [name for name in archive.namelist() if name.endswith(".py")]
        archive.extractall(unpacked, modules)
    for name in modules:
        source = os.path.join(unpacked, name)
        compiled = importlib.util.cache_from_source(os.path.join(target, name))
        with contextlib.suppress(py_compile.PyCompileError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
            py_compile.compile(source, compiled, name, doraise=True, invalidation_mode=mode)
    shutil.rmtree(unpacked)


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
