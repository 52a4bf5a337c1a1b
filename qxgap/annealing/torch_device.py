"""Checks of PyTorch's devices: whether they are available, their precision and their free memory.

Only computations on a device import this module, because it needs PyTorch. Without PyTorch the
import raises MissingExtraError.
"""

from __future__ import annotations

from ..errors import InputError, MissingExtraError
from ..linalg.arrays import Precision
from ..memory import MemoryLimitError, fits_in_memory, format_bytes, require_memory

try:
    import torch as torch
except ModuleNotFoundError as error:
    raise MissingExtraError.of("a computation on a device", "PyTorch", "xai") from error

from torch import Tensor as Tensor

FLOAT = {Precision.DOUBLE: torch.float64, Precision.SINGLE: torch.float32}
"""The real type of each precision."""
COMPLEX = {torch.float64: torch.complex128, torch.float32: torch.complex64}
"""The complex type of each supported real type."""


def require_device(name: str | torch.device, dtype: torch.dtype = torch.float64) -> torch.device:
    """Return the device with a name.

    Parameters
    ----------
    name : str or torch.device
        ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
    dtype : torch.dtype
        The real type of the computation, torch.float64 or torch.float32.

    Returns
    -------
    torch.device
        The device.

    Raises
    ------
    InputError
        If the device is unknown or not available, or torch is set to compute in a lower precision
        than that of ``dtype``.
    """
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InputError(f"device {name!r} is unknown; use 'cpu', 'cuda' or 'cuda:N'") from error
    if device.type not in ("cpu", "cuda"):
        raise InputError(f"device {str(name)!r} is not supported; use 'cpu', 'cuda' or 'cuda:N'")
    count = torch.cuda.device_count()
    if device.type == "cuda" and (device.index or 0) >= count:
        raise InputError(
            f"device {str(name)!r} is not available: torch {torch.__version__} finds {count} GPUs. "
            "Use 'cpu', or install a CUDA build of torch and a driver for it"
        )
    if dtype not in COMPLEX:
        raise InputError(f"dtype {dtype} is not supported; use torch.float64 or torch.float32")
    if dtype is torch.float32 and _products_are_rounded():
        raise InputError(
            "torch is set to round float32 products to TF32 or bfloat16; call "
            "torch.set_float32_matmul_precision('highest')"
        )
    return device


def _products_are_rounded() -> bool:
    """Return whether torch computes matrix products of float32 numbers with fewer bits."""
    backends = (torch.backends.cuda.matmul, getattr(torch.backends.mkldnn, "matmul", None))
    names = [getattr(backend, "fp32_precision", "") for backend in backends]
    if not all(names):  # an older torch, with one setting for all
        return torch.get_float32_matmul_precision() != "highest"
    return bool({"tf32", "bf16"} & set(names))


def fits_on_device(num_bytes: int, device: torch.device) -> bool:
    """Return whether so many bytes are free in the memory of a device."""
    return fits_in_memory(num_bytes) if device.type == "cpu" else num_bytes <= _free(device)


def _free(device: torch.device) -> int:
    """Return the free bytes of a GPU, those that PyTorch holds without use included."""
    cached = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return torch.cuda.mem_get_info(device)[0] + cached


def require_device_memory(num_bytes: int, purpose: str, device: torch.device) -> None:
    """Raise MemoryLimitError, before anything is allocated, if the memory of a device is too small.

    Parameters
    ----------
    num_bytes : int
        The bytes that are needed.
    purpose : str
        The arrays or the computation that needs them, for the message.
    device : torch.device
        The device.
    """
    if device.type == "cpu":
        require_memory(num_bytes, purpose)
        return
    free = _free(device)
    if num_bytes > free:
        raise MemoryLimitError(
            f"{purpose}: {format_bytes(num_bytes)} of GPU memory needed, {format_bytes(free)} are "
            "free; use fewer qubits or single precision"
        )
