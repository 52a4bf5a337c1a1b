"""The annealing Hamiltonian of qubits: problem, driver and schedule together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.linalg import LinearOperator

from ..checks import kind_of
from ..errors import InputError
from ..memory import aligned_empty, require_memory
from ..problem.accept import as_problem
from ..problem.bits import qubits_to_bit_order
from ..problem.qubo import QuboProblem
from .drivers import TransverseField
from .kernels import matvec
from .matrix import power_of_two
from .schedules import LINEAR, AnnealSchedule


@dataclass(frozen=True, eq=False)
class AnnealHamiltonian:
    """The Hamiltonian ``H(s) = A(s) H_D + B(s) H_P`` of qubits in a transverse field.

    It is a real symmetric operator of dimension 2^d. It does not contain the problem's offset,
    which shifts every level by the same energy. Energies are in the unit of the schedule times that
    of the problem. The class satisfies the protocol :class:`qxgap.annealing.Hamiltonian`.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem ``H_P``.
    schedule : AnnealSchedule
        The strengths A(s) and B(s).
    driver : TransverseField
        The driver ``H_D``; by default ``-sum_p sigma_x^p``.

    Raises
    ------
    InputError
        If an argument is of another class, or the driver has weights for another number of qubits.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 0.7], [0.0, 0.0]])
    >>> H = qx.AnnealHamiltonian(problem)
    >>> H.num_qubits, H.dimension
    (2, 4)
    >>> A, B = H.schedule(0.5)
    >>> H.to_dense(A, B)
    array([[ 0.  , -0.5 , -0.5 ,  0.  ],
           [-0.5 , -0.25,  0.  , -0.5 ],
           [-0.5 ,  0.  , -0.5 , -0.5 ],
           [ 0.  , -0.5 , -0.5 , -0.4 ]])
    """

    problem: QuboProblem
    schedule: AnnealSchedule = LINEAR
    driver: TransverseField = field(default_factory=TransverseField)

    def __post_init__(self) -> None:
        object.__setattr__(self, "problem", as_problem(self.problem))
        if not isinstance(self.schedule, AnnealSchedule):
            raise InputError(
                f"schedule is {kind_of(self.schedule)}; give an AnnealSchedule, such as LINEAR, "
                "schedule_named(name) or load_schedule(path)"
            )
        if not isinstance(self.driver, TransverseField):
            raise InputError(
                f"driver is {kind_of(self.driver)}; give a TransverseField, such as "
                "Convention.PAPER.driver(num_qubits)"
            )
        self.driver.weights(self.num_qubits)

    @property
    def num_qubits(self) -> int:
        """The number of qubits d."""
        return self.problem.num_qubits

    @property
    def dimension(self) -> int:
        """The number of basis states 2^d."""
        return 1 << self.num_qubits

    @property
    def diagonal(self) -> NDArray[np.float64]:
        """The energies of H_P without the offset, shape (2^d,)."""
        return self.problem.diagonal

    @property
    def driver_diagonal(self) -> NDArray[np.float64]:
        """The diagonal of H_D, shape (2^d,), which is zero."""
        return np.broadcast_to(0.0, (self.dimension,))

    @property
    def ground_tolerance(self) -> float:
        """Energies of H_P within this distance of the lowest belong to the ground level."""
        return self.problem.ground_tolerance

    @property
    def degeneracy(self) -> int:
        """The number of ground states of H_P."""
        return self.problem.degeneracy

    @property
    def instance_hash(self) -> str:
        """The content hash of the problem."""
        return self.problem.content_hash

    @property
    def offset(self) -> float:
        """The offset of the problem, which the levels do not contain."""
        return self.problem.offset

    @cached_property
    def driver_weights(self) -> NDArray[np.float64]:
        """The weights of the driver in bit order, shape (d,)."""
        return qubits_to_bit_order(self.driver.weights(self.num_qubits))

    @cached_property
    def typical_energies(self) -> tuple[float, float]:
        """The typical energies of one qubit in H_D and of one variable in H_P, powers of two.

        They are rounded medians, which a few variables with large coefficients do not change.
        """
        couplings = np.abs(self.problem.J)
        local = np.abs(self.problem.h) + couplings.sum(axis=0) + couplings.sum(axis=1)
        return power_of_two(np.median(self.driver_weights)), power_of_two(np.median(local))

    @property
    def transverse(self) -> NDArray[np.float64]:
        """The transverse fields at the schedule's breakpoints, shape (n, d), in bit order."""
        return np.outer(self.schedule.A, self.driver_weights)

    @cached_property
    def turning_rates(self) -> NDArray[np.float64]:
        """The rate at which the fastest qubit turns, at the breakpoints, shape (n,)."""
        couplings = np.abs(self.problem.J)
        fields = np.abs(self.problem.h) + couplings.sum(axis=0) + couplings.sum(axis=1)
        of_driver = 2.0 * float(self.driver_weights.max()) * self.schedule.A
        return np.maximum(of_driver, float(fields.max()) * self.schedule.B)

    @property
    def norm_bounds(self) -> NDArray[np.float64]:
        """A bound of the norm of H(s) at the breakpoints, shape (n,)."""
        driver, energy = self._norms
        return self.schedule.A * driver + self.schedule.B * energy

    @cached_property
    def _norms(self) -> tuple[float, float]:
        """The norms of H_D and H_P, for which all energies are read only once."""
        lowest, highest = float(self.diagonal.min()), float(self.diagonal.max())
        return float(self.driver_weights.sum()), max(-lowest, highest)

    def at(self, s: float) -> tuple[AnnealHamiltonian, float, float]:
        """Return this Hamiltonian and its strengths at an anneal fraction.

        Parameters
        ----------
        s : float
            Anneal fraction in [0, 1].

        Returns
        -------
        H : AnnealHamiltonian
            The Hamiltonian itself. One with a schedule for each qubit returns another for every s.
        A : float
            Strength of the driver.
        B : float
            Strength of the problem.

        Raises
        ------
        InputError
            For a fraction outside [0, 1].
        """
        A, B = map(float, self.schedule(s))
        return self, A, B

    def with_schedule(self, schedule: AnnealSchedule) -> AnnealHamiltonian:
        """Return the same driver and problem under another schedule.

        Parameters
        ----------
        schedule : AnnealSchedule
            The other schedule.

        Returns
        -------
        AnnealHamiltonian
            A new Hamiltonian.
        """
        return replace(self, schedule=schedule)

    def norm_bound(self, A: float, B: float) -> float:
        """Return an upper bound of ``||A H_D + B H_P||``.

        Parameters
        ----------
        A : float
            Strength of the driver.
        B : float
            Strength of the problem.

        Returns
        -------
        float
            The bound of the operator norm.
        """
        driver, energy = self._norms
        return A * driver + B * energy

    def apply(self, A: float, B: float, v: NDArray) -> NDArray:
        """Return ``(A H_D + B H_P) v``.

        Parameters
        ----------
        A : float
            Strength of the driver.
        B : float
            Strength of the problem.
        v : ndarray of float or complex, shape (2^d,)
            A vector.

        Returns
        -------
        ndarray, shape (2^d,)
            The product, of the type of ``v``.
        """
        out = aligned_empty(v.shape, v.dtype.type)
        return matvec(self.diagonal, B, A * self.driver_weights, v, out)

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
            If the vector has another shape.
        """
        vector = checked_vector(v, self.num_qubits)
        A, B = self.schedule(s)
        return self.apply(float(A), float(B), vector)

    def to_linear_operator(self, A: float, B: float) -> LinearOperator:
        """Return ``A H_D + B H_P`` as a real linear operator of scipy.

        Parameters
        ----------
        A : float
            Strength of the driver.
        B : float
            Strength of the problem.

        Returns
        -------
        scipy.sparse.linalg.LinearOperator
            The operator, of shape (2^d, 2^d).
        """

        def multiply(v: NDArray) -> NDArray:
            return self.apply(A, B, np.ascontiguousarray(v, dtype=np.float64).reshape(-1))

        shape = (self.dimension, self.dimension)
        return LinearOperator(shape, matvec=multiply, rmatvec=multiply, dtype=np.float64)

    def driver_matrix(self) -> sp.csr_array:
        """Return H_D as a sparse matrix with d 2^d entries.

        Returns
        -------
        scipy.sparse.csr_array
            The matrix, of shape (2^d, 2^d).

        Raises
        ------
        MemoryLimitError
            If it does not fit.
        """
        d, dimension = self.num_qubits, self.dimension
        require_memory(16 * d * dimension, f"the sparse driver of {d} qubits")
        rows = np.repeat(np.arange(dimension), d)
        columns = (np.arange(dimension)[:, None] ^ (1 << np.arange(d))).ravel()
        values = np.tile(-self.driver_weights, dimension)
        return sp.csr_array((values, (rows, columns)), shape=(dimension, dimension))

    def problem_matrix(self) -> sp.csr_array:
        """Return H_P as a sparse matrix.

        Returns
        -------
        scipy.sparse.csr_array
            The diagonal matrix, of shape (2^d, 2^d).
        """
        return sp.csr_array(sp.diags_array(self.diagonal))

    def to_sparse(self, A: float, B: float) -> sp.csr_array:
        """Return ``A H_D + B H_P`` as a sparse matrix.

        Parameters
        ----------
        A : float
            Strength of the driver.
        B : float
            Strength of the problem.

        Returns
        -------
        scipy.sparse.csr_array
            The matrix, of shape (2^d, 2^d).
        """
        return sp.csr_array(float(A) * self.driver_matrix() + float(B) * self.problem_matrix())

    def to_dense(self, A: float, B: float) -> NDArray[np.float64]:
        """Return ``A H_D + B H_P`` as an array.

        Parameters
        ----------
        A : float
            Strength of the driver.
        B : float
            Strength of the problem.

        Returns
        -------
        ndarray of float, shape (2^d, 2^d)
            The matrix.
        """
        require_memory(8 << 2 * self.num_qubits, f"a dense matrix of {self.num_qubits} qubits")
        matrix, index = np.zeros((self.dimension,) * 2), np.arange(self.dimension)
        for bit, weight in enumerate(self.driver_weights):
            matrix[index, index ^ (1 << bit)] = -A * weight
        matrix[index, index] = B * self.diagonal
        return matrix


def checked_vector(v: ArrayLike, num_qubits: int) -> NDArray:
    """Return a vector in the space of some qubits as a new array in double precision.

    Parameters
    ----------
    v : array_like of float or complex, shape (2^d,)
        The vector.
    num_qubits : int
        The number of qubits d.

    Raises
    ------
    InputError
        If the vector has another shape.
    """
    vector = np.asarray(v)
    if vector.shape != (1 << num_qubits,):
        raise InputError(
            f"v has shape {vector.shape}; {num_qubits} qubits need ({1 << num_qubits},)"
        )
    return vector.astype(np.complex128 if np.iscomplexobj(vector) else np.float64)
