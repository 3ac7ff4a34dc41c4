"""What Hydra, OmegaConf and YAML object to, told as errors that name the place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from hydra.errors import HydraException, MissingConfigException
from omegaconf.errors import OmegaConfBaseException

from tracker.config.hints import did_you_mean
from tracker.config.layers import Layers
from tracker.config.origins import COMMAND_LINE
from tracker.errors import ConfigurationError, Problem

#: what OmegaConf adds to its messages for programmers
_INTERNAL = re.compile(r"\s*(full_key|object_type|reference_type)[:=]")


@contextmanager
def readable(layers: Layers) -> Iterator[None]:
    """What Hydra, OmegaConf and YAML object to, as errors that name the place."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        problem = _syntax_problem(error, layers)
    except MissingConfigException as error:
        group, _, option = (error.missing_cfg_file or "").rpartition("/")
        problem = Problem(
            message=f"{group or 'the defaults list'} has no option {option!r}",
            where=layers.shown(layers.config) if layers.config else COMMAND_LINE,
            hint=did_you_mean(option, error.options or ()),
        )
    except (HydraException, OmegaConfBaseException) as error:
        first, *rest = str(error).strip().splitlines()
        problem = Problem(
            message=first,
            where=layers.shown(layers.config) if layers.config else COMMAND_LINE,
            hint=" ".join(line.strip() for line in rest if not _INTERNAL.match(line)),
        )
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem(
            message=str(error), where=layers.shown(layers.config) if layers.config else ""
        )
    else:
        return
    raise ConfigurationError("the configuration cannot be read", problems=[problem])


def _syntax_problem(error: yaml.MarkedYAMLError, layers: Layers) -> Problem:
    mark = error.problem_mark
    file = layers.shown(Path(mark.name)) if mark else ""
    return Problem(
        message=f"not YAML: {error.problem or error.context}",
        where=f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file,
        hint=""
        if isinstance(error, yaml.constructor.ConstructorError)
        else "check the indentation and quotes of this line and the one before",
    )
