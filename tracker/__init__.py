"""Find the commit that made it slower. For suites: ``from tracker import benchmark``."""

TYPE_CHECKING = False  # importing typing would make `import tracker` ten times slower
if TYPE_CHECKING:
    from tracker.worker import quality
    from tracker.worker.marks import benchmark
    from tracker.worker.torch.workloads import workload

__all__ = ["benchmark", "quality", "workload"]

_HOMES = {"benchmark": "tracker.worker.marks", "workload": "tracker.worker.torch.workloads"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - loaded when first used

    if name == "quality":
        return import_module("tracker.worker.quality")
    return getattr(import_module(_HOMES[name]), name)
