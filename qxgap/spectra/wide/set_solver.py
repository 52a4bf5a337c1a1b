"""The lowest eigenpairs of an operator on a set of configurations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator

from ...linalg import Davidson, Eigenpairs, lowest_eigenpairs

Array = NDArray[np.float64]

SMALL = 512
"""A set of no more configurations is solved by LAPACK."""


def lowest_within(
    operator: LinearOperator, k: int, norm: float, diagonal: Array, start: Array, tol: float
) -> Eigenpairs:
    """Return the lowest eigenpairs of an operator on a set of configurations.

    Parameters
    ----------
    operator : LinearOperator
        The operator, of shape (n, n).
    k : int
        Number of eigenpairs.
    norm : float
        Upper bound of its norm.
    diagonal : ndarray of float, shape (n,)
        Its diagonal.
    start : ndarray of float, shape (n, m)
        Vectors near the wanted ones; none if m is 0.
    tol : float
        Residual, relative to the norm.

    Returns
    -------
    Eigenpairs
        The eigenpairs, which are exact where the set is small.
    """
    return lowest_eigenpairs(
        operator,
        k,
        None if operator.shape[0] <= SMALL else Davidson(tol=tol, basis=4 * k + 8),
        norm_bound=max(norm, np.finfo(float).tiny),
        diagonal=diagonal,
        start=start if start.shape[1] else None,
    )
