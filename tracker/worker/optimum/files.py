"""Directories of models: is there one, is it what was asked for, and does the commit know it?"""

from __future__ import annotations

import json
import os

from ..task import Failed, Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Sequence


def absolute(suite: str, model: str) -> str:
    """Find a directory from the suite's directory; as an absolute path it is no name of the hub."""
    directory = suite if os.path.isdir(suite) else os.path.dirname(suite)
    return os.path.abspath(os.path.join(directory, model))


def check_model(path: str, task: str, wanted_type: str | None) -> str:
    """Look at a model's directory before transformers does, and return the type of the model.

    Raises:
        Failed: there is none, it is another than the suite says, or it cannot do the task.
        Unsupported: this commit has no models of its type, or not the class for the task.
    """
    config = _configuration(path)
    found = str(config.get("model_type", ""))
    if not found:
        raise Failed("%s says no model_type" % os.path.join(path, "config.json"))
    if wanted_type and found != wanted_type:
        raise Failed("the model in %s is of type %s, not %s" % (path, found, wanted_type))
    _check_task(path, task, found)
    return found


def check_processor(path: str) -> None:
    """Look for a processor's directory: without it transformers would be told to do without.

    Raises:
        Failed: there is none.
    """
    if not os.path.isdir(path):
        raise Failed("there is no processor in %s: no such directory" % path)


def _configuration(path: str) -> dict[str, Any]:
    file = os.path.join(path, "config.json")
    if not os.path.isdir(path):
        raise Failed(
            "there is no model in %s: no such directory, and one of the hub needs a revision" % path
        )
    if not os.path.exists(file):
        raise Failed("there is no model in %s: it has no config.json" % path)
    try:
        with open(file, encoding="utf-8") as stream:
            config = json.load(stream)
    except ValueError as error:
        raise Failed("%s is no JSON: %s" % (file, error)) from None
    if not isinstance(config, dict):
        raise Failed("%s is no configuration of a model" % file)
    return config


def _check_task(path: str, task: str, model_type: str) -> None:
    import transformers  # noqa: PLC0415
    from optimum_benchmark.backends.transformers_utils import (  # noqa: PLC0415
        get_transformers_auto_model_class_for_task,
    )

    version = transformers.__version__
    try:
        configuration = type(transformers.AutoConfig.for_model(model_type))
    except (ValueError, KeyError):
        raise Unsupported(
            "transformers %s has no models of type %s" % (version, model_type)
        ) from None
    try:
        loader = get_transformers_auto_model_class_for_task(task, model_type)
    except AttributeError as error:
        raise Unsupported("transformers %s cannot do %s: %s" % (version, task, error)) from None
    # optimum-benchmark looks there too: there is no public way
    mapping = loader._model_mapping  # noqa: SLF001
    if configuration not in mapping:
        raise Failed("the model in %s, of type %s, cannot do %s" % (path, model_type, task))
    named = mapping._model_mapping.get(model_type)  # noqa: SLF001
    if named:
        _check_class(named if isinstance(named, (list, tuple)) else (named,), transformers)


def _check_class(named: Sequence[str], transformers: ModuleType) -> None:
    """Look for the class of a model, or one of several, by name: importing it belongs to loading.

    Raises:
        Unsupported: it is named, and not there.
    """
    if not set(named) & set(dir(transformers)):
        version = transformers.__version__
        raise Unsupported("transformers %s has no %s" % (version, " or ".join(named)))
