"""Where an eigen-solve starts when nothing is known but, perhaps, the diagonal."""

from __future__ import annotations

import numpy as np

from .arrays import Array, Arrays, to_numpy

START_NOISE = 0.1
"""Of a random unit vector, added to what Lanczos and LOBPCG start from."""
LOW_PART = 0.03
"""Random starts favour diagonal elements within this fraction of the norm of the lowest."""


def cold_start(diagonal: Array | None, k: int, arrays: Arrays) -> list[Array]:
    """Return ``k`` unit vectors where the diagonal is lowest; none if it says nothing."""
    if diagonal is None or diagonal.max() == diagonal.min():
        return []
    rows = arrays.empty(k, len(diagonal))
    rows[:] = 0.0
    for row, lowest in zip(rows, np.argpartition(to_numpy(diagonal), k - 1), strict=False):
        row[int(lowest)] = 1.0
    return list(rows)


def random_row(
    n: int, diagonal: Array | None, norm: float, arrays: Arrays, rng: np.random.Generator
) -> Array:
    """Random in every direction, more so where the diagonal is low."""
    row = arrays.array(rng.normal(size=n))
    if diagonal is not None:
        row /= diagonal - diagonal.min() + LOW_PART * norm
    return row
