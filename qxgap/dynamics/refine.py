"""The choice of time steps: runs with finer and finer steps, until their error is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAFETY = 2.0
"""Factor on the extrapolated error for the higher orders, which the extrapolation leaves out. None
of 20,000 random anneals, symmetric ones among them, exceeded its estimate: the table is
benchmarks/results/error_estimates.md, and benchmarks/dynamics/error_estimates.py makes it."""

SAFETY_BENT = 10.0
"""The same factor where steps span breakpoints, as the error constant varies from grid to grid."""

SETTLED = 1.5
"""Largest growth of the error constant, from one run to the next, that counts as none. A constant
that grew by more is assumed to grow by the same factor once more."""

WILD = 5.0
"""Largest growth of the error constant that is believed; beyond it there is no estimate."""

LARGEST_FALL = 200.0
"""Largest fall of the error constant, from one run to the next, that is believed. Errors of coarse
runs fall much faster than their order, until the steps resolve all resonances. Where steps span
breakpoints no fall is believed."""

FEW, MANY = 2.8, 28.0
"""Two read-out distributions of MANY independent numbers do not agree by chance. For fewer numbers
the fall that is believed is smaller, by the square of their number, down to FEW."""

EQUAL_DIGITS = 9
"""Moduli of amplitudes that agree to so many decimal places count as equal."""

SMALLEST_CLAIM, SMALLEST_CLAIM_BENT = 0.01, 0.05
"""Smallest error that is claimed, as a part of the tolerance, because two runs may agree by chance;
the second where steps span breakpoints."""

HIGHEST_ORDER = 12.0
"""Highest order that is assumed for the fall of the error from one run to the next."""

AIM = 0.5
"""Part of the tolerance that the error estimate of the next run is expected to use."""

SMALLEST_GROWTH, GROWTH, LARGEST_GROWTH = 1.25, 2.0, 4.0
"""How many times finer a run is than the run before: at least; at most where nothing is known or
errors fall faster than the order of the method; at most elsewhere."""


@dataclass(frozen=True)
class Distance:
    """Distance of two states.

    Attributes
    ----------
    value : float
        The distance.
    numbers : float
        Effective number of independent numbers whose changes add up to it.
    """

    value: float
    numbers: float


def read_out_distance(psi: NDArray, phi: NDArray) -> Distance:
    """Return the total variation distance of the read-outs of two states (2^d,).

    Few independent numbers may agree by chance. Their changes of phase, relative to the global
    phase, are then counted as if they were changes of modulus, because the two do not vanish at the
    same time. The distance is then an upper bound.

    Parameters
    ----------
    psi : ndarray of complex, shape (2^d,)
        Final state of a run.
    phi : ndarray of complex, shape (2^d,)
        Final state of another run.
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
    """Return the largest distance in norm, phase included, of two sets of states.

    Parameters
    ----------
    psi : ndarray of complex, shape (2^d, k)
        Final states of a run, one in each column.
    phi : ndarray of complex, shape (2^d, k)
        Final states of another run.
    """
    changes = np.abs(psi - phi) ** 2
    column = int(changes.sum(axis=0).argmax())
    changes = changes[:, column]
    return Distance(math.sqrt(changes.sum()), independent_numbers(psi[:, column], changes))


def independent_numbers(psi: NDArray, changes: NDArray[np.float64]) -> float:
    """Return the participation number of changes, amplitudes of equal modulus counted as one.

    Symmetric problems have many amplitudes and few independent numbers.

    Parameters
    ----------
    psi : ndarray of complex, shape (2^d,)
        State.
    changes : ndarray of float, shape (2^d,)
        Change of each amplitude, not negative.
    """
    _, modulus = np.unique(np.round(np.abs(psi), EQUAL_DIGITS), return_inverse=True)
    sums = np.bincount(modulus, weights=changes)
    total = float(np.square(sums).sum())
    return float(sums.sum()) ** 2 / total if total else 1.0


