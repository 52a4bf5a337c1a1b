"""A search space that grows vector by vector, with the operator projected on it, and its start."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .arrays import Array, Arrays, FloatArray, Product, length, to_numpy

CHUNK = 1 << 14
"""Number of elements of every basis vector that a restart combines at once on the host."""
DEVICE_CHUNK = 1 << 20
"""Number of elements of every basis vector that a restart combines at once on a device."""
IN_SPAN = 450
"""A unit vector lies in the space if its part outside is shorter than this many times ``eps``."""

START_NOISE = 0.1
"""Length of the random vector that is added to the unit start vectors of Lanczos and LOBPCG."""
LOW_PART = 0.03
"""Random starts favor diagonal elements within this fraction of the norm above the lowest."""


@dataclass
class Subspace:
    """Orthonormal basis vectors, their images under the operator, and the projected operator.

    Attributes
    ----------
    op : Callable
        Product of the operator with a vector.
    deflated : Array, shape (m, n)
        Orthonormal rows to which the space stays orthogonal.
    capacity : int
        Largest number of basis vectors.
    arrays : Arrays
        The kind of the vectors.
    size : int
        Number of basis vectors in use.
    basis, images : Array, shape (capacity, n)
        Basis vectors and their images, by rows; the first ``size`` are in use.
    projected : ndarray of float, shape (capacity, capacity)
        ``basis op basis^T``.
    """

    op: Product
    deflated: Array
    capacity: int
    arrays: Arrays
    size: int = 0
    basis: Array = field(init=False)
    images: Array = field(init=False)
    projected: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        n = self.deflated.shape[1]
        self.basis = self.arrays.empty(self.capacity, n)
        self.images = self.arrays.empty(self.capacity, n)
        self.projected = np.zeros((self.capacity, self.capacity))

    @property
    def room(self) -> int:
        """Dimension of the complement of the deflated vectors, which the space may fill."""
        return int(self.deflated.shape[1] - self.deflated.shape[0])

    def append(self, vector: Array) -> bool:
        """Add the part of ``vector`` outside the space; False if there is none beyond rounding."""
        before = length(vector)
        if before == 0.0:
            return False
        unit, before = vector / before, 1.0
        # Gram-Schmidt: one projection is accurate if it removes little, else it is repeated
        for _ in range(3):
            unit -= self._part_inside(unit)
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

    def _part_inside(self, unit: Array) -> Array:
        """Project ``unit`` on the space and on the deflated vectors, which are orthogonal."""
        part = (self.basis[: self.size] @ unit) @ self.basis[: self.size]
        if len(self.deflated):
            part += (self.deflated @ unit) @ self.deflated
        return part

    def ritz(self) -> tuple[FloatArray, FloatArray]:
        """Return the Ritz values, ascending, and the coefficients of their vectors by columns."""
        values, coefficients = np.linalg.eigh(self.projected[: self.size, : self.size])
        return values, coefficients

    def rows(self, coefficients: FloatArray) -> Array:
        """Return combinations of the basis, (p, n), from ``coefficients`` of shape (size, p)."""
        return self.arrays.array(coefficients.T) @ self.basis[: self.size]

    def residual(self, value: float, coefficients: FloatArray) -> tuple[Array, Array]:
        """Return a Ritz vector and its residual, orthogonal to the deflated vectors."""
        weights = self.arrays.array(coefficients)
        vector = weights @ self.basis[: self.size]
        residual = weights @ self.images[: self.size]
        residual -= value * vector
        if len(self.deflated):
            residual -= (self.deflated @ residual) @ self.deflated
        return vector, residual

    def restart(self, retained: FloatArray) -> None:
        """Shrink the space, in place, to combinations with orthonormal columns (size, p)."""
        size, count = retained.shape
        weights = self.arrays.array(retained.T)
        chunk = CHUNK if self.arrays.xp is np else DEVICE_CHUNK
        # by pieces of the vectors, so that no second basis is in memory
        for block in (self.basis, self.images):
            for low in range(0, block.shape[1], chunk):
                part = slice(low, low + chunk)
                block[:count, part] = weights @ block[:size, part]
        small = retained.T @ self.projected[:size, :size] @ retained
        self.projected[:count, :count] = (small + small.T) / 2
        self.size = count


def retained_directions(
    coefficients: FloatArray, before: FloatArray, target: int, count: int
) -> FloatArray:
    """Choose what a restart retains: the lower half of the Ritz vectors, and one more direction.

    This direction is the part outside them of the previous step's approximation of the target. With
    it the restarted iteration is locally optimal, like conjugate gradients (Stathopoulos and Saad
    1998).
    """
    size = coefficients.shape[0]
    lowest = coefficients[:, : max(count + 1, size // 2)]
    previous = np.zeros(size)
    previous[: before.shape[0]] = before[:, target] if target < before.shape[1] else 0.0
    for _ in range(2):
        previous -= lowest @ (lowest.T @ previous)
    remaining = float(np.linalg.norm(previous))
    return np.column_stack([lowest, previous / remaining]) if remaining > 1e-10 else lowest


def cold_start(diagonal: Array | None, k: int, arrays: Arrays) -> list[Array]:
    """Return ``k`` unit vectors where the diagonal is lowest; none if it is unknown or constant."""
    if diagonal is None or diagonal.max() == diagonal.min():
        return []
    rows = arrays.empty(k, len(diagonal))
    rows[:] = 0.0
    _, lowest = arrays.smallest(diagonal, k)
    for row, index in zip(rows, lowest, strict=True):
        row[index] = 1.0
    return list(rows)


def random_row(
    n: int, diagonal: Array | None, norm: float, arrays: Arrays, rng: np.random.Generator
) -> Array:
    """Return a random vector, (n,), with larger components where the diagonal is low."""
    row = arrays.random(n, rng)
    if diagonal is not None:
        row /= diagonal - diagonal.min() + LOW_PART * norm
    return row
