"""Observables of the spins along z, which are what an annealer reads: n = (1 - sigma_z) / 2."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..annealing.accept import QubitHamiltonian
from ..checks import kind_of
from ..errors import InputError
from ..problem.bits import spin_moments, spins_of
from ..problem.qubo import QuboProblem
from .observable import Observable

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Magnetization(Observable):
    """The magnetization of each qubit, ``<sigma_z>``: 1 if it reads 0, and -1 if it reads 1.

    Parameters
    ----------
    labels : sequence of hashable, optional
        Labels of the variables; by default all, in qubit order.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, 0.5], [[0.0, 0.2], [0.0, 0.0]], labels=["a", "b"])
    >>> run = qx.anneal(problem, 30.0, observe=[qx.observables.Magnetization()])
    >>> run.observations["magnetization"].round(1).tolist()
    [[-1.0, 1.0]]
    """

    labels: Sequence[Hashable] | None = None
    name = "magnetization"

    def __post_init__(self) -> None:
        if self.labels is not None:
            object.__setattr__(self, "labels", as_labels(self.labels, "labels"))

    def require_valid(self, H: QubitHamiltonian) -> None:
        """Raise InputError for a label that the problem does not have.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.
        """
        qubits_of(H.problem, self.labels)

    def components(self, H: QubitHamiltonian) -> tuple[str, ...]:
        """Return the labels of the qubits.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.

        Returns
        -------
        tuple of str
            The labels.
        """
        return tuple(str(label) for label in (self.labels or H.problem.labels))

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
        return "magnetization of each variable"

    def measure(self, H: QubitHamiltonian, s: float, state: NDArray[np.complex128]) -> Array:
        """Return the magnetization of each qubit.

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
        ndarray of float, shape (m,)
            Numbers in [-1, 1].
        """
        means, _ = spin_moments(np.abs(state) ** 2, H.num_qubits)
        return means[qubits_of(H.problem, self.labels)]

    def largest_error(self, H: QubitHamiltonian, s: float, distance: float) -> float:
        """Return the bound ``2 distance``, because ``sigma_z`` has the eigenvalues 1 and -1.

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
        return 2.0 * distance


@dataclass(frozen=True)
class Correlations(Observable):
    """The correlations of pairs of qubits, ``<sigma_z^p sigma_z^q>``.

    Parameters
    ----------
    pairs : sequence of pairs of labels, optional
        The pairs; by default all that the problem couples, in the order of its variables.
    connected : bool, optional
        Whether ``<sigma_z^p> <sigma_z^q>`` is subtracted. What is left is zero for qubits that are
        read independently of each other.

    Examples
    --------
    >>> import qxgap as qx
    >>> pair = qx.QuboProblem([-1.0, -1.0], [[0.0, 2.0], [0.0, 0.0]], labels=["a", "b"])
    >>> run = qx.anneal(pair, 30.0, observe=[qx.observables.Correlations([("a", "b")])])
    >>> run.observations["correlation"].round(1).tolist()
    [[-1.0]]
    """

    pairs: Sequence[Sequence[Hashable]] | None = None
    connected: bool = False

    def __post_init__(self) -> None:
        if self.pairs is None:
            return
        given: Sequence[Any] = as_labels(self.pairs, "pairs")
        pairs = tuple(as_labels(pair, "a pair") for pair in given)
        for pair in pairs:
            if len(pair) != 2 or pair[0] == pair[1]:
                raise InputError(f"pair {pair} must name two different variables")
        object.__setattr__(self, "pairs", pairs)

    @property
    def name(self) -> str:
        """Name of the observable: ``correlation`` or ``connected_correlation``."""
        return "connected_correlation" if self.connected else "correlation"

    def require_valid(self, H: QubitHamiltonian) -> None:
        """Raise InputError for unknown labels, and if there is no pair.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.
        """
        first, _ = self._qubits(H)
        if not first.size:
            raise InputError("the problem couples no qubits; name the pairs: Correlations(pairs)")

    def components(self, H: QubitHamiltonian) -> tuple[str, ...]:
        """Return the two labels of each pair, joined by a comma.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.

        Returns
        -------
        tuple of str
            The pairs.
        """
        labels = H.problem.labels
        return tuple(f"{labels[p]},{labels[q]}" for p, q in zip(*self._qubits(H), strict=True))

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
        return f"{self.name.replace('_', ' ')} of each pair"

    def measure(self, H: QubitHamiltonian, s: float, state: NDArray[np.complex128]) -> Array:
        """Return the correlation of each pair.

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
        ndarray of float, shape (m,)
            Numbers in [-1, 1].
        """
        means, products = spin_moments(np.abs(state) ** 2, H.num_qubits)
        first, second = self._qubits(H)
        values = products[first, second]
        return values - means[first] * means[second] if self.connected else values

    def largest_error(self, H: QubitHamiltonian, s: float, distance: float) -> float:
        """Return the bound: two distances, and four more for the product that is subtracted.

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
        return (6.0 if self.connected else 2.0) * distance

    def _qubits(self, H: QubitHamiltonian) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the first and the second qubit of each pair."""
        if self.pairs is None:
            first, second = np.nonzero(np.triu(H.problem.J, 1))
            return first, second
        first, second = (qubits_of(H.problem, [pair[k] for pair in self.pairs]) for k in (0, 1))
        return first, second


