"""The lowest levels of H = A H_D + B H_P at one point of an anneal, with the bounds of a bracket.

At the ends of an anneal of qubits, where one of A and B is zero, levels and expectations are known
in closed form: computational states at A = 0, and at B = 0 the states of d independent spins in the
driver's field, each of which has ``<H_P>`` equal to the mean of the diagonal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.sparse.linalg import aslinearoperator

from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.inhomogeneous import InhomogeneousHamiltonian
from ..annealing.protocol import Hamiltonian
from ..checks import require_whole
from ..errors import InputError
from ..linalg.arrays import HOST, Array, FloatArray, to_numpy
from ..linalg.eigenpairs import ConvergenceError, Eigenpairs, EigenStatus, rounding_error
from ..linalg.eigensolve import LARGEST_NORM, lowest_eigenpairs
from ..linalg.methods import Davidson, Dense, EigenMethod, default_method
from ..statistics.seeds import Seed
from .backends import Backends, HostBackend
from .frame_solver import lowest_pairs_in_frame


@dataclass(frozen=True, eq=False)
class LowLevels:
    """Lowest levels at the strengths A and B of driver and problem.

    Attributes
    ----------
    A, B : float
        Coefficients of H_D and H_P.
    values : ndarray of float, shape (k,)
        Levels, ascending, without the problem's offset.
    residuals : ndarray of float, shape (k,)
        Residual norms. Each level differs from its value by at most the 2-norm of this array.
    deficit : float
        The sum of the k lowest levels is at least ``values.sum() - deficit``.
    beyond : float
        Lower bound of the levels above these, as far as the completeness check can tell.
    driver, problem : ndarray of float, shape (k,)
        Expectations of H_D and H_P in orthonormal states that span the levels. So
        ``a driver[0] + b problem[0]`` bounds the ground energy at *any* (a, b) from above.
    matvecs : int
        Number of operator applications; zero in closed form.
    status : EigenStatus
        How the solve ended.
    method : Dense, Davidson, Lanczos, Lobpcg or None
        The solver that ran; None in closed form.
    """

    A: float
    B: float
    values: FloatArray
    residuals: FloatArray
    deficit: float
    beyond: float
    driver: FloatArray
    problem: FloatArray
    matvecs: int
    status: EigenStatus
    method: EigenMethod | None

    def require_converged(self, what: str = "") -> None:
        """Raise ConvergenceError, with the method's remedy, unless no level was missed.

        Parameters
        ----------
        what : str
            What was computed, for the message, such as ``"levels at s = 0.5: "``.
        """
        if self.status is not EigenStatus.CONVERGED:
            raise ConvergenceError(f"{what}{self.status.message(self.method)}")


@dataclass(frozen=True, eq=False)
class LevelSolver:
    """Solves for the lowest levels of one Hamiltonian at any strengths.

    If the method names a device, the Hamiltonian is copied there once for all points.

    Parameters
    ----------
    H : AnnealHamiltonian or MatrixHamiltonian
        The Hamiltonian; its schedule plays no part.
    method : Dense, Davidson, Lanczos or Lobpcg, optional
        The eigensolver; by default the dimension decides (:func:`qxgap.linalg.default_method`).
    seed : int, numpy.random.Generator or None
        Seed of the start vectors of every solve.
    """

    H: Hamiltonian
    method: EigenMethod | None = None
    seed: Seed = 0

    @property
    def qubits(self) -> AnnealHamiltonian | None:
        """H, if it is one of qubits in a transverse field; these have closed forms and a frame."""
        return self.H if isinstance(self.H, AnnealHamiltonian) else None

    @property
    def is_adaptive(self) -> bool:
        """Whether each solve may have a tolerance of its own."""
        return self.method is None or (
            isinstance(self.method, Davidson) and self.method.tol is None
        )

    def method_for(self, k: int) -> EigenMethod:
        """Return the method that solves for ``k`` levels."""
        return self.method or default_method(self.H.dimension, k)

    @cached_property
    def _backends(self) -> Backends:
        """The backends on which Davidson's method runs for qubits."""
        assert self.qubits is not None
        method = self.method
        if isinstance(method, Davidson) and method.device is not None:
            from .torch_backend import torch_backends

            return torch_backends(self.qubits, method.device, method.precision)
        host = HostBackend(self.qubits)
        return Backends(host, host)

    def solve(
        self, A: float, B: float, k: int, start: Array | None = None, tol: float | None = None
    ) -> tuple[LowLevels, Array | None]:
        """Compute the lowest ``k`` levels of ``A H_D + B H_P`` and their vectors.

        Parameters
        ----------
        A, B : float
            Strengths, not negative and not both zero.
        k : int
            Number of levels.
        start : Array, shape (n, m), optional
            Vectors at nearby strengths, which save work.
        tol : float, optional
            Residual to be reached, relative to the norm, for Davidson's method if its own is None.

        Returns
        -------
        levels : LowLevels
            The levels and their bounds.
        vectors : Array of shape (n, k), or None
            They live where the method runs, and are None where levels are known in closed form.
        """
        H, qubits = self.H, self.qubits
        if A == 0.0:
            _, lowest = HOST.smallest(H.diagonal, k)
            return _closed_form(H, A, B, H.driver_diagonal[lowest], H.diagonal[lowest]), None
        if B == 0.0 and qubits is not None:
            excitation = np.sort(subset_sums(2.0 * qubits.driver_weights, k))
            driver = excitation - qubits.driver_weights.sum()
            return _closed_form(H, A, B, driver, np.full(k, H.diagonal.mean())), None
        norm = H.norm_bound(A, B)
        if not norm <= LARGEST_NORM:
            raise InputError(
                f"the energies of H reach {norm:.3g}; powers of more than {LARGEST_NORM:g} "
                "overflow: divide h and J by their largest coefficient"
            )
        method = self.method_for(k)
        if isinstance(method, Davidson) and method.tol is None and tol is not None:
            method = replace(method, tol=tol)
        if qubits is not None and isinstance(method, Davidson):
            found = lowest_pairs_in_frame(qubits, self._backends, A, B, k, method, self.seed, start)
            levels = _levels_of(found.pairs, A, B, found.driver, found.problem)
            return levels, found.pairs.vectors
        pairs = self._solve_on_host(A, B, k, method, start)
        columns = pairs.vectors.T
        driver = np.array([float(column @ H.apply(1.0, 0.0, column)) for column in columns])
        problem = (columns * columns) @ H.diagonal
        # each expectation of the driver took one product
        pairs = replace(pairs, matvecs=pairs.matvecs + k)
        return _levels_of(pairs, A, B, driver, problem), pairs.vectors

    def _solve_on_host(
        self, A: float, B: float, k: int, method: EigenMethod, start: Array | None
    ) -> Eigenpairs:
        """Compute eigenpairs without the mean-field frame, for any Hamiltonian and method."""
        H = self.H
        dense = isinstance(method, Dense)
        return lowest_eigenpairs(
            aslinearoperator(H.to_dense(A, B)) if dense else H.to_linear_operator(A, B),
            k,
            method,
            norm_bound=H.norm_bound(A, B),
            seed=self.seed,
            diagonal=A * H.driver_diagonal + B * H.diagonal,
            start=start,
        )


