"""The initial state of an anneal."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..annealing.accept import QubitHamiltonian
from ..errors import InputError
from ..observables.populations import levels_between_ends
from ..problem.bits import bits_to_index
from ..statistics.seeds import Seed

Initial = ArrayLike | Mapping[Hashable, int]
"""Amplitudes (2^d,), occupations (d,) in qubit order, or occupations by label."""

NORM_TOLERANCE = 1e-9
"""Largest deviation from 1 of the norm of an initial state that is accepted."""


def starting_state(
    H: QubitHamiltonian, initial: Initial | None = None, seed: Seed = 0
) -> NDArray[np.complex128]:
    """Return the initial state as amplitudes (2^d,); by default the ground state of H(0).

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    initial : array_like or mapping, optional
        Amplitudes (2^d,), occupations (d,) in qubit order, or occupations by label.
    seed : int, numpy.random.Generator or None
        Seed of the eigensolver, where the ground state of H(0) must be computed.

    Raises
    ------
    InputError
        For another shape, a norm that is not 1, occupations other than 0 and 1, and labels that are
        missing or unknown.
    """
    if initial is None:
        return initial_state(H, seed)
    if isinstance(initial, Mapping):
        return _basis_state(H, _in_qubit_order(H, initial))
    values = np.asarray(initial)
    if values.shape == (H.num_qubits,):
        return _basis_state(H, values)
    if values.shape != (H.dimension,):
        raise InputError(
            f"the initial state has shape {values.shape}; give ({H.dimension},) amplitudes, "
            f"({H.num_qubits},) occupations, or occupations by label"
        )
    state, norm = values.astype(np.complex128), float(np.linalg.norm(values))
    if not abs(norm - 1.0) <= NORM_TOLERANCE:
        raise InputError(f"the initial state has norm {norm:.12g}; normalize it to 1")
    return state / norm


def initial_state(H: QubitHamiltonian, seed: Seed = 0) -> NDArray[np.complex128]:
    """Return the ground state of H(0), (2^d,): the uniform state for B(0) = 0, else computed.

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    seed : int, numpy.random.Generator or None
        Seed of the eigensolver.

    Raises
    ------
    InputError
        For A(0) = 0, because the anneal would then begin in the ground states of the problem.
    ConvergenceError
        If the eigensolver fails.
    """
    _, A, B = H.at(0.0)
    if A == 0.0:
        raise InputError(
            f"schedule {H.schedule.name!r} starts with A(0) = 0: a reverse anneal needs an initial "
            "state. Give initial=, or use a schedule with A(0) > 0"
        )
    if B == 0.0:
        # one number, which stands for all amplitudes: a device makes the state from it
        return np.broadcast_to(np.complex128(H.dimension**-0.5), (H.dimension,))
    _, vectors = levels_between_ends(H, 0.0, 1, seed)
    return np.abs(vectors[:, 0]).astype(np.complex128)


def _in_qubit_order(H: QubitHamiltonian, initial: Mapping[Hashable, int]) -> NDArray:
    """Occupations (d,) in qubit order, of occupations by label."""
    labels = H.problem.labels
    wrong = set(labels) ^ set(initial)
    if wrong:
        raise InputError(
            f"initial occupations: label {next(iter(wrong))!r} is missing or unknown; give one for "
            f"each of the {H.num_qubits} variables"
        )
    return np.array([initial[label] for label in labels])


def _basis_state(H: QubitHamiltonian, occupations: NDArray) -> NDArray[np.complex128]:
    """Amplitudes (2^d,) of the computational state with these occupations (d,)."""
    if not np.all(np.isin(occupations, (0, 1))):
        raise InputError(f"initial occupations {occupations.tolist()} must all be 0 or 1")
    state = np.zeros(H.dimension, dtype=np.complex128)
    state[bits_to_index(occupations)] = 1.0
    return state
