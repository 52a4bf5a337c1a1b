"""The base class of observables."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from ..annealing.accept import QubitHamiltonian

Values = float | NDArray[np.float64]
"""One number, or the numbers of the components of an observable, shape (m,)."""


class Observable(ABC):
    """What is measured in the state of an anneal.

    An observable of your own derives from this class and defines ``name`` and ``measure``. It
    should hold what decides the measurement, such as labels, and neither a state nor a Hamiltonian.
    The states that it is given are normalized.

    Examples
    --------
    >>> import numpy as np
    >>> import qxgap as qx
    >>> class Participation(qx.observables.Observable):
    ...     name = "participation"
    ...
    ...     def measure(self, H, s, state):
    ...         return 1 / np.sum(np.abs(state) ** 4)
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]])
    >>> run = qx.anneal(problem, 10.0, at=[0.0, 1.0], observe=[Participation()])
    >>> run.observations["participation"].round(2).tolist()
    [4.0, 2.11]
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """Name of the observable, under which its values stand in the result."""

    @abstractmethod
    def measure(self, H: QubitHamiltonian, s: float, state: NDArray[np.complex128]) -> Values:
        """Return the value in a state, or the values of all components.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.
        s : float
            Anneal fraction.
        state : ndarray of complex, shape (2^d,)
            The state, of norm 1; it must not be changed.

        Returns
        -------
        float or ndarray of float, shape (m,)
            The value, or one for each component.
        """

    def components(self, H: QubitHamiltonian) -> tuple[str, ...]:
        """Return the names of the components, such as the labels of the qubits.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.

        Returns
        -------
        tuple of str
            A name for each value of ``measure``; empty if it returns one number.
        """
        return ()

    def axis_label(self, H: QubitHamiltonian) -> str:
        """Return the label of the axis on which the values are drawn, with their unit.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.

        Returns
        -------
        str
            The label.
        """
        return self.name.replace("_", " ")

    def require_valid(self, H: QubitHamiltonian) -> None:  # noqa: B027
        """Raise InputError if this observable cannot be measured in states of an anneal.

        It is called before the anneal is computed.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.
        """

    def largest_error(self, H: QubitHamiltonian, s: float, distance: float) -> float | None:
        """Return how wrong a value may be, of a state that is not exact.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.
        s : float
            Anneal fraction.
        distance : float
            Trace distance between the state and the exact one, in [0, 1].

        Returns
        -------
        float or None
            Bound of the error of every component; None if no bound is known.
        """
        return None
