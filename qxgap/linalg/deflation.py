"""Solve for levels with a library's solver, then look for missed ones with the found deflated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .completeness import Completeness
from .counted import CountedOperator
from .status import EigenStatus

Solver = Callable[[int, NDArray, NDArray | None], tuple[NDArray, NDArray, bool]]
"""(levels sought, start (n, m), deflated (n, p) or None) -> ascending values, vectors, success."""
Certificate = Callable[[NDArray, NDArray], Completeness]
"""(vectors (n, m), values) -> what a further check says of them."""


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
    certificate: Certificate | None = None,
) -> tuple[NDArray, float, EigenStatus]:
    """Lowest ``k`` vectors or more, (n, m), from ``start`` (n, p).

    ``padding`` more levels are sought than wanted. What a solve from a fresh random vector then
    finds outside them, more than ``tolerance`` below the highest wanted one, joins them, and so
    does what ``certificate`` finds.

    Returns also a lower bound of the levels beyond, -inf if not known, and how it ended.
    """
    values, vectors, converged = solve(min(k + padding, op.n // 2), start, None)
    if values.size < k:
        unknown = rng.normal(size=(op.n, k - values.size))
        return np.column_stack([vectors, unknown]), -np.inf, EigenStatus.NOT_CONVERGED
    guess = rng.normal(size=(op.n, 1))
    for _ in range(max_repairs):
        lowest, extra, found = solve(1, guess, vectors)
        if not (converged and found):
            return vectors, -np.inf, EigenStatus.NOT_CONVERGED
        guess = rng.normal(size=(op.n, 1))
        if lowest[0] >= values[k - 1] - tolerance:
            beyond = float(lowest[0]) - tolerance
            if certificate is None:
                return vectors, beyond, EigenStatus.CONVERGED
            check = certificate(vectors, values)
            if check.certified:
                return vectors, min(check.beyond, beyond), EigenStatus.CONVERGED
            if check.missed is None:
                return vectors, -np.inf, EigenStatus.NOT_CONVERGED
            guess = check.missed[:, None]
            continue
        vectors = np.linalg.qr(np.column_stack([vectors, extra]))[0]
        small = vectors.T @ op.block(vectors)
        values, rotation = np.linalg.eigh((small + small.T) / 2)
        vectors = vectors @ rotation
    return vectors, -np.inf, EigenStatus.INCOMPLETE