@dataclass(frozen=True)
class Kinks(Observable):
    """The mean number of broken couplings.

    A QUBO is an Ising model with the couplings ``J_pq / 4``: a positive one prefers opposite spins,
    a negative one equal spins. A coupling is broken if the two spins are as it does not prefer. On
    a chain or a ring without fields these are the kinks (domain walls) of the Kibble-Zurek law.

    Fields and frustration break couplings in the ground states too. With ``excess`` their number
    there is subtracted, so that the result counts what the anneal added; it may be negative,
    because a state of higher energy can break fewer couplings.

    Parameters
    ----------
    excess : bool, optional
        Whether the number of broken couplings of the ground states of the problem, averaged over
        them, is subtracted.

    Notes
    -----
    The form with spins is taken, because there a coupling and the fields are independent of each
    other. In the form with occupations, ``J n_p n_q`` contains fields too.

    References
    ----------
    Dziarmaga, Phys. Rev. Lett. 95, 245701 (2005).

    Examples
    --------
    >>> import dimod
    >>> import qxgap as qx
    >>> ring = dimod.BQM.from_ising({}, {(q, (q + 1) % 4): -1.0 for q in range(4)})
    >>> run = qx.anneal(ring, 20.0, at=[0.0, 1.0], observe=[qx.observables.Kinks()])
    >>> run.observations["kinks"].round(2).tolist()
    [2.0, 0.0]
    """

    excess: bool = False

    references = ("dziarmaga2005",)

    @property
    def name(self) -> str:
        """Name of the observable: ``kinks`` or ``excess_kinks``."""
        return "excess_kinks" if self.excess else "kinks"

    def require_valid(self, H: QubitHamiltonian) -> None:
        """Raise InputError if the problem has no coupling.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.
        """
        if not np.any(H.problem.J):
            raise InputError("the problem couples no qubits, so that it has no kinks")

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
        return "broken couplings" + (" above the ground state" if self.excess else "")

    def measure(self, H: QubitHamiltonian, s: float, state: NDArray[np.complex128]) -> float:
        """Return the mean number of broken couplings.

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
            The number, or what it exceeds that of the ground states by.
        """
        _, products = spin_moments(np.abs(state) ** 2, H.num_qubits)
        kinks = _broken(H.problem, products)
        if not self.excess:
            return kinks
        spins = spins_of(H.problem.ground_indices, H.num_qubits)
        return kinks - _broken(H.problem, spins.T @ spins / len(spins))

    def largest_error(self, H: QubitHamiltonian, s: float, distance: float) -> float:
        """Return the number of couplings times the distance.

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
        return float(np.count_nonzero(H.problem.J)) * distance


def qubits_of(problem: QuboProblem, labels: Sequence[Hashable] | None) -> NDArray[np.int64]:
    """Return the qubits with these labels; all qubits if there are none.

    Parameters
    ----------
    problem : QuboProblem
        The problem.
    labels : sequence of hashable or None
        Labels of variables.

    Raises
    ------
    InputError
        For a label that the problem does not have.
    """
    if labels is None:
        return np.arange(problem.num_qubits)
    position = {label: qubit for qubit, label in enumerate(problem.labels)}
    unknown = [label for label in labels if label not in position]
    if unknown:
        first, last = problem.labels[0], problem.labels[-1]
        raise InputError(
            f"label {unknown[0]!r} is unknown; the problem has {first!r} to {last!r} "
            f"({problem.num_qubits} variables)"
        )
    return np.array([position[label] for label in labels], dtype=np.int64)


def _broken(problem: QuboProblem, products: Array) -> float:
    """Return the mean number of broken couplings, of the means of the products of spins."""
    sign = np.sign(problem.J)
    return float(np.sum(np.abs(sign) + sign * products)) / 2.0


def as_labels(labels: Sequence[Any], what: str) -> tuple[Hashable, ...]:
    """Return labels as a tuple.

    Parameters
    ----------
    labels : sequence of hashable
        Labels of variables.
    what : str
        Name of the argument, for the message.

    Raises
    ------
    InputError
        For a string, and for something that is no sequence.
    """
    if isinstance(labels, str) or not isinstance(labels, Sequence | np.ndarray):
        raise InputError(f"{what} is {kind_of(labels)}; give a list of labels of variables")
    return tuple(labels)
