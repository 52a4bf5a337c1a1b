"""Observables of the energy H(s) along an anneal: its mean and its variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..annealing.accept import QubitHamiltonian
from ..digits import label_of
from .observable import Observable


@dataclass(frozen=True)
class MeanEnergy(Observable):
    """The mean energy ``<H(s)>``, in the unit of the schedule and without the problem's offset.

    Examples
    --------
    >>> import qxgap as qx
    >>> H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0, 0.5], [[0.0, 0.2], [0.0, 0.0]]))
    >>> run = qx.anneal(H, 30.0, at=[0.0, 0.5, 1.0], observe=[qx.observables.MeanEnergy()])
    >>> run.observations["mean_energy"].round(2).tolist()
    [-2.0, -1.17, -1.0]
    """

    name = "mean_energy"

    def axis_label(self, H: QubitHamiltonian) -> str:
        """Return the label of the axis, with the unit of the schedule.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.

        Returns
        -------
        str
            The label.
        """
        return f"mean energy{label_of(H.schedule.unit)}"

    def measure(self, H: QubitHamiltonian, s: float, state: NDArray[np.complex128]) -> float:
        """Return the mean energy.

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
            The energy.
        """
        return _mean_and_product(H, s, state)[0]

    def largest_error(self, H: QubitHamiltonian, s: float, distance: float) -> float:
        """Return the distance times a bound of the distance of the highest level to the lowest.

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
        return width(H, s) * distance


@dataclass(frozen=True)
class EnergyVariance(Observable):
    """The variance of the energy, ``<H(s)^2> - <H(s)>^2``; it is zero in an eigenstate of H(s).

    Examples
    --------
    >>> import qxgap as qx
    >>> H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0, 0.5], [[0.0, 0.2], [0.0, 0.0]]))
    >>> fast, slow = qx.anneal(H, [1.0, 100.0], observe=[qx.observables.EnergyVariance()])
    >>> [run.observations["energy_variance"].round(3).tolist() for run in (fast, slow)]
    [[0.302], [0.0]]
    """

    name = "energy_variance"

    def axis_label(self, H: QubitHamiltonian) -> str:
        """Return the label of the axis, with the squared unit of the schedule.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.

        Returns
        -------
        str
            The label.
        """
        unit = label_of(H.schedule.unit)
        return f"variance of the energy{unit and unit + '²'}"

    def measure(self, H: QubitHamiltonian, s: float, state: NDArray[np.complex128]) -> float:
        """Return the variance.

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
            The variance, not negative.
        """
        # The norm of (H - E) psi keeps its digits where <H^2> - E^2 would lose them.
        mean, product = _mean_and_product(H, s, state)
        return float(np.linalg.norm(product - mean * state)) ** 2

    def largest_error(self, H: QubitHamiltonian, s: float, distance: float) -> float:
        """Return the distance times the square of a bound of the distance of the outer levels.

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
        return width(H, s) ** 2 * distance


def width(H: QubitHamiltonian, s: float) -> float:
    """Return an upper bound of the distance between the highest and the lowest level of H(s).

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    s : float
        Anneal fraction.
    """
    H, A, B = H.at(s)
    return 2.0 * A * float(H.driver_weights.sum()) + B * float(np.ptp(H.diagonal))


def _mean_and_product(
    H: QubitHamiltonian, s: float, state: NDArray[np.complex128]
) -> tuple[float, NDArray[np.complex128]]:
    """Return the mean energy, and the product of H(s) and the state."""
    product = H.matvec(s, state)
    return float(np.vdot(state, product).real), product
