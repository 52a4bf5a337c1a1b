"""Davidson's method with thick and locally optimal restarts (GD+k), with a certificate.

One operator product per step. Sources: Davidson, J. Comput. Phys. 17, 87 (1975); the correction of
Olsen, Jorgensen and Simons, Chem. Phys. Lett. 169, 463 (1990); Stathopoulos and Saad, ETNA 7, 163
(1998) for thick restarts that also keep the Ritz vector of the step before, which then need few
more products than a Krylov space that is never restarted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .arrays import Array, Arrays, length
from .completeness import Completeness, check_completeness
from .counted import CountedOperator
from .start import cold_start, random_row
from .status import EigenStatus
from .subspace import Matrix, Subspace, kept_directions

Judge = Callable[[Matrix, int, float], bool]

LEAST_DENOMINATOR = 1e-6
"""The preconditioner divides by no less than this fraction of the norm."""

HOLD_ALL = 128
"""Up to this dimension the basis may grow to all of it, which always converges."""
PATIENCE = 500
"""Steps after which every other one is not preconditioned."""


@dataclass(frozen=True)
class Davidson:
    """Davidson's method, preconditioned by the diagonal if that is given, with a certificate.

    The vectors that were found are then checked by :mod:`qxgap.linalg.completeness`: no level
    outside them lies below the highest wanted one by more than the tolerance, except with
    ``failure_probability``. What the check finds below joins the next solve.

    Parameters
    ----------
    tol : float
        Residual asked for, relative to the norm bound.
    basis : int
        Vectors held, never less than 3 k + 2 for k levels, and as many images. A step reads them
        several times, which takes longer than its product; with the restarts used here, twice as
        many save 3 % of the products. Clusters of more levels than that converge slowly or not at
        all; dimensions up to 128 hold all there is.
    max_steps : int
        Operator products per level sought, and per check.
    max_repairs : int
        Solves again after missed levels before the status says INCOMPLETE.
    failure_probability : float
        Probability, for each check, that it overlooks a level.
    """

    tol: float = 1e-8
    basis: int = 8
    max_steps: int = 3000
    max_repairs: int = 20
    failure_probability: float = 1e-8

    def capacity(self, n: int, k: int) -> int:
        """Vectors held for k levels of dimension n."""
        return n if n <= HOLD_ALL else max(self.basis, 3 * k + 2)

    def num_bytes(self, n: int, k: int, itemsize: int = 8) -> int:
        """Memory at the peak: basis and images, found and start vectors, working vectors."""
        return itemsize * n * (2 * self.capacity(n, k) + 3 * k + 8)


COPIES = 4
"""So many diagonal elements, and twice the levels wanted, are looked at for the next level."""
COPY = 10.0
"""Levels closer than this many tolerances are copies."""
UNKNOWN_SEPARATION = 1e-3
"""Of the norm: the distance of the next level if nothing tells it."""


@dataclass(frozen=True, eq=False)
class Problem:
    """What every stage of one solve shares.

    Attributes
    ----------
    diagonal : Array (n,) or None
        The operator's.
    judge : Problem or None
        The same operator in double precision, for the check, if the solve is in single precision.
    """

    op: CountedOperator
    diagonal: Array | None
    method: Davidson
    rng: np.random.Generator
    judge: Problem | None = None

    @property
    def n(self) -> int:
        """Dimension."""
        return self.op.n

    @property
    def norm(self) -> float:
        """Upper bound of the operator's 2-norm."""
        return self.op.norm

    @property
    def arrays(self) -> Arrays:
        """Where the vectors live."""
        return self.op.arrays

    @property
    def tolerance(self) -> float:
        """Residual to reach; rounding allows no less."""
        return max(self.method.tol, self.arrays.least_residual) * self.norm

    def random(self) -> Array:
        """A random vector, more of it where the diagonal is low."""
        return random_row(self.n, self.diagonal, self.norm, self.arrays, self.rng)


def davidson(problem: Problem, k: int, start: Array | None) -> tuple[Array, float, EigenStatus]:
    """Lowest ``k`` Ritz vectors, (k, n) orthonormal rows, from ``start``, (m, n) rows or None.

    Also what the check found to be a lower bound of the levels beyond them; -inf if nothing.
    """
    rows = cold_start(problem.diagonal, k, problem.arrays) if start is None else list(start)
    rows.append(problem.random())
    for _ in range(problem.method.max_repairs + 1):
        values, found, converged = _solve(problem, k, rows)
        if not converged:
            return found, -np.inf, EigenStatus.NOT_CONVERGED
        check = _check(problem, found, values)
        if check.missed is None:
            status = EigenStatus.CONVERGED if check.certified else EigenStatus.NOT_CONVERGED
            return found, check.beyond, status
        rows = [*found, problem.arrays.array(check.missed)]
    return found, -np.inf, EigenStatus.INCOMPLETE


