"""How much of a state is in each of the lowest levels of H(s)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..annealing.accept import QubitsLike, as_qubits
from ..errors import InputError
from ..linalg.status import ConvergenceError, EigenStatus
from ..problem.diagonal import quadratic_form_diagonal
from ..spectra.levels import lowest_levels


@dataclass(frozen=True, eq=False)
class Populations:
    """Weights on eigenstates of H(s).

    Attributes
    ----------
    s : anneal fraction.
    energies, weights : (k,) lowest levels in the unit of the schedule, without the problem's
        offset, and the weight on each. Among equal energies only the sum of weights has a meaning.
    """

    s: float
    energies: NDArray[np.float64]
    weights: NDArray[np.float64]


def level_populations(
    H: QubitsLike, s: float, state: ArrayLike, k: int, seed: int = 0
) -> Populations:
    """Populations of the ``k`` lowest eigenstates of H(s) in ``state``, (2^d,).

    Raises InputError for k outside [1, 2^d] and a state of another shape, ConvergenceError if the
    eigensolver fails.
    """
    H = as_qubits(H)
    psi = np.asarray(state, dtype=np.complex128)
    if not 1 <= k <= H.dimension:
        raise InputError(f"levels = {k} lies outside [1, {H.dimension}]")
    if psi.shape != (H.dimension,):
        raise InputError(f"the state has shape {psi.shape}; it takes ({H.dimension},)")
    A, B = map(float, H.schedule(s))
    if A == 0.0:
        return _of_basis_states(s, B * H.diagonal, psi, k)
    if B == 0.0:
        fields = 2.0 * H.driver.weights(H.num_qubits)
        excitations = quadratic_form_diagonal(fields, np.diag(0.0 * fields), 0.0)
        lowest = -float(H.driver_weights.sum())
        return _of_basis_states(s, A * (excitations + lowest), hadamard(psi), k)
    levels, vectors = lowest_levels(H, A, B, k, seed=seed)
    if vectors is None or levels.status is not EigenStatus.CONVERGED:
        raise ConvergenceError(f"levels at s = {s:g}: {levels.status.value}")
    return Populations(float(s), levels.values, np.abs(vectors.T @ psi) ** 2)


def _of_basis_states(s: float, energies: NDArray, psi: NDArray, k: int) -> Populations:
    lowest = np.argsort(energies, kind="stable")[:k]
    return Populations(float(s), energies[lowest], np.abs(psi[lowest]) ** 2)


def hadamard(psi: NDArray) -> NDArray:
    """Amplitudes (2^d,) in the basis of the driver, where bit 0 is sigma_x = 1; its own inverse."""
    run = 1
    while run < psi.size:
        pairs = psi.reshape(-1, 2, run)
        psi = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], axis=1).ravel()
        run *= 2
    return psi / np.sqrt(psi.size)
