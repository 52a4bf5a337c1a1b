"""The state an anneal begins in."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..annealing.hamiltonian import AnnealHamiltonian
from ..errors import InputError
from ..linalg.status import ConvergenceError, EigenStatus
from ..problem.bits import bits_to_index
from ..spectra.levels import lowest_levels

Initial = ArrayLike | Mapping[Hashable, int]
"""Amplitudes (2^d,), occupations (d,) in qubit order, or occupations by label."""

NORM_TOLERANCE = 1e-9


def starting_state(
    H: AnnealHamiltonian, initial: Initial | None = None, seed: int = 0
) -> NDArray[np.complex128]:
    """Return ``initial`` as amplitudes (2^d,); by default the ground state of H(0).

    Raises
    ------
    InputError : for another shape, a norm that is not 1, occupations other than 0 and 1, labels
        that are missing or unknown.
    """
    if initial is None:
        return initial_state(H, seed)
    if isinstance(initial, Mapping):
        return _computational(H, _by_label(H, initial))
    given = np.asarray(initial)
    if given.shape == (H.num_qubits,):
        return _computational(H, given)
    if given.shape != (H.dimension,):
        raise InputError(
            f"the initial state has shape {given.shape}; give ({H.dimension},) amplitudes, "
            f"({H.num_qubits},) occupations, or occupations by label"
        )
    state, norm = given.astype(np.complex128), float(np.linalg.norm(given))
    if not abs(norm - 1.0) <= NORM_TOLERANCE:
        raise InputError(f"the initial state has norm {norm:.12g}; normalize it to 1")
    return state / norm


def initial_state(H: AnnealHamiltonian, seed: int = 0) -> NDArray[np.complex128]:
    """Ground state of H(0), (2^d,): uniform for B(0) = 0, else computed.

    Raises InputError for A(0) = 0, where the problem's ground states would be the start, and
    ConvergenceError if the eigensolver fails.
    """
    A, B = map(float, H.schedule(0.0))
    if A == 0.0:
        raise InputError(
            f"schedule {H.schedule.name!r} starts with A(0) = 0: a reverse anneal needs an initial "
            "state. Give initial=, or use a schedule with A(0) > 0"
        )
    if B == 0.0:
        return np.full(H.dimension, H.dimension**-0.5, dtype=np.complex128)
    levels, vectors = lowest_levels(H, A, B, 1, seed=seed)
    if vectors is None or levels.status is not EigenStatus.CONVERGED:
        raise ConvergenceError(f"initial state: {levels.status.value}")
    return np.abs(vectors[:, 0]).astype(np.complex128)


def _by_label(H: AnnealHamiltonian, initial: Mapping[Hashable, int]) -> NDArray:
    labels = H.problem.labels
    wrong = set(labels) ^ set(initial)
    if wrong:
        raise InputError(
            f"initial occupations: label {next(iter(wrong))!r} is missing or unknown; give one for "
            f"each of the {H.num_qubits} variables"
        )
    return np.array([initial[label] for label in labels])


def _computational(H: AnnealHamiltonian, occupations: NDArray) -> NDArray[np.complex128]:
    if not np.all(np.isin(occupations, (0, 1))):
        raise InputError(f"initial occupations {occupations.tolist()} must all be 0 or 1")
    state = np.zeros(H.dimension, dtype=np.complex128)
    state[bits_to_index(occupations)] = 1.0
    return state