def lowest_levels(
    H: Hamiltonian,
    A: float,
    B: float,
    k: int,
    method: EigenMethod | None = None,
    seed: Seed = 0,
) -> tuple[LowLevels, FloatArray | None]:
    """Compute the lowest ``k`` levels at one point; see :meth:`LevelSolver.solve`.

    The vectors, (n, k), are numpy arrays; they are None where levels are known in closed form.
    """
    levels, vectors = LevelSolver(H, method, seed).solve(A, B, k)
    return levels, None if vectors is None else to_numpy(vectors)


def solver_at(
    solver: LevelSolver, H: Hamiltonian | InhomogeneousHamiltonian, s: float
) -> tuple[LevelSolver, float, float]:
    """Return the solver for one anneal fraction, with the strengths of its driver and problem.

    Parameters
    ----------
    solver : LevelSolver
        Method and seed.
    H : AnnealHamiltonian, MatrixHamiltonian or InhomogeneousHamiltonian
        The Hamiltonian of the anneal; of the last kind, driver and problem differ at every s.
    s : float
        Anneal fraction.

    Returns
    -------
    solver : LevelSolver
        The solver.
    A, B : float
        Strengths of driver and problem.
    """
    if isinstance(H, InhomogeneousHamiltonian):
        here, A, B = H.at(s)
        return replace(solver, H=here), A, B
    A, B = map(float, H.schedule(s))
    return solver, A, B


def require_levels(H: Hamiltonian | InhomogeneousHamiltonian, levels: int) -> None:
    """Raise InputError unless H has that many levels."""
    require_whole(levels, "levels", "the number of levels")
    if not 1 <= levels <= H.dimension:
        raise InputError(
            f"{levels} levels of a Hamiltonian of dimension {H.dimension} do not exist; give 1 to "
            f"{H.dimension}"
        )


def _levels_of(
    pairs: Eigenpairs, A: float, B: float, driver: FloatArray, problem: FloatArray
) -> LowLevels:
    """Return the levels of eigenpairs with their expectations."""
    return LowLevels(
        A=A,
        B=B,
        values=pairs.values,
        residuals=pairs.residuals,
        deficit=pairs.deficit,
        beyond=pairs.beyond,
        driver=driver,
        problem=problem,
        matvecs=pairs.matvecs,
        status=pairs.status,
        method=pairs.method,
    )


def _closed_form(
    H: Hamiltonian, A: float, B: float, driver: FloatArray, problem: FloatArray
) -> LowLevels:
    """Return levels that are exact up to rounding."""
    k, values = driver.size, A * driver + B * problem
    rounding = rounding_error(H.dimension, H.norm_bound(A, B))
    return LowLevels(
        A=A,
        B=B,
        values=values,
        residuals=np.full(k, rounding),
        deficit=2 * k * rounding,
        beyond=float(values[-1]),
        driver=driver,
        problem=problem,
        matvecs=0,
        status=EigenStatus.CONVERGED,
        method=None,
    )


def subset_sums(weights: FloatArray, k: int) -> FloatArray:
    """Return the ``k`` smallest sums over subsets of ``weights``, which are not negative.

    Parameters
    ----------
    weights : ndarray of float, shape (d,)
        The weights.
    k : int
        Number of sums, at most 2^d.

    Returns
    -------
    ndarray of float, shape (k,)
        The sums, ascending.
    """
    sums = np.zeros(1)
    for weight in weights:
        sums = np.sort(np.concatenate([sums, sums + weight]))[:k]
    return sums
