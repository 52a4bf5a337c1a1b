"""How fine the steps must be: runs with more and more of them, until their states agree."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAFETY = 2.0
"""Factor on the extrapolated error, for the next orders that extrapolation leaves out. Of 20,000
random anneals, symmetric ones among them, none exceeded its estimate: the table and how it is made
are benchmarks/results/error_estimates.md and benchmarks/dynamics/error_estimates.py."""

SAFETY_BENT = 10.0
"""The same where steps span breakpoints: the constant then varies from grid to grid."""

SETTLED, WILD = 1.5, 5.0
"""An error constant may grow by the first from one refinement to the next. One that grew by more is
taken to grow on as much, one that grew by more than the second is not believed."""

FALLEN = 200.0
"""Nor one that fell by more than this; it then counts as that much smaller than the one before.
Errors of coarse runs fall much faster than their order, until the steps resolve all resonances.
Where steps span breakpoints it counts as not having fallen."""

FEW, MANY = 2.8, 28.0
"""Two read-outs of MANY independent numbers do not agree by chance. For fewer of them FALLEN is
smaller by the square of their number, down to FEW."""

EQUAL_DIGITS = 9
"""Moduli of amplitudes that agree to so many digits after the point are taken for equal."""

LEAST_CLAIM, LEAST_CLAIM_BENT = 0.01, 0.05
"""No error is claimed to be below this part of the tolerance, the second where steps span
breakpoints: two runs may agree by chance."""

HIGHEST_ORDER = 12.0
"""The error of the next run is guessed by the order at which the last ones fell, up to this."""

AIM = 0.5
"""A run is made as fine as its expected estimate takes to be this part of what is allowed."""

LEAST_GROWTH, GROWTH, MOST_GROWTH = 1.25, 2.0, 4.0
"""How much finer a run is than the one before: at least; where errors fall faster than their order,
or nothing is known, at most; at most."""


@dataclass(frozen=True)
class Distance:
    """How far two states are apart.

    Attributes
    ----------
    value : float
        The distance.
    numbers : float
        How many independent numbers it sums up, those that hardly contribute not counted.
    """

    value: float
    numbers: float


def read_out_distance(psi: NDArray, phi: NDArray) -> Distance:
    """Total variation distance of the read-outs of two states (2^d,); of few numbers, a bound.

    Few numbers may agree by chance. Their changes of phase are then counted as if they were changes
    of modulus, all but the global phase: these do not vanish at the same time.
    """
    overlap = complex(np.vdot(phi, psi))
    phase = overlap / abs(overlap) if overlap else 1.0
    sizes = np.abs(psi) + np.abs(phi)
    changes = np.abs(psi - phase * phi) * sizes / 2
    numbers = independent_numbers(psi, changes)
    if numbers >= MANY:
        changes = np.abs(np.abs(psi) - np.abs(phi)) * sizes / 2
    return Distance(float(changes.sum()), numbers)


def state_distance(psi: NDArray, phi: NDArray) -> Distance:
    """Largest distance in norm, phase included, of two sets of states, (2^d, k)."""
    changes = np.abs(psi - phi) ** 2
    furthest = int(changes.sum(axis=0).argmax())
    changes = changes[:, furthest]
    return Distance(math.sqrt(changes.sum()), independent_numbers(psi[:, furthest], changes))


def independent_numbers(psi: NDArray, changes: NDArray[np.float64]) -> float:
    """Participation number of ``changes``, those of amplitudes of equal modulus counted as one.

    Symmetric problems have many amplitudes and few numbers.
    """
    _, kind = np.unique(np.round(np.abs(psi), EQUAL_DIGITS), return_inverse=True)
    sums = np.bincount(kind, weights=changes)
    total = float(np.square(sums).sum())
    return float(sums.sum()) ** 2 / total if total else 1.0


class Refinement:
    """Extrapolated error control of a method of order p; see ``SplitOperator``.

    Make a run with ``next`` steps in each piece of the anneal, ``take`` its final state, until
    ``done``.

    Parameters
    ----------
    tol : error allowed, as ``distance`` measures it.
    order : p.
    max_steps : of one run.
    coarsest : (pieces,) steps of the first run in each piece.
    bent : whether steps span breakpoints of the schedule.
    rounding : error of a step, however short it is.
    distance : of two final states.

    Attributes
    ----------
    state, taken, error : final state of the finest run, its steps in each piece, the estimate of
        its error.
    """

    def __init__(
        self,
        tol: float,
        order: int,
        max_steps: int,
        coarsest: NDArray[np.int64],
        bent: bool = False,
        rounding: float = 0.0,
        distance: Callable[[NDArray, NDArray], Distance] = read_out_distance,
    ) -> None:
        self.tol, self.order, self.max_steps = tol, order, max_steps
        self.bent, self.safety = bent, SAFETY_BENT if bent else SAFETY
        self.least = LEAST_CLAIM_BENT if bent else LEAST_CLAIM
        self.rounding, self.distance = rounding, distance
        self.next, self.taken, self.done = coarsest, np.zeros_like(coarsest), False
        self.state = np.empty(0, dtype=np.complex128)
        self.ratio = self.falling = 1.0
        self.apart = self.error = math.inf

    @property
    def steps(self) -> int:
        """Steps of the run whose state was taken last."""
        return int(self.taken.sum())

    def take(self, state: NDArray[np.complex128]) -> None:
        """Learn from the final state, of the shape that ``distance`` takes, of the ``next`` run."""
        floor = self.rounding * int(self.next.sum())
        distance = self.distance(state, self.state) if self.steps else Distance(math.inf, 1.0)
        apart = distance.value
        self.state, self.taken = state, self.next
        before = self._extrapolated(self.apart, self.falling) / self.ratio**self.order
        self.error = max(self._estimate(distance, before), self.least * self.tol) + floor
        if apart <= floor:
            self.error = self.safety * floor  # finer steps tell nothing more
        self.done = apart <= floor or self.error <= self.tol or 2 * self.steps >= self.max_steps
        self._refine(self._growth(apart, before), apart)

    def at_least(self, steps: NDArray[np.int64]) -> None:
        """Make the next run no coarser than this."""
        self.next = np.maximum(self.next, steps)
        if self.steps:
            self.ratio = float((self.next / self.taken).min())

    def _extrapolated(self, apart: float, ratio: float) -> float:
        """Error of the finer of two runs whose steps have this ``ratio``, if of order p."""
        return apart / (ratio**self.order - 1) if ratio > 1 else math.inf

    def _estimate(self, distance: Distance, before: float) -> float:
        """Of the run that is this far from the one before, whose estimate falls to ``before``."""
        error = self._extrapolated(distance.value, self.ratio)
        if not error <= WILD * before < math.inf:
            return math.inf
        growing = error / before if error > SETTLED * before else 1.0
        return self.safety * max(growing * error, before / self._believed(distance.numbers))

    def _believed(self, numbers: float) -> float:
        """By how much the error constant may fall, if the distance sums up so many numbers."""
        return 1.0 if self.bent else FALLEN * (min(max(numbers, FEW), MANY) / MANY) ** 2

    def _growth(self, apart: float, before: float) -> float:
        """How much finer the next run should be."""
        if not self._extrapolated(apart, self.ratio) <= WILD * before < math.inf:
            return GROWTH
        order = HIGHEST_ORDER
        if 0.0 < apart < self.apart:
            order = min(math.log(self.apart / apart) / math.log(self.falling), order)
        order = max(order, self.order)
        expected = self.safety * apart / self.ratio**order
        growth = (1.0 + expected / (AIM * self.tol)) ** (1.0 / self.order)
        return min(max(growth, LEAST_GROWTH), GROWTH if order > self.order + 1 else MOST_GROWTH)

    def _refine(self, growth: float, apart: float) -> None:
        """Choose the next run; every piece has more steps, ``ratio`` times as many or more."""
        finer = np.maximum(np.ceil(growth * self.taken).astype(np.int64), self.taken + 1)
        if finer.sum() > self.max_steps:
            finer = np.maximum(self.taken * (self.max_steps // self.steps), self.taken + 1)
        self.apart, self.falling = apart, self.ratio
        self.next, self.ratio = finer, float((finer / self.taken).min())

    def numbers(self) -> dict[str, Any]:
        """Everything but the state, for :meth:`restore`."""
        kept = ("ratio", "falling", "apart", "error", "done")
        lists = {"next": self.next.tolist(), "taken": self.taken.tolist()}
        return {key: getattr(self, key) for key in kept} | lists

    def restore(self, numbers: dict[str, Any], state: NDArray[np.complex128]) -> None:
        """Continue where another Refinement of the same parameters was."""
        lists = {key: np.array(numbers[key], dtype=np.int64) for key in ("next", "taken")}
        vars(self).update(numbers | lists)
        self.state = state
