"""The annealing Hamiltonian of qubits that have a schedule each."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...checks import kind_of
from ...errors import InputError
from ...problem.accept import as_problem
from ...problem.diagonal import quadratic_form_diagonal
from ...problem.qubo import QuboProblem
from ..drivers import TransverseField
from ..hamiltonian import AnnealHamiltonian, checked_vector
from .qubit_schedules import Array, QubitSchedules

SMALLEST_WEIGHT = 1e-290
"""Takes the place of a transverse field that is exactly 0 where others are not. It is too small to
change a digit of any sum, and a driver has positive weights."""


@dataclass(frozen=True, eq=False)
class InhomogeneousHamiltonian:
    """The Hamiltonian of qubits of which each has its own schedule.

    ``H(s) = -sum A_i w_i sigma_x^i + sum F_i h_i sigma_z^i + sum C_ij J_ij sigma_z^i sigma_z^j``,
    with the strengths of :class:`QubitSchedules`, the weights w_i of the driver, and the problem's
    h_i and J_ij in its spins. The constant of the problem in spins is left out; so is its offset.

    :func:`qxgap.minimum_gap`, :func:`qxgap.spectrum`, :func:`qxgap.anneal` and
    :func:`qxgap.to_qobjevo` take it. Other functions need one schedule for all qubits.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.
    schedules : QubitSchedules
        The schedule of each qubit.
    driver : TransverseField
        The weights w_i; by default 1.

    Raises
    ------
    InputError
        If an argument is of another class, or for another number of qubits.

    Examples
    --------
    Two qubits, of which the second is annealed a little later than the first.

    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.8], [[0.0, 0.5], [0.0, 0.0]])
    >>> late = qx.AnnealSchedule([0, 0.2, 1], [1, 1, 0], [0, 0, 1], "late")
    >>> schedules = qx.QubitSchedules.from_schedules([qx.LINEAR, late])
    >>> H = qx.InhomogeneousHamiltonian(problem, schedules)
    >>> gap = qx.minimum_gap(H)
    >>> gap.lower <= gap.value <= 1.001 * gap.lower
    True
    >>> round(qx.anneal(H, 30.0).success_probability, 2)
    0.83
    """

    problem: QuboProblem
    schedules: QubitSchedules
    driver: TransverseField = field(default_factory=TransverseField)

    def __post_init__(self) -> None:
        object.__setattr__(self, "problem", as_problem(self.problem))
        if not isinstance(self.schedules, QubitSchedules):
            raise InputError(
                f"schedules is {kind_of(self.schedules)}; give QubitSchedules, such as "
                "QubitSchedules.from_schedules([...])"
            )
        if not isinstance(self.driver, TransverseField):
            raise InputError(f"driver is {kind_of(self.driver)}; give a TransverseField")
        if self.schedules.num_qubits != self.num_qubits:
            raise InputError(
                f"there are schedules of {self.schedules.num_qubits} qubits for a problem of "
                f"{self.num_qubits} variables; give one for each"
            )
        self.driver.weights(self.num_qubits)

    @property
    def schedule(self) -> QubitSchedules:
        """The schedules, under the name that other Hamiltonians have."""
        return self.schedules

    @property
    def num_qubits(self) -> int:
        """The number of qubits d."""
        return self.problem.num_qubits

    @property
    def dimension(self) -> int:
        """The number of basis states 2^d."""
        return 1 << self.num_qubits

    @property
    def offset(self) -> float:
        """The offset of the problem, which the levels do not contain."""
        return self.problem.offset

    @property
    def instance_hash(self) -> str:
        """The content hash of the problem."""
        return self.problem.content_hash

    @cached_property
    def transverse(self) -> Array:
        """The transverse fields ``A_i w_i`` at the breakpoints, shape (n, d), in bit order."""
        weights = self.driver.weights(self.num_qubits)
        return np.ascontiguousarray((self.schedules.A * weights)[:, ::-1])

    @cached_property
    def quadratic_forms(self) -> tuple[Array, Array]:
        """The problem part in occupations n_i at the breakpoints, in qubit order.

        Returns
        -------
        linear : ndarray of float, shape (n, d)
            The coefficients of n_i.
        couplings : ndarray of float, shape (n, d, d)
            The coefficients of n_i n_j, symmetric with a zero diagonal.
        """
        # In spins sigma = 1 - 2 n the problem has the fields -(h + sum J / 2) / 2 and the couplings
        # J / 4; the strengths multiply these. A constant is left out.
        pairs = self.problem.J + self.problem.J.T
        fields = self.problem.h + pairs.sum(axis=1) / 2
        couplings = self.schedules.coupling_strengths * pairs
        return self.schedules.field_strengths * fields - couplings.sum(axis=2) / 2, couplings

    @cached_property
    def turning_rates(self) -> Array:
        """The rate at which the fastest qubit turns, at the breakpoints, shape (n,)."""
        linear, couplings = self.quadratic_forms
        of_problem = np.abs(linear) + np.abs(couplings).sum(axis=2)
        return np.asarray(np.maximum(2.0 * self.transverse.max(axis=1), of_problem.max(axis=1)))

    @property
    def norm_bounds(self) -> Array:
        """A bound of the norm of H(s) at the breakpoints, shape (n,)."""
        linear, couplings = self.quadratic_forms
        problem = np.abs(linear).sum(axis=1) + np.abs(couplings).sum(axis=(1, 2)) / 2
        return np.asarray(self.transverse.sum(axis=1) + problem)

    @cached_property
    def diagonal(self) -> Array:
        """The energies of the problem part of H(1), shape (2^d,)."""
        linear, couplings = self.quadratic_forms
        return quadratic_form_diagonal(linear[-1], np.triu(couplings[-1]), 0.0)

    @property
    def ground_tolerance(self) -> float:
        """Energies of H(1) within this distance of the lowest belong to the ground level."""
        return self._problem_at(1.0).ground_tolerance

    @cached_property
    def degeneracy(self) -> int:
        """The number of ground states of the problem part of H(1)."""
        lowest = self.diagonal.min()
        return int(np.count_nonzero(self.diagonal <= lowest + self.ground_tolerance))

    def at(self, s: float) -> tuple[AnnealHamiltonian, float, float]:
        """Return H(s) as the Hamiltonian of qubits without own schedules, and its strengths.

        Parameters
        ----------
        s : float
            Anneal fraction in [0, 1].

        Returns
        -------
        H : AnnealHamiltonian
            Its driver and problem have the fields and couplings of that moment.
        A : float
            Strength of its driver: 1, or 0 if no qubit has a transverse field.
        B : float
            Strength of its problem: 1, or 0 if all fields and couplings are 0.

        Raises
        ------
        InputError
            For a fraction outside [0, 1].

        Examples
        --------
        >>> import qxgap as qx
        >>> schedules = qx.QubitSchedules.from_schedules([qx.LINEAR, qx.LINEAR])
        >>> problem = qx.QuboProblem([-1.0, -0.8], [[0.0, 0.5], [0.0, 0.0]])
        >>> H, A, B = qx.InhomogeneousHamiltonian(problem, schedules).at(0.25)
        >>> H.problem.h.tolist(), A, B
        ([-0.25, -0.2], 1.0, 1.0)
        """
        weights = self.schedules(s)[0] * self.driver.weights(self.num_qubits)
        problem = self._problem_at(s)
        A = 1.0 if np.any(weights > 0) else 0.0
        B = 1.0 if np.any(problem.h) or np.any(problem.J) else 0.0
        weights = np.maximum(weights, SMALLEST_WEIGHT) if A else np.ones(self.num_qubits)
        H = AnnealHamiltonian(
            problem if B else self.problem, driver=TransverseField(tuple(weights.tolist()))
        )
        return H, A, B

    def _problem_at(self, s: float) -> QuboProblem:
        """Return the problem part of H(s)."""
        low, x = self.schedules.piece(s)
        linear, couplings = (
            (1 - x) * form[low] + x * form[low + 1] for form in self.quadratic_forms
        )
        return QuboProblem(linear, np.triu(couplings), labels=self.problem.labels)

    def matvec(self, s: float, v: ArrayLike) -> NDArray:
        """Return ``H(s) v``.

        Parameters
        ----------
        s : float
            The anneal fraction in [0, 1].
        v : array_like of float or complex, shape (2^d,)
            A vector.

        Returns
        -------
        ndarray, shape (2^d,)
            The product.

        Raises
        ------
        InputError
            If the vector has another shape, or the fraction lies outside [0, 1].
        """
        vector = checked_vector(v, self.num_qubits)
        H, A, B = self.at(s)
        return H.apply(A, B, vector)

    @cached_property
    def problem_terms(self) -> Array:
        """The coefficients of the problem part at the breakpoints, in bit order.

        Returns
        -------
        ndarray of float, shape (n, d + d (d - 1) / 2)
            The linear coefficients, and the couplings of all pairs of bits as
            :meth:`unpacked` takes them.
        """
        linear, couplings = (form[:, ::-1] for form in self.quadratic_forms)
        rows, columns = np.triu_indices(self.num_qubits, 1)
        return np.concatenate([linear, couplings[:, :, ::-1][:, rows, columns]], axis=1)

    def unpacked(self, terms: Array) -> tuple[Array, Array]:
        """Return rows of :attr:`problem_terms`, or of their integrals, as quadratic forms.

        Parameters
        ----------
        terms : ndarray of float, shape (m, d + d (d - 1) / 2)
            The rows.

        Returns
        -------
        linear : ndarray of float, shape (m, d)
            The linear coefficients, in bit order.
        couplings : ndarray of float, shape (m, d, d)
            The couplings, symmetric with a zero diagonal, in bit order.
        """
        d = self.num_qubits
        rows, columns = np.triu_indices(d, 1)
        couplings = np.zeros((len(terms), d, d))
        couplings[:, rows, columns] = couplings[:, columns, rows] = terms[:, d:]
        return np.ascontiguousarray(terms[:, :d]), couplings
