"""Which coefficients of the problem the gap depends on: its gradient by Hellmann-Feynman."""

from __future__ import annotations

import numpy as np

from ..annealing.accept import QubitsLike, as_qubits
from ..errors import InputError
from ..linalg.eigen import EigenMethod, require_method
from ..problem.bits import bit_of_qubit
from .levels import lowest_levels
from .profile import Array, level_tolerance, require_converged, require_excited_level


def gap_gradient(
    H: QubitsLike, s: float, *, method: EigenMethod | None = None, seed: int = 0
) -> tuple[Array, Array]:
    """Derivatives of ``E_g - E_0`` at s by h_p and by J_pq (Hellmann-Feynman).

    ``B(s) (<n_p>_g - <n_p>_0)`` and ``B(s) (<n_p n_q>_g - <n_p n_q>_0)``, at a fixed g. At the s of
    the minimum gap they are also those of the minimum gap, as its derivative by s vanishes.

    Returns
    -------
    (d,), and (d, d) strict upper triangle, in qubit order.

    Raises
    ------
    InputError : if one of the two levels is degenerate at s, and so has no derivative.
    ConvergenceError : if an eigen-solve may have missed a level.
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
    require_converged(levels.status)
    apart = np.diff(levels.values) > level_tolerance(H, levels)
    if not (apart[0] and apart[g - 1 :].all()):
        raise InputError(f"levels are degenerate at s = {s:g}; the gap has no gradient there")
    if vectors is None:
        vectors = np.zeros((H.dimension, k))
        lowest = np.argpartition(H.diagonal, k - 1)[:k]
        vectors[lowest[np.argsort(H.diagonal[lowest])], np.arange(k)] = 1.0
    moments = _selections(vectors[:, g] ** 2 - vectors[:, 0] ** 2, d)
    return B * np.diag(moments).copy(), B * np.triu(moments, 1)


def _selections(weights: Array, d: int) -> Array:
    """(d, d) upper triangle of ``sum_x weights[x] n_p(x) n_q(x)``, qubit order."""
    moments = np.zeros((d, d))
    for p in range(d):
        chosen = weights.reshape(-1, 2, 1 << bit_of_qubit(p, d))[:, 1].ravel()
        moments[p, p] = chosen.sum()
        for q in range(p + 1, d):  # the stride of q is below that of p, whose bit is gone
            moments[p, q] = chosen.reshape(-1, 2, 1 << bit_of_qubit(q, d))[:, 1].sum()
    return moments
