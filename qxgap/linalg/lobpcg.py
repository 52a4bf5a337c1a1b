"""scipy's block conjugate-gradient eigensolver, with a certificate that no level was missed."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import scipy.sparse.linalg
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator

from ..errors import InputError
from ..memory import require_memory
from .completeness import Completeness, check_completeness
from .counted import CountedOperator
from .deflation import solve_and_check
from .start import LOW_PART, START_NOISE
from .status import EigenStatus


@dataclass(frozen=True)
class Lobpcg:
    """Locally optimal block preconditioned conjugate gradients, with a certificate.

    Source: Knyazev, SIAM J. Sci. Comput. 23, 517 (2001); the implementation is scipy's. It sees
    clusters as a whole if the block holds them. It takes more products than Davidson's method,
    which searches a larger space, and several of them at once. The certificate that no level was
    missed is that of :mod:`qxgap.linalg.completeness`.

    Parameters
    ----------
    tol : float
        Residual asked for, relative to the norm bound; scipy's loop often stalls below 1e-9.
    padding : int
        Vectors in the block beyond those wanted.
    max_steps : int
        Iterations, each of one product per vector of the block that has not converged.
    max_repairs : int
        Deflated solves before the status says INCOMPLETE.
    failure_probability : float
        Probability, for each check, that it overlooks a level.
    """

    tol: float = 1e-8
    padding: int = 6
    max_steps: int = 2000
    max_repairs: int = 6
    failure_probability: float = 1e-8


def lobpcg(
    op: CountedOperator,
    k: int,
    method: Lobpcg,
    start: NDArray | None,
    diagonal: NDArray | None,
    rng: np.random.Generator,
) -> tuple[NDArray, float, EigenStatus]:
    """Lowest ``k`` vectors or more, (n, m), a bound of the levels beyond, and how it ended.

    Raises InputError where scipy's own turns to a dense solver: below five times the block.
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
        block *= START_NOISE / np.linalg.norm(block, axis=0)  # keeps the start independent
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
    """Values ascending, vectors and whether all but the padding converged."""
    shape = (op.n, op.n)
    linear = LinearOperator(shape, matvec=op, matmat=op.block, dtype=np.float64)
    tolerance = method.tol * op.norm
    with warnings.catch_warnings():
        # scipy warns of residuals above tol, which are judged here
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
