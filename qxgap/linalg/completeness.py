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

from .arrays import Array, CountedOperator, length

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
    scaled = ScaledOperator(op, vectors, values, threshold, separation, diagonal)
    # ln(1 / delta), with delta from P(|gamma| <= delta) <= delta sqrt(2 n / pi)
    required = math.log(math.sqrt(2 * op.n / math.pi) / failure_probability)
    start = op.arrays.random(op.n, rng)
    start /= length(start)
    alphas: list[float] = []
    betas: list[float] = []
    previous, current, next_look = None, start, FIRST_LOOK
    while len(alphas) < max_steps:
        previous, current = _step(scaled, previous, current, alphas, betas)
        exhausted = betas[-1] == 0.0  # the start lies in an invariant space, which is now complete
        # the Ritz values cost more and more to compute: look every 10 % more steps only
        if len(alphas) < next_look and not exhausted:
            continue
        next_look = max(len(alphas) + 1, len(alphas) * 11 // 10)
        ritz = scipy.linalg.eigvalsh_tridiagonal(np.array(alphas), np.array(betas[:-1]))
        if ritz[0] <= 0.0:
            # T, and so H, has an expectation below the threshold: a level was missed
            return Completeness(-math.inf, _lowest_vector(scaled, start, alphas, betas))
        share = CERTIFIED_SHARE * float(ritz[0])
        if exhausted or _log_polynomial(ritz, betas, share) >= required:
            # no eigenvalue of T below ``share`` is none of H below this bound, as 1/M >= least
            return Completeness(threshold + share * scaled.least_inverse - _rounding(op))
    return Completeness(-math.inf)


class ScaledOperator:
    """``T = M^(1/2) (H + V diag(lift) V^T - sigma) M^(1/2)`` of the module's text."""

    def __init__(
        self,
        op: CountedOperator,
        vectors: Array,
        values: NDArray[np.float64],
        threshold: float,
        separation: float,
        diagonal: Array | None,
    ) -> None:
        self.op, self.vectors, self.threshold = op, vectors, threshold
        self.least_inverse = max(FLOOR * separation, _rounding(op))
        if diagonal is None:
            self.least_inverse = op.norm
            self.root: Array | float = op.norm**-0.5
            expectations = np.full(len(values), op.norm)
        else:
            inverse = (diagonal - threshold).clip(min=self.least_inverse)
            self.root = inverse**-0.5
            expectations = np.array([float((row * row) @ inverse) for row in vectors])
        # each Ritz vector then has about the expectation 1 in T
        lift = np.maximum(threshold - values + expectations, 0.0)
        self.lift = op.arrays.array(lift)

    def __call__(self, v: Array) -> Array:
        """Return ``T v`` for v of shape (n,)."""
        v = self.root * v
        image = self.op(v) - self.threshold * v
        image += (self.lift * (self.vectors @ v)) @ self.vectors
        return self.root * image


def _step(
    operator: ScaledOperator,
    previous: Array | None,
    current: Array,
    alphas: list[float],
    betas: list[float],
) -> tuple[Array, Array]:
    """Do one step of the recurrence: append its coefficients, return the last two vectors."""
    image = operator(current)
    if previous is not None:
        image -= betas[-1] * previous
    alphas.append(float(current @ image))
    image -= alphas[-1] * current
    betas.append(length(image))
    return current, image / betas[-1] if betas[-1] > 0.0 else image


def _log_polynomial(ritz: NDArray[np.float64], betas: list[float], t: float) -> float:
    """Return ``ln |p_j(t)|`` of the polynomial with roots ``ritz`` and factor 1 / prod(betas)."""
    return float(np.log(ritz - t).sum() - np.log(betas).sum())


def _lowest_vector(
    operator: ScaledOperator, start: Array, alphas: list[float], betas: list[float]
) -> Array:
    """Return the Ritz vector of the lowest Ritz value, as a vector for H.

    The recurrence runs a second time with the known coefficients, so that its vectors need not be
    stored.
    """
    _, weights = scipy.linalg.eigh_tridiagonal(
        np.array(alphas), np.array(betas[:-1]), select="i", select_range=(0, 0)
    )
    total = float(weights[0, 0]) * start
    previous, current = None, start
    for index in range(len(alphas) - 1):
        image = operator(current) - alphas[index] * current
        if previous is not None:
            image -= betas[index - 1] * previous
        previous, current = current, image / betas[index]
        total = total + float(weights[index + 1, 0]) * current
    return operator.root * total


def _rounding(op: CountedOperator) -> float:
    """Return the error of a level that rounding may cause."""
    return float(op.arrays.least_residual * op.norm)
