"""What may stand in a suite for optimum-benchmark, and why the rest may not. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tracker.config.hints import did_you_mean
from tracker.config.secrets import secrets
from tracker.errors import Problem
from tracker.worker.optimum.options import (
    BACKEND,
    DEFAULTS,
    GENERATING,
    INFERENCE,
    SCENARIOS,
    TASKS,
    TRAINING,
)

#: fields of a benchmark that are no options of its cells
_FIELDS = ("scenario", "params", "backend_options", "scenario_options", "timeout")
#: options that are the same for all cells of a benchmark
_FIXED = {"processor", "revision", "iterations", "warmup"}
#: option -> all values that it may have
CHOICES: Mapping[str, tuple[Any, ...]] = {
    "task": TASKS,
    "dtype": ("float32", "bfloat16", "float16", "auto"),
    "torch_compile": (False, True),
}
#: option -> the least whole number that it may be
LEAST: Mapping[str, int] = {
    **dict.fromkeys(("batch_size", "sequence_length", "iterations", "warmup"), 1),
    "new_tokens": 2,
}

#: field -> what to do instead
_ELSEWHERE = {
    "device": "set matrix.device",
    "device_ids": "set matrix.device to cuda:N",
    "threads": "set matrix.threads",
    "duration": "set iterations: with a duration a faster commit has more samples",
    "backend": "give its options as backend_options; the backend is pytorch",
    "launcher": "leave it out: every cell has a process of its own",
    "name": "the key is the name",
}
_TOP_LEVEL = {
    **dict.fromkeys(("defaults", "hydra"), "the tracker has its own configuration: tracker.yaml"),
    **dict.fromkeys(("backend", "scenario"), "put it below benchmarks: {NAME: ...}"),
    **{name: _ELSEWHERE[name] for name in ("launcher", "name")},
}

#: how models are called at the hub
_OF_THE_HUB = re.compile(r"(\w[\w.-]*/)?\w[\w.-]*")

#: options of the backend in optimum-benchmark's own words
_BACKEND_OPTIONS = (
    *("seed", "processor_kwargs", "model_kwargs", "device_map", "tp_plan"),
    *("eval_mode", "to_bettertransformer", "low_cpu_mem_usage", "allow_tf32"),
    *("autocast_enabled", "autocast_dtype", "torch_compile_target", "torch_compile_config"),
    *("quantization_scheme", "quantization_config", "peft_type", "peft_config"),
    *("deepspeed_inference", "deepspeed_inference_config"),
)
_SCENARIO_OPTIONS = {
    INFERENCE: ("input_shapes", "generate_kwargs", "forward_kwargs", "memory"),
    TRAINING: ("dataset_shapes", "training_arguments", "memory"),
}
#: path in them -> why it is not taken, and what to do instead
_REFUSED = {
    **dict.fromkeys(
        ("inter_op_num_threads", "intra_op_num_threads"),
        "optimum-benchmark confuses the two: set matrix.threads",
    ),
    "no_weights": "it asks the hub even for a local directory: give one with random weights",
    "library": "the models are those of transformers",
    "energy": "it needs the network, and measures the whole machine",
    "latency": "it is what is measured",
    "warmup_runs": "write warmup",
    "dataset_shapes.dataset_size": "it is made to fit, so that every step has a full batch",
    **dict.fromkeys(
        ("max_steps", "training_arguments.max_steps"), "write iterations, and warmup before them"
    ),
    **{name: hint for name, hint in _ELSEWHERE.items() if name in ("device", "device_ids")},
    "duration": _ELSEWHERE["duration"],
    "new_tokens": "write new_tokens in the benchmark itself",
    "device_isolation": "the tracker looks at the machine itself: `tracker doctor`",
}


def problems(content: Any, file: str) -> Iterator[Problem]:
    """All that is wrong in one file of a suite, as it was read."""
    if not isinstance(content, Mapping):
        yield Problem(message="not a mapping", where=file, hint="begin with `benchmarks:`")
        return
    if hidden := list(secrets(content, file)):
        yield from hidden  # and nothing else, which could show what they are
        return
    for name in content:
        if name != "benchmarks":
            hint = _TOP_LEVEL.get(str(name), "a file has `benchmarks` and nothing else")
            yield Problem(message=f"unknown section {name!r}", where=file, hint=hint)
    given = content.get("benchmarks")
    if not isinstance(given, Mapping):
        yield Problem(message="no mapping of benchmarks", where=f"{file}: benchmarks")
        return
    for name, entry in given.items():
        where = f"{file}: benchmarks.{name}"
        if isinstance(entry, Mapping):
            yield from _of_entry(entry, where)
        else:
            yield Problem(message="not a mapping", where=where)


def _of_entry(entry: Mapping[str, Any], where: str) -> Iterator[Problem]:
    known = (*DEFAULTS, *_FIELDS)
    for field in entry:
        if field not in known:
            hint = _ELSEWHERE.get(str(field)) or did_you_mean(str(field), known)
            yield Problem(message=f"unknown field {field!r}", where=f"{where}.{field}", hint=hint)
    params = entry.get("params", {})
    if not isinstance(params, Mapping):
        yield Problem(
            message="not a mapping", where=f"{where}.params", hint="params: {batch_size: [1, 8]}"
        )
        return
    scenario = entry.get("scenario", INFERENCE)
    if scenario not in SCENARIOS:
        hint = f"the scenarios are {INFERENCE} and {TRAINING}"
        yield Problem(message="no scenario", where=f"{where}.scenario", hint=hint)
        return
    yield from _of_values(entry, params, where)
    yield from _of_meaning(entry, params, str(scenario), where)
    yield from _of_options(
        entry.get("backend_options", {}),
        _BACKEND_OPTIONS,
        {".".join(path): name for name, path in BACKEND.items()},
        f"{where}.backend_options",
    )
    named = SCENARIOS[str(scenario)].items()
    yield from _of_options(
        entry.get("scenario_options", {}),
        _SCENARIO_OPTIONS[str(scenario)],
        {".".join(path): name for name, paths in named for path in paths},
        f"{where}.scenario_options",
    )


def _of_values(
    entry: Mapping[str, Any], params: Mapping[str, Any], where: str
) -> Iterator[Problem]:
    """Each value by itself."""
    for name, check in _CHECKS.items():
        if name in entry and (flaw := check(entry[name])):
            yield _wrong(flaw, f"{where}.{name}", entry[name])
    for name, values in params.items():
        place = f"{where}.params.{name}"
        if name not in DEFAULTS or name in _FIXED:
            hint = _ELSEWHERE.get(str(name)) or did_you_mean(str(name), set(DEFAULTS) - _FIXED)
            yield Problem(message=f"{name!r} cannot vary", where=place, hint=hint)
        elif not isinstance(values, Sequence) or isinstance(values, str) or not values:
            yield _wrong("needs a list of values", place, values)
        elif name in entry:
            yield Problem(message="fixed and varied at once", where=place, hint="leave one out")
        else:
            flaws = ((_CHECKS[str(name)](value), value) for value in values)
            yield from (_wrong(flaw, place, value) for flaw, value in flaws if flaw)


def _of_meaning(
    entry: Mapping[str, Any], params: Mapping[str, Any], scenario: str, where: str
) -> Iterator[Problem]:
    """The values beside each other."""
    for needed in ("model", "task"):
        if needed not in entry and needed not in params:
            yield Problem(message=f"no {needed}", where=where, hint=f"write {needed}: ...")
    if "revision" in entry:
        yield from _of_names([entry.get("model"), *params.get("model", ())], where)
    tasks = params.get("task") or [entry.get("task")]
    may_generate = scenario == INFERENCE and any(task in GENERATING for task in tasks)
    for name in sorted({"cache", "new_tokens"} & {*entry, *params}):
        if not may_generate:
            message = "has no effect: nothing is generated"
            yield Problem(message=message, where=f"{where}.{name}", hint="leave out")


def _of_names(models: Sequence[Any], where: str) -> Iterator[Problem]:
    """Models of the hub are called as there."""
    for model in models:
        if isinstance(model, str) and not _OF_THE_HUB.fullmatch(model):
            hint = "leave revision out for a directory"
            yield Problem(
                message="no name of a model of the hub", where=where, value=model, hint=hint
            )


def _of_options(
    given: Any, known: Sequence[str], short: Mapping[str, str], where: str
) -> Iterator[Problem]:
    """Options in optimum-benchmark's words: none unknown, none refused, none given in two ways.

    Args:
        known: the names that there are.
        short: path of an option -> how the tracker calls it.
    """
    if not isinstance(given, Mapping):
        yield Problem(message="not a mapping", where=where)
        return
    for path in _paths(given):
        place = f"{where}.{path}"
        if path in _REFUSED:
            yield Problem(message="not taken", where=place, hint=_REFUSED[path])
        elif path in short:
            hint = f"write {short[path]} in the benchmark itself"
            yield Problem(message="has a name of its own", where=place, hint=hint)
        elif path.partition(".")[0] not in known:
            hint = did_you_mean(path, known)
            yield Problem(message="unknown option", where=place, hint=hint)


def _paths(given: Mapping[str, Any]) -> Iterator[str]:
    for name, value in given.items():
        inner = list(value) if isinstance(value, Mapping) else []
        yield from (f"{name}.{one}" for one in inner) if inner else (str(name),)


def _wrong(flaw: str, where: str, value: Any) -> Problem:
    return Problem(message=flaw, where=where, value=str(value))


def _text(value: Any) -> str:
    return "" if isinstance(value, str) and value else "not a text"


def _flag(value: Any) -> str:
    return "" if isinstance(value, bool) else "not true or false"


def _one_of(choices: Sequence[str]) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        return "" if value in choices else f"unknown; {did_you_mean(str(value), choices)}"

    return check


def _at_least(least: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        fits = isinstance(value, int) and not isinstance(value, bool) and value >= least
        return "" if fits else f"not a whole number of {least} or more"

    return check


def _revision(value: Any) -> str:
    pinned = isinstance(value, str) and re.fullmatch(r"[0-9a-f]{40}", value)
    return "" if pinned else "not the full hash of a commit, so that the model could change"


def _seconds(value: Any) -> str:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    return "" if fits else "not a number of seconds"


_CHECKS: Mapping[str, Callable[[Any], str]] = {
    **dict.fromkeys(("model", "processor", "model_type"), _text),
    **dict.fromkeys(("attention", "cache", "compile_mode"), _text),
    **{name: _one_of(choices) for name, choices in CHOICES.items()},
    **{name: _at_least(least) for name, least in LEAST.items()},
    "revision": _revision,
    "torch_compile": _flag,
    "timeout": _seconds,
}
