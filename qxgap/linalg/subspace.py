"""A search space that grows vector by vector, with the operator projected on it, and its start."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .arrays import Array, Arrays, CountedOperator, FloatArray, pieces_of, to_numpy
from .passes import Direction, passes_for

SWEEPS = 3
"""Largest number of times that a vector is made orthogonal to the space."""
LARGE_SHARE = 1e-3
"""One time is enough if at least this share of the square of its length lies outside the space."""
LEAST_SHARE = 1e-8
"""A smaller share is not computed from inner products, because only rounding would remain."""
IN_SPAN = 450
"""A unit vector lies in the space if its part outside is shorter than this many times ``eps``."""

START_NOISE = 0.1
"""Length of the random vector that is added to the unit start vectors of Lanczos and LOBPCG."""
LOW_PART = 0.03
"""Random starts favor diagonal elements within this fraction of the norm above the lowest."""


@dataclass
class Subspace:
    """Basis vectors, their images under the operator, and the operator projected on them.

    The vectors are orthonormal almost to rounding. What is missing is known: the small eigenproblem
    takes their products into account, so that Ritz vectors are orthonormal to rounding although
    each vector is made orthogonal only once, as a rule.

    Attributes
    ----------
    op : CountedOperator
        The operator.
    capacity : int
        Largest number of basis vectors.
    size : int
        Number of basis vectors in use.
    rows : Array, shape (2 capacity, n)
        Basis vectors, in the even rows, and their images, in the odd rows; those in use come first.
    products : ndarray of float, shape (capacity, capacity)
        The inner products of the basis vectors.
    projected : ndarray of float, shape (capacity, capacity)
        The inner products of basis vectors and images.
    """

    op: CountedOperator
    capacity: int
    size: int = 0
    rows: Array = field(init=False)
    products: FloatArray = field(init=False)
    projected: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        self.rows = self.op.arrays.empty(2 * self.capacity, self.op.n)
        self.passes = passes_for(self.op.arrays)
        self.products = np.zeros((self.capacity, self.capacity))
        self.projected = np.zeros((self.capacity, self.capacity))

    @property
    def is_complete(self) -> bool:
        """Whether the basis spans the whole space."""
        return self.size == self.op.n

    def append(self, vector: Array) -> bool:
        """Add the part of ``vector`` outside the space; False if there is none beyond rounding."""
        return self.join(self.passes.measure(self.rows, self.size, vector))

    def join(self, direction: Direction) -> bool:
        """Add the part of a direction outside the space; False if there is none beyond rounding."""
        size, xp = self.size, self.op.arrays.xp
        known, shortest = self.products[:size, :size], IN_SPAN * self.op.arrays.eps
        outside = 1.0
        for _ in range(SWEEPS):
            if direction.scale == 0.0:
                return False
            # Gram-Schmidt: the part inside and the length of the rest follow from the products
            parts: FloatArray = np.linalg.solve(known, direction.products).astype(np.float64)
            share = (direction.square - float(parts @ direction.products)) / direction.scale
            share = max(share, LEAST_SHARE)
            factor = (share * direction.scale) ** -0.5
            found = self.passes.orthogonalize(self.rows, direction, parts, factor)
            if share > LARGE_SHARE:
                break
            # little is left, and the rounding errors of what was removed: it is repeated
            column = to_numpy(found)
            outside *= float(share * column[size]) ** 0.5
            if outside <= shortest:
                return False
            direction = Direction(column[:size], float(column[size]), float(column[size]))
        vector, image = self.rows[2 * size], self.rows[2 * size + 1]
        self.op.write(vector, image)
        self.size += 1
        found = xp.concatenate([found, self.passes.project(self.rows, self.size, image)])
        columns = to_numpy(found).reshape(2, self.size)
        for small, column in zip((self.products, self.projected), columns, strict=True):
            small[size, : self.size] = small[: self.size, size] = column
        return True

    def ritz(self) -> tuple[FloatArray, FloatArray]:
        """Return the Ritz values, ascending, and the coefficients of their vectors by columns."""
        size = self.size
        inverse = np.linalg.inv(np.linalg.cholesky(self.products[:size, :size]))
        values, vectors = np.linalg.eigh(inverse @ self.projected[:size, :size] @ inverse.T)
        return values, inverse.T @ vectors

    def vectors(self, coefficients: FloatArray) -> Array:
        """Return combinations of the basis, (p, n), from ``coefficients`` of shape (size, p)."""
        return self.passes.combine(self.rows, coefficients)

    def direction(
        self, value: float, coefficients: FloatArray, least: float, diagonal: Array | None
    ) -> Direction:
        """Return the preconditioned residual of a Ritz pair; see :meth:`.Passes.direction`."""
        weights = np.ascontiguousarray(coefficients)
        return self.passes.direction(self.rows, weights, value, least, diagonal, self.op.norm)

    def residuals(self, values: FloatArray, coefficients: FloatArray) -> FloatArray:
        """Return the norms of the residuals of Ritz pairs, shape (p,)."""
        return self.passes.residuals(self.rows, coefficients, values)

    def restart(self, retained: FloatArray) -> None:
        """Shrink the space, in place, to combinations by columns, (size, p)."""
        size, count = retained.shape
        self.passes.restart(self.rows, retained)
        for small in (self.products, self.projected):
            small[:count, :count] = retained.T @ small[:size, :size] @ retained
        self.size = count

    def retained_directions(
        self, coefficients: FloatArray, before: FloatArray, target: int, count: int
    ) -> FloatArray:
        """Choose what a restart retains: the lower half of the Ritz vectors, and one direction.

        The direction is the part outside them of the previous step's approximation of the target.
        With it the restarted iteration is locally optimal, like conjugate gradients (Stathopoulos
        and Saad 1998).
        """
        size, products = self.size, self.products[: self.size, : self.size]
        lowest = coefficients[:, : max(count + 1, size // 2)]
        previous = np.zeros(size)
        previous[: before.shape[0]] = before[:, target] if target < before.shape[1] else 0.0
        for _ in range(2):
            previous -= lowest @ (lowest.T @ (products @ previous))
        remaining = float(previous @ products @ previous) ** 0.5
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
        shift = diagonal.min() - LOW_PART * norm
        for part in pieces_of(n, arrays):
            row[part] /= diagonal[part] - shift
    return row
