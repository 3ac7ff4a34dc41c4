"""Harness ``optimum-benchmark``: models of transformers, run by optimum-benchmark 0.6.0.

The job holds the benchmarks of the suite completely in ``options["benchmarks"]``::

    {NAME: {"scenario": "inference" | "training", "params": {NAME: [VALUE, ...]},
            "backend_options": {...}, "scenario_options": {...}, "timeout": ..., OPTION: ...}}

Backend and scenario run in this process, which is fresh and its own for every cell: so none of
optimum-benchmark's launchers is needed, which wait busily, take signals and leave files behind,
and no report of an earlier run can be found and taken for this one's.
"""

from __future__ import annotations

import os
import sys

from ..parameters import Values
from ..protocol import DEFAULTS, extra_reading
from ..surroundings import peak_memory
from ..task import Incompatible, OutOfMemory, SuiteOfTasks, Task
from ..torch.process import is_out_of_memory, made_ready
from .model import Model, Watched, check_model, data_name
from .options import (
    TRAINING,
    backend_arguments,
    chosen,
    generates,
    samples_a_step,
    scenario_arguments,
)
from .repairs import Volumes, inference_readings, training_readings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping

#: whose reports are known, with all that is wrong in them
VERSION = "0.6.0"
#: what it imports and transformers 5 has no more
_WANTED = ("SpecialTokensMixin",)
_MODULES = (
    "optimum_benchmark.backends.pytorch.backend",
    "optimum_benchmark.scenarios.inference.scenario",
    "optimum_benchmark.scenarios.training.scenario",
)


def open_suite(job: dict[str, Any]) -> OptimumSuite:
    """Look whether optimum-benchmark is there and can be imported with the commit.

    Raises:
        Incompatible: it is not, or cannot.
        Unsupported, Failed: the device is absent.
    """
    if job.get("mode") == "discover":
        return OptimumSuite(job, "cpu")
    _stay_offline(job)
    _check_versions()
    number = _show_one_device(job)
    _import_all()
    device = made_ready(job, "cuda" if number else "")
    return OptimumSuite(job, "cuda:" + number if number and device == "cuda" else device)


def _stay_offline(job: dict[str, Any]) -> None:
    """Have a local directory never looked up at the hub, before anything reads this variable."""
    entry = job["options"]["benchmarks"].get(job["benchmark"], {})
    if "revision" not in entry:
        os.environ["HF_HUB_OFFLINE"] = "1"


def _show_one_device(job: dict[str, Any]) -> str:
    """Hide all devices of CUDA but the one to use, and return its number; "" for the processor.

    optimum-benchmark does so itself, but when torch has looked, which then sees the first one.
    """
    kind, _, number = job.get("device", "cpu").partition(":")
    if kind != "cuda":
        return ""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    place = int(number or 0)
    if visible:
        number = dict(enumerate(visible.split(","))).get(place, "none")
    os.environ.update(CUDA_DEVICE_ORDER="PCI_BUS_ID", CUDA_VISIBLE_DEVICES=number or "0")
    return number or "0"


def _check_versions() -> None:
    found = _version("optimum-benchmark")
    if found != VERSION:
        what = "lacks optimum-benchmark" if not found else "has optimum-benchmark " + found
        raise Incompatible(
            "the environment %s: add optimum-benchmark==%s to environment.requires"
            % (what, VERSION)
        )


