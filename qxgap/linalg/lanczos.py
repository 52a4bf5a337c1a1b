"""ARPACK's restarted Lanczos, checked by deflation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, LinearOperator, eigsh

from ..memory import require_memory
from .counted import CountedOperator
from .deflation import solve_and_check
from .status import ConvergenceError, EigenStatus


@dataclass(frozen=True)
class Lanczos:
    """ARPACK's implicitly restarted Lanczos, padded, then checked by deflation.

    Lanczos can skip a member of a cluster and still report convergence. So ``padding`` more levels
    than asked for are sought, and the operator with the found ones shifted away is solved again
    from a fresh random start, to the same accuracy; what that finds below the highest wanted level
    is put in its place. A Krylov space from a random start, which no preconditioner bends, hides
    no level from a solve of this accuracy.

    Parameters
    ----------
    tol : float
        Relative accuracy asked of ARPACK.
    padding : int
        Levels sought beyond those wanted.
    max_restarts : int
        Restarts of one solve.
    max_repairs : int
        Deflated solves before the status says INCOMPLETE.
    """

    tol: float = 1e-12
    padding: int = 4
    max_restarts: int = 2000
    max_repairs: int = 6


def lanczos(
    op: CountedOperator,
    k: int,
    method: Lanczos,
    start: NDArray,
    rng: np.random.Generator,
) -> tuple[NDArray, float, EigenStatus]:
    """Lowest ``k`` vectors or more, (n, m), a bound of the levels beyond, and how it ended."""

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
    op: CountedOperator, k: int, method: Lanczos, start: NDArray, deflate: NDArray | None
) -> tuple[NDArray, NDArray, bool]:
    """Values ascending, vectors and whether all converged; ``deflate`` is shifted to the top."""

    def multiply(v: NDArray) -> NDArray:
        v = np.asarray(v).reshape(-1)
        if deflate is None:
            return op(v)
        return op(v) + deflate @ (2.0 * op.norm * (deflate.T @ v))

    subspace = min(op.n - 1, max(2 * k + 1, 20))
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
