"""The columns s, A and B of a schedule, and the rules that they must keep."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...checks import real_array, require_number
from ...errors import InputError

ANGULAR = {"dimensionless": 1.0, "GHz": 2.0 * math.pi}
"""The units of A and B, and the phase that one unit of energy adds in one unit of time."""


def checked_columns(
    source: str, s: ArrayLike, A: ArrayLike, B: ArrayLike
) -> dict[str, NDArray[np.float64]]:
    """Return the columns of a schedule as arrays, by name.

    Parameters
    ----------
    source : str
        Whose columns they are, for messages.
    s : array_like of float, shape (n,)
        The anneal fractions.
    A : array_like of float, shape (n,)
        The strength of the driver.
    B : array_like of float, shape (n,)
        The strength of the problem.

    Raises
    ------
    InputError
        Unless s increases strictly from 0 to 1, and A, B are finite, not negative and nowhere both
        zero.
    """
    arrays = {
        name: real_array(f"{source}: {name}", values)
        for name, values in (("s", s), ("A", A), ("B", B))
    }
    x, driver, problem = arrays.values()
    if x.ndim != 1 or x.size < 2 or driver.shape != x.shape or problem.shape != x.shape:
        raise InputError(
            f"{source}: s, A, B have shapes {x.shape}, {driver.shape}, {problem.shape}; give three "
            "columns of equal length, two rows or more"
        )
    if not np.all(np.isfinite([x, driver, problem])):
        raise InputError(f"{source} holds values that are not finite")
    check_breakpoints(source, x)
    if np.any(driver < 0) or np.any(problem < 0) or np.any(driver + problem <= 0):
        raise InputError(f"{source}: A, B >= 0 and A + B > 0 must hold everywhere")
    return arrays


def check_breakpoints(source: str, s: NDArray[np.float64]) -> None:
    """Raise InputError unless breakpoints rise strictly from 0 to 1.

    Parameters
    ----------
    source : str
        Whose breakpoints they are, for messages.
    s : ndarray of float, shape (n,)
        The anneal fractions, all finite.
    """
    if s[0] != 0.0 or s[-1] != 1.0 or np.any(np.diff(s) <= 0):
        raise InputError(
            f"{source}: s must rise strictly from 0 to 1; it goes from {s[0].item()!r} to "
            f"{s[-1].item()!r}"
        )


def check_unit(source: str, unit: str) -> None:
    """Raise InputError for an unknown unit.

    Parameters
    ----------
    source : str
        Whose unit it is, for messages.
    unit : str
        The unit of A and B.
    """
    if unit not in ANGULAR:
        raise InputError(f"{source}: unit {unit!r} is unknown; use {' or '.join(ANGULAR)}")


def check_duration(source: str, duration: float | None) -> None:
    """Raise InputError unless a duration is None, or a positive and finite number.

    Parameters
    ----------
    source : str
        Whose duration it is, for messages.
    duration : float or None
        The anneal time of a schedule that has one of its own.
    """
    if duration is None:
        return
    require_number(duration, f"{source}: duration", "one number or None")
    if not 0 < duration < math.inf:
        raise InputError(f"{source}: duration {duration} must be above 0 and finite")
