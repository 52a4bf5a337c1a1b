"""Compute the levels and states along an anneal."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...annealing.accept import QubitsLike, as_qubits
from ...annealing.hamiltonian import AnnealHamiltonian
from ...checks import require_whole
from ...errors import InputError
from ...memory import require_memory
from ...spectra.gap import minimum_gap
from ...spectra.low_levels import LevelSolver
from ...spectra.profile import require_excited_level
from ...statistics.seeds import Seed, integer_seed
from ..methods import SplitOperator
from ..reach import anneal_times
from ..solve import anneal
from .result import AnnealCourse

GRID = 101
"""Number of evenly spaced anneal fractions, beside those of the search for the minimum gap."""

Array = NDArray[np.float64]


def anneal_course(
    H: QubitsLike,
    tau: ArrayLike | None = None,
    s: ArrayLike | None = None,
    *,
    levels: int = 6,
    method: SplitOperator | None = None,
    seed: Seed = 0,
) -> AnnealCourse:
    """Compute levels and ground state along an anneal, and the annealed state for anneal times.

    The result shows in a notebook, with a slider over s, how the ground state changes, where the
    gap is small, and where an anneal that is too fast leaves the ground state.

    Parameters
    ----------
    H : AnnealHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Hamiltonian; a problem is given the linear schedule and the driver ``-sum sigma_x``.
    tau : float or array_like of float, shape (t,), optional
        Anneal times; without them only levels and ground state are computed.
    s : array_like of float, shape (n,), optional
        Anneal fractions; by default 101 that are evenly spaced, and those where the search for the
        minimum gap looked.
    levels : int, optional
        Number of lowest levels; a problem with several ground states is given more if needed.
    method : SplitOperator, optional
        Method of integration; by default ``SplitOperator()``.
    seed : int, numpy.random.Generator or None, optional
        Seed of the eigensolver.

    Returns
    -------
    AnnealCourse
        Levels, probabilities of the basis states, and populations at every s.

    Raises
    ------
    InputError
        For fractions outside [0, 1], fewer than two levels, and a problem whose states all have one
        energy, so that it has no gap.
    MemoryLimitError
        If the probabilities of the basis states do not fit in memory.
    ConvergenceError, IntegrationError
        As :func:`qxgap.minimum_gap` and :func:`qxgap.anneal`.

    Examples
    --------
    >>> import qxgap as qx
    >>> course = qx.anneal_course(qx.QuboProblem([-1.0], [[0.0]]), tau=5.0)
    >>> print(course)
    The gap is smallest at s = 0.81, where it is 0.89.
    An anneal of time 5 succeeds with probability 0.89.
    """
    H, seed = as_qubits(H), integer_seed(seed)
    require_excited_level(H)
    require_whole(levels, "levels", "the number of levels")
    if levels < 2:
        raise InputError(f"levels = {levels}; a gap needs at least 2")
    taus = np.array([] if tau is None else anneal_times(tau), dtype=np.float64)
    points = 2 * GRID if s is None else np.size(s)
    require_memory(
        8 * points * (1 + H.problem.degeneracy + taus.size) << H.num_qubits,
        f"the probabilities of the states of {H.num_qubits} qubits at {points} anneal fractions",
    )
    minimum = minimum_gap(H, seed=seed)
    evenly = np.union1d(np.linspace(0.0, 1.0, GRID), minimum.s)
    fractions = evenly if s is None else np.unique(np.asarray(s, dtype=np.float64))
    number = min(max(levels, H.problem.degeneracy + 1), H.dimension)
    energies, ground, lowest = _levels(H, fractions, number, seed)
    annealed = np.zeros((taus.size, fractions.size, H.dimension))
    populations = np.zeros((taus.size, fractions.size))
    for i, time in enumerate(taus.tolist()):
        states = _states(H, time, fractions, method)
        annealed[i] = np.abs(states) ** 2
        for j, basis in enumerate(lowest):
            populations[i, j] = np.sum(np.abs(basis.T @ states[j]) ** 2)
    return AnnealCourse(
        H.problem, minimum, fractions, energies, ground, taus, annealed, populations
    )


def _states(
    H: AnnealHamiltonian, tau: float, s: Array, method: SplitOperator | None
) -> NDArray[np.complex128]:
    """Return the state after each fraction s of an anneal, shape (n, 2^d)."""
    seen: list[NDArray[np.complex128]] = []
    anneal(H, tau, method, at=s, callback=lambda _, state: seen.append(np.array(state)))
    return np.array(seen)


def _levels(H: AnnealHamiltonian, s: Array, k: int, seed: int) -> tuple[Array, Array, list[Array]]:
    """Return energies (n, k), ground probabilities (n, 2^d), and the lowest vectors of each s."""
    solver, degeneracy = LevelSolver(H, None, seed), H.problem.degeneracy
    energies, ground, lowest, start = [], [], [], None
    for A, B in np.stack(H.schedule(s), axis=1).tolist():
        levels, vectors = solver.solve(A, B, k, start)
        levels.require_converged()
        energies.append(levels.values)
        if vectors is not None:
            start = vectors
            lowest.append(vectors[:, :degeneracy])
            ground.append(vectors[:, 0] ** 2)
        elif A == 0.0:  # the levels are basis states
            final = np.eye(H.dimension)[:, H.problem.ground_indices]
            lowest.append(final)
            ground.append(final.mean(axis=1))
        else:  # B = 0: every qubit lies along x
            lowest.append(np.full((H.dimension, 1), H.dimension**-0.5))
            ground.append(np.full(H.dimension, 1.0 / H.dimension))
    return np.array(energies), np.array(ground), lowest
