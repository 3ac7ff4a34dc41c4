"""Find the commit that made it slower. For suites: ``from tracker import benchmark``."""

TYPE_CHECKING = False  # importing typing would make `import tracker` ten times slower
if TYPE_CHECKING:
    from tracker.worker.marks import benchmark

__all__ = ["benchmark"]


def __getattr__(name: str) -> object:
    if name != "benchmark":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tracker.worker.marks import benchmark  # noqa: PLC0415 - loaded when first used

    return benchmark
