"""The program that measures inside of a commit's environment.

It is run by path, ``PYTHON -s .../worker/__main__.py JOB.json``, by any Python from 3.8
to 3.14, and imports nothing but the standard library, and of that as little as it
can. It reads a job::

    {
      "mode": "measure" | "discover" | "together",
      "harness": "python" | "torch" | "asv" | "pytest-benchmark" | "command"
                 | "metrics-recorder" | "optimum-benchmark" | "package",
      "suite": PATH,                     # file or directory
      "options": {...},                  # what only this harness understands
      "benchmark": NAME,                 # measure only, as the two that follow
      "parameters": {NAME: REPR, ...},
      "protocol": {                      # all optional; a task's own overrides win
        "samples": 10,                   # raw samples
        "sample_seconds": 0.01,          # one sample lasts at least this long
        "loops": 0,                      # calls behind a sample; 0: calibrated
        "warmup_iterations": 500,        # batches of warm-up, at most; 0: none
        "warmup_seconds": 1.0,           # seconds of warm-up, at most; 0: none
        "preflight_seconds": 60.0,       # a first call that takes longer stops early; 0: never
        "preflight_item_seconds": 0.0,   # the same, for each item that a call handles
        "count_seconds": 30.0,           # counting may take this long
        "noisy": 0.15                    # robust variation of the samples that is flagged
      },
      "package": IMPORT_NAME or "",      # verified: where was it imported from?
      "prefix": PATH,                    # of the environment
      "counts": [],                      # of one call: "instructions", "allocations",
                                         # "machine_instructions", "cachegrind", "work": what
                                         # the harness can tell of a call
      "threads": 0,                      # asked for; 0: as many as there are
      "device": "cpu",                   # asked for
      "device_absent": "fail",           # what then: "fail", "skip" or "fallback"
      "memory_bytes": 0,                 # that it may take; 0: no limit
      "members": [...],                  # together only: jobs, each with its "timeout"
      "installed_bytes": 0               # harness "package" only
    }

It writes JSON lines to the file descriptor that ``TRACKER_RESULTS_FD`` names::

    {"event": "hello", "python": "cpython-3.11.7", "imported_from": FILE or "", "threads": 1, ...}
    {"event": "benchmark", ...}          # discover: the fields of a model Benchmark
    {"event": "reading", "metric", "unit", "direction", "kind", "exact", "samples", "loops",
     "warmup", ["answers": {SAMPLE: TEXT, ...}]}
    {"event": "used", "backend", "precision", "dataset", "neutral", "device", "threads", "facts"}
    {"event": "sample", "metric", "unit", "direction", "kind", "exact", "value"}
    {"event": "flag", "name": "noisy" | "not-converged" | "not-counted" | "unsteady"
     | "threads-not-as-asked" | "device-not-as-asked" | "answers-not-kept", "reason": ...}
    {"event": "end", "state", "reason", "backend", "precision", "dataset", "neutral", "device",
     "threads", "facts"}

A ``reading`` counts where the benchmark ended well. A ``sample`` is sent as it is taken, by
benchmarks that hand them over, and kept whatever happens to the process later; ``used``
stands before the first, with what ``end`` says of it in a process that comes to its end.

Where ``TRACKER_TURNS_FD`` names a socket, a timed benchmark takes its samples in turns with
another process: see ``baton``.

``end`` is always the last line; a process that ends without it failed. Its state is
one of measured, early-stopped, unsupported, benchmark-failed, harness-incompatible,
out-of-memory. What several members of one process say is framed as in ``together``.
Tracebacks go to standard error.
"""
