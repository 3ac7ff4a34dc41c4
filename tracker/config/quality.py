"""The keys of the policy about quality."""

from __future__ import annotations

import math

from tracker.config.reading import Section
from tracker.model.quality import Disagreeing, QualityRules, Tolerance

_HINT = 'a number in the unit of the metric, or a share of the value such as "0.5%"'


def quality_from(section: Section) -> QualityRules:
    """What a policy says about quality."""
    tolerances = tuple(
        Tolerance(metric=metric, size=size, relative=relative)
        for metric, value in section.mapping("quality_tolerance").items()
        for size, relative in (_tolerance(section, metric, value),)
    )
    return QualityRules(
        device=section.text("quality_device", required=True),
        machine=section.text("quality_machine", required=True),
        tolerances=tolerances,
        disagreeing=Disagreeing(
            section.choice("quality_disagreement", tuple(Disagreeing)) or Disagreeing.warn
        ),
    )


def _tolerance(section: Section, metric: str, value: object) -> tuple[float, bool]:
    """Its size, and whether that is a share of the value."""
    text = str(value).strip()
    relative = text.endswith("%")
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        number = math.nan
    if isinstance(value, bool) or not 0 <= number < math.inf:
        section.wrong(f"quality_tolerance.{metric}", "must be a tolerance", value, _HINT)
        return 0.0, False
    return (number / 100 if relative else number), relative
