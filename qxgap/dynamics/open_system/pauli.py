"""The rate equation of a long anneal in contact with a bath, stable for steps of any length."""

from __future__ import annotations

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from ...annealing.hamiltonian import AnnealHamiltonian
from ...errors import InputError
from ...problem.bits import index_to_bits
from ..methods import PAULI_FIRST_STEPS, IntegrationError, PauliMaster
from .baths import OhmicBath

MOST_RELAXED = 1e14
"""Largest product of a rate and the duration of a step. Beyond it, double precision leaves too few
digits."""

CHUNK = 1 << 22
"""Matrix elements that are in memory at a time."""


def relaxed_density(
    H: AnnealHamiltonian,
    tau: float,
    start: NDArray[np.complex128],
    baths: tuple[OhmicBath, ...],
    method: PauliMaster,
) -> tuple[NDArray[np.complex128], int]:
    """Return the final density matrix of an anneal, and the number of steps.

    Parameters
    ----------
    H : AnnealHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    start : ndarray of complex, shape (2^d,)
        Initial state.
    baths : tuple of OhmicBath
        Baths that each qubit is coupled to.
    method : PauliMaster
        Method of integration.

    Returns
    -------
    density : ndarray of complex, shape (2^d, 2^d)
        Final density matrix, which is diagonal in the levels of H(1).
    steps : int
        Time steps of the last run.

    Raises
    ------
    IntegrationError
        If the tolerance is not reached with the steps that ``method`` allows.
    """
    # Each run has twice the steps of the run before. Two runs give an extrapolation, and two
    # extrapolations a distance, so that the third run is the first that can end the loop.
    steps, distance = PAULI_FIRST_STEPS, np.inf
    coarse: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
    before: NDArray[np.float64] | None = None
    while steps <= method.max_steps:
        populations, vectors = _run(H, tau, start, baths, steps)
        if coarse is not None:
            best = _extrapolated(populations, vectors, *coarse)
            read = np.square(vectors) @ best
            if before is not None:
                distance = float(np.abs(read - before).sum() / 2)
                if distance <= method.tol:
                    return ((vectors * best) @ vectors.T).astype(np.complex128), steps
            before = read
        coarse, steps = (populations, vectors), 2 * steps
    raise IntegrationError(
        f"extrapolations of {steps // 2} and {steps // 4} steps differ by {distance:.2g}, "
        f"{method.tol:g} allowed; raise max_steps or tol"
    )


def _extrapolated(
    fine: NDArray[np.float64],
    vectors: NDArray[np.float64],
    coarse: NDArray[np.float64],
    coarse_vectors: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return populations without the error of first order, in the levels of the finer run.

    The populations of the coarser run are first transferred to these levels, ``vectors``. No
    population is reduced to less than its half, so that all stay positive or 0.
    """
    transferred = np.square(vectors.T @ coarse_vectors) @ coarse
    best = np.maximum(2.0 * fine - transferred, fine / 2.0)
    return np.asarray(best / best.sum())


def _run(
    H: AnnealHamiltonian,
    tau: float,
    start: NDArray[np.complex128],
    baths: tuple[OhmicBath, ...],
    steps: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Populations after the last step, and the levels at the middle of that step."""
    n = H.dimension
    z = 1.0 - 2.0 * index_to_bits(np.arange(n), H.num_qubits).T.astype(np.float64)
    middles = (np.arange(steps) + 0.5) / steps
    populations, vectors = np.empty(0), np.empty(0)
    for chunk in np.array_split(middles, max(1, steps * n * n // CHUNK)):
        energies, levels = np.linalg.eigh(_matrices(H, chunk))
        for level, relax in zip(
            levels, _relaxations(H, energies, levels, z, baths, tau / steps), strict=True
        ):
            if populations.size:  # from the levels of the step before to those of this step
                populations = np.square(level.T @ vectors) @ populations
            else:
                populations = np.square(np.abs(level.T @ start))
            populations, vectors = relax @ populations, level
    return populations, vectors


def _matrices(H: AnnealHamiltonian, s: NDArray[np.float64]) -> NDArray[np.float64]:
    """H at each of m fractions s, shape (m, 2^d, 2^d)."""
    A, B = H.schedule(s)
    matrices = A[:, None, None] * H.driver_matrix().toarray()
    diagonal = np.arange(H.dimension)
    matrices[:, diagonal, diagonal] += B[:, None] * H.diagonal
    return matrices


def _relaxations(
    H: AnnealHamiltonian,
    energies: NDArray[np.float64],
    levels: NDArray[np.float64],
    z: NDArray[np.float64],
    baths: tuple[OhmicBath, ...],
    duration: float,
) -> NDArray[np.float64]:
    """Transition matrices of the populations in ``duration`` at constant H, shape (m, 2^d, 2^d)."""
    w = H.schedule.angular * (energies[:, None, :] - energies[:, :, None])
    rates = sum(bath.rate(w, H.schedule) for bath in baths)
    transposed = np.swapaxes(levels, 1, 2)
    coupled = sum(np.square(transposed @ (one[:, None] * levels)) for one in z)
    generators = coupled * rates * duration
    diagonal = np.arange(H.dimension)
    generators[:, diagonal, diagonal] = 0.0
    generators[:, diagonal, diagonal] = -generators.sum(axis=1)
    if generators.min() < -MOST_RELAXED:
        raise InputError(
            "tau is too long for PauliMaster: the bath relaxes the qubits more than "
            f"{MOST_RELAXED:g} times over in one step, which double precision does not resolve. "
            "Shorten tau, or take the equilibrium, gibbs(H, s, temperature)"
        )
    return np.asarray(scipy.linalg.expm(generators))