def _version(package: str) -> str:
    """Return the version of a package as it is installed; "" where it is not."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow to import

    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _import_all() -> None:
    """Import what a cell needs of optimum-benchmark, and with it what that imports.

    Raises:
        Incompatible: a name that it wants is no longer there.
    """
    try:
        import transformers  # noqa: PLC0415

        lacking = [name for name in _WANTED if not hasattr(transformers, name)]
    except ImportError as error:
        raise _incompatible(error) from error
    if lacking:
        raise Incompatible(
            "optimum-benchmark %s needs transformers.%s, which transformers %s does not have: "
            "it works up to transformers 4" % (VERSION, lacking[0], transformers.__version__)
        )
    try:
        for name in _MODULES:
            _module(name)
    except (ImportError, AttributeError) as error:
        raise _incompatible(error) from error


def _module(name: str) -> Any:
    __import__(name)
    return sys.modules[name]


def _incompatible(error: BaseException) -> Incompatible:
    text = (str(error).splitlines() or [""])[0]
    found = ["%s %s" % (name, _version(name) or "(none)") for name in ("transformers", "torch")]
    return Incompatible(
        "optimum-benchmark %s does not work with %s: %s" % (VERSION, " and ".join(found), text)
    )


class OptimumSuite(SuiteOfTasks):
    """Benchmarks by name."""

    def __init__(self, job: dict[str, Any], device: str) -> None:
        self._job = job
        self._device = device
        self._benchmarks = job["options"]["benchmarks"]

    def describe(self) -> list[dict[str, Any]]:
        return [_description(name, entry) for name, entry in self._benchmarks.items()]

    def task(self, benchmark: str, parameters: dict[str, str]) -> Task:
        if benchmark not in self._benchmarks:
            raise LookupError("the suite has no benchmark %r" % benchmark)
        entry = self._benchmarks[benchmark]
        values = {
            name: Values(entry["params"].get(name, ())).value(text)
            for name, text in parameters.items()
        }
        return OptimumTask(entry, values, self._job, self._device)


def _description(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "axes": [
            {"name": parameter, "values": Values(values).texts, "open": parameter != "model"}
            for parameter, values in entry["params"].items()
        ],
        "kind": "performance",
        "metric": entry["metric"],
        "unit": "s",
        "direction": "lower",
        "timeout": entry["timeout"],
        "where": "",
    }


class OptimumTask(Task):
    """One cell: a model, inputs of one shape, and what optimum-benchmark does with them."""

    def __init__(
        self, entry: dict[str, Any], values: Mapping[str, Any], job: dict[str, Any], device: str
    ) -> None:
        rules = {**DEFAULTS, **job.get("protocol", {})}
        self._scenario = entry["scenario"]
        self._entry = entry
        self._options = chosen(entry, values, int(rules["samples"]))
        self._asked = job.get("device", "cpu")
        self._device = device
        self._suite = job["suite"]

    def readings(self) -> list[dict[str, Any]]:
        """Have it measured, look at what was really measured, and read the report."""
        try:
            return self._measured()
        except ImportError as error:
            raise _incompatible(error) from error

    def _measured(self) -> list[dict[str, Any]]:
        options = self._located()
        backend, scenario = self._prepared(options)
        watched = Watched(backend, options["model"])
        report = scenario.run(backend).to_dict()
        model = Model(backend.pretrained_model)
        self._check(model, watched, scenario)
        self._tell(model)
        self.dataset = data_name(backend.model_shapes, getattr(scenario, "inputs", {}), options)
        peak = extra_reading("peak_memory", "bytes", peak_memory())
        return [*self._read(report, watched, scenario), peak, *model.sizes()]

    def _tell(self, model: Model) -> None:
        """Take for the coordinate what was really there."""
        from ..torch.state import backend, facts, precision  # noqa: PLC0415 - after torch

        compiled = self._options["torch_compile"] and (self._options["compile_mode"] or True)
        kind = self._asked.partition(":")[0]
        self.device = self._asked if kind == model.device else model.device
        self.backend = backend(compiled, "")
        self.precision = precision(model.precision)
        self.facts = {**facts(model.device), **model.facts}

    def told(self, error: Exception) -> Exception:
        """What did not fit is a state of its own; optimum-benchmark does not tell what did."""
        if is_out_of_memory(error):
            return OutOfMemory("out of memory with batch_size %d" % self._options["batch_size"])
        return error

    def _located(self) -> dict[str, Any]:
        """The options with a local model's place and type, which nothing then looks for."""
        options = dict(self._options)
        if not options["revision"]:
            path = _absolute(self._suite, options["model"])
            options["model"] = path
            options["model_type"] = check_model(path, options["task"], options["model_type"])
        return options

    def _check(self, model: Model, watched: Watched, scenario: Any) -> None:
        """Refuse numbers of a model that was not what was asked for, or computed nonsense."""
        if self._entry["backend_options"].get("autocast_enabled"):
            model.check_autocast()
        if self._scenario == TRAINING:
            model.check_weights()
        else:
            watched.check_all_weights_loaded()
            watched.check_answers(scenario)

    def _read(self, report: Any, watched: Watched, scenario: Any) -> list[dict[str, Any]]:
        if self._scenario == TRAINING:
            return training_readings(report, Volumes(samples_a_step(vars(scenario.config))))
        readings = inference_readings(report, _volumes(scenario, self._generates))
        if self._generates:
            readings.append(extra_reading("first_generate", "s", watched.first_seconds))
        return readings

    @property
    def _generates(self) -> bool:
        return generates(self._options, self._scenario)

    def _prepared(self, options: dict[str, Any]) -> tuple[Any, Any]:
        """Make backend and scenario as ``Benchmark.run`` does, and keep hold of both."""
        library, backends, inference, training = map(_module, ("optimum_benchmark", *_MODULES))
        entry = self._entry
        backend = library.PyTorchConfig(
            **backend_arguments(options, entry["backend_options"], self._device)
        )
        arguments = scenario_arguments(options, entry["scenario_options"], self._scenario)
        if self._scenario == TRAINING:
            scenario = training.TrainingScenario(library.TrainingConfig(**arguments))
        else:
            scenario = inference.InferenceScenario(library.InferenceConfig(**arguments))
        return backends.PyTorchBackend(backend), scenario


def _volumes(scenario: Any, generating: bool) -> Volumes:
    """What one call handles, as optimum-benchmark completed its options."""
    config = scenario.config
    if not generating:
        return Volumes(config.input_shapes["batch_size"])
    kwargs = config.generate_kwargs
    return Volumes(config.input_shapes["batch_size"], kwargs["max_new_tokens"], kwargs["num_beams"])


def _absolute(suite: str, model: str) -> str:
    """Find a model from the suite's directory; as an absolute path it is no name of the hub."""
    directory = suite if os.path.isdir(suite) else os.path.dirname(suite)
    return os.path.abspath(os.path.join(directory, model))
