"""The lowest eigenpairs of a real symmetric operator, with residuals and a completeness check.

No physics here: an operator, a count and a method go in.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, LinearOperator, eigsh

from ..problem.errors import InputError, require_memory

EPS = float(np.finfo(np.float64).eps)


class ConvergenceError(RuntimeError):
    """A solver stopped before its tolerance; the message is the status."""


class EigenStatus(Enum):
    """How an eigen-solve ended; the value is the message."""

    CONVERGED = "converged; no level was missed"
    NOT_CONVERGED = "the iteration stopped before its tolerance; raise max_restarts"
    INCOMPLETE = "the deflated re-solve kept finding missed levels; use Dense()"


@dataclass(frozen=True)
class Dense:
    """LAPACK on the full matrix: exact to rounding, for dimensions up to a few thousand."""


@dataclass(frozen=True)
class Lanczos:
    """ARPACK's implicitly restarted Lanczos, padded, then checked by deflation.

    Lanczos can skip a member of a cluster and still report convergence. So ``padding`` more levels
    than asked for are sought, and the operator with the found ones shifted away is solved again
    from a fresh random start; what that finds below the highest wanted level is put in its place.

    Parameters
    ----------
    tol : relative accuracy asked of ARPACK.
    padding : levels sought beyond those wanted.
    max_restarts : per solve.
    max_repairs : deflated re-solves before the status says INCOMPLETE.
    """

    tol: float = 1e-12
    padding: int = 4
    max_restarts: int = 2000
    max_repairs: int = 6


EigenMethod = Dense | Lanczos


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
) -> Eigenpairs:
    """Lowest ``k`` eigenpairs of a real symmetric ``op`` of shape (n, n).

    Parameters
    ----------
    norm_bound : an upper bound of the operator's 2-norm; sets rounding and the deflation shift.
    method : default Dense up to n = 1024, Lanczos beyond.
    seed : start vectors (Lanczos).

    Raises
    ------
    InputError : unless 1 <= k <= n.
    MemoryLimitError : if the work space does not fit.
    """
    n = op.shape[0]
    if not 1 <= k <= n:
        raise InputError(f"{k} levels asked of an operator of dimension {n}; ask for 1 to {n}")
    if method is None:
        method = Dense() if n <= 1024 or 2 * k >= n else Lanczos()
    counter = _Counter(op, norm_bound)
    if isinstance(method, Dense):
        vectors, status = _dense(counter, k), EigenStatus.CONVERGED
    else:
        vectors, status = _lanczos(counter, k, method, np.random.default_rng(seed))
    return _rayleigh_ritz(counter, vectors, k, status)


class _Counter:
    """An operator that counts its applications."""

    def __init__(self, op: LinearOperator, norm_bound: float) -> None:
        self.op, self.n, self.norm, self.count = op, op.shape[0], norm_bound, 0

    def __call__(self, v: NDArray) -> NDArray[np.float64]:
        self.count += 1
        return self.op.matvec(v)

    def block(self, block: NDArray) -> NDArray[np.float64]:
        return np.column_stack([self(column) for column in np.ascontiguousarray(block.T)])


def _dense(op: _Counter, k: int) -> NDArray:
    require_memory(32 * op.n**2, f"a dense matrix of dimension {op.n}")
    return scipy.linalg.eigh(op.block(np.eye(op.n)), subset_by_index=[0, k - 1])[1]


def _lanczos(
    op: _Counter, k: int, method: Lanczos, rng: np.random.Generator
) -> tuple[NDArray, EigenStatus]:
    wanted = min(k + method.padding, op.n // 2)
    values, vectors, converged = _arpack(op, wanted, method, rng)
    if values.size < k:
        unknown = rng.normal(size=(op.n, k - values.size))
        return np.column_stack([vectors, unknown]), EigenStatus.NOT_CONVERGED
    for _ in range(method.max_repairs):
        lowest, extra, found = _arpack(op, 1, method, rng, deflate=vectors)
        if not (converged and found):
            return vectors, EigenStatus.NOT_CONVERGED
        if lowest[0] >= values[k - 1] - 100 * method.tol * op.norm:
            return vectors, EigenStatus.CONVERGED
        vectors = np.linalg.qr(np.column_stack([vectors, extra]))[0]
        small = vectors.T @ op.block(vectors)
        values, rotation = np.linalg.eigh((small + small.T) / 2)
        vectors = vectors @ rotation
    return vectors, EigenStatus.INCOMPLETE


def _arpack(
    op: _Counter,
    k: int,
    method: Lanczos,
    rng: np.random.Generator,
    deflate: NDArray | None = None,
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
            v0=rng.normal(size=op.n),
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


def _rayleigh_ritz(op: _Counter, vectors: NDArray, k: int, status: EigenStatus) -> Eigenpairs:
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