def _solve(problem: Problem, k: int, rows: list[Array]) -> tuple[Matrix, Array, bool]:
    """All values that the basis knows, the ``k`` lowest vectors and whether they converged."""
    n, method = problem.n, problem.method
    arrays = problem.arrays
    space = Subspace(problem.op, arrays.empty(0, n), method.capacity(n, k), arrays)
    for row in rows[: space.capacity]:
        space.append(row)
    while space.size < k:
        space.append(arrays.array(problem.rng.normal(size=n)))

    def converged(values: Matrix, index: int, residual: float) -> bool:
        return residual <= problem.tolerance

    success = expand(space, k, converged, problem)
    values, coefficients = space.ritz()
    return values, space.rows(coefficients[:, :k]), success


def _check(problem: Problem, found: Array, values: Matrix) -> Completeness:
    """Look for a level below the ``k`` Ritz ``values`` of which ``found`` holds the vectors.

    ``values`` are all that the basis knows. Levels within the tolerance of the highest wanted one
    count as copies of it.
    """
    k, method, judge = len(found), problem.method, problem.judge or problem
    highest = float(values[k - 1])
    return check_completeness(
        judge.op,
        judge.arrays.array(found),
        values[:k],
        highest - problem.tolerance,
        separation=_separation(judge, values, k, problem.tolerance),
        diagonal=judge.diagonal,
        failure_probability=method.failure_probability,
        max_steps=method.max_steps,
        rng=problem.rng,
    )


def _separation(problem: Problem, values: Matrix, k: int, tolerance: float) -> float:
    """How far the first level that is no copy of the highest wanted one lies above it, about.

    It is not above the next Ritz value, nor much above the next diagonal element. Copies do not
    count: as a scale for the preconditioner, a distance too large costs less than one too small.
    """
    following = values[k:]
    if problem.diagonal is not None:
        count = min(2 * k + COPIES, problem.n)
        following = np.concatenate(
            [following, problem.arrays.smallest(problem.diagonal, count)[k:]]
        )
    distances = following - values[k - 1]
    distances = distances[distances > COPY * tolerance]
    return float(distances.min()) if distances.size else UNKNOWN_SEPARATION * problem.norm


def expand(space: Subspace, count: int, done: Judge, problem: Problem) -> bool:
    """Expand ``space``, not empty, until its ``count`` lowest Ritz pairs are ``done``.

    ``done(values, i, residual norm)`` judges pair i. False if the steps ran out first.
    """
    before, target = np.zeros((0, 0)), 0
    for taken in range(problem.method.max_steps * count):
        values, coefficients = space.ritz()
        # first the pair that was worked on; once it is done, all of them
        for index in (target, *range(min(count, space.size))):
            target = index
            vector, residual = space.residual(values[target], coefficients[:, target])
            if not done(values, target, length(residual)):
                break
        else:
            return True
        if space.size == space.room:
            return True
        if taken >= PATIENCE and taken % 2:
            step = residual  # a Krylov step, should the preconditioner lead in circles
        else:
            step = precondition(problem, float(values[target]), vector, residual)
        if space.size == space.capacity:
            space.restart(kept_directions(coefficients, before, target, count))
            _, coefficients = space.ritz()
        before = coefficients
        while not space.append(step):
            step = problem.arrays.array(problem.rng.normal(size=problem.n))
    return False


def precondition(problem: Problem, value: float, vector: Array, residual: Array) -> Array:
    """Olsen's correction ``M r - (v.M r / v.M v) M v`` with ``M = 1 / (diagonal - value)``."""
    if problem.diagonal is None:
        return residual
    least = max(length(residual), LEAST_DENOMINATOR * problem.norm)
    shifted = problem.diagonal - value
    shifted[abs(shifted) < least] = least
    step, second = residual / shifted, vector / shifted
    overlap = float(vector @ second)
    if abs(overlap) * problem.norm > 1e-8:
        second *= float(vector @ step) / overlap
        step -= second
    return step
