"""A randomized certificate that an eigen-solve missed no level.

An iterative solver returns k orthonormal Ritz vectors V of an operator H. They need not be the
*lowest* k: the solver never meets an eigenvector that no start vector contains, or that the
preconditioner suppresses. The method of this module decides whether a level was missed. Its answer
depends neither on the start vectors nor on the preconditioner of the solve.

Let sigma be a threshold at the highest Ritz value or just below it. Lift the Ritz vectors above the
threshold, ``H' = H + V diag(lift) V^T``. For x orthogonal to V, ``x.H x = x.H' x``,
so if H' has no level below sigma, H has none outside V. Let M be any positive diagonal matrix. By
Sylvester's law of inertia ``H' - sigma`` has as many negative eigenvalues as

    T = M^(1/2) (H' - sigma) M^(1/2),

and with M about ``1 / (diagonal - sigma)`` the spectrum of T is far narrower than that of H. So the
question is whether T has a negative eigenvalue, and a wrong M can only make the answer slow.

Lanczos' recurrence for T, from a start uniform on the unit sphere, makes after j steps the unit
vector ``p_j(T) start`` with a known polynomial p_j. An eigenvalue mu whose eigenvector has the
component gamma in the start satisfies

    1 = |p_j(T) start|^2 >= gamma^2 p_j(mu)^2,        so        |p_j(mu)| <= 1 / |gamma|,

and to the left of its roots, which are the Ritz values of T, |p_j| falls towards them. So if all
Ritz values are positive and ``|p_j(t)| >= 1 / delta`` at some t >= 0 to the left of them, then T
has no eigenvalue below t unless ``|gamma| <= delta``. For a start drawn afresh in n dimensions

    P(|gamma| <= delta) <= delta sqrt(2 n / pi),

whatever H, V and M are. This probability is what ``failure_probability`` bounds, for one check.

Sources: van Dorsselaer, Hochstenbach and van der Vorst, SIAM J. Matrix Anal. Appl. 22, 837 (2000)
for the bound by the Lanczos polynomial; Kuczynski and Wozniakowski, SIAM J. Matrix Anal. Appl. 13,
1094 (1992) for random starts; Greenbaum, Linear Algebra Appl. 113, 7 (1989) for why the recurrence
may be used without orthogonalising again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from .arrays import Array, CountedOperator, FloatArray
from .passes import passes_for

CERTIFIED_SHARE = 0.1
"""The check continues until T has no eigenvalue below this fraction of its lowest Ritz value."""
FLOOR = 2.0
"""``1 / M`` is at least this many times the estimated distance of the next level."""
FIRST_LOOK = 3
"""Number of steps before the polynomial is evaluated for the first time."""


@dataclass(frozen=True, eq=False)
class Completeness:
    """The result of a check.

    Attributes
    ----------
    beyond : float
        Lower bound of all levels outside the vectors that were checked; -inf without certificate.
    missed : Array of shape (n,), or None
        A vector with an expectation below the threshold, if the check met one.
    """

    beyond: float
    missed: Array | None = None

    @property
    def certified(self) -> bool:
        """Whether no level lies below the threshold, except with the failure probability."""
        return self.beyond > -math.inf


def check_completeness(
    op: CountedOperator,
    vectors: Array,
    values: NDArray[np.float64],
    threshold: float,
    *,
    separation: float,
    diagonal: Array | None,
    failure_probability: float,
    rng: np.random.Generator,
    max_steps: int = 3000,
) -> Completeness:
    """Look for a level of ``op`` below ``threshold`` outside the span of ``vectors``.

    Parameters
    ----------
    op : CountedOperator
        A real symmetric operator of dimension n. Every step takes one product.
    vectors : Array, shape (m, n)
        Orthonormal rows.
    values : ndarray of float, shape (m,)
        Their Rayleigh quotients.
    threshold : float
        The check looks for levels below it. Levels above it make the check slow if they are close.
    separation : float
        Estimated distance of the next level from the threshold. It only sets the preconditioner.
    diagonal : Array of shape (n,), or None
        Diagonal of ``op``, if it is known. It only sets the preconditioner.
    failure_probability : float
        Largest probability that a level below the threshold is overlooked.
    rng : numpy.random.Generator
        Source of the start vector.
    max_steps : int
        Number of steps after which the check ends without a certificate.

    Returns
    -------
    Completeness
        The certificate, or a vector that the eigen-solve missed, or neither.
    """
    if len(vectors) == op.n:
        return Completeness(math.inf)
    recurrence = Recurrence(op, vectors, values, threshold, separation, diagonal)
    # ln(1 / delta), with delta from P(|gamma| <= delta) <= delta sqrt(2 n / pi)
    required = math.log(math.sqrt(2 * op.n / math.pi) / failure_probability)
    seed = int(rng.integers(1 << 63))
    recurrence.begin(op.arrays.random(op.n, np.random.default_rng(seed)))
    next_look = FIRST_LOOK
    for step in range(1, max_steps + 1):
        recurrence.step()
        # the Ritz values cost more and more to compute: look every 10 % more steps only
        if step < next_look and not recurrence.is_exhausted:
            continue
        next_look = max(step + 1, step * 11 // 10)
        ritz = recurrence.ritz_values()
        if ritz[0] <= 0.0:
            # T, and so H, has an expectation below the threshold: a level was missed
            start = op.arrays.random(op.n, np.random.default_rng(seed))
            return Completeness(-math.inf, recurrence.lowest_vector(start))
        share = CERTIFIED_SHARE * float(ritz[0])
        if recurrence.is_exhausted or recurrence.log_polynomial(ritz, share) >= required:
            # no eigenvalue of T below ``share`` is none of H below this bound, as 1/M >= least
            return Completeness(threshold + share * recurrence.least - _rounding(op))
    return Completeness(-math.inf)


class Recurrence:
    """Lanczos' recurrence for the operator T of the module's text.

    Its unit vectors v are kept as ``M^(1/2) v``, up to a factor. Then M takes the place of its
    root, and one pass over memory does all the work of a step beside the product with H. Three
    vectors are in memory.

    Attributes
    ----------
    least : float
        The least element of 1 / M.
    alphas, betas : list of float
        The coefficients of the recurrence.
    """

    def __init__(
        self,
        op: CountedOperator,
        vectors: Array,
        values: NDArray[np.float64],
        threshold: float,
        separation: float,
        diagonal: Array | None,
    ) -> None:
        self.op, self.vectors, self.values, self.threshold = op, vectors, values, threshold
        self.least = max(FLOOR * separation, _rounding(op))
        if diagonal is None:
            # M is the same number everywhere
            diagonal, self.least = op.arrays.empty(1, op.n)[0], 2 * op.norm
            diagonal[:] = 0.0
        self.diagonal, self.passes = diagonal, passes_for(op.arrays)

    def begin(self, start: Array) -> None:
        """Begin with a random vector, which is overwritten."""
        self.current = start
        self.before, self.image = self.op.arrays.empty(2, self.op.n)
        self.before[:] = 0.0
        self.alphas: list[float] = []
        self.betas: list[float] = []
        expectations, found = self.passes.enter_recurrence(
            start, self.vectors, self.diagonal, self.threshold, self.least
        )
        # each Ritz vector then has about the expectation 1 in T
        self.lift = np.maximum(self.threshold - self.values + expectations, 0.0)
        self._inside, self._square, scaled = found[:-2], float(found[-2]), float(found[-1])
        # the unit vectors are these factors times the arrays
        self._factor, self._factor_before = scaled**-0.5, 0.0

    @property
    def is_exhausted(self) -> bool:
        """Whether the start lies in an invariant space, which is now complete."""
        return self.betas[-1] == 0.0

    def step(self) -> None:
        """Do one step: append to the coefficients, and make the next vector."""
        self.op.write(self.current, self.image)
        lifted, factor = self.lift * self._inside, self._factor
        rest = float(lifted @ self._inside) - self.threshold * self._square
        beta = self.betas[-1] if self.betas else 0.0
        found = self.passes.recur(
            self.image,
            self.current,
            self.before,
            self.vectors,
            factor * lifted,
            self.diagonal,
            self.threshold,
            self.least,
            (factor, rest, beta * self._factor_before),
        )
        # the next vector is in the place of the one before
        self.before, self.current = self.current, self.before
        self._inside, self._square = found[:-3], float(found[-3])
        self.betas.append(float(found[-2]) ** 0.5)
        self.alphas.append(float(found[-1]))
        self._factor_before = factor
        self._factor = 0.0 if self.is_exhausted else 1.0 / self.betas[-1]

    def ritz_values(self) -> FloatArray:
        """Return the Ritz values of T, ascending."""
        return scipy.linalg.eigvalsh_tridiagonal(np.array(self.alphas), np.array(self.betas[:-1]))

    def log_polynomial(self, ritz: FloatArray, t: float) -> float:
        """Return ``ln |p_j(t)|`` of the polynomial with the roots ``ritz``."""
        return float(np.log(ritz - t).sum() - np.log(self.betas).sum())

    def lowest_vector(self, start: Array) -> Array:
        """Return the Ritz vector of the lowest Ritz value, as a vector for H.

        The recurrence runs a second time from its start, so that its vectors need not be stored.
        """
        alphas, betas = np.array(self.alphas), np.array(self.betas[:-1])
        _, weights = scipy.linalg.eigh_tridiagonal(alphas, betas, select="i", select_range=(0, 0))
        self.begin(start)
        total = float(weights[0, 0] * self._factor) * self.current
        for weight in weights[1:, 0]:
            self.step()
            total += float(weight * self._factor) * self.current
        return total


def _rounding(op: CountedOperator) -> float:
    """Return the error of a level that rounding may cause."""
    return float(op.arrays.least_residual * op.norm)
