"""Memory is asked for before it is taken: a request that will not fit is refused with a remedy."""

from __future__ import annotations

import psutil

from .errors import InputError


class MemoryLimitError(InputError, MemoryError):
    """The request would need more memory than this machine has free."""


NEVER_REFUSED = 1 << 24
"""Bytes below which the free memory is not looked up."""


BEYOND_COMPUTERS = 1 << 60
"""Bytes of one EiB; the largest computers of today have a hundredth of that."""


SMALLER = (
    "use fewer qubits (qxgap reduce may find some whose value is certain), or qxgap select and "
    "qxgap sample --sampler sa, which work at any size"
)
"""The way out where 2^d numbers are needed."""


def require_memory(num_bytes: int, purpose: str, remedy: str = SMALLER) -> None:
    """Refuse, before anything is allocated, what will not fit.

    Parameters
    ----------
    num_bytes : int
        Bytes that ``purpose`` will hold at its peak.
    purpose : str
        What is asked for, as it should read in the message.
    remedy : str
        What the user can do about it, as the end of the message.

    Raises
    ------
    MemoryLimitError
        If ``num_bytes`` exceeds the memory now available.
    """
    if num_bytes < NEVER_REFUSED:
        return  # asking the system takes longer than what needs so little
    available = psutil.virtual_memory().available
    if num_bytes > available:
        needed = (
            "more needed than any computer has"
            if num_bytes >= BEYOND_COMPUTERS
            else f"{format_bytes(num_bytes)} needed, {format_bytes(available)} free"
        )
        raise MemoryLimitError(f"no memory for {purpose}: {needed}; {remedy}")


def format_bytes(num_bytes: float) -> str:
    """Write a number of bytes as a person reads it: ``16.0 MiB``."""
    for unit in ("B", "KiB", "MiB", "GiB", "TiB", "PiB"):
        if num_bytes < 1024:
            return f"{num_bytes:.1f} {unit}"
        num_bytes /= 1024
    return f"{num_bytes:.3g} EiB"
