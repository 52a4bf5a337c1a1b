"""ARPACK's restarted Lanczos, checked by deflation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, LinearOperator, eigsh

from ..memory import require_memory
from .arrays import CountedOperator
from .deflation import solve_and_check
from .eigenpairs import ConvergenceError, EigenStatus
from .methods import Lanczos


def lanczos(
    op: CountedOperator,
    k: int,
    method: Lanczos,
    start: NDArray,
    rng: np.random.Generator,
) -> tuple[NDArray, float, EigenStatus]:
    """Compute the lowest ``k`` vectors or more, (n, m).

    Returns the vectors, a lower bound of the levels beyond them, and how the solve ended.
    """

    def solve(
        count: int, begin: NDArray, deflated: NDArray | None
    ) -> tuple[NDArray, NDArray, bool]:
        return _arpack(op, count, method, begin.sum(axis=1), deflated)

    return solve_and_check(
        op,
        k,
        solve,
        start,
        padding=method.padding,
        tolerance=100 * method.tol * op.norm,
        max_repairs=method.max_repairs,
        rng=rng,
    )


def _arpack(
    op: CountedOperator, k: int, method: Lanczos, start: NDArray, deflated: NDArray | None
) -> tuple[NDArray, NDArray, bool]:
    """Return the values, ascending, the vectors, and whether all have converged.

    The vectors ``deflated`` are shifted to the top of the spectrum.
    """

    def multiply(v: NDArray) -> NDArray:
        v = np.asarray(v).reshape(-1)
        if deflated is None:
            return op(v)
        return op(v) + deflated @ (2.0 * op.norm * (deflated.T @ v))

    subspace = min(op.n, max(2 * k + 1, 20))
    require_memory(8 * op.n * (subspace + k + 4), f"Lanczos vectors of dimension {op.n}")
    linear = LinearOperator((op.n, op.n), matvec=multiply, dtype=np.float64)
    try:
        values, vectors = eigsh(
            linear,
            k,
            which="SA",
            v0=start,
            tol=method.tol,
            maxiter=method.max_restarts,
            ncv=subspace,
        )
    except ArpackNoConvergence as partial:
        return partial.eigenvalues, partial.eigenvectors, False
    except ArpackError as error:
        raise ConvergenceError(f"ARPACK failed on dimension {op.n}: {error}") from error
    order = np.argsort(values)
    return values[order], vectors[:, order], True
