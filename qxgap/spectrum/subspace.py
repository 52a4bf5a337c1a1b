"""A space that grows vector by vector, with the operator projected on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Product = Callable[[Array], Array]

CHUNK = 1 << 14
"""Elements of every basis vector that a restart combines at once."""


@dataclass
class Subspace:
    """Orthonormal rows, their images and the projected operator.

    Attributes
    ----------
    deflated : (m, n) orthonormal rows that the space stays orthogonal to.
    basis, images : (capacity, n), of which the first ``size`` are in use.
    projected : (capacity, capacity), ``basis op basis^T``.
    """

    op: Product
    deflated: Array
    capacity: int
    size: int = 0
    basis: Array = field(init=False)
    images: Array = field(init=False)
    projected: Array = field(init=False)

    def __post_init__(self) -> None:
        n = self.deflated.shape[1]
        self.basis = np.empty((self.capacity, n))
        self.images = np.empty((self.capacity, n))
        self.projected = np.zeros((self.capacity, self.capacity))

    @property
    def room(self) -> int:
        """Dimension of what is not deflated."""
        return self.deflated.shape[1] - self.deflated.shape[0]

    def append(self, vector: Array) -> bool:
        """Add the part of ``vector`` outside the space; False if there is none to rounding."""
        unit = _unit(vector)
        for _ in range(3):
            before = np.linalg.norm(unit)
            unit = unit - (self.deflated @ unit) @ self.deflated
            unit -= (self.basis[: self.size] @ unit) @ self.basis[: self.size]
            after = np.linalg.norm(unit)
            if after <= 1e-13:
                return False
            if after > 0.7 * before:
                break
        at = self.size
        self.basis[at] = unit / np.linalg.norm(unit)
        self.images[at] = self.op(self.basis[at])
        self.size += 1
        column = self.basis[: self.size] @ self.images[at]
        self.projected[at, : self.size] = self.projected[: self.size, at] = column
        return True

    def ritz(self) -> tuple[Array, Array]:
        """Values ascending and their coefficients, by columns."""
        values, coefficients = np.linalg.eigh(self.projected[: self.size, : self.size])
        return values, coefficients

    def residual(self, value: float, coefficients: Array) -> tuple[Array, Array]:
        """Return the Ritz vector and its residual, orthogonal to what is deflated."""
        vector = coefficients @ self.basis[: self.size]
        residual = coefficients @ self.images[: self.size] - value * vector
        return vector, residual - (self.deflated @ residual) @ self.deflated

    def restart(self, kept: Array) -> None:
        """Shrink to the combinations ``kept``, (size, p) orthonormal columns; in place."""
        size, count = kept.shape
        for block in (self.basis, self.images):
            for low in range(0, block.shape[1], CHUNK):
                part = slice(low, low + CHUNK)
                block[:count, part] = kept.T @ block[:size, part]
        small = kept.T @ self.projected[:size, :size] @ kept
        self.projected[:count, :count] = (small + small.T) / 2
        self.size = count


def kept_directions(coefficients: Array, before: Array, target: int, count: int) -> Array:
    """Two thirds of the Ritz vectors, and what the previous step's target has outside them."""
    size = coefficients.shape[0]
    lowest = coefficients[:, : max(count + 1, 2 * size // 3)]
    previous = np.zeros(size)
    previous[: before.shape[0]] = before[:, target] if target < before.shape[1] else 0.0
    for _ in range(2):
        previous -= lowest @ (lowest.T @ previous)
    length = float(np.linalg.norm(previous))
    return np.column_stack([lowest, previous / length]) if length > 1e-10 else lowest


def _unit(vector: Array) -> Array:
    size = float(np.linalg.norm(vector))
    return vector / size if size > 0 else vector
