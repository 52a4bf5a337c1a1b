"""The lowest eigenpairs of a real symmetric operator, with residuals and a completeness check.

No physics here: an operator, a count and a method go in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator

from ..checks import kind_of, require_number, require_whole
from ..errors import InputError
from ..memory import require_memory
from ..statistics.seeds import random_generator
from .arrays import Array, Arrays, length, to_numpy
from .counted import CountedOperator
from .davidson import Davidson as Davidson
from .davidson import Problem, davidson
from .lanczos import Lanczos as Lanczos
from .lanczos import lanczos
from .lobpcg import Lobpcg as Lobpcg
from .lobpcg import lobpcg
from .start import START_NOISE
from .status import ConvergenceError as ConvergenceError
from .status import EigenStatus as EigenStatus

EPS = float(np.finfo(np.float64).eps)

DENSE_UP_TO = 512
"""Dimension up to which LAPACK on the full matrix is as fast as an iteration, and surer."""

LARGEST_NORM = 1e75
"""Energies up to this have a fourth power in double precision; error bounds take squares, and laws
of crossings fourth powers."""


@dataclass(frozen=True)
class Dense:
    """LAPACK on the full matrix: exact to rounding, for dimensions up to a few thousand."""


EigenMethod = Dense | Lanczos | Lobpcg | Davidson


@dataclass(frozen=True, eq=False)
class Eigenpairs:
    """Lowest eigenpairs in ascending order.

    Attributes
    ----------
    values : (k,) Ritz values.
    vectors : (n, k) orthonormal columns.
    residuals : (k,) ``|op v - value v|``, plus the rounding of one operator application. Large
        ones tell the vectors that an unconverged iteration left to chance.
    beyond : lower bound of all levels that are not among these, as far as the completeness check
        can tell; -inf if the status is not CONVERGED, inf if there are none.
    deficit : the sum of the k lowest levels is at least ``values.sum() - deficit``, given
        ``beyond``. It is of second order in the residuals (:func:`deficit_of_sum`).
    matvecs : operator applications spent (n of them for Dense).
    status : how the solve ended.
    """

    values: NDArray[np.float64]
    vectors: NDArray[np.float64]
    residuals: NDArray[np.float64]
    beyond: float
    deficit: float
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
    InputError : for what is no real square operator, unless 1 <= k <= n and norm_bound is positive
        and finite, or for arguments whose shapes do not fit.
    MemoryLimitError : if the work space does not fit.
    """
    n = _dimension(op)
    require_whole(k, "k", "the number of eigenpairs")
    if not 1 <= k <= n:
        raise InputError(f"{k} levels asked of an operator of dimension {n}; ask for 1 to {n}")
    require_number(norm_bound, "norm_bound", "an upper bound of the operator's 2-norm, above 0")
    if not 0 < norm_bound <= LARGEST_NORM:
        raise InputError(
            f"norm_bound = {norm_bound}; give an upper bound of the operator's 2-norm, above 0 and "
            f"at most {LARGEST_NORM:g} (divide larger operators by a number)"
        )
    require_method(method)
    diagonal, start = _checked(diagonal, start, n)
    method = method or default_method(n, k)
    counted, rng = CountedOperator(op.matvec, n, norm_bound), random_generator(seed)
    if isinstance(method, Dense):
        vectors, beyond, status = _dense(counted, k, getattr(op, "A", None))
    elif isinstance(method, Lanczos):
        vector = rng.normal(size=n)
        if start is not None:
            vector = start.sum(axis=1) + START_NOISE * vector / np.linalg.norm(vector)
        vectors, beyond, status = lanczos(counted, k, method, vector[:, None], rng)
    elif isinstance(method, Lobpcg):
        vectors, beyond, status = lobpcg(counted, k, method, start, diagonal, rng)
    else:
        require_memory(method.num_bytes(n, k), f"a Davidson basis of dimension {n}")
        problem = Problem(counted, diagonal, method, rng)
        rows, beyond, status = davidson(problem, k, None if start is None else start.T)
        vectors = rows.T
    return rayleigh_ritz(counted, vectors, k, beyond, status)


def default_method(n: int, k: int) -> EigenMethod:
    """Return Dense up to n = 512 or n = 2 k, Davidson beyond."""
    return Dense() if n <= max(DENSE_UP_TO, 2 * k) else Davidson()


def require_method(method: Any) -> None:
    """Raise InputError unless ``method`` is an eigensolver's object, or None for the usual one."""
    if method is not None and not isinstance(method, EigenMethod):
        raise InputError(
            f"method is {kind_of(method)}; give an eigensolver such as Davidson(), Lanczos(), "
            "Lobpcg() or Dense(), or None for the usual one"
        )


def _dimension(op: Any) -> int:
    """Dimension of a real square operator; InputError for anything else."""
    if not isinstance(op, LinearOperator):
        remedy = (
            "give H.to_linear_operator(A, B)"
            if hasattr(op, "to_linear_operator")
            else "give a scipy LinearOperator: scipy.sparse.linalg.aslinearoperator(matrix)"
        )
        raise InputError(f"op is {kind_of(op)}; {remedy}")
    n, columns = op.shape
    if n != columns:
        raise InputError(f"op has shape {op.shape}; give an operator of as many rows as columns")
    if op.dtype is not None and np.dtype(op.dtype).kind == "c":
        raise InputError(f"op is of {op.dtype}; give a real symmetric operator")
    return int(n)


