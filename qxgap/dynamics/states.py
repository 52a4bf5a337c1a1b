"""The initial state of an anneal, and the populations of the levels of H(s) in a state."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..annealing.accept import QubitsLike, as_qubits
from ..annealing.hamiltonian import AnnealHamiltonian
from ..digits import fraction
from ..errors import InputError
from ..problem.bits import bits_to_index
from ..problem.diagonal import quadratic_form_diagonal
from ..results import Result, plain
from ..spectra.low_levels import lowest_levels
from ..statistics.seeds import Seed, random_generator

if TYPE_CHECKING:
    import pandas as pd

Initial = ArrayLike | Mapping[Hashable, int]
"""Amplitudes (2^d,), occupations (d,) in qubit order, or occupations by label."""

NORM_TOLERANCE = 1e-9
"""Largest deviation from 1 of the norm of an initial state that is accepted."""

SHOWN_LEVELS = 5
"""Number of levels that the text of a result shows."""


def starting_state(
    H: AnnealHamiltonian, initial: Initial | None = None, seed: Seed = 0
) -> NDArray[np.complex128]:
    """Return the initial state as amplitudes (2^d,); by default the ground state of H(0).

    Parameters
    ----------
    H : AnnealHamiltonian
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


def initial_state(H: AnnealHamiltonian, seed: Seed = 0) -> NDArray[np.complex128]:
    """Return the ground state of H(0), (2^d,): the uniform state for B(0) = 0, else computed.

    Parameters
    ----------
    H : AnnealHamiltonian
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
    A, B = map(float, H.schedule(0.0))
    if A == 0.0:
        raise InputError(
            f"schedule {H.schedule.name!r} starts with A(0) = 0: a reverse anneal needs an initial "
            "state. Give initial=, or use a schedule with A(0) > 0"
        )
    if B == 0.0:
        return np.full(H.dimension, H.dimension**-0.5, dtype=np.complex128)
    _, vectors = _levels(H, 0.0, 1, seed)
    return np.abs(vectors[:, 0]).astype(np.complex128)


def _in_qubit_order(H: AnnealHamiltonian, initial: Mapping[Hashable, int]) -> NDArray:
    """Occupations (d,) in qubit order, of occupations by label."""
    labels = H.problem.labels
    wrong = set(labels) ^ set(initial)
    if wrong:
        raise InputError(
            f"initial occupations: label {next(iter(wrong))!r} is missing or unknown; give one for "
            f"each of the {H.num_qubits} variables"
        )
    return np.array([initial[label] for label in labels])


def _basis_state(H: AnnealHamiltonian, occupations: NDArray) -> NDArray[np.complex128]:
    """Amplitudes (2^d,) of the computational state with these occupations (d,)."""
    if not np.all(np.isin(occupations, (0, 1))):
        raise InputError(f"initial occupations {occupations.tolist()} must all be 0 or 1")
    state = np.zeros(H.dimension, dtype=np.complex128)
    state[bits_to_index(occupations)] = 1.0
    return state


@dataclass(frozen=True, eq=False, repr=False)
class Populations(Result):
    """Populations of the lowest levels of H(s) in a state.

    Attributes
    ----------
    s : float
        Anneal fraction.
    energies : ndarray of float, shape (k,)
        Lowest levels in the unit of the schedule, without the problem's offset.
    weights : ndarray of float, shape (k,)
        Weight of the state on each level. Of levels with equal energies only the sum of the weights
        has a meaning.
    """

    s: float
    energies: NDArray[np.float64]
    weights: NDArray[np.float64]

    def to_dict(self) -> dict[str, Any]:
        """Return the anneal fraction, the energies and the weights.

        Returns
        -------
        dict of str
            A number and two lists.
        """
        return plain({"s": self.s, "energies": self.energies, "weights": self.weights})

    def plot(self, ax: Any = None) -> Any:
        """Draw the weight on each level against its energy.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import level_shares  # loads matplotlib

        title = f"Populations at s = {fraction(self.s)}"
        return level_shares(self.energies, self.weights, ylabel="population", title=title, ax=ax)

    def to_dataframe(self) -> pd.DataFrame:
        """Return the populations as a table.

        Returns
        -------
        pandas.DataFrame
            The columns energy and population, a row for each level.
        """
        import pandas as pd

        return pd.DataFrame({"energy": self.energies, "population": self.weights})

    def __str__(self) -> str:
        shown = ", ".join(f"{weight:.2g}" for weight in self.weights[:SHOWN_LEVELS])
        more = " and so on." if self.weights.size > SHOWN_LEVELS else "."
        return (
            f"At s = {fraction(self.s)} the state is in the {self.weights.size} lowest levels "
            f"with the probabilities {shown}{more}"
        )


