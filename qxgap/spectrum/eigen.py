"""The lowest eigenpairs of a real symmetric operator, with residuals and a completeness check.

No physics here: an operator, a count and a method go in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator

from ..problem.errors import InputError, require_memory
from .davidson import Davidson as Davidson
from .davidson import Problem, davidson
from .lanczos import CountedOperator, lanczos
from .lanczos import Lanczos as Lanczos
from .status import ConvergenceError as ConvergenceError
from .status import EigenStatus as EigenStatus

EPS = float(np.finfo(np.float64).eps)

START_NOISE = 0.1
"""Of a random unit vector, added to what Lanczos starts from."""
DENSE_UP_TO = 512
"""Dimension up to which LAPACK on the full matrix is as fast as an iteration, and surer."""


@dataclass(frozen=True)
class Dense:
    """LAPACK on the full matrix: exact to rounding, for dimensions up to a few thousand."""


EigenMethod = Dense | Lanczos | Davidson


@dataclass(frozen=True, eq=False)
class Eigenpairs:
    """Lowest eigenpairs in ascending order.

    Attributes
    ----------
    values : (k,) Ritz values.
    vectors : (n, k) orthonormal columns.
    residuals : (k,) ``|op v - value v|``, plus the rounding of one operator application. Large
        ones tell the vectors that an unconverged iteration left to chance.
    matvecs : operator applications spent (n of them for Dense).
    status : how the solve ended.
    """

    values: NDArray[np.float64]
    vectors: NDArray[np.float64]
    residuals: NDArray[np.float64]
    matvecs: int
    status: EigenStatus


def lowest_eigenpairs(
    op: LinearOperator,
    k: int,
    method: EigenMethod | None = None,
    *,
    norm_bound: float,
    seed: int | np.random.Generator = 0,
    diagonal: NDArray | None = None,
    start: NDArray | None = None,
) -> Eigenpairs:
    """Lowest ``k`` eigenpairs of a real symmetric ``op`` of shape (n, n).

    Parameters
    ----------
    norm_bound : an upper bound of the operator's 2-norm; sets rounding and tolerances.
    method : default Dense up to n = 512 or n = 2 k, Davidson beyond.
    seed : of random start vectors.
    diagonal : (n,) of the operator, with which Davidson preconditions.
    start : (n, m) guesses, such as the vectors of a nearby operator. They save products and do not
        change the answer beyond the tolerance.

    Raises
    ------
    InputError : unless 1 <= k <= n, or for arguments whose shapes do not fit.
    MemoryLimitError : if the work space does not fit.
    """
    n = op.shape[0]
    if not 1 <= k <= n:
        raise InputError(f"{k} levels asked of an operator of dimension {n}; ask for 1 to {n}")
    diagonal, start = _checked(diagonal, start, n)
    if method is None:
        method = Dense() if n <= max(DENSE_UP_TO, 2 * k) else Davidson()
    counted, rng = CountedOperator(op, norm_bound), np.random.default_rng(seed)
    if isinstance(method, Dense):
        vectors, status = _dense(counted, k), EigenStatus.CONVERGED
    elif isinstance(method, Lanczos):
        vector = rng.normal(size=n)
        if start is not None:
            vector = start.sum(axis=1) + START_NOISE * vector / np.linalg.norm(vector)
        vectors, status = lanczos(counted, k, method, vector, rng)
    else:
        require_memory(method.num_bytes(n, k), f"a Davidson basis of dimension {n}")
        problem = Problem(counted, n, norm_bound, diagonal, method, rng)
        rows, status = davidson(problem, k, None if start is None else start.T)
        vectors = rows.T
    return _rayleigh_ritz(counted, vectors, k, status)


def _checked(
    diagonal: NDArray | None, start: NDArray | None, n: int
) -> tuple[NDArray | None, NDArray | None]:
    """Both as finite float64 of shapes (n,) and (n, m); InputError if they are not."""
    if diagonal is not None:
        diagonal = np.asarray(diagonal, dtype=np.float64)
        if diagonal.shape != (n,) or not np.all(np.isfinite(diagonal)):
            raise InputError(f"diagonal has shape {diagonal.shape}; give ({n},) finite numbers")
    if start is not None:
        start = np.asarray(start, dtype=np.float64)
        if start.ndim != 2 or start.shape[0] != n or not np.all(np.isfinite(start)):
            raise InputError(f"start has shape {start.shape}; give ({n}, m) finite numbers")
    return diagonal, start


def _dense(op: CountedOperator, k: int) -> NDArray:
    require_memory(32 * op.n**2, f"a dense matrix of dimension {op.n}")
    return scipy.linalg.eigh(op.block(np.eye(op.n)), subset_by_index=[0, k - 1])[1]


def _rayleigh_ritz(
    op: CountedOperator, vectors: NDArray, k: int, status: EigenStatus
) -> Eigenpairs:
    """Orthonormalise, diagonalise inside the span, keep the lowest k and measure residuals."""
    basis = np.linalg.qr(vectors)[0]
    image = op.block(basis)
    small = basis.T @ image
    values, rotation = np.linalg.eigh((small + small.T) / 2)
    values, rotation = values[:k], rotation[:, :k]
    vectors, image = basis @ rotation, image @ rotation
    rounding = 4 * EPS * np.log2(2 * op.n) * op.norm
    residuals = np.linalg.norm(image - vectors * values, axis=0) + rounding
    return Eigenpairs(values, vectors, residuals, op.count, status)
