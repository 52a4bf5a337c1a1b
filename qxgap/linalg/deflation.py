"""Solve for levels with a library's solver, then look for missed ones while these are deflated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .arrays import CountedOperator
from .completeness import Completeness
from .eigenpairs import EigenStatus

Solver = Callable[[int, NDArray, NDArray | None], tuple[NDArray, NDArray, bool]]
"""A solver takes the number of levels, a start (n, m), and deflated vectors (n, p) or None. It
returns the values in ascending order, their vectors, and whether it converged."""
Certificate = Callable[[NDArray, NDArray], Completeness]
"""A certificate takes vectors (n, m) and their values, and returns the result of its check."""


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
    """Compute the lowest ``k`` vectors or more, (n, m), from ``start`` (n, p).

    ``padding`` more levels are sought than wanted. Then the vectors are deflated, and a solve from
    a fresh random vector looks for the lowest level outside them. A level more than ``tolerance``
    below the highest wanted one joins them, and so does a level that ``certificate`` meets.

    Returns the vectors, a lower bound of the levels beyond them (-inf if there is none), and how
    the solve ended.
    """
    values, vectors, converged = solve(min(k + padding, op.n // 2), start, None)
    if values.size < k:
        unknown = rng.normal(size=(op.n, k - values.size))
        return np.column_stack([vectors, unknown]), -np.inf, EigenStatus.NOT_CONVERGED
    guess = rng.normal(size=(op.n, 1))
    for _ in range(max_repairs):
        lowest, vector, success = solve(1, guess, vectors)
        if not (converged and success):
            return vectors, -np.inf, EigenStatus.NOT_CONVERGED
        guess = rng.normal(size=(op.n, 1))
        if lowest[0] >= values[k - 1] - tolerance:
            # No level was missed, according to this solve. That suffices for a method without a
            # preconditioner; for others the certificate decides.
            beyond = float(lowest[0]) - tolerance
            if certificate is None:
                return vectors, beyond, EigenStatus.CONVERGED
            check = certificate(vectors, values)
            if check.certified:
                return vectors, min(check.beyond, beyond), EigenStatus.CONVERGED
            if check.missed is None:
                return vectors, -np.inf, EigenStatus.NOT_CONVERGED
            # the next deflated solve starts from the vector that the certificate met
            guess = check.missed[:, None]
            continue
        # A level was missed. It joins the others, and the search outside them is repeated.
        vectors = np.linalg.qr(np.column_stack([vectors, vector]))[0]
        small = vectors.T @ op.block(vectors)
        values, rotation = np.linalg.eigh((small + small.T) / 2)
        vectors = vectors @ rotation
    return vectors, -np.inf, EigenStatus.INCOMPLETE
