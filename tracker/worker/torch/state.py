"""What of torch's global state could change a number, read back after the calls were made."""

from __future__ import annotations

import torch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def backend(compiled: Any, attention: str) -> str:
    """What computes, for the coordinate: ``torch eager; sdpa flash+efficient+math; ...``."""
    how = "eager" if not compiled else "compile %s" % ("default" if compiled is True else compiled)
    return "; ".join(
        (
            "torch %s" % how,
            "sdpa %s" % (attention or _attention()),
            "cudnn.benchmark %s" % _on(torch.backends.cudnn.benchmark),
            "deterministic %s" % _deterministic(),
        )
    )


def precision(dtype: str) -> str:
    """How numbers are held and multiplied: ``float32; matmul highest; tf32 matmul off, ...``."""
    return "; ".join(
        (
            dtype or str(torch.get_default_dtype()).partition(".")[2],
            "matmul %s" % _matmul(),
            "tf32 matmul %s, cudnn %s" % (_tf32_of_matmul(), _tf32_of_cudnn()),
        )
    )


def facts(device: str) -> dict[str, Any]:
    """What else a reader may ask for: versions, threads, the device."""
    told = {
        "torch": str(torch.__version__),
        "interop_threads": torch.get_num_interop_threads(),
    }
    if device.startswith("cuda"):
        properties = torch.cuda.get_device_properties(device)
        told["cuda"] = str(torch.version.cuda or torch.version.hip)
        told["cudnn"] = torch.backends.cudnn.version()
        told["device_name"] = properties.name
        told["device_memory"] = properties.total_memory
        told["capability"] = "%d.%d" % (properties.major, properties.minor)
    return told


def _deterministic() -> str:
    """``off``, ``on``, or ``warn`` where it is only told; and ``cudnn`` by its own flag."""
    told = []
    if torch.are_deterministic_algorithms_enabled():
        only_warns = torch.is_deterministic_algorithms_warn_only_enabled()
        told.append("warn" if only_warns else "on")
    if torch.backends.cudnn.deterministic:
        told.append("cudnn")
    return "+".join(told) or "off"


# Since 2.9 torch has a precision for each library and kind of operator. Where a suite sets these,
# torch refuses to answer what was asked before, since there may be no one answer.


def _matmul() -> str:
    try:
        return str(torch.get_float32_matmul_precision())
    except RuntimeError:
        libraries = torch.backends.cuda, torch.backends.mkldnn
        return "cuda %s, mkldnn %s" % tuple(one.matmul.fp32_precision for one in libraries)


def _tf32_of_matmul() -> str:
    matmul = torch.backends.cuda.matmul
    try:
        return _on(matmul.allow_tf32)
    except RuntimeError:
        return _on(matmul.fp32_precision == "tf32")


def _tf32_of_cudnn() -> str:
    cudnn = torch.backends.cudnn
    try:
        return _on(cudnn.allow_tf32)
    except RuntimeError:
        kinds = (kind for kind in ("conv", "rnn") if getattr(cudnn, kind).fp32_precision == "tf32")
        return "+".join(kinds) or "off"


def _attention() -> str:
    cuda = torch.backends.cuda
    enabled = (
        ("flash", cuda.flash_sdp_enabled()),
        ("efficient", cuda.mem_efficient_sdp_enabled()),
        ("math", cuda.math_sdp_enabled()),
        ("cudnn", hasattr(cuda, "cudnn_sdp_enabled") and cuda.cudnn_sdp_enabled()),
    )
    return "+".join(name for name, is_on in enabled if is_on) or "none"


def _on(flag: bool) -> str:
    return "on" if flag else "off"
