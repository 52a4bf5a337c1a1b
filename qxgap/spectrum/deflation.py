"""Solve for levels with a library's solver, then look for missed ones with the found deflated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .arrays import HOST, Array, Arrays
from .status import EigenStatus

Product = Callable[[Array], Array]
Solver = Callable[[int, NDArray, NDArray | None], tuple[NDArray, NDArray, bool]]
"""(levels sought, start (n, m), deflated (n, p) or None) -> ascending values, vectors, success."""


class CountedOperator:
    """An operator that counts its applications.

    Parameters
    ----------
    product : of the operator with a vector, (n,).
    norm : an upper bound of its 2-norm.
    """

    def __init__(
        self, product: Product, n: int, norm: float, arrays: Arrays = HOST, count: int = 0
    ) -> None:
        self.product, self.n, self.norm, self.arrays, self.count = product, n, norm, arrays, count

    def __call__(self, v: Array) -> Array:
        """``op v`` for v of shape (n,)."""
        self.count += 1
        return self.product(v)

    def block(self, block: Array) -> Array:
        """``op block`` column by column, (n, m)."""
        return self.arrays.xp.stack([self(column) for column in block.T], 1)


def solve_and_check(
    op: CountedOperator,
    k: int,
    solve: Solver,
    start: NDArray,
    *,
    padding: int,
    tolerance: float,
    max_repairs: int,
    rng: np.random.Generator,
) -> tuple[NDArray, float, EigenStatus]:
    """Lowest ``k`` vectors or more, (n, m), from ``start`` (n, p).

    ``padding`` more levels are sought than wanted. What a solve from a fresh random vector then
    finds outside them, more than ``tolerance`` below the highest wanted one, joins them.

    Returns also a lower bound of the levels beyond, -inf if not known, and how it ended.
    """
    values, vectors, converged = solve(min(k + padding, op.n // 2), start, None)
    if values.size < k:
        unknown = rng.normal(size=(op.n, k - values.size))
        return np.column_stack([vectors, unknown]), -np.inf, EigenStatus.NOT_CONVERGED
    for _ in range(max_repairs):
        lowest, extra, found = solve(1, rng.normal(size=(op.n, 1)), vectors)
        if not (converged and found):
            return vectors, -np.inf, EigenStatus.NOT_CONVERGED
        if lowest[0] >= values[k - 1] - tolerance:
            return vectors, float(lowest[0]) - tolerance, EigenStatus.CONVERGED
        vectors = np.linalg.qr(np.column_stack([vectors, extra]))[0]
        small = vectors.T @ op.block(vectors)
        values, rotation = np.linalg.eigh((small + small.T) / 2)
        vectors = vectors @ rotation
    return vectors, -np.inf, EigenStatus.INCOMPLETE
