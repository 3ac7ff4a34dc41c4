"""The model that optimum-benchmark measures: was all of it loaded, and does it compute?"""

from __future__ import annotations

from time import perf_counter

from ..protocol import extra_reading
from ..task import Failed, Unsupported
from .options import GENERATING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping


class Watched:
    """A backend whose loading and first generation are watched."""

    def __init__(self, backend: Any, model: str) -> None:
        self._backend = backend
        self._model = model
        self._missing: list[str] = []
        #: of the first generation in this process; optimum-benchmark measures its second
        self.first_seconds = 0.0
        backend.automodel_loader = _Loader(backend.automodel_loader, self._missing)
        backend.generate = self._first_generate

    def check_all_weights_loaded(self) -> None:
        """Refuse a model with tensors that are not in its files: they were made up.

        Raises:
            Failed: there are some.
        """
        if self._missing:
            raise Failed(
                "the weights in %s are of another architecture: %d tensors of %s are missing, "
                "such as %s"
                % (
                    self._model,
                    len(self._missing),
                    type(self._backend.pretrained_model).__name__,
                    self._missing[0],
                )
            )

    def check_answers(self, scenario: Any) -> None:
        """Compute once more, outside of all timings, and look at what comes out.

        Raises:
            Failed: numbers that are none.
        """
        answers: list[Any] = []
        model = self._backend.pretrained_model
        keep = lambda module, inputs, output: answers.append(output)  # noqa: ARG005, E731
        if self._backend.config.task in GENERATING:
            hook = getattr(model, "_orig_mod", model).register_forward_hook(keep)
            few = {"max_new_tokens": 2, "min_new_tokens": 2}
            self._backend.generate(scenario.inputs, {**scenario.config.generate_kwargs, **few})
            hook.remove()
        else:
            kwargs = scenario.config.forward_kwargs
            answers.append(self._backend.forward(scenario.inputs, kwargs))
        for answer in answers:
            for name, value in answer.items():
                if hasattr(value, "dtype") and not _finite(value):
                    raise Failed("the model's %s have numbers that are not finite" % name)

    def _first_generate(self, inputs: Any, kwargs: Any) -> Any:
        del self._backend.generate  # the following calls find the method itself
        _finish_all()
        start = perf_counter()
        generated = self._backend.generate(inputs, kwargs)
        _finish_all()
        self.first_seconds = perf_counter() - start
        return generated


class _Loader:
    """A class that loads models, and what it could not find in their files."""

    def __init__(self, loader: Any, missing: list[str]) -> None:
        self._loader = loader
        self._missing = missing

    def from_pretrained(self, **arguments: Any) -> Any:
        try:
            model, found = self._loader.from_pretrained(output_loading_info=True, **arguments)
        except (ImportError, ValueError) as error:
            raise _of_attention(error, arguments.get("attn_implementation")) from error
        self._missing += sorted(found["missing_keys"])
        return model


def _of_attention(error: Exception, asked: str | None) -> Exception:
    """What an error amounts to where an implementation was asked for: a commit may not have it."""
    text = (str(error).splitlines() or [""])[0]
    if asked and any(word in text.lower() for word in ("attention", "attn")):
        return Unsupported("there is no attention %s here: %s" % (asked, text))
    return error


class Model:
    """A model that was measured, and what it really was."""

    def __init__(self, model: Any) -> None:
        self._parameters = list(model.parameters())
        first = self._parameters[0]
        self.device = str(first.device.type)
        #: type of the weights, and what operators compute in by themselves
        self.precision = "+".join(
            filter(None, (_name_of(first.dtype), _autocast_type(self.device)))
        )
        #: what the commit chose where the suite did not
        self.facts = {
            "model": type(model).__name__,
            "attention": str(getattr(model.config, "_attn_implementation", "") or ""),
        }

    def check_weights(self) -> None:
        """Look at the weights after training.

        Raises:
            Failed: they have numbers that are none.
        """
        if not all(map(_finite, self._parameters)):
            raise Failed("after training the model has weights that are not finite")

    def check_autocast(self) -> None:
        """Refuse numbers without what was asked for: optimum-benchmark turns it on for cuda only.

        Raises:
            Failed: nothing computes in another type than that of the weights.
        """
        if not _autocast_type(self.device):
            raise Failed(
                "autocast was asked for, and optimum-benchmark does not turn it on for %s"
                % self.device
            )

    def sizes(self) -> list[dict[str, Any]]:
        """Count the model's parameters, and what it took of the device at most."""
        import torch  # noqa: PLC0415

        count = sum(one.numel() for one in self._parameters)
        readings = [extra_reading("parameters", "parameters", count, exact=True)]
        if self.device == "cuda":
            allocated, reserved = (
                torch.cuda.max_memory_allocated(),
                torch.cuda.max_memory_reserved(),
            )
            readings.append(extra_reading("device_memory_allocated", "bytes", allocated))
            readings.append(extra_reading("device_memory_reserved", "bytes", reserved))
        return readings


def data_name(
    found: Mapping[str, Any], inputs: Mapping[str, Any], options: Mapping[str, Any]
) -> str:
    """Name the random data by what the commit made of model and processor.

    A hash of which inputs there are, of their types and their lengths. The lengths that the suite
    asks for are left out: they are parameters, and series that differ in one are still compared.

    Args:
        found: shapes that optimum-benchmark took from model and processor.
        inputs: name -> what has ``shape`` and ``dtype``, the samples first; none of training.
        options: with ``batch_size`` and ``sequence_length``.
    """
    from hashlib import sha256  # noqa: PLC0415

    lines = ["%s %s" % pair for pair in sorted(found.items())]
    for name in sorted(inputs):
        if hasattr(inputs[name], "shape"):
            samples, *others = inputs[name].shape
            given = ["batch" if samples == options["batch_size"] else samples]
            given += ["sequence" if one == options["sequence_length"] else one for one in others]
            lines.append("%s %s %s" % (name, inputs[name].dtype, given))
    return "random:%s" % sha256("\n".join(lines).encode()).hexdigest()[:8]


def _autocast_type(device: str) -> str:
    """The type that operators compute in by themselves; "" where they take what they get."""
    import torch  # noqa: PLC0415

    if device == "cuda":
        return _name_of(torch.get_autocast_gpu_dtype()) if torch.is_autocast_enabled() else ""
    return _name_of(torch.get_autocast_cpu_dtype()) if torch.is_autocast_cpu_enabled() else ""


def _name_of(dtype: Any) -> str:
    return str(dtype).replace("torch.", "")


def _finish_all() -> None:
    """Wait until devices have computed what they were given."""
    import torch  # noqa: PLC0415

    if torch.cuda.is_initialized():
        torch.cuda.synchronize()


def _finite(tensor: Any) -> bool:
    import torch  # noqa: PLC0415

    return bool(torch.isfinite(tensor).all())
