"""What a job asks of a process that computes with torch: its device, its threads, its memory."""

from __future__ import annotations

from ..task import Failed, Incompatible, Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

#: what runs out of memory says, where it has no exception of its own: allocators of processors,
#: and what takes memory of a device beside torch's allocator
_NO_MEMORY = (
    *("can't allocate memory", "not enough memory"),
    *("CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED"),
    "MPS backend out of memory",
)
#: the first torch that makes tensors on a device by default, and compiles
_OLDEST = 2


def made_ready(job: dict[str, Any], seen: str = "") -> str:
    """Import torch, make it as the job says, and return the device to compute on.

    Args:
        seen: what the device is called here, where that is not what the job calls it.

    Raises:
        Incompatible: there is no torch here, or it cannot be imported.
        Unsupported: the device is absent, and such cells are skipped.
        Failed: it is absent, and such cells fail.
    """
    try:
        import torch  # noqa: PLC0415
    except ImportError as error:
        raise Incompatible("torch cannot be imported: %s" % error) from error
    asked = job.get("device", "cpu")
    device = _device(torch, asked, seen or asked, job.get("device_absent", "fail"))
    threads = int(job.get("threads", 0))
    if threads:
        torch.set_num_threads(threads)
        if torch.get_num_interop_threads() != threads:  # may be set once in a process
            torch.set_num_interop_threads(threads)
    if device == "cpu" and job.get("memory_bytes"):
        _limit_memory(int(job["memory_bytes"]))
    return device


def check_age() -> None:
    """See that this torch has what workloads need.

    Raises:
        Incompatible: it is too old.
    """
    import torch  # noqa: PLC0415

    version = str(torch.__version__)
    if int(version.partition(".")[0]) < _OLDEST:
        raise Incompatible("workloads need torch %d, this is %s" % (_OLDEST, version))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error, of a device or the processor, is for want of memory."""
    import torch  # noqa: PLC0415

    own = getattr(torch, "OutOfMemoryError", None) or torch.cuda.OutOfMemoryError
    return isinstance(error, (MemoryError, own)) or (
        isinstance(error, RuntimeError) and any(text in str(error) for text in _NO_MEMORY)
    )


def _device(torch: ModuleType, asked: str, seen: str, absent: str) -> str:
    if _is_there(torch, seen):
        return seen
    message = "%s was asked for and is not there" % asked
    if absent == "skip":
        raise Unsupported(message)
    if absent == "fallback":
        return "cpu"
    raise Failed(message)


def _is_there(torch: ModuleType, device: str) -> bool:
    kind, _, number = device.partition(":")
    if kind == "cpu":
        return True
    module = getattr(torch, kind, None) or getattr(torch.backends, kind, None)
    if module is None or not module.is_available():
        return False
    return not number or int(number) < module.device_count()


def _limit_memory(number: int) -> None:
    """Let allocations fail beyond so many bytes; what watches from outside would kill instead."""
    import resource  # noqa: PLC0415

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or number < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (number, hard))
