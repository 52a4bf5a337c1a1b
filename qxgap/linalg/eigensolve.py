"""Compute the lowest eigenpairs of a real symmetric operator by any of the eigensolvers.

The functions know nothing about annealing: they need an operator, a number of levels and a method.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator

from ..checks import kind_of, require_number, require_whole
from ..errors import InputError
from ..memory import require_memory
from ..statistics.seeds import Seed, random_generator
from .arrays import Array, Arrays, CountedOperator, FloatArray, length, to_numpy
from .davidson import Problem, davidson
from .eigenpairs import Eigenpairs, EigenStatus, deficit_of_sum, rounding_error
from .lanczos import lanczos
from .lobpcg import lobpcg
from .methods import Davidson, Dense, EigenMethod, Lanczos, Lobpcg, default_method, require_method
from .subspace import START_NOISE

LARGEST_NORM = 1e75
"""Largest norm of an operator: error bounds take squares of energies, and laws of crossings take
fourth powers, which must not overflow."""


def lowest_eigenpairs(
    op: LinearOperator,
    k: int,
    method: EigenMethod | None = None,
    *,
    norm_bound: float,
    seed: Seed = 0,
    diagonal: NDArray | None = None,
    start: NDArray | None = None,
) -> Eigenpairs:
    """Compute the lowest ``k`` eigenpairs of a real symmetric operator, and check them.

    Parameters
    ----------
    op : scipy.sparse.linalg.LinearOperator
        A real symmetric operator of shape (n, n).
    k : int
        Number of eigenpairs.
    method : Dense, Davidson, Lanczos or Lobpcg, optional
        The eigensolver. The default is Dense up to n = 512 or n = 2 k, and Davidson beyond.
    norm_bound : float
        An upper bound of the operator's 2-norm. It sets the scale of rounding and tolerances.
    seed : int, numpy.random.Generator or None
        Seed of the random start vectors. It affects the last digits only; the default is fixed, so
        that equal calls give equal digits.
    diagonal : ndarray of float, shape (n,), optional
        Diagonal of the operator, with which Davidson and Lobpcg precondition.
    start : ndarray of float, shape (n, m), optional
        Guesses, such as the vectors of a nearby operator. They save products and do not change the
        result beyond the tolerance.

    Returns
    -------
    Eigenpairs
        Ritz values and vectors with error bounds; its ``status`` says whether they are complete.

    Raises
    ------
    InputError
        If ``op`` is not a real square operator, if k lies outside 1 to n, if ``norm_bound`` is not
        positive and finite, if arrays have the wrong shape, or if the method names a device, on
        which a scipy operator cannot run.
    MemoryLimitError
        If the work space does not fit in memory.

    Examples
    --------
    >>> import numpy as np
    >>> import qxgap as qx
    >>> from scipy.sparse.linalg import aslinearoperator
    >>> matrix = np.array([[2.0, -1.0, 0.0], [-1.0, 2.0, -1.0], [0.0, -1.0, 2.0]])
    >>> pairs = qx.lowest_eigenpairs(aslinearoperator(matrix), 2, norm_bound=4.0)
    >>> pairs.values.round(4).tolist(), pairs.status.name, pairs.method
    ([0.5858, 2.0], 'CONVERGED', Dense())
    """
    n = _dimension(op)
    require_whole(k, "k", "the number of eigenpairs")
    if not 1 <= k <= n:
        raise InputError(f"{k} levels of an operator of dimension {n} do not exist; give 1 to {n}")
    require_number(norm_bound, "norm_bound", "an upper bound of the operator's 2-norm, above 0")
    if not 0 < norm_bound <= LARGEST_NORM:
        raise InputError(
            f"norm_bound = {norm_bound}; give an upper bound of the operator's 2-norm, above 0 and "
            f"at most {LARGEST_NORM:g} (divide larger operators by a number)"
        )
    require_method(method)
    diagonal, start = _checked(diagonal, start, n)
    method = method or default_method(n, k)
    counted = CountedOperator.returning(op.matvec, n, norm_bound)
    rng = random_generator(seed)
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
        _require_host(method)
        require_memory(method.num_bytes(n, k), f"a Davidson basis of dimension {n}")
        problem = Problem(counted, diagonal, method, rng)
        rows, beyond, status = davidson(problem, k, None if start is None else iter(start.T))
        vectors = rows.T
    return rayleigh_ritz(counted, vectors, k, beyond, status, method)


def _require_host(method: Davidson) -> None:
    """Raise InputError if the method names a device, where only qubits can be solved."""
    if method.device is not None:
        raise InputError(
            f"device {method.device!r} needs qubits in a transverse field and Davidson's method; "
            "leave out the device"
        )


def _dimension(op: Any) -> int:
    """Return the dimension of a real square operator; raise InputError for anything else."""
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
    """Return diagonal and start as float64 arrays; raise InputError for wrong shapes or values."""
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
    """Return ``value`` as an array of numbers; raise InputError if it is none."""
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} is {kind_of(value)}; give an array of numbers") from error


def _dense(
    op: CountedOperator, k: int, matrix: NDArray | None
) -> tuple[NDArray, float, EigenStatus]:
    """Diagonalize the operator's matrix, which is made from n products if it is not known.

    It counts as n products in both cases. Returns the vectors (n, k), a lower bound of the other
    levels, and the status.
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


