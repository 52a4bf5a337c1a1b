"""Where an eigen-solve starts when nothing is known but, perhaps, the diagonal."""

from __future__ import annotations

import numpy as np

from .subspace import Array

START_NOISE = 0.1
"""Of a random unit vector, added to what Lanczos and LOBPCG start from."""
LOW_PART = 0.03
"""Random starts favour diagonal elements within this fraction of the norm of the lowest."""


def cold_start(diagonal: Array | None, k: int) -> list[Array]:
    """Return ``k`` unit vectors where the diagonal is lowest; none if it says nothing."""
    if diagonal is None or np.ptp(diagonal) == 0:
        return []
    rows = np.zeros((k, diagonal.size))
    rows[np.arange(k), np.argpartition(diagonal, k - 1)[:k]] = 1.0
    return list(rows)


def random_row(n: int, diagonal: Array | None, norm: float, rng: np.random.Generator) -> Array:
    """Random in every direction, more so where the diagonal is low."""
    row = rng.normal(size=n)
    if diagonal is not None:
        row /= diagonal - diagonal.min() + LOW_PART * norm
    return row
