"""scipy's block conjugate-gradient eigensolver, with a certificate that no level was missed."""

from __future__ import annotations

import warnings

import numpy as np
import scipy.sparse.linalg
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator

from ..errors import InputError
from ..memory import require_memory
from .arrays import CountedOperator
from .completeness import Completeness, check_completeness
from .deflation import solve_and_check
from .eigenpairs import EigenStatus
from .methods import Lobpcg
from .subspace import LOW_PART, START_NOISE


def lobpcg(
    op: CountedOperator,
    k: int,
    method: Lobpcg,
    start: NDArray | None,
    diagonal: NDArray | None,
    rng: np.random.Generator,
) -> tuple[NDArray, float, EigenStatus]:
    """Compute the lowest ``k`` vectors or more, (n, m).

    Returns the vectors, a lower bound of the levels beyond them, and how the solve ended. Raises
    InputError below a dimension of five times the block, where scipy's function would turn to a
    dense solver.
    """
    if op.n < 5 * (k + method.padding):
        raise InputError(
            f"a block of {k + method.padding} vectors is too large for dimension {op.n}; "
            "use Dense()"
        )
    require_memory(8 * op.n * 8 * (k + method.padding), f"LOBPCG blocks of dimension {op.n}")
    inverse, tolerance = None, method.tol * op.norm
    if diagonal is not None:
        inverse = 1.0 / (diagonal - diagonal.min() + LOW_PART * op.norm)

    def solve(
        count: int, begin: NDArray, deflated: NDArray | None
    ) -> tuple[NDArray, NDArray, bool]:
        block = rng.normal(size=(op.n, count))
        block *= START_NOISE / np.linalg.norm(block, axis=0)  # keeps the columns independent
        block[:, : begin.shape[1]] += begin[:, :count]
        return _scipy(op, block, method, inverse, deflated)

    def certificate(vectors: NDArray, values: NDArray) -> Completeness:
        return check_completeness(
            op,
            np.ascontiguousarray(vectors.T),
            values,
            values[k - 1] - tolerance,
            separation=max(float(values[-1] - values[k - 1]), tolerance),
            diagonal=diagonal,
            failure_probability=method.failure_probability,
            rng=rng,
        )

    begin = np.empty((op.n, 0)) if start is None else start
    return solve_and_check(
        op,
        k,
        solve,
        begin,
        padding=method.padding,
        tolerance=tolerance,
        max_repairs=method.max_repairs,
        rng=rng,
        certificate=certificate,
    )


def _scipy(
    op: CountedOperator,
    block: NDArray,
    method: Lobpcg,
    inverse: NDArray | None,
    deflated: NDArray | None,
) -> tuple[NDArray, NDArray, bool]:
    """Return the values, ascending, the vectors, and whether all but the padding converged."""
    shape = (op.n, op.n)
    linear = LinearOperator(
        shape, matvec=lambda v: op(v.ravel()), matmat=op.block, dtype=np.float64
    )
    tolerance = method.tol * op.norm
    with warnings.catch_warnings():
        # scipy warns of residuals above tol; they are examined below
        warnings.simplefilter("ignore", UserWarning)
        values, vectors = scipy.sparse.linalg.lobpcg(
            linear,
            block,
            M=None if inverse is None else scipy.sparse.diags_array(inverse),
            Y=deflated,
            tol=tolerance,
            maxiter=method.max_steps,
            largest=False,
        )
    order = np.argsort(values)
    values, vectors = values[order], vectors[:, order]
    if deflated is not None:
        vectors -= deflated @ (deflated.T @ vectors)
    residual = op.block(vectors) - vectors * values
    if deflated is not None:
        residual -= deflated @ (deflated.T @ residual)
    wanted = max(values.size - method.padding, 1)
    norms = np.linalg.norm(residual, axis=0)[:wanted]
    return values, vectors, bool(np.all(norms <= 2 * tolerance))
