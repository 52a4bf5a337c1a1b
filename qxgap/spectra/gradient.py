"""The derivatives of the gap with respect to the problem's coefficients, by Hellmann-Feynman."""

from __future__ import annotations

import numpy as np

from ..annealing.accept import QubitsLike, as_qubits
from ..errors import InputError
from ..linalg.arrays import FloatArray
from ..linalg.methods import EigenMethod, require_method
from ..problem.bits import bit_of_qubit
from ..statistics.seeds import Seed
from .low_levels import lowest_levels
from .profile import level_tolerance, require_excited_level


def gap_gradient(
    H: QubitsLike, s: float, *, method: EigenMethod | None = None, seed: Seed = 0
) -> tuple[FloatArray, FloatArray]:
    """Compute the derivatives of ``E_g - E_0`` at s with respect to h_p and J_pq.

    They are ``B(s) (<n_p>_g - <n_p>_0)`` and ``B(s) (<n_p n_q>_g - <n_p n_q>_0)``, at a fixed g
    (Hellmann-Feynman). At the s of the minimum gap they are also those of the minimum gap, as its
    derivative by s vanishes.

    Parameters
    ----------
    H : AnnealHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Qubits in a transverse field, or a problem, to be annealed by the linear schedule.
    s : float
        Anneal fraction.
    method : Dense, Davidson, Lanczos or Lobpcg, optional
        The eigensolver; the default is Dense up to dimension 512 and Davidson beyond.
    seed : int, numpy.random.Generator or None
        Seed of its start vectors.

    Returns
    -------
    by_h : ndarray of float, shape (d,)
        Derivatives with respect to h, in qubit order.
    by_J : ndarray of float, shape (d, d)
        Derivatives with respect to J, in the strict upper triangle.

    Raises
    ------
    InputError
        If one of the two levels is degenerate at s, and so has no derivative.
    ConvergenceError
        If an eigen-solve may have missed a level.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.8], [[0.0, 0.5], [0.0, 0.0]])
    >>> by_h, by_J = qx.gap_gradient(problem, 0.9)
    >>> by_h.round(3).tolist(), round(float(by_J[0, 1]), 3)
    ([0.014, -0.731], -0.71)
    """
    H = as_qubits(H)
    require_method(method)
    require_excited_level(H)
    g, d = H.degeneracy, H.num_qubits
    A, B = map(float, H.schedule(s))
    if B == 0.0:
        return np.zeros(d), np.zeros((d, d))
    k = min(g + 2, H.dimension)
    levels, vectors = lowest_levels(H, A, B, k, method, seed)
    levels.require_converged()
    separated = np.diff(levels.values) > level_tolerance(H, levels)
    if not (separated[0] and separated[g - 1 :].all()):
        raise InputError(
            f"levels are degenerate at s = {s:g}, so the gap has no gradient there; give another s"
        )
    if vectors is None:  # at A = 0 they are computational states
        vectors = np.zeros((H.dimension, k))
        lowest = np.argpartition(H.diagonal, k - 1)[:k]
        vectors[lowest[np.argsort(H.diagonal[lowest])], np.arange(k)] = 1.0
    moments = _selections(vectors[:, g] ** 2 - vectors[:, 0] ** 2, d)
    return B * np.diag(moments).copy(), B * np.triu(moments, 1)


def _selections(weights: FloatArray, d: int) -> FloatArray:
    """Return ``sum_x weights[x] n_p(x) n_q(x)``, (d, d) upper triangle, in qubit order."""
    moments = np.zeros((d, d))
    for p in range(d):
        selected = weights.reshape(-1, 2, 1 << bit_of_qubit(p, d))[:, 1].ravel()
        moments[p, p] = selected.sum()
        # ``selected`` has no bit of p any more, but q has a smaller stride, which is unchanged
        for q in range(p + 1, d):
            moments[p, q] = selected.reshape(-1, 2, 1 << bit_of_qubit(q, d))[:, 1].sum()
    return moments
