"""Davidson's method with thick and locally optimal restarts (GD+k), with a certificate.

A step takes one operator product. Sources: Davidson, J. Comput. Phys. 17, 87 (1975); the correction
of Olsen, Jorgensen and Simons, Chem. Phys. Lett. 169, 463 (1990); Stathopoulos and Saad, ETNA 7,
163 (1998) for thick restarts that also retain the Ritz vector of the step before. With them, few
more products are needed than with a Krylov space that is never restarted.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .arrays import Array, Arrays, CountedOperator, FloatArray
from .completeness import Completeness, check_completeness
from .eigenpairs import EigenStatus
from .methods import Davidson
from .subspace import Subspace, cold_start, random_row

LEAST_DENOMINATOR = 1e-6
"""The preconditioner divides by no less than this fraction of the norm."""
PATIENCE = 500
"""After this many steps, every other step is not preconditioned."""
COPIES = 4
"""The next level is sought among 2 k + COPIES of the lowest diagonal elements, for k levels."""
COPY = 10.0
"""Levels closer than this many tolerances count as copies of one level."""
UNKNOWN_SEPARATION = 1e-3
"""Assumed distance of the next level, relative to the norm, if nothing indicates it."""


@dataclass(frozen=True, eq=False)
class Problem:
    """The data that every stage of one solve shares.

    Attributes
    ----------
    op : CountedOperator
        The operator.
    diagonal : Array of shape (n,), or None
        The operator's diagonal, if it is known.
    method : Davidson
        Tolerance and limits.
    rng : numpy.random.Generator
        Source of all random vectors.
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
        """The library, number type and device of the vectors."""
        return self.op.arrays

    @property
    def tolerance(self) -> float:
        """Residual norm to be reached; it is never less than rounding permits."""
        return max(self.method.residual_tolerance, self.arrays.least_residual) * self.norm

    def random(self) -> Array:
        """Draw a random vector with larger components where the diagonal is low."""
        return random_row(self.n, self.diagonal, self.norm, self.arrays, self.rng)


def davidson(
    problem: Problem, k: int, start: Iterable[Array] | None
) -> tuple[Array, float, EigenStatus]:
    """Compute the lowest ``k`` Ritz vectors, (k, n) orthonormal rows, and check for missed ones.

    ``start``, vectors of shape (n,) or None, are guesses. Returned are the vectors, a lower bound
    of the levels beyond them (-inf without a certificate), and how the solve ended.
    """
    rows = cold_start(problem.diagonal, k, problem.arrays) if start is None else start
    # A random vector overlaps with every eigenvector, so no symmetry of the start hides a level.
    rows = itertools.chain(rows, (problem.random() for _ in range(1)))
    for _ in range(problem.method.max_repairs + 1):
        values, vectors, converged = _solve(problem, k, rows)
        if not converged:
            return vectors, -np.inf, EigenStatus.NOT_CONVERGED
        check = _check(problem, vectors, values)
        if check.missed is None:
            status = EigenStatus.CONVERGED if check.certified else EigenStatus.NOT_CONVERGED
            return vectors, check.beyond, status
        # The check met a vector with an expectation below the highest level, so a level was
        # missed. The next solve starts from the vectors so far and from this one.
        rows = [*vectors, problem.arrays.array(check.missed)]
    return vectors, -np.inf, EigenStatus.INCOMPLETE


def _solve(problem: Problem, k: int, rows: Iterable[Array]) -> tuple[FloatArray, Array, bool]:
    """Return all Ritz values of the final basis, the ``k`` lowest vectors, and the success."""
    n = problem.n
    space = Subspace(problem.op, problem.method.capacity(n, k))
    for row in itertools.islice(rows, space.capacity):
        space.append(row)
    while space.size < k:
        space.append(problem.arrays.random(n, problem.rng))
    success = expand(space, k, problem)
    values, coefficients = space.ritz()
    return values, space.vectors(coefficients[:, :k]), success


def _check(problem: Problem, vectors: Array, values: FloatArray) -> Completeness:
    """Look for a level outside the k Ritz ``vectors`` and below the highest of their values.

    ``values`` are all Ritz values of the basis. Levels within the tolerance of the highest wanted
    one count as copies of it: missing them changes no wanted value by more than the tolerance.
    """
    k, method, judge = len(vectors), problem.method, problem.judge or problem
    highest = float(values[k - 1])
    return check_completeness(
        judge.op,
        judge.arrays.array(vectors),
        values[:k],
        highest - problem.tolerance,
        separation=_separation(judge, values, k, problem.tolerance),
        diagonal=judge.diagonal,
        failure_probability=method.failure_probability,
        max_steps=method.max_steps,
        rng=problem.rng,
    )


def _separation(problem: Problem, values: FloatArray, k: int, tolerance: float) -> float:
    """Estimate the distance from the highest wanted level to the next one that is no copy of it.

    The next level is not above the next Ritz value, nor much above the next diagonal element.
    Copies do not count, because the distance sets the preconditioner of the check: a distance that
    is too large costs less than one that is too small.
    """
    following = values[k:]
    if problem.diagonal is not None:
        count = min(2 * k + COPIES, problem.n)
        lowest, _ = problem.arrays.smallest(problem.diagonal, count)
        following = np.concatenate([following, lowest[k:]])
    distances = following - values[k - 1]
    distances = distances[distances > COPY * tolerance]
    return float(distances.min()) if distances.size else UNKNOWN_SEPARATION * problem.norm


def expand(space: Subspace, count: int, problem: Problem) -> bool:
    """Expand ``space`` until its ``count`` lowest Ritz pairs have converged.

    The space has at least ``count`` vectors. Every step works on one pair, the target: its
    preconditioned residual is the next basis vector. Returns False if the steps ran out first.
    """
    # ``before`` contains the Ritz coefficients of the previous step, which a restart retains.
    before, target, tolerance = np.zeros((0, 0)), 0, problem.tolerance
    values, coefficients = space.ritz()
    norms = space.residuals(values[:count], coefficients[:, :count])
    for step_number in range(problem.method.max_steps * count):
        # The target stays until it has converged. Then all pairs are examined, because progress on
        # one pair may have moved another. The lowest that has not converged is the next target; if
        # there is none, the expansion is finished.
        if norms[target] <= tolerance:
            norms = space.residuals(values[:count], coefficients[:, :count])
            if np.all(norms <= tolerance):
                return True
            target = int(np.argmax(norms > tolerance))
        # A basis of the whole space gives the exact levels; its residuals are rounding errors.
        if space.is_complete:
            return True
        # A full basis is restarted with its best half.
        if space.size == space.capacity:
            space.restart(space.retained_directions(coefficients, before, target, count))
            values, coefficients = space.ritz()
        # The preconditioner needs the norm of the residual that it multiplies, but only roughly:
        # that of the step before suffices.
        least = max(float(norms[target]), LEAST_DENOMINATOR * problem.norm)
        # The preconditioned steps may stagnate. Plain residuals span a Krylov space, which does
        # not; every other step after PATIENCE is such a step.
        is_plain = step_number >= PATIENCE and step_number % 2
        direction = space.direction(
            float(values[target]),
            coefficients[:, target],
            least,
            None if is_plain else problem.diagonal,
        )
        norms[target] = direction.residual
        if direction.residual <= tolerance:
            continue
        # If the space contains the direction already, a random one replaces it.
        is_new = space.join(direction)
        while not is_new:
            is_new = space.append(problem.arrays.random(problem.n, problem.rng))
        before = coefficients
        values, coefficients = space.ritz()
    return False
