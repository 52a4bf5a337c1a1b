"""Problem + driver + schedule: the annealing Hamiltonian in every form a solver may want."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.linalg import LinearOperator

from ..checks import kind_of
from ..errors import InputError
from ..memory import require_memory
from ..problem.accept import as_problem
from ..problem.bits import qubits_to_bit_order
from ..problem.qubo import QuboProblem
from .drivers import TransverseField
from .kernels import matvec
from .matrix import power_of_two
from .schedule import LINEAR, AnnealSchedule


@dataclass(frozen=True, eq=False)
class AnnealHamiltonian:
    """``H(s) = A(s) H_D + B(s) H_P``, real and symmetric, of dimension 2^d.

    The problem's offset is left out: it shifts every level alike. Energies are in the unit of the
    schedule times that of the problem.
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
        """2^d."""
        return 1 << self.num_qubits

    @property
    def diagonal(self) -> NDArray[np.float64]:
        """H_P, (2^d,), without the offset."""
        return self.problem.diagonal

    @property
    def driver_diagonal(self) -> NDArray[np.float64]:
        """The diagonal of H_D, which has none: a zero that broadcasts to (2^d,)."""
        return np.broadcast_to(0.0, (self.dimension,))

    @property
    def ground_tolerance(self) -> float:
        """Energies of H_P within this of the lowest are one ground level."""
        return self.problem.ground_tolerance

    @property
    def degeneracy(self) -> int:
        """The number of ground states of H_P."""
        return self.problem.degeneracy

    @property
    def instance_hash(self) -> str:
        """Content hash of the problem."""
        return self.problem.content_hash

    @property
    def offset(self) -> float:
        """The problem's offset, which no level here contains."""
        return self.problem.offset

    @cached_property
    def driver_weights(self) -> NDArray[np.float64]:
        """(d,) driver weights in bit order."""
        return qubits_to_bit_order(self.driver.weights(self.num_qubits))

    @cached_property
    def typical_energies(self) -> tuple[float, float]:
        """Energies of a typical qubit in H_D and of a typical variable in H_P, powers of two.

        Medians are taken, so that a few variables with large coefficients do not set them.
        """
        couplings = np.abs(self.problem.J)
        local = np.abs(self.problem.h) + couplings.sum(axis=0) + couplings.sum(axis=1)
        return power_of_two(np.median(self.driver_weights)), power_of_two(np.median(local))

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
        """Return an upper bound of ``||A H_D + B H_P||``."""
        return float(A * self.driver_weights.sum() + B * np.abs(self.diagonal).max())

    def apply(self, A: float, B: float, v: NDArray) -> NDArray:
        """``(A H_D + B H_P) v`` for v of shape (2^d,), float64 or complex128."""
        return matvec(self.diagonal, B, A * self.driver_weights, v, np.empty_like(v))

    def matvec(self, s: float, v: ArrayLike) -> NDArray:
        """``H(s) v`` for v of shape (2^d,)."""
        vector = np.asarray(v)
        vector = vector.astype(np.complex128 if np.iscomplexobj(vector) else np.float64)
        if vector.shape != (self.dimension,):
            raise InputError(
                f"v has shape {vector.shape}; {self.num_qubits} qubits need ({self.dimension},)"
            )
        A, B = self.schedule(s)
        return self.apply(float(A), float(B), vector)

    def to_linear_operator(self, A: float, B: float) -> LinearOperator:
        """``A H_D + B H_P`` as a real scipy LinearOperator."""

        def multiply(v: NDArray) -> NDArray:
            return self.apply(A, B, np.ascontiguousarray(v, dtype=np.float64).reshape(-1))

        shape = (self.dimension, self.dimension)
        return LinearOperator(shape, matvec=multiply, rmatvec=multiply, dtype=np.float64)

    def driver_matrix(self) -> sp.csr_array:
        """H_D as a sparse matrix; d 2^d entries."""
        d, dimension = self.num_qubits, self.dimension
        require_memory(16 * d * dimension, f"the sparse driver of {d} qubits")
        rows = np.repeat(np.arange(dimension), d)
        columns = (np.arange(dimension)[:, None] ^ (1 << np.arange(d))).ravel()
        values = np.tile(-self.driver_weights, dimension)
        return sp.csr_array((values, (rows, columns)), shape=(dimension, dimension))

    def problem_matrix(self) -> sp.csr_array:
        """H_P as a sparse matrix."""
        return sp.csr_array(sp.diags_array(self.diagonal))

    def to_sparse(self, A: float, B: float) -> sp.csr_array:
        """``A H_D + B H_P`` as a sparse matrix of shape (2^d, 2^d)."""
        return sp.csr_array(float(A) * self.driver_matrix() + float(B) * self.problem_matrix())

    def to_dense(self, A: float, B: float) -> NDArray[np.float64]:
        """``A H_D + B H_P`` as an array (2^d, 2^d)."""
        require_memory(8 << 2 * self.num_qubits, f"a dense matrix of {self.num_qubits} qubits")
        matrix, index = np.zeros((self.dimension,) * 2), np.arange(self.dimension)
        for bit, weight in enumerate(self.driver_weights):
            matrix[index, index ^ (1 << bit)] = -A * weight
        matrix[index, index] = B * self.diagonal
        return matrix
