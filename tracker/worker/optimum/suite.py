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

from ..parameters import Values
from ..protocol import DEFAULTS, extra_reading
from ..surroundings import peak_memory
from ..task import OutOfMemory, SuiteOfTasks, Task
from ..torch.process import is_out_of_memory, made_ready
from .files import absolute, check_model, check_processor
from .hub import Hub
from .library import MODULES, check_version, import_all, incompatible, module
from .model import Model, Watched, data_name
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


def open_suite(job: dict[str, Any]) -> OptimumSuite:
    """Look whether optimum-benchmark is there and can be imported with the commit.

    Raises:
        Incompatible: it is not, or cannot.
        Unsupported, Failed: the device is absent.
    """
    hub = Hub(dict(os.environ))
    if job.get("mode") == "discover":
        return OptimumSuite(job, "cpu", hub)
    os.environ["HF_HUB_OFFLINE"] = "1"  # before anything reads it: no other file is looked up there
    check_version()
    number = _show_one_device(job)
    import_all()
    device = made_ready(job, "cuda" if number else "")
    return OptimumSuite(job, "cuda:" + number if number and device == "cuda" else device, hub)


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


class OptimumSuite(SuiteOfTasks):
    """Benchmarks by name."""

    def __init__(self, job: dict[str, Any], device: str, hub: Hub) -> None:
        self._job = job
        self._device = device
        self._hub = hub
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
        return OptimumTask(entry, values, self._job, self._device, self._hub)


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
        self,
        entry: dict[str, Any],
        values: Mapping[str, Any],
        job: dict[str, Any],
        device: str,
        hub: Hub,
    ) -> None:
        rules = {**DEFAULTS, **job.get("protocol", {})}
        self._scenario = entry["scenario"]
        self._entry = entry
        self._options = chosen(entry, values, int(rules["samples"]))
        self._asked = job.get("device", "cpu")
        self._device = device
        self._hub = hub
        self._suite = job["suite"]

    def readings(self) -> list[dict[str, Any]]:
        """Have it measured, look at what was really measured, and read the report."""
        try:
            return self._measured()
        except ImportError as error:
            raise incompatible(error) from error

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
        """The options with directories and the model's type, which nothing then looks for."""
        options = dict(self._options)
        model, revision = options["model"], options["revision"]
        if revision:
            options["model"], options["revision"] = self._hub.directory(model, revision), None
        else:
            options["model"] = absolute(self._suite, model)
        if options["processor"]:
            options["processor"] = absolute(self._suite, options["processor"])
            check_processor(options["processor"])
        options["model_type"] = check_model(
            options["model"], options["task"], options["model_type"]
        )
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
        configurations, backends, inference, training = map(module, ("optimum_benchmark", *MODULES))
        entry = self._entry
        backend = configurations.PyTorchConfig(
            **backend_arguments(options, entry["backend_options"], self._device)
        )
        arguments = scenario_arguments(options, entry["scenario_options"], self._scenario)
        if self._scenario == TRAINING:
            scenario = training.TrainingScenario(configurations.TrainingConfig(**arguments))
        else:
            scenario = inference.InferenceScenario(configurations.InferenceConfig(**arguments))
        return backends.PyTorchBackend(backend), scenario


def _volumes(scenario: Any, generating: bool) -> Volumes:
    """What one call handles, as optimum-benchmark completed its options."""
    samples = scenario.config.input_shapes["batch_size"]
    if not generating:
        return Volumes(samples)
    kwargs = scenario.config.generate_kwargs
    sequences = max(kwargs["num_beams"], kwargs["num_return_sequences"])
    return Volumes(samples, kwargs["max_new_tokens"], sequences)
