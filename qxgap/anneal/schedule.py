"""How the anneal moves: A(s) and B(s) over the anneal fraction s in [0, 1]."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..problem.errors import InputError


@dataclass(frozen=True, eq=False)
class AnnealSchedule:
    """A piecewise linear schedule ``H(s) = A(s) H_D + B(s) H_P``.

    Parameters
    ----------
    s : (n,) strictly increasing breakpoints, from 0 to 1.
    A, B : (n,) driver and problem strength at the breakpoints, never negative, never both zero.
    name : what results call it.
    unit : ``"dimensionless"`` (hbar = 1).

    Raises
    ------
    InputError : for grids and values that break these rules.
    """

    s: NDArray[np.float64]
    A: NDArray[np.float64]
    B: NDArray[np.float64]
    name: str
    unit: str = "dimensionless"

    def __post_init__(self) -> None:
        arrays = {key: np.array(getattr(self, key), dtype=np.float64) for key in ("s", "A", "B")}
        s, A, B = arrays.values()
        if s.ndim != 1 or s.size < 2 or A.shape != s.shape or B.shape != s.shape:
            raise InputError(
                f"schedule {self.name!r}: s, A, B have shapes {s.shape}, {A.shape}, "
                f"{B.shape}; give three columns of equal length, two rows or more"
            )
        if not np.all(np.isfinite([s, A, B])):
            raise InputError(f"schedule {self.name!r} holds values that are not finite")
        if s[0] != 0.0 or s[-1] != 1.0 or np.any(np.diff(s) <= 0):
            raise InputError(f"schedule {self.name!r}: s must rise strictly from 0 to 1")
        if np.any(A < 0) or np.any(B < 0) or np.any(A + B <= 0):
            raise InputError(
                f"schedule {self.name!r}: A, B >= 0 and A + B > 0 must hold everywhere"
            )
        for key, array in arrays.items():
            array.flags.writeable = False
            object.__setattr__(self, key, array)

    def __call__(self, s: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return (A(s), B(s)), each of the shape of ``s``; InputError outside [0, 1]."""
        fraction = np.asarray(s, dtype=np.float64)
        if not np.all((fraction >= 0) & (fraction <= 1)):
            raise InputError(f"anneal fraction {s!r} lies outside [0, 1]")
        return np.interp(fraction, self.s, self.A), np.interp(fraction, self.s, self.B)

    def __repr__(self) -> str:
        return f"AnnealSchedule({self.name!r}, {self.unit})"


LINEAR = AnnealSchedule(np.array([0.0, 1.0]), np.array([1.0, 0.0]), np.array([0.0, 1.0]), "linear")
"""A = 1 - s, B = s: the schedule of arXiv 2604.25649."""

SCHEDULES = {LINEAR.name: LINEAR}


def schedule_named(name: str) -> AnnealSchedule:
    """Look up a schedule by name; InputError lists the known ones."""
    if name not in SCHEDULES:
        raise InputError(f"unknown schedule {name!r}; known: {', '.join(SCHEDULES)}")
    return SCHEDULES[name]
