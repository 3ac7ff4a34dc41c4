"""What becomes of a benchmark's options in the words of optimum-benchmark 0.6.0. Pure functions."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping

INFERENCE, TRAINING = "inference", "training"

#: tasks of transformers that generate, which have other targets than those that do not
GENERATING = (
    "automatic-speech-recognition",
    "image-text-to-text",
    "image-to-text",
    "text-generation",
    "text2text-generation",
)
TASKS = (
    *GENERATING,
    "audio-classification",
    "audio-frame-classification",
    "audio-xvector",
    "depth-estimation",
    "feature-extraction",
    "fill-mask",
    "image-classification",
    "image-segmentation",
    "masked-im",
    "multiple-choice",
    "object-detection",
    "question-answering",
    "semantic-segmentation",
    "text-classification",
    "text-to-audio",
    "token-classification",
    "visual-question-answering",
    "zero-shot-image-classification",
    "zero-shot-object-detection",
)

#: what a benchmark may give or vary -> where optimum-benchmark's backend has it
BACKEND = {
    "model": ("model",),
    "processor": ("processor",),
    "task": ("task",),
    "model_type": ("model_type",),
    "revision": ("model_kwargs", "revision"),
    "dtype": ("torch_dtype",),
    "attention": ("attn_implementation",),
    "cache": ("cache_implementation",),
    "torch_compile": ("torch_compile",),
    "compile_mode": ("torch_compile_config", "mode"),
}
#: scenario -> the same of its scenarios; some options stand in two places
SCENARIOS = {
    INFERENCE: {
        "batch_size": (("input_shapes", "batch_size"),),
        "sequence_length": (("input_shapes", "sequence_length"),),
        "new_tokens": (
            ("generate_kwargs", "max_new_tokens"),
            ("generate_kwargs", "min_new_tokens"),
        ),
        "iterations": (("iterations",),),
        "warmup": (("warmup_runs",),),
    },
    TRAINING: {
        "batch_size": (("training_arguments", "per_device_train_batch_size"),),
        "sequence_length": (("dataset_shapes", "sequence_length"),),
        "iterations": (),  # of all steps those after the warm-up, see ``_of_training``
        "warmup": (("warmup_steps",),),
    },
}
#: of what a benchmark leaves out; None: optimum-benchmark's own way
DEFAULTS = {
    "model": None,
    "processor": None,
    "task": None,
    "model_type": None,
    "revision": None,
    "dtype": None,
    "attention": None,
    "cache": None,
    "torch_compile": False,
    "compile_mode": None,
    "batch_size": 1,
    "sequence_length": 16,
    "new_tokens": 32,
    "iterations": None,  # as many as the policy has samples
    "warmup": 5,
}


def chosen(entry: Mapping[str, Any], values: Mapping[str, Any], samples: int) -> dict[str, Any]:
    """Every option of one cell: the defaults, what the benchmark fixes, what this cell varies."""
    options = {**DEFAULTS, **{name: entry[name] for name in DEFAULTS if name in entry}, **values}
    if options["iterations"] is None:
        options["iterations"] = samples
    return options


def generates(options: Mapping[str, Any], scenario: str) -> bool:
    """Whether a cell generates tokens one after the other."""
    return scenario == INFERENCE and options["task"] in GENERATING


def backend_arguments(
    options: Mapping[str, Any], more: Mapping[str, Any], device: str
) -> dict[str, Any]:
    """The arguments of ``PyTorchConfig``.

    Library, task and type of the model are all given, else optimum-benchmark asks the hub; and
    the device never with its number, with which it fails. Threads are not: it confuses those
    within an operator with those between.

    Args:
        options: as ``chosen`` has them, with the path of the model.
        more: what the benchmark gives in optimum-benchmark's own words.
        device: ``"cpu"``, ``"cuda"`` or ``"cuda:1"``.
    """
    arguments = _merged({}, more)
    for name, path in BACKEND.items():
        if options[name] is not None:
            _put(arguments, path, options[name])
    kind, _, number = device.partition(":")
    arguments.update(library="transformers", device=kind)
    if kind == "cuda":
        arguments["device_ids"] = number or "0"
    return arguments


def scenario_arguments(
    options: Mapping[str, Any], more: Mapping[str, Any], scenario: str
) -> dict[str, Any]:
    """The arguments of ``InferenceConfig`` or ``TrainingConfig``.

    How often something is measured is fixed: with a duration, faster commits had more samples.
    """
    arguments = _merged({"latency": True, "energy": False}, more)
    for name, paths in SCENARIOS[scenario].items():
        for path in paths:
            _put(arguments, path, options[name])
    if scenario == TRAINING:
        return _of_training(arguments, options)
    arguments["duration"] = 0
    if not generates(options, scenario):
        del arguments["generate_kwargs"]
    return arguments


def samples_a_step(training: Mapping[str, Any]) -> int:
    """How many samples one step of training takes."""
    given = training["training_arguments"]
    return int(given["per_device_train_batch_size"] * given.get("gradient_accumulation_steps", 1))


def _of_training(arguments: dict[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Steps, and so much data that every step has a full batch."""
    arguments["max_steps"] = options["warmup"] + options["iterations"]
    size = arguments["max_steps"] * samples_a_step(arguments)
    _put(arguments, ("dataset_shapes", "dataset_size"), size)
    return arguments


def _merged(base: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Both, with mappings of their own, which may be changed."""
    return {
        name: dict(value) if isinstance(value, dict) else value
        for name, value in {**base, **more}.items()
    }


def _put(arguments: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        arguments = arguments.setdefault(name, {})
    arguments[path[-1]] = value