def level_populations(
    H: QubitsLike, s: float, state: ArrayLike, k: int, seed: Seed = 0
) -> Populations:
    """Return the populations of the lowest eigenstates of H(s) in a state.

    Parameters
    ----------
    H : AnnealHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Hamiltonian; a problem is given the linear schedule and the driver ``-sum sigma_x``.
    s : float
        Anneal fraction in [0, 1].
    state : array_like of complex, shape (2^d,)
        State in index order.
    k : int
        Number of levels, in [1, 2^d].
    seed : int, numpy.random.Generator or None
        Seed of the eigensolver.

    Returns
    -------
    Populations
        Energies and weights of the k lowest levels.

    Raises
    ------
    InputError
        For k outside [1, 2^d] and a state of another shape.
    ConvergenceError
        If the eigensolver fails.

    Examples
    --------
    >>> import qxgap as qx
    >>> H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]]))
    >>> qx.level_populations(H, 1.0, [0.6, 0.8], k=2).weights.round(2).tolist()
    [0.64, 0.36]
    """
    H = as_qubits(H)
    psi = np.asarray(state, dtype=np.complex128)
    if not 1 <= k <= H.dimension:
        raise InputError(f"levels = {k} lies outside [1, {H.dimension}]")
    if psi.shape != (H.dimension,):
        raise InputError(f"the state has shape {psi.shape}; it takes ({H.dimension},)")
    A, B = map(float, H.schedule(s))
    if A == 0.0:  # the levels are the computational states
        return _of_basis_states(s, B * H.diagonal, psi, k)
    if B == 0.0:  # the levels are the driver's states, in which each qubit is up or down along x
        fields = 2.0 * H.driver.weights(H.num_qubits)
        excitations = quadratic_form_diagonal(fields, np.diag(0.0 * fields), 0.0)
        lowest = -float(H.driver_weights.sum())
        return _of_basis_states(s, A * (excitations + lowest), hadamard(psi), k)
    energies, vectors = _levels(H, s, k, seed)
    return Populations(float(s), energies, np.abs(vectors.T @ psi) ** 2)


def _levels(H: AnnealHamiltonian, s: float, k: int, seed: Seed) -> tuple[NDArray, NDArray]:
    """The k lowest energies (k,) of H(s) and their vectors (2^d, k), where A and B are positive."""
    A, B = map(float, H.schedule(s))
    levels, vectors = lowest_levels(H, A, B, k, seed=random_generator(seed))
    levels.require_converged(f"lowest levels at s = {s:g}: ")
    assert vectors is not None  # A and B are both above 0
    return levels.values, vectors


def _of_basis_states(s: float, energies: NDArray, psi: NDArray, k: int) -> Populations:
    """Populations where the eigenstates are the states of a basis, with these ``energies``."""
    lowest = np.argsort(energies, kind="stable")[:k]
    return Populations(float(s), energies[lowest], np.abs(psi[lowest]) ** 2)


def hadamard(psi: NDArray) -> NDArray:
    """Return amplitudes (2^d,) in the basis of the driver, where bit 0 means sigma_x = 1.

    The transformation is its own inverse.
    """
    run = 1
    while run < psi.size:
        pairs = psi.reshape(-1, 2, run)
        psi = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], axis=1).ravel()
        run *= 2
    return psi / np.sqrt(psi.size)
