"""The populations of the levels of H(s) in a state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..annealing.accept import QubitHamiltonian, QubitsLike, as_annealed
from ..annealing.hamiltonian import AnnealHamiltonian
from ..checks import require_whole
from ..digits import fraction
from ..errors import InputError
from ..linalg.amplitudes import Amplitudes, is_on_device, on_host
from ..problem.diagonal import quadratic_form_diagonal
from ..results import Result, plain
from ..spectra.low_levels import lowest_levels
from ..statistics.seeds import Seed, random_generator
from .observable import Observable

if TYPE_CHECKING:
    import pandas as pd

SHOWN_LEVELS = 5
"""Number of levels that the text of a result shows."""


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


@dataclass(frozen=True)
class LevelPopulations(Observable):
    """The populations of the lowest levels of H(s): where the anneal leaves the ground state.

    Of levels with equal energies only the sum of the populations has a meaning. This is the case at
    the end of the anneal of a problem with several ground states.

    Parameters
    ----------
    k : int, optional
        Number of levels.
    seed : int, numpy.random.Generator or None, optional
        Seed of the eigensolver.

    Notes
    -----
    The levels are computed anew at every anneal fraction, to the accuracy of the eigensolver. The
    bound of the error is that of the state alone.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]])
    >>> levels = qx.observables.LevelPopulations(k=2)
    >>> run = qx.anneal(problem, 10.0, at=[0.0, 0.5, 1.0], observe=[levels])
    >>> run.observations["level_population"].round(2).tolist()
    [[1.0, 0.0], [1.0, 0.0], [0.65, 0.18]]
    """

    k: int = 2
    seed: Seed = 0
    name = "level_population"

    def __post_init__(self) -> None:
        require_whole(self.k, "k", "the number of levels")
        random_generator(self.seed)  # refuses an invalid seed

    def require_valid(self, H: QubitHamiltonian) -> None:
        """Raise InputError if there are fewer levels.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.
        """
        _require_levels(H, self.k)

    def components(self, H: QubitHamiltonian) -> tuple[str, ...]:
        """Return the numbers of the levels, from 0.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.

        Returns
        -------
        tuple of str
            The numbers.
        """
        return tuple(map(str, range(self.k)))

    def axis_label(self, H: QubitHamiltonian) -> str:
        """Return the label of the axis.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.

        Returns
        -------
        str
            The label.
        """
        return "population of each level"

    def measure(
        self, H: QubitHamiltonian, s: float, state: NDArray[np.complex128]
    ) -> NDArray[np.float64]:
        """Return the population of each level.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.
        s : float
            Anneal fraction.
        state : ndarray of complex, shape (2^d,)
            The state.

        Returns
        -------
        ndarray of float, shape (k,)
            Probabilities.
        """
        return level_populations(H, s, state, self.k, self.seed).weights

    def largest_error(self, H: QubitHamiltonian, s: float, distance: float) -> float:
        """Return the distance, which bounds the error of every probability.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.
        s : float
            Anneal fraction.
        distance : float
            Trace distance between the state and the exact one.

        Returns
        -------
        float
            The bound.
        """
        return distance


def level_populations(
    H: QubitsLike | QubitHamiltonian,
    s: float,
    state: ArrayLike | Amplitudes,
    k: int,
    seed: Seed = 0,
) -> Populations:
    """Return the populations of the lowest eigenstates of H(s) in a state.

    Parameters
    ----------
    H : AnnealHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Hamiltonian; a problem is given the linear schedule and the driver ``-sum sigma_x``.
    s : float
        Anneal fraction in [0, 1].
    state : array_like or tensor of complex, shape (2^d,)
        State in index order. Of a tensor on a device only k amplitudes are copied to the host,
        where the levels are computational states (at the end of an anneal).
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
    H = as_annealed(H)
    psi: Amplitudes = state if is_on_device(state) else np.asarray(state, dtype=np.complex128)
    _require_levels(H, k)
    if psi.shape != (H.dimension,):
        raise InputError(f"the state has shape {tuple(psi.shape)}; it takes ({H.dimension},)")
    H, A, B = H.at(s)
    if A == 0.0:  # the levels are the computational states
        return _of_basis_states(s, B * H.diagonal, psi, k)
    psi = on_host(psi)
    if B == 0.0:  # the levels are the driver's states, in which each qubit is up or down along x
        fields = 2.0 * H.driver.weights(H.num_qubits)
        excitations = quadratic_form_diagonal(fields, np.diag(0.0 * fields), 0.0)
        lowest = -float(H.driver_weights.sum())
        return _of_basis_states(s, A * (excitations + lowest), hadamard(psi), k)
    energies, vectors = _levels(H, A, B, s, k, seed)
    return Populations(float(s), energies, np.abs(vectors.T @ psi) ** 2)


def _require_levels(H: QubitHamiltonian, k: int) -> None:
    """Raise InputError unless H has k levels."""
    if not 1 <= k <= H.dimension:
        raise InputError(f"levels = {k} lies outside [1, {H.dimension}]")


def levels_between_ends(
    H: QubitHamiltonian, s: float, k: int, seed: Seed
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lowest levels of H(s) and their vectors, where A(s) and B(s) are positive.

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    s : float
        Anneal fraction.
    k : int
        Number of levels.
    seed : int, numpy.random.Generator or None
        Seed of the eigensolver.

    Returns
    -------
    energies : ndarray of float, shape (k,)
        The levels.
    vectors : ndarray of float, shape (2^d, k)
        Their states.
    """
    return _levels(*H.at(s), s, k, seed)


def _levels(
    H: AnnealHamiltonian, A: float, B: float, s: float, k: int, seed: Seed
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lowest levels at the strengths A and B, which are those of s, and vectors."""
    levels, vectors = lowest_levels(H, A, B, k, seed=random_generator(seed))
    levels.require_converged(f"lowest levels at s = {s:g}: ")
    assert vectors is not None  # A and B are both above 0
    return levels.values, vectors


def _of_basis_states(s: float, energies: NDArray, psi: Amplitudes, k: int) -> Populations:
    """Populations where the eigenstates are the states of a basis, with these ``energies``."""
    low = np.flatnonzero(energies <= np.partition(energies, k - 1)[k - 1])
    lowest = low[np.argsort(energies[low], kind="stable")[:k]]
    return Populations(float(s), energies[lowest], np.abs(on_host(psi[lowest])) ** 2)


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