def _checked(
    diagonal: NDArray | None, start: NDArray | None, n: int
) -> tuple[NDArray | None, NDArray | None]:
    """Both as finite float64 of shapes (n,) and (n, m); InputError if they are not."""
    if diagonal is not None:
        diagonal = _numbers(diagonal, "diagonal")
        if diagonal.shape != (n,) or not np.all(np.isfinite(diagonal)):
            raise InputError(f"diagonal has shape {diagonal.shape}; give ({n},) finite numbers")
    if start is not None:
        start = _numbers(start, "start")
        if start.ndim != 2 or start.shape[0] != n or not np.all(np.isfinite(start)):
            raise InputError(f"start has shape {start.shape}; give ({n}, m) finite numbers")
    return diagonal, start


def _numbers(value: Any, name: str) -> NDArray[np.float64]:
    """``value`` as an array of numbers; InputError if it is none."""
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} is {kind_of(value)}; give an array of numbers") from error


def _dense(
    op: CountedOperator, k: int, matrix: NDArray | None
) -> tuple[NDArray, float, EigenStatus]:
    """Solve the matrix of the operator if it has one, else that of its products with all columns.

    Both count as n products.
    """
    require_memory(32 * op.n**2, f"a dense matrix of dimension {op.n}")
    if isinstance(matrix, np.ndarray):
        op.count += op.n
    else:
        matrix = op.block(np.eye(op.n))
    last = min(k, op.n - 1)
    values, vectors = scipy.linalg.eigh(matrix, subset_by_index=[0, last])
    beyond = float(values[k]) - rounding_error(op.n, op.norm) if k < op.n else np.inf
    return vectors[:, :k], beyond, EigenStatus.CONVERGED


def rounding_error(n: int, norm: float) -> float:
    """Bound of the rounding of one application of an operator of dimension n."""
    return float(4 * EPS * np.log2(2 * n) * norm)


def rayleigh_ritz(
    op: CountedOperator, vectors: Array, k: int, beyond: float, status: EigenStatus
) -> Eigenpairs:
    """Orthonormalise, diagonalise inside the span, keep the lowest k and measure residuals.

    ``vectors`` is (n, m) of the operator's kind of array, and so are those of the result.
    """
    arrays = op.arrays
    rows = _orthonormal(_orthonormal(vectors.T, arrays), arrays)
    images = arrays.xp.stack([op(row) for row in rows])
    small = to_numpy(rows @ images.T)
    values, rotation = np.linalg.eigh((small + small.T) / 2)
    there = arrays.array(rotation.T)
    rows, images = there @ rows, there @ images
    rounding = rounding_error(op.n, op.norm)
    pairs = zip(values, rows, images, strict=True)
    residuals = np.array([length(image - value * row) for value, row, image in pairs]) + rounding
    if values.size > k:
        beyond = min(float(values[k]), beyond) - float(np.linalg.norm(residuals[k:]))
    values, rows, residuals = values[:k], rows[:k], residuals[:k]
    deficit = deficit_of_sum(values, residuals, beyond) + 2 * k * rounding
    return Eigenpairs(values, rows.T, residuals, beyond, deficit, op.count, status)


def _orthonormal(rows: Array, arrays: Arrays) -> Array:
    """Independent ``rows`` made orthonormal by the Cholesky factor of their products.

    As the square of their condition number times the rounding; so two calls serve rows that are
    far from orthonormal, and every kind of array.
    """
    inverse = np.linalg.inv(np.linalg.cholesky(to_numpy(rows @ rows.T)))
    return arrays.array(inverse) @ rows


def deficit_of_sum(values: NDArray, residuals: NDArray, beyond: float) -> float:
    """How far the sum of the k lowest levels may lie below that of k Ritz values, at most.

    In a basis of the Ritz vectors and their complement the operator is [[D, R^T], [R, C]] with D
    the values, ``|R|^2 <= sum residuals^2`` and, by assumption, ``C >= beyond``. For any t > 0

        [[D, R^T], [R, C]]  >=  [[D - R^T R / t, 0], [0, beyond - t]],

    as the difference is positive semidefinite, and the k lowest eigenvalues of the right side sum
    up to at least ``sum_i min(values_i, beyond - t) - |R|^2 / t``. The best t is taken; with
    ``t = beyond - values_k`` this is the quadratic residual bound of Temple and Kato.
    """
    if not np.isfinite(beyond):
        return 0.0 if beyond > 0 else np.inf
    square = float(residuals @ residuals)
    t = np.concatenate([beyond - values, np.sqrt(square / np.arange(1, values.size + 1))])
    t = t[t > 0]
    short = np.maximum(values[:, None] - beyond + t, 0.0).sum(axis=0)
    return float((short + square / t).min())
