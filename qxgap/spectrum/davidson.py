"""Davidson's method with thick and locally optimal restarts (GD+k), checked by deflation.

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
from .deflation import CountedOperator
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
CHECK_SHIFT = 0.01
"""The check preconditions with a value this fraction of the norm below all that is found."""


@dataclass(frozen=True)
class Davidson:
    """Davidson's method, preconditioned by the diagonal if that is given; checked by deflation.

    The check starts at random in the complement of the found vectors and looks for its lowest
    level. Its preconditioner stays positive definite, so that lower levels always gain on higher
    ones; with ``diagonal - value`` it would settle on a level near where it began. It ends when a
    Ritz value lies above the highest wanted level by more than its residual, which is then at most
    ``check_tol``; or when one lies below, and then the vector joins the next solve. So it detects
    levels that a start, a symmetry or a cluster hid. It is no proof: it may overlook a level that
    is closer to the highest wanted one than ``check_tol``, or, by chance, one to which the random
    start is nearly orthogonal.

    Parameters
    ----------
    tol : residual asked for, relative to the norm bound.
    basis : vectors held, never less than 3 k + 2 for k levels, and as many images. A step reads
        them several times, which takes longer than its product; with the restarts used here, twice
        as many save 3 % of the products. Clusters of more levels than that converge slowly or not
        at all; dimensions up to 128 hold all there is.
    max_steps : operator products per level sought and per check.
    max_repairs : solves again after missed levels before the status says INCOMPLETE.
    check_tol : largest residual that ends the check, relative to the norm bound.
    """

    tol: float = 1e-8
    basis: int = 8
    max_steps: int = 3000
    max_repairs: int = 20
    check_tol: float = 1e-4

    def capacity(self, n: int, k: int) -> int:
        """Vectors held for k levels of dimension n."""
        return n if n <= HOLD_ALL else max(self.basis, 3 * k + 2)

    def num_bytes(self, n: int, k: int, itemsize: int = 8) -> int:
        """Memory at the peak: basis and images, found and start vectors, working vectors."""
        return itemsize * n * (2 * self.capacity(n, k) + 3 * k + 8)


@dataclass(frozen=True, eq=False)
class Problem:
    """What every stage of one solve shares; ``diagonal`` is the operator's, or None."""

    op: CountedOperator
    diagonal: Array | None
    method: Davidson
    rng: np.random.Generator

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
        missed, beyond, converged = _missed(problem, found, values)
        if missed is None:
            status = EigenStatus.CONVERGED if converged else EigenStatus.NOT_CONVERGED
            return found, beyond, status
        rows = [*found, missed]
    return found, -np.inf, EigenStatus.INCOMPLETE


def _solve(problem: Problem, k: int, rows: list[Array]) -> tuple[Matrix, Array, bool]:
    """Lowest ``k`` values, their vectors and whether all converged."""
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
    return values[:k], space.rows(coefficients[:, :k]), success


def _missed(problem: Problem, found: Array, known: Matrix) -> tuple[Array | None, float, bool]:
    """Return a vector outside ``found`` and below its values ``known``, if any.

    Also a lower bound of the levels outside, as far as the check saw, and whether it is sure.
    Values within the tolerance of the highest are copies of it, not below it.
    """
    n, method, highest = problem.n, problem.method, float(known[-1])
    if len(found) == n:
        return None, np.inf, True
    least, loose = problem.tolerance, method.check_tol * problem.norm
    room = n - len(found)
    space = Subspace(problem.op, found, min(room, method.capacity(n, 1)), problem.arrays)
    while not space.append(problem.random()):
        continue

    def decided(values: Matrix, index: int, residual: float) -> bool:
        above = residual <= loose and values[0] - residual > highest
        return bool(above or values[0] < highest - least or residual <= least)

    ceiling = float(known[0]) - CHECK_SHIFT * problem.norm
    success = expand(space, 1, decided, problem, ceiling)
    values, coefficients = space.ritz()
    vector, residual = space.residual(values[0], coefficients[:, 0])
    if values[0] < highest - least:
        return vector, -np.inf, True
    rounding = problem.arrays.least_residual * problem.norm
    return None, float(values[0]) - length(residual) - rounding, success


def expand(
    space: Subspace, count: int, done: Judge, problem: Problem, ceiling: float = np.inf
) -> bool:
    """Expand ``space``, not empty, until its ``count`` lowest Ritz pairs are ``done``.

    ``done(values, i, residual norm)`` judges pair i. False if the steps ran out first. The
    preconditioner takes values no higher than ``ceiling``.
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
            step = precondition(problem, min(float(values[target]), ceiling), vector, residual)
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
