"""The lowest levels of H = A H_D + B H_P at one point, ready for bracketing.

At the ends of an anneal of qubits, where one of A and B is zero, levels and expectations are known
in closed form: computational states at A = 0, and at B = 0 the states of d independent spins in the
driver's field, each of which has ``<H_P>`` equal to the mean of the diagonal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import aslinearoperator

from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.protocol import Hamiltonian as Hamiltonian
from ..errors import InputError
from ..linalg.arrays import Array, Precision
from ..linalg.davidson import Davidson
from ..linalg.eigen import (
    LARGEST_NORM,
    Dense,
    EigenMethod,
    default_method,
    lowest_eigenpairs,
    rounding_error,
)
from ..linalg.status import EigenStatus
from .framed import Engines, HostEngine, framed_pairs


@dataclass(frozen=True, eq=False)
class Levels:
    """Lowest levels at strengths (A, B).

    Attributes
    ----------
    values : (k,) ascending, without the problem's offset.
    residuals : (k,) each level lies within the 2-norm of these of its value.
    deficit : the sum of the k lowest levels is at least ``values.sum() - deficit``.
    beyond : lower bound of the levels above these, as far as the completeness check can tell.
    driver, problem : (k,) expectations of H_D and H_P in orthonormal states that span the levels,
        so that ``a driver[0] + b problem[0]`` bounds the ground energy at *any* (a, b) from above.
    matvecs : operator applications; zero in closed form.
    """

    A: float
    B: float
    values: NDArray[np.float64]
    residuals: NDArray[np.float64]
    deficit: float
    beyond: float
    driver: NDArray[np.float64]
    problem: NDArray[np.float64]
    matvecs: int
    status: EigenStatus


def lowest_levels(
    H: Hamiltonian,
    A: float,
    B: float,
    k: int,
    method: EigenMethod | None = None,
    seed: int | np.random.Generator = 0,
    start: Array | None = None,
    engines: Engines | None = None,
) -> tuple[Levels, Array | None]:
    """Lowest ``k`` levels of ``A H_D + B H_P``, A, B >= 0, not both zero, and their vectors.

    The vectors, (n, k), are None where the levels are known in closed form. ``start`` are vectors
    at nearby strengths, which save work. ``engines``, of qubits and for Davidson's method, tell
    where it runs; the vectors are of their kind.
    """
    if A == 0.0:
        lowest = np.argpartition(H.diagonal, k - 1)[:k]
        lowest = lowest[np.argsort(H.diagonal[lowest])]
        return _closed_form(H, A, B, H.driver_diagonal[lowest], H.diagonal[lowest]), None
    if B == 0.0 and isinstance(H, AnnealHamiltonian):
        excitation = np.sort(_subset_sums(2.0 * H.driver_weights, k))
        driver = excitation - H.driver_weights.sum()
        return _closed_form(H, A, B, driver, np.full(k, H.diagonal.mean())), None
    norm = H.norm_bound(A, B)
    if not norm <= LARGEST_NORM:
        raise InputError(
            f"the energies of H reach {norm:.3g}; powers of more than {LARGEST_NORM:g} overflow: "
            "divide h and J by their largest coefficient"
        )
    method = method or default_method(H.dimension, k)
    if isinstance(H, AnnealHamiltonian) and isinstance(method, Davidson):
        host = HostEngine(H)
        engines = engines or Engines(host, host)
        pairs = framed_pairs(H, engines, A, B, k, method, seed, start)
        apply, diagonal = engines.exact.apply, engines.exact.diagonal
    else:
        pairs = lowest_eigenpairs(
            aslinearoperator(H.to_dense(A, B))
            if isinstance(method, Dense)
            else H.to_linear_operator(A, B),
            k,
            method,
            norm_bound=norm,
            seed=seed,
            diagonal=A * H.driver_diagonal + B * H.diagonal,
            start=start,
        )
        apply, diagonal = H.apply, H.diagonal
    columns = list(pairs.vectors.T)
    driver = np.array([float(column @ apply(1.0, 0.0, column)) for column in columns])
    problem = np.array([float((column * column) @ diagonal) for column in columns])
    levels = Levels(
        A=A,
        B=B,
        values=pairs.values,
        residuals=pairs.residuals,
        deficit=pairs.deficit,
        beyond=pairs.beyond,
        driver=driver,
        problem=problem,
        matvecs=pairs.matvecs + k,
        status=pairs.status,
    )
    return levels, pairs.vectors


def engines_on(
    H: Hamiltonian, device: str | None, precision: Precision, method: EigenMethod | None
) -> Engines | None:
    """Engines on ``device``; None without one, and where H is small enough for a dense solve.

    Raises
    ------
    InputError : for a device that is not there or not needed by ``method``, or single precision
        without one.
    MemoryLimitError : if the Hamiltonian does not fit there.
    """
    if device is None:
        if precision is Precision.SINGLE:
            raise InputError("single precision needs a device; name one: cuda or cpu")
        return None
    from ..annealing.torch_device import require_device
    from .device import device_engines

    require_device(device)
    if not isinstance(H, AnnealHamiltonian) or not isinstance(method or Davidson(), Davidson):
        raise InputError(
            f"device {device!r} needs qubits in a transverse field and Davidson's method; "
            "leave out the device"
        )
    small = isinstance(method or default_method(H.dimension, H.degeneracy + 1), Dense)
    return None if small else device_engines(H, device, precision)


def _closed_form(H: Hamiltonian, A: float, B: float, driver: NDArray, problem: NDArray) -> Levels:
    k, values = driver.size, A * driver + B * problem
    rounding = rounding_error(H.dimension, H.norm_bound(A, B))
    return Levels(
        A=A,
        B=B,
        values=values,
        residuals=np.full(k, rounding),
        deficit=2 * k * rounding,
        beyond=float(values[-1]),
        driver=driver,
        problem=problem,
        matvecs=0,
        status=EigenStatus.CONVERGED,
    )


def _subset_sums(weights: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    """Return the ``k`` smallest sums over subsets of non-negative ``weights``."""
    sums = np.zeros(1)
    for weight in weights:
        sums = np.sort(np.concatenate([sums, sums + weight]))[:k]
    return sums
