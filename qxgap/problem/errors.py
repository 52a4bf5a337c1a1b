"""What qxgap says when it cannot do what it was asked, and the memory it checks beforehand."""

import psutil


class InputError(ValueError):
    """The input is at fault; the message names the value and the remedy."""


class MemoryLimitError(InputError, MemoryError):
    """The request would need more memory than this machine has free."""


NEVER_REFUSED = 1 << 24
"""Bytes below which the free memory is not looked up."""


def require_memory(num_bytes: int, purpose: str) -> None:
    """Refuse, before anything is allocated, what will not fit.

    Parameters
    ----------
    num_bytes : bytes that ``purpose`` will hold at its peak.
    purpose : what is asked for, as it should read in the message.

    Raises
    ------
    MemoryLimitError : if ``num_bytes`` exceeds the memory now available.
    """
    if num_bytes < NEVER_REFUSED:
        return  # asking the system takes longer than what needs so little
    available = psutil.virtual_memory().available
    if num_bytes > available:
        raise MemoryLimitError(
            f"{purpose} needs {format_bytes(num_bytes)} of memory and {format_bytes(available)} "
            "are free; use fewer qubits"
        )


def format_bytes(num_bytes: float) -> str:
    """Bytes as a person reads them: ``16.0 MiB``."""
    units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    for unit in units:
        if num_bytes < 1024 or unit == units[-1]:
            break
        num_bytes /= 1024
    return f"{num_bytes:.1f} {unit}"
