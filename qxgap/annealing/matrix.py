"""Hamiltonians with any real symmetric driver, and a driver that fixes the size of selections."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, aslinearoperator

from ..checks import real_array, require_number, require_whole
from ..errors import InputError
from ..files import digest
from ..memory import require_memory
from ..problem.accept import ProblemLike, as_problem
from ..problem.qubo import GROUND_RTOL
from .schedules import LINEAR, AnnealSchedule


@dataclass(frozen=True, eq=False)
class MatrixHamiltonian:
    """The Hamiltonian ``H(s) = A(s) H_D + B(s) H_P`` of any driver matrix and a diagonal problem.

    The class satisfies the protocol :class:`qxgap.annealing.Hamiltonian`: its gaps and spectra can
    be computed. Time evolution needs an :class:`AnnealHamiltonian`.

    Parameters
    ----------
    driver : sparse array or array_like of float, shape (n, n)
        The driver H_D, real and symmetric; it is stored as a CSR matrix.
    diagonal : array_like of float, shape (n,)
        The energies of the basis states in H_P, without ``offset``.
    schedule : AnnealSchedule
        The strengths A(s) and B(s).
    offset : float
        A constant that belongs to the energies of the problem but to no level.
    states : ndarray of int or None, shape (n, d)
        The occupations that the basis states represent, if they represent any.
    tolerance : float or None
        Energies of the diagonal within this distance of the lowest are one ground level; None means
        1e-13 of the largest.

    Raises
    ------
    InputError
        For shapes that do not fit, and for a driver that is zero or not real and symmetric.

    Examples
    --------
    >>> import qxgap as qx
    >>> H = qx.MatrixHamiltonian([[0.0, -1.0], [-1.0, 0.0]], [0.0, 1.0])
    >>> H.degeneracy
    1
    >>> round(qx.minimum_gap(H).value, 2)  # of -(1 - s) sigma_x + s n
    0.89
    """

    driver: sp.csr_array
    diagonal: NDArray[np.float64]
    schedule: AnnealSchedule = LINEAR
    offset: float = 0.0
    states: NDArray[np.uint8] | None = None
    tolerance: float | None = None

    def __post_init__(self) -> None:
        diagonal = real_array("diagonal", self.diagonal)
        driver = sp.csr_array(self.driver)
        if diagonal.ndim != 1 or driver.shape != (diagonal.size,) * 2:
            raise InputError(
                f"driver has shape {driver.shape} and diagonal {diagonal.shape}; give (n, n), (n,)"
            )
        if np.iscomplexobj(driver.data) or not np.all(np.isfinite(driver.data)):
            raise InputError("the driver must be real and finite")
        if not np.any(driver.data):
            raise InputError("the driver is zero, so nothing drives the anneal; give a matrix H_D")
        asymmetry = abs(driver - driver.T).max()
        if asymmetry > 1e-12 * abs(driver).max():
            raise InputError(f"the driver differs from its transpose by {asymmetry:g}")
        if not np.all(np.isfinite(diagonal)):
            raise InputError("the diagonal must be finite")
        diagonal.flags.writeable = False
        object.__setattr__(self, "diagonal", diagonal)
        object.__setattr__(self, "driver", driver.astype(np.float64))

    @property
    def dimension(self) -> int:
        """The number of basis states n."""
        return int(self.diagonal.size)

    @cached_property
    def driver_diagonal(self) -> NDArray[np.float64]:
        """The diagonal of H_D, shape (n,)."""
        return np.asarray(self.driver.diagonal(), dtype=np.float64)

    @property
    def ground_tolerance(self) -> float:
        """Energies of H_P within this distance of the lowest belong to the ground level."""
        if self.tolerance is not None:
            return self.tolerance
        return GROUND_RTOL * float(np.abs(self.diagonal).max())

    @cached_property
    def degeneracy(self) -> int:
        """The number of ground states of H_P."""
        return int(np.count_nonzero(self.diagonal <= self.diagonal.min() + self.ground_tolerance))

    @cached_property
    def instance_hash(self) -> str:
        """16 hexadecimal digits of the SHA-256 of diagonal and driver."""
        driver = self.driver
        return digest(self.diagonal.astype("<f8"), driver.indptr, driver.indices, driver.data)

    @cached_property
    def _driver_norm(self) -> float:
        """The largest absolute row sum of H_D, which bounds its operator norm."""
        return float(abs(self.driver).sum(axis=1).max())

    @cached_property
    def _problem_norm(self) -> float:
        """The norm of H_P: its largest absolute energy."""
        return max(-float(self.diagonal.min()), float(self.diagonal.max()))

    @cached_property
    def typical_energies(self) -> tuple[float, float]:
        """The typical energies of H_D and H_P: medians over the basis states, powers of two."""
        driver = abs(self.driver).sum(axis=1)
        excitation = self.diagonal - self.diagonal.min()
        return power_of_two(np.median(driver)), power_of_two(np.median(excitation))

    def with_schedule(self, schedule: AnnealSchedule) -> MatrixHamiltonian:
        """Return the same driver and problem under another schedule.

        Parameters
        ----------
        schedule : AnnealSchedule
            The other schedule.

        Returns
        -------
        MatrixHamiltonian
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
        return A * self._driver_norm + B * self._problem_norm

    def apply(self, A: float, B: float, v: NDArray) -> NDArray:
        """Return ``(A H_D + B H_P) v``.

        Parameters
        ----------
        A : float
            Strength of the driver.
        B : float
            Strength of the problem.
        v : ndarray of float or complex, shape (n,)
            A vector.

        Returns
        -------
        ndarray, shape (n,)
            The product.
        """
        return A * (self.driver @ v) + B * (self.diagonal * v)

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
            The operator, of shape (n, n).
        """
        return aslinearoperator(self._matrix(A, B))

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
            The matrix, of shape (n, n).
        """
        return self._matrix(float(A), float(B))

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
        ndarray of float, shape (n, n)
            The matrix.
        """
        require_memory(8 * self.dimension**2, f"a dense matrix of dimension {self.dimension}")
        return np.asarray(self._matrix(A, B).toarray())

    def _matrix(self, A: float, B: float) -> sp.csr_array:
        """Return ``A H_D + B H_P`` as a sparse matrix."""
        return sp.csr_array(A * self.driver + B * sp.diags_array(self.diagonal))


def power_of_two(energy: float) -> float:
    """Return the power of two nearest to ``energy``, or 1 if that is not positive and finite."""
    return 2.0 ** round(math.log2(energy)) if 0 < energy < math.inf else 1.0


@dataclass(frozen=True)
class FixedSizeSubspace:
    """Annealing among the selections of exactly k variables.

    The XY driver ``H_D = -weight sum_{p<q} (sigma_x^p sigma_x^q + sigma_y^p sigma_y^q) / 2``
    exchanges a selected variable with one that is not selected, for every pair. It acts on the
    C(d, k) basis states with k ones, and its ground state is their uniform superposition.

    Parameters
    ----------
    k : int
        The number of variables selected.
    weight : float
        A positive factor. The norm of the driver is ``weight k (d - k)``.

    References
    ----------
    Hen and Spedalieri, Phys. Rev. Applied 5, 034007 (2016); Hadfield et al., Algorithms 12, 34
    (2019).

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(5, seed=1)
    >>> H = qx.FixedSizeSubspace(2).hamiltonian(problem)
    >>> H.dimension
    10
    """

    references: ClassVar[tuple[str, ...]] = ("hen2016", "hadfield2019")

    k: int
    weight: float = 1.0

    def hamiltonian(
        self, problem: ProblemLike, schedule: AnnealSchedule = LINEAR
    ) -> MatrixHamiltonian:
        """Return the Hamiltonian of a problem, restricted to selections of k variables.

        Parameters
        ----------
        problem : QuboProblem or dimod.BinaryQuadraticModel
            The problem.
        schedule : AnnealSchedule
            The strengths of driver and problem.

        Returns
        -------
        MatrixHamiltonian
            Its ``states`` are the C(d, k) selections.

        Raises
        ------
        InputError
            Unless 0 < k < d and the weight is positive.
        MemoryLimitError
            If the C(d, k) states do not fit.
        """
        problem = as_problem(problem)
        d, k = problem.num_qubits, self.k
        require_whole(k, "k", "the number of selected variables")
        require_number(self.weight, "driver weight", "a positive number")
        if not 0 < k < d:
            raise InputError(f"k = {k} of {d} variables; choose 1 to {d - 1}")
        if not (math.isfinite(self.weight) and self.weight > 0):
            raise InputError(f"driver weight {self.weight} must be positive and finite")
        size = math.comb(d, k)
        require_memory(size * (d + 40 * k * (d - k)), f"{size} states of {k} out of {d}")
        selections = np.array(list(itertools.combinations(range(d), k)))
        states = np.zeros((size, d), dtype=np.uint8)
        np.put_along_axis(states, selections, 1, axis=1)
        return MatrixHamiltonian(
            driver=-self.weight * _swaps(states),
            diagonal=problem.energy(states, offset=False),
            schedule=schedule,
            offset=problem.offset,
            states=states,
            tolerance=problem.ground_tolerance,
        )


def _swaps(states: NDArray[np.uint8]) -> sp.csr_array:
    """Return the adjacency matrix of states, shape (n, d), that differ by moving one 1.

    Each state is identified by its index as a key, so that a moved state is found by bisection.
    """
    size, d = states.shape
    weights = 1 << np.arange(d - 1, -1, -1, dtype=np.int64)
    keys = states @ weights
    order = np.argsort(keys)
    rows, columns = [], []
    for p, q in itertools.permutations(range(d), 2):
        movable = np.flatnonzero((states[:, p] == 1) & (states[:, q] == 0))
        moved = keys[movable] - weights[p] + weights[q]  # the keys after moving a 1 from p to q
        rows.append(movable)
        columns.append(order[np.searchsorted(keys, moved, sorter=order)])
    row, column = np.concatenate(rows), np.concatenate(columns)
    return sp.csr_array((np.ones(row.size), (row, column)), shape=(size, size))
