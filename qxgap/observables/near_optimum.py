"""States that are nearly as good as the optimum."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..annealing.accept import QubitHamiltonian
from ..checks import require_number
from ..digits import percent, rounded
from ..errors import InputError
from ..problem.qubo import QuboProblem
from .observable import Observable


@dataclass(frozen=True)
class NearOptimum(Observable):
    """The states within epsilon of the optimum; as an observable, the probability to read one.

    Give one of the two. With ``epsilon = 0`` or ``excess = 0`` they are the ground states.

    Parameters
    ----------
    epsilon : float, optional
        Largest distance from the lowest energy, as a part of the distance of the mean energy of
        all states from it; in [0, 1].
    excess : float, optional
        Largest distance from the lowest energy, in the unit of the problem.

    Notes
    -----
    The literature counts the states with ``E <= E0 + epsilon |E0|``. It does so for Ising problems
    without a constant, in which the mean energy of all states is zero, so that ``|E0|`` is the
    distance of the mean from the lowest energy. This distance is taken here, because ``|E0|``
    changes with a constant that is added to the energies, as it is when an Ising problem becomes a
    QUBO. A random guess thus has epsilon = 1 on average.

    References
    ----------
    Munoz-Bauza and Lidar, Phys. Rev. Lett. 134, 160601 (2025).

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(8, seed=1)
    >>> near = qx.observables.NearOptimum(0.05)
    >>> run = qx.anneal(problem, 20.0, observe=[near])
    >>> run.observations["near_optimum_probability"].round(3).tolist()
    [0.216]
    >>> round(run.success_probability, 3)
    0.076
    """

    epsilon: float | None = None
    excess: float | None = None
    name = "near_optimum_probability"
    references = ("munozbauza2025",)

    def __post_init__(self) -> None:
        if (self.epsilon is None) == (self.excess is None):
            raise InputError(
                "give NearOptimum(epsilon) or NearOptimum(excess=energy), and not both"
            )
        if self.epsilon is not None:
            require_number(self.epsilon, "epsilon", "a number in [0, 1], such as 0.01")
            if not 0 <= self.epsilon <= 1:
                raise InputError(f"epsilon = {self.epsilon} lies outside [0, 1]; 0.01 is 1 %")
        if self.excess is not None:
            require_number(self.excess, "excess", "an energy of at least 0")
            if not 0 <= self.excess < math.inf:
                raise InputError(f"excess = {self.excess}; give an energy of at least 0")

    def width(self, problem: QuboProblem, lowest: float) -> float:
        """Return the largest distance from the lowest energy that still counts.

        Parameters
        ----------
        problem : QuboProblem
            The problem, of any number of variables.
        lowest : float
            Its lowest energy, without the offset.

        Returns
        -------
        float
            The distance, in the unit of the problem.
        """
        if self.excess is not None:
            return self.excess
        assert self.epsilon is not None
        mean = float(problem.h.sum()) / 2 + float(problem.J.sum()) / 4
        return self.epsilon * max(mean - lowest, 0.0)

    def is_near(self, problem: QuboProblem) -> NDArray[np.bool_]:
        """Return which of the 2^d states count, ground states always.

        Parameters
        ----------
        problem : QuboProblem
            The problem.

        Returns
        -------
        ndarray of bool, shape (2^d,)
            True for each state that counts, in index order.
        """
        lowest = float(problem.diagonal.min())
        width = self.width(problem, lowest) + problem.ground_tolerance
        return problem.diagonal <= lowest + width

    def in_words(self) -> str:
        """Return what counts, as a part of a sentence, such as "within 1 % of the lowest energy".

        Returns
        -------
        str
            The words.
        """
        if self.excess is not None:
            return f"at most {rounded(self.excess)} above the lowest energy"
        assert self.epsilon is not None
        return f"within {percent(self.epsilon)} % of the lowest energy"

    def of_solution(self) -> str:
        """Return what counts, for the axis of a figure, such as "a solution within 1 %".

        Returns
        -------
        str
            The words.
        """
        if self.excess is not None:
            return f"a solution within {rounded(self.excess)}"
        assert self.epsilon is not None
        return f"a solution within {percent(self.epsilon)} %"

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
        return f"probability of {self.of_solution()}"

    def measure(self, H: QubitHamiltonian, s: float, state: NDArray[np.complex128]) -> float:
        """Return the probability to read a state that counts.

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
        float
            The probability.
        """
        return float((np.abs(state[self.is_near(H.problem)]) ** 2).sum())

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


WITHIN_ONE_PERCENT = NearOptimum(0.01)
"""What counts as near the optimum where nobody says it."""
