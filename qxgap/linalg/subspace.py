"""A space that grows vector by vector, with the operator projected on it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .arrays import Array, Arrays, length, to_numpy
from .counted import Product

Matrix = NDArray[np.float64]

CHUNK = 1 << 14
"""Elements of every basis vector that a restart combines at once on the host."""
DEVICE_CHUNK = 1 << 20
"""The same on a device."""
IN_SPAN = 450
"""A unit vector with less than this many roundings outside the space is in it."""


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
    arrays: Arrays
    size: int = 0
    basis: Array = field(init=False)
    images: Array = field(init=False)
    projected: Matrix = field(init=False)

    def __post_init__(self) -> None:
        n = self.deflated.shape[1]
        self.basis = self.arrays.empty(self.capacity, n)
        self.images = self.arrays.empty(self.capacity, n)
        self.projected = np.zeros((self.capacity, self.capacity))

    @property
    def room(self) -> int:
        """Dimension of what is not deflated."""
        return int(self.deflated.shape[1] - self.deflated.shape[0])

    def append(self, vector: Array) -> bool:
        """Add the part of ``vector`` outside the space; False if there is none to rounding."""
        before = length(vector)
        if before == 0.0:
            return False
        unit, before = vector / before, 1.0
        for _ in range(3):
            unit -= self._inside(unit)
            after = length(unit)
            if after <= IN_SPAN * self.arrays.eps:
                return False
            if after > 0.7 * before:
                break
            before = after
        at = self.size
        unit /= after
        self.basis[at] = unit
        self.images[at] = self.op(self.basis[at])
        self.size += 1
        column = to_numpy(self.basis[: self.size] @ self.images[at])
        self.projected[at, : self.size] = self.projected[: self.size, at] = column
        return True

    def _inside(self, unit: Array) -> Array:
        """The part of ``unit`` in the space and in what is deflated, which are orthogonal."""
        part = (self.basis[: self.size] @ unit) @ self.basis[: self.size]
        if len(self.deflated):
            part += (self.deflated @ unit) @ self.deflated
        return part

    def ritz(self) -> tuple[Matrix, Matrix]:
        """Values ascending and their coefficients, by columns."""
        values, coefficients = np.linalg.eigh(self.projected[: self.size, : self.size])
        return values, coefficients

    def rows(self, coefficients: Matrix) -> Array:
        """Combinations of the basis, (p, n), of ``coefficients`` (size, p)."""
        return self.arrays.array(coefficients.T) @ self.basis[: self.size]

    def residual(self, value: float, coefficients: Matrix) -> tuple[Array, Array]:
        """Return the Ritz vector and its residual, orthogonal to what is deflated."""
        there = self.arrays.array(coefficients)
        vector = there @ self.basis[: self.size]
        residual = there @ self.images[: self.size]
        residual -= value * vector
        if len(self.deflated):
            residual -= (self.deflated @ residual) @ self.deflated
        return vector, residual

    def restart(self, kept: Matrix) -> None:
        """Shrink to the combinations ``kept``, (size, p) orthonormal columns; in place."""
        size, count = kept.shape
        there = self.arrays.array(kept.T)
        chunk = CHUNK if self.arrays.xp is np else DEVICE_CHUNK
        for block in (self.basis, self.images):
            for low in range(0, block.shape[1], chunk):
                part = slice(low, low + chunk)
                block[:count, part] = there @ block[:size, part]
        small = kept.T @ self.projected[:size, :size] @ kept
        self.projected[:count, :count] = (small + small.T) / 2
        self.size = count


def kept_directions(coefficients: Matrix, before: Matrix, target: int, count: int) -> Matrix:
    """Half of the Ritz vectors, and what the previous step's target has outside them."""
    size = coefficients.shape[0]
    lowest = coefficients[:, : max(count + 1, size // 2)]
    previous = np.zeros(size)
    previous[: before.shape[0]] = before[:, target] if target < before.shape[1] else 0.0
    for _ in range(2):
        previous -= lowest @ (lowest.T @ previous)
    size_left = float(np.linalg.norm(previous))
    return np.column_stack([lowest, previous / size_left]) if size_left > 1e-10 else lowest
