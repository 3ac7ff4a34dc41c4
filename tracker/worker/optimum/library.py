"""optimum-benchmark itself: is it there, is it known, and does it work with this commit?"""

from __future__ import annotations

import sys

from ..task import Incompatible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: whose reports are known, with all that is wrong in them
VERSION = "0.6.0"
#: what it imports and transformers 5 has no more
_WANTED = ("SpecialTokensMixin",)
#: what a cell needs of it: the backend, and its scenarios
MODULES = (
    "optimum_benchmark.backends.pytorch.backend",
    "optimum_benchmark.scenarios.inference.scenario",
    "optimum_benchmark.scenarios.training.scenario",
)


def check_version() -> None:
    """Refuse a version whose reports are not known.

    Raises:
        Incompatible: it is there in another one, or not at all.
    """
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


def import_all() -> None:
    """Import what a cell needs of optimum-benchmark, and with it what that imports.

    Raises:
        Incompatible: a name that it wants is no longer there.
    """
    try:
        import transformers  # noqa: PLC0415

        lacking = [name for name in _WANTED if not hasattr(transformers, name)]
    except ImportError as error:
        raise incompatible(error) from error
    if lacking:
        raise Incompatible(
            "optimum-benchmark %s needs transformers.%s, which transformers %s does not have: "
            "it works up to transformers 4" % (VERSION, lacking[0], transformers.__version__)
        )
    try:
        for name in MODULES:
            module(name)
    except (ImportError, AttributeError) as error:
        raise incompatible(error) from error


def module(name: str) -> Any:
    """Return a module by its full name."""
    __import__(name)
    return sys.modules[name]


def incompatible(error: BaseException) -> Incompatible:
    """Say that the two do not work together, and which two these are."""
    text = (str(error).splitlines() or [""])[0]
    found = ["%s %s" % (name, _version(name) or "(none)") for name in ("transformers", "torch")]
    return Incompatible(
        "optimum-benchmark %s does not work with %s: %s" % (VERSION, " and ".join(found), text)
    )