def rayleigh_ritz(
    op: CountedOperator,
    vectors: Array,
    k: int,
    beyond: float,
    status: EigenStatus,
    method: EigenMethod,
) -> Eigenpairs:
    """Diagonalize the operator in the span of ``vectors``, and bound the errors of the lowest k.

    ``vectors`` are (n, m) of the operator's kind of array, and so are those of the result.
    ``beyond`` bounds the levels outside their span from below.
    """
    arrays = op.arrays
    rows = _orthonormal(_orthonormal(vectors.T, arrays), arrays)
    images = arrays.xp.stack([op(row) for row in rows])
    small = to_numpy(rows @ images.T)
    values, rotation = np.linalg.eigh((small + small.T) / 2)
    weights = arrays.array(rotation.T)
    rows, images = weights @ rows, weights @ images
    pairs = zip(values, rows, images, strict=True)
    residuals = np.array([length(image - float(value) * row) for value, row, image in pairs])
    return bounded_pairs(op, values, rows, residuals, k, beyond, status, method)


def bounded_pairs(
    op: CountedOperator,
    values: FloatArray,
    rows: Array,
    residuals: FloatArray,
    k: int,
    beyond: float,
    status: EigenStatus,
    method: EigenMethod,
) -> Eigenpairs:
    """Return the lowest k of some Ritz pairs, with bounds of their errors.

    ``values`` are ascending, ``rows`` (m, n) orthonormal, and ``residuals`` the norms without the
    rounding error of a product. ``beyond`` bounds the levels outside the span of all from below.
    """
    rounding = rounding_error(op.n, op.norm)
    residuals = residuals + rounding
    if values.size > k:
        # the levels beyond the k lowest: first those of the span, within their residuals
        beyond = min(float(values[k]), beyond) - float(np.linalg.norm(residuals[k:]))
    values, rows, residuals = values[:k], rows[:k], residuals[:k]
    deficit = deficit_of_sum(values, residuals, beyond) + 2 * k * rounding
    return Eigenpairs(values, rows.T, residuals, beyond, deficit, op.count, status, method)


def _orthonormal(rows: Array, arrays: Arrays) -> Array:
    """Orthonormalize independent ``rows`` by the Cholesky factor of their products.

    The error is the rounding error times the square of their condition number. So two calls make
    even rows orthonormal that are far from it, for numpy arrays and torch tensors.
    """
    inverse = np.linalg.inv(np.linalg.cholesky(to_numpy(rows @ rows.T)))
    return arrays.array(inverse) @ rows
