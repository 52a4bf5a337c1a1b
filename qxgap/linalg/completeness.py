"""A randomised certificate that an eigen-solve missed no level.

An iterative solver returns k orthonormal Ritz vectors V of an operator H. Whether they are the
*lowest* k is another question: what no start vector contains, or what the preconditioner
suppresses, is never seen. The question is answered here by a method that neither can deceive.

Let sigma be a threshold at the highest Ritz value or just below it. Lift the vectors that were
found above the threshold, ``H' = H + V diag(lift) V^T``. For x orthogonal to V, ``x.H x = x.H' x``,
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

from .arrays import Array, length
from .counted import CountedOperator

CERTIFIED_SHARE = 0.1
"""The check goes on until T has no eigenvalue below this share of its lowest Ritz value."""
FLOOR = 2.0
"""``1 / M`` is nowhere less than this many times the estimated separation of the next level."""
FIRST_LOOK = 3
"""Steps before the polynomial is looked at for the first time."""


@dataclass(frozen=True, eq=False)
class Completeness:
    """What a check says.

    Attributes
    ----------
    beyond : float
        Lower bound of all levels outside the vectors that were checked; -inf without certificate.
    missed : Array or None
        A vector (n,) with an expectation below the threshold, if one was found.
    """

    beyond: float
    missed: Array | None = None

    @property
    def certified(self) -> bool:
        """Whether no level lies below the threshold, but for the failure probability."""
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
        A real symmetric operator of dimension n. One product is spent per step.
    vectors, values : Array (m, n), ndarray (m,)
        Orthonormal rows and their Rayleigh quotients.
    threshold : float
        Levels below it are looked for. Levels above it make the check slow if they are close.
    separation : float
        Estimated distance of the next level from the threshold. It only sets the preconditioner.
    diagonal : Array (n,) or None
        Diagonal of ``op``, if it is known. It only sets the preconditioner.
    failure_probability : float
        Probability that a level below the threshold is overlooked, at most.
    rng : numpy.random.Generator
        Draws the start vector.
    max_steps : int
        Steps after which the check gives up without a certificate.
    """
    if len(vectors) == op.n:
        return Completeness(math.inf)
    scaled = ScaledOperator(op, vectors, values, threshold, separation, diagonal)
    wanted = math.log(math.sqrt(2 * op.n / math.pi) / failure_probability)
    start = op.arrays.array(rng.normal(size=op.n))
    start /= length(start)
    alphas: list[float] = []
    betas: list[float] = []
    previous, current, look = None, start, FIRST_LOOK
    while len(alphas) < max_steps:
        previous, current = _step(scaled, previous, current, alphas, betas)
        exhausted = betas[-1] == 0.0  # the start lies in an invariant space, all of which is known
        if len(alphas) < look and not exhausted:
            continue
        look = max(len(alphas) + 1, len(alphas) * 11 // 10)
        ritz = scipy.linalg.eigvalsh_tridiagonal(np.array(alphas), np.array(betas[:-1]))
        if ritz[0] <= 0.0:
            return Completeness(-math.inf, _lowest_vector(scaled, start, alphas, betas))
        share = CERTIFIED_SHARE * float(ritz[0])
        if exhausted or _log_polynomial(ritz, betas, share) >= wanted:
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
        # a vector that was found then has about the expectation 1 in T
        lift = np.maximum(threshold - values + expectations, 0.0)
        self.lift = op.arrays.array(lift)

    def __call__(self, v: Array) -> Array:
        """``T v`` for v of shape (n,)."""
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
    """One step of the recurrence; its coefficients are appended, the last two vectors returned."""
    image = operator(current)
    if previous is not None:
        image -= betas[-1] * previous
    alphas.append(float(current @ image))
    image -= alphas[-1] * current
    betas.append(length(image))
    return current, image / betas[-1] if betas[-1] > 0.0 else image


def _log_polynomial(ritz: NDArray[np.float64], betas: list[float], t: float) -> float:
    """``ln |p_j(t)|``: p_j has the Ritz values as roots and 1 / (product of betas) in front."""
    return float(np.log(ritz - t).sum() - np.log(betas).sum())


def _lowest_vector(
    operator: ScaledOperator, start: Array, alphas: list[float], betas: list[float]
) -> Array:
    """The Ritz vector of the lowest Ritz value, as a vector for H.

    The recurrence runs a second time with the coefficients that are known, so that its vectors
    need not be kept.
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
    """What rounding may do to a level."""
    return float(op.arrays.least_residual * op.norm)