class Refinement:
    """Extrapolated error control of a method of order p; see ``SplitOperator``.

    Each run integrates the whole anneal with ``next_steps`` time steps in each of its pieces.
    ``take`` receives its final state, estimates its error, and chooses the steps of the next run,
    until ``done``. :meth:`converge` is that loop.

    Parameters
    ----------
    tol : float
        Error allowed, as ``distance`` measures it.
    order : int
        Order p of the method.
    max_steps : int
        Largest number of steps of one run.
    coarsest : ndarray of int, shape (pieces,)
        Steps of the first run in each piece.
    bent : bool
        Whether steps span breakpoints of the schedule.
    rounding : float
        Rounding error of one step, which does not shrink with the step.
    distance : callable
        Distance of two final states.

    Attributes
    ----------
    state : ndarray
        Final state of the finest run.
    steps_taken : ndarray of int, shape (pieces,)
        Steps of the finest run in each piece.
    next_steps : ndarray of int, shape (pieces,)
        Steps of the next run in each piece.
    error : float
        Estimate of the error of ``state``; inf as long as it is unknown.
    done : bool
        Whether no further run is needed, or allowed.
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
        self.smallest_claim = SMALLEST_CLAIM_BENT if bent else SMALLEST_CLAIM
        self.rounding, self.distance = rounding, distance
        self.next_steps, self.done = coarsest, False
        self.steps_taken = np.zeros_like(coarsest)
        self.state = np.empty(0, dtype=np.complex128)
        # How many times finer the next run is than the last, and the last than the one before.
        self.ratio = self.previous_ratio = 1.0
        # Distance between the final states of the last two runs.
        self.previous_distance = self.error = math.inf

    @property
    def steps(self) -> int:
        """Steps of the run whose state was taken last."""
        return int(self.steps_taken.sum())

    def converge(self, propagate: Callable[[NDArray[np.int64]], NDArray[np.complex128]]) -> None:
        """Make runs until ``done``.

        Parameters
        ----------
        propagate : callable
            ``propagate(steps)`` returns the final state of a run with so many steps in each piece.
        """
        converge_together([self], lambda _: [(0, propagate(self.next_steps))])

    def take(self, state: NDArray[np.complex128]) -> None:
        """Estimate the error of a run's final state, and choose the next run.

        Afterwards either ``done`` is set, or ``next_steps`` is finer than this run in every piece.

        Parameters
        ----------
        state : ndarray of complex
            Final state of the run with ``next_steps``, of the shape that ``distance`` takes.
        """
        # Rounding errors add up with the steps. No estimate may be smaller than their sum.
        rounding = self.rounding * int(self.next_steps.sum())
        distance = self.distance(state, self.state) if self.steps else Distance(math.inf, 1.0)
        self.state, self.steps_taken = state, self.next_steps
        # What the last two runs predict for this one, if the error falls by the method's order.
        predicted = self._extrapolated(self.previous_distance, self.previous_ratio)
        predicted /= self.ratio**self.order
        estimate = self._estimate(distance, predicted)
        self.error = max(estimate, self.smallest_claim * self.tol) + rounding
        if distance.value <= rounding:
            # Two runs agree to rounding: finer steps can improve nothing, but add rounding errors.
            self.error = self.safety * rounding
            self.done = True
        # The next run would have twice the steps or so; it is not begun if that is not allowed.
        self.done |= self.error <= self.tol or 2 * self.steps >= self.max_steps
        self._choose_next_steps(self._growth(distance.value, predicted), distance.value)

    def at_least(self, steps: NDArray[np.int64]) -> None:
        """Make the next run no coarser than ``steps`` in any piece.

        Runs that share a batch take the steps of the one that needs most.

        Parameters
        ----------
        steps : ndarray of int, shape (pieces,)
            Steps in each piece.
        """
        self.next_steps = np.maximum(self.next_steps, steps)
        if self.steps:
            self.ratio = float((self.next_steps / self.steps_taken).min())

    def _extrapolated(self, distance: float, ratio: float) -> float:
        """Error of the finer of two runs whose steps have this ``ratio``, if it is of order p.

        With the error ``c / m^p`` the states of two runs differ by ``c / m^p (ratio^p - 1)``.
        """
        return distance / (ratio**self.order - 1) if ratio > 1 else math.inf

    def _estimate(self, distance: Distance, predicted: float) -> float:
        """Error of the last run, from its distance to the run before; inf if it is not believed.

        ``predicted`` is what the runs before made of it. Comparing the two shows whether the error
        constant has settled; only a third run can do that, so the first two have no estimate.
        """
        error = self._extrapolated(distance.value, self.ratio)
        if not error <= WILD * predicted < math.inf:
            # The constant grows too fast for any conclusion: the steps resolve nothing yet.
            return math.inf
        # A constant that still grows is assumed to grow once more by as much. One that fell may
        # have fallen by chance: the prediction of the runs before stays a lower bound, divided by
        # the largest fall that is believed.
        growing = error / predicted if error > SETTLED * predicted else 1.0
        return self.safety * max(growing * error, predicted / self._largest_fall(distance.numbers))

    def _largest_fall(self, numbers: float) -> float:
        """By which factor the error constant may fall, in a distance of so many numbers."""
        return 1.0 if self.bent else LARGEST_FALL * (min(max(numbers, FEW), MANY) / MANY) ** 2

    def _growth(self, distance: float, predicted: float) -> float:
        """How many times finer the next run should be, so that its estimate just meets ``tol``."""
        if not self._extrapolated(distance, self.ratio) <= WILD * predicted < math.inf:
            return GROWTH  # nothing is known about the error
        # Errors of coarse runs fall faster than the method's order. The order at which the last
        # two distances fell serves for the guess, but no order below the method's own.
        order = HIGHEST_ORDER
        if 0.0 < distance < self.previous_distance:
            observed = math.log(self.previous_distance / distance) / math.log(self.previous_ratio)
            order = min(observed, order)
        order = max(order, self.order)
        expected = self.safety * distance / self.ratio**order
        growth = (1.0 + expected / (AIM * self.tol)) ** (1.0 / self.order)
        # A fast fall will not last, so that a run chosen by it must not be much finer.
        largest = GROWTH if order > self.order + 1 else LARGEST_GROWTH
        return min(max(growth, SMALLEST_GROWTH), largest)

    def _choose_next_steps(self, growth: float, distance: float) -> None:
        """Choose the next run; each piece has more steps, by ``ratio`` or more."""
        finer = np.maximum(
            np.ceil(growth * self.steps_taken).astype(np.int64), self.steps_taken + 1
        )
        if finer.sum() > self.max_steps:
            # Use what is allowed, in the same proportions.
            finer = np.maximum(
                self.steps_taken * (self.max_steps // self.steps), self.steps_taken + 1
            )
        self.previous_distance, self.previous_ratio = distance, self.ratio
        self.next_steps, self.ratio = finer, float((finer / self.steps_taken).min())

    def numbers(self) -> dict[str, Any]:
        """Return everything but the state, for :meth:`restore`.

        Returns
        -------
        dict of str
            Numbers and lists under the names that a checkpoint file gives them.
        """
        return {
            "ratio": self.ratio,
            "falling": self.previous_ratio,
            "apart": self.previous_distance,
            "error": self.error,
            "done": self.done,
            "next": self.next_steps.tolist(),
            "taken": self.steps_taken.tolist(),
        }

    def restore(self, numbers: dict[str, Any], state: NDArray[np.complex128]) -> None:
        """Continue where another Refinement with the same parameters was interrupted.

        Parameters
        ----------
        numbers : dict of str
            What :meth:`numbers` of the other returned.
        state : ndarray of complex
            Final state of its finest run.
        """
        self.ratio, self.previous_ratio = numbers["ratio"], numbers["falling"]
        self.previous_distance, self.error = numbers["apart"], numbers["error"]
        self.done, self.state = numbers["done"], state
        self.next_steps = np.array(numbers["next"], dtype=np.int64)
        self.steps_taken = np.array(numbers["taken"], dtype=np.int64)


def converge_together(
    refinements: Sequence[Refinement],
    propagate: Callable[[list[int]], Iterable[tuple[int, NDArray[np.complex128]]]],
) -> None:
    """Make runs of several anneals until the refinement of each is done.

    Parameters
    ----------
    refinements : sequence of Refinement
        One for each anneal.
    propagate : callable
        ``propagate(pending)`` makes one run of each anneal whose position is in the list
        ``pending``, and yields each position, in any order, with the final state.
    """
    pending = [i for i, refinement in enumerate(refinements) if not refinement.done]
    while pending:
        for i, state in propagate(pending):
            refinements[i].take(state)
        pending = [i for i in pending if not refinements[i].done]
