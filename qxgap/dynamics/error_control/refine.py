"""The choice of time steps: runs with finer and finer steps, until their error is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...linalg.amplitudes import Amplitudes, norm
from .distances import (
    FEW,
    MANY,
    Distance,
    change_of,
    independent_numbers,
    read_out_distance,
)

SAFETY = 2.0
"""Safety factor on the extrapolated error, because the extrapolation neglects higher orders. None
of 20,000 random anneals, symmetric ones among them, exceeded its estimate: the table is
benchmarks/results/error_estimates.md, and benchmarks/dynamics/error_estimates.py makes it."""

SAFETY_BENT = 10.0
"""Safety factor if steps span breakpoints: the error constant then varies from grid to grid."""

SETTLED = 1.5
"""Largest growth of the error constant, from one run to the next, at which it counts as constant.
If it grew by more, it is assumed to grow by the same factor once more."""

WILD = 5.0
"""Largest growth of the error constant at which the error can be estimated at all."""

LARGEST_FALL = 200.0
"""Largest decrease of the error constant, from one run to the next, that the estimate uses. Errors
of coarse runs decrease much faster than their order, until the steps resolve all resonances. If
steps span breakpoints, the estimate uses no decrease."""

SMALLEST_CLAIM, SMALLEST_CLAIM_BENT = 0.01, 0.05
"""Smallest error estimate, as a part of the tolerance, because two runs may agree by chance: in
general, and if steps span breakpoints."""

HIGHEST_ORDER = 12.0
"""Highest order that is assumed for the decrease of the error from one run to the next."""

AIM = 0.5
"""Part of the tolerance that the error estimate of the next run is expected to use."""

SMALLEST_GROWTH, GROWTH, LARGEST_GROWTH = 1.25, 2.0, 4.0
"""Factors by which a run is finer than the run before: the smallest; the largest if the error is
unknown or decreases faster than the order of the method; and the largest in all other cases."""


class SeenStates:
    """The states of the last run at some anneal fractions, and their distance from the run before.

    Parameters
    ----------
    s : ndarray of float, shape (n,)
        Anneal fractions, ascending.
    dimension : int
        Number of amplitudes of a state.

    Attributes
    ----------
    s : ndarray of float, shape (n,)
        The anneal fractions.
    states : ndarray of complex, shape (n, 2^d)
        The states of the last run.
    """

    def __init__(self, s: NDArray[np.float64], dimension: int) -> None:
        self.s, self.states = s, np.zeros((s.size, dimension), dtype=np.complex128)
        self._is_seen = np.zeros(s.size, dtype=bool)
        self._farthest = Distance(0.0, 1.0)

    def record(self, s: float, state: NDArray[np.complex128]) -> None:
        """Store the state of the current run at one fraction.

        Parameters
        ----------
        s : float
            One of the fractions.
        state : ndarray of complex, shape (2^d,)
            The state.
        """
        i = int(np.searchsorted(self.s, s))
        if self._is_seen[i]:
            self._compare(state, self.states[i])
        self.states[i], self._is_seen[i] = state, True

    def distance(self, psi: Amplitudes, phi: Amplitudes) -> Distance:
        """Return the largest distance of the last two runs, at the fractions or at the end.

        Parameters
        ----------
        psi : ndarray or tensor of complex, shape (2^d,)
            Final state of the last run.
        phi : ndarray or tensor of complex, shape (2^d,)
            Final state of the run before.
        """
        self._compare(psi, phi)
        farthest, self._farthest = self._farthest, Distance(0.0, 1.0)
        return farthest

    def _compare(self, psi: Amplitudes, phi: Amplitudes) -> None:
        """Keep the distance in norm of two states of equal global phase, if it is the largest.

        It is at least their trace distance, which bounds the change of every probability.
        """
        change = change_of(psi, phi)
        value = norm(change)
        if value > self._farthest.value:
            self._farthest = Distance(value, independent_numbers(psi, abs(change) ** 2))


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
    state : ndarray or tensor
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
        distance: Callable[[Amplitudes, Amplitudes], Distance] = read_out_distance,
    ) -> None:
        self.tol, self.order, self.max_steps = tol, order, max_steps
        self.bent, self.safety = bent, SAFETY_BENT if bent else SAFETY
        self.smallest_claim = SMALLEST_CLAIM_BENT if bent else SMALLEST_CLAIM
        self.rounding, self.distance = rounding, distance
        self.next_steps, self.done = coarsest, False
        self.steps_taken = np.zeros_like(coarsest)
        self.state: Amplitudes = np.empty(0, dtype=np.complex128)
        # ``ratio`` is the factor by which the next run is finer than the last one, and
        # ``previous_ratio`` the factor by which that was finer than its predecessor.
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

    def take(self, state: Amplitudes) -> None:
        """Estimate the error of a run's final state, and choose the next run.

        Afterwards either ``done`` is set, or ``next_steps`` is finer than this run in every piece.

        Parameters
        ----------
        state : ndarray or tensor of complex
            Final state of the run with ``next_steps``, of the shape that ``distance`` takes.
        """
        # Rounding errors add up with the steps. No estimate may be smaller than their sum.
        rounding = self.rounding * int(self.next_steps.sum())
        distance = self.distance(state, self.state) if self.steps else Distance(math.inf, 1.0)
        self.state, self.steps_taken = state, self.next_steps
        # The last two runs predict the error of this one, if it decreases by the method's order.
        predicted = self._extrapolated(self.previous_distance, self.previous_ratio)
        predicted /= self.ratio**self.order
        estimate = self._estimate(distance, predicted)
        self.error = max(estimate, self.smallest_claim * self.tol) + rounding
        if distance.value <= rounding:
            # Two runs agree to rounding. Finer steps would only add rounding errors, so the
            # refinement ends here, whether or not the tolerance is reached.
            self.error = self.safety * rounding
            self.done = True
        # The refinement also ends if the tolerance is reached, or if ``max_steps`` does not allow a
        # next run, which would have about twice the steps.
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
        """Error of the last run, from its distance to the run before; inf if it is unknown.

        ``predicted`` is the error that the runs before predict. Its comparison with the measured
        one shows whether the error constant has settled. This needs three runs, so that the first
        two have no estimate.
        """
        error = self._extrapolated(distance.value, self.ratio)
        if not error <= WILD * predicted < math.inf:
            # The constant grows too fast for any conclusion: the steps do not resolve the dynamics
            # yet. This is also the case of the first two runs, where ``predicted`` is infinite.
            return math.inf
        # A constant that still grows is assumed to grow once more by the same factor. A constant
        # that decreased may have done so by chance: then the prediction of the runs before, divided
        # by the largest decrease that the estimate uses, is a lower bound.
        growing = error / predicted if error > SETTLED * predicted else 1.0
        return self.safety * max(growing * error, predicted / self._largest_fall(distance.numbers))

    def _largest_fall(self, numbers: float) -> float:
        """Factor by which the error constant may decrease, for a number of independent numbers."""
        return 1.0 if self.bent else LARGEST_FALL * (min(max(numbers, FEW), MANY) / MANY) ** 2

    def _growth(self, distance: float, predicted: float) -> float:
        """Factor by which the next run should be finer, so that its estimate just meets ``tol``."""
        if not self._extrapolated(distance, self.ratio) <= WILD * predicted < math.inf:
            return GROWTH  # nothing is known about the error
        # Errors of coarse runs decrease faster than the method's order. The expected error of the
        # next run follows from the order that the last two distances show, which is limited to the
        # range from the method's own order to HIGHEST_ORDER.
        order = HIGHEST_ORDER
        if 0.0 < distance < self.previous_distance:
            observed = math.log(self.previous_distance / distance) / math.log(self.previous_ratio)
            order = min(observed, order)
        order = max(order, self.order)
        expected = self.safety * distance / self.ratio**order
        growth = (1.0 + expected / (AIM * self.tol)) ** (1.0 / self.order)
        # A fast decrease will not last. A run that is chosen by it must not be much finer.
        largest = GROWTH if order > self.order + 1 else LARGEST_GROWTH
        return min(max(growth, SMALLEST_GROWTH), largest)

    def _choose_next_steps(self, growth: float, distance: float) -> None:
        """Set the steps of the next run: every piece has more steps than in the last run."""
        finer = np.maximum(
            np.ceil(growth * self.steps_taken).astype(np.int64), self.steps_taken + 1
        )
        if finer.sum() > self.max_steps:
            # These steps are too many. Each piece then gets the largest whole multiple of its steps
            # that ``max_steps`` allows.
            finer = np.maximum(
                self.steps_taken * (self.max_steps // self.steps), self.steps_taken + 1
            )
        self.previous_distance, self.previous_ratio = distance, self.ratio
        self.next_steps, self.ratio = finer, float((finer / self.steps_taken).min())

    @property
    def kept(self) -> NDArray[np.complex128]:
        """The state that a checkpoint must hold."""
        return self.state

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


class ErrorControl(Protocol):
    """The choice of the runs of an anneal: a :class:`Refinement` or an extrapolation."""

    order: int
    state: NDArray[np.complex128]
    error: float
    done: bool

    @property
    def next_steps(self) -> NDArray[np.int64]:
        """Steps of the next run in each piece."""

    @property
    def steps(self) -> int:
        """Steps of the run whose state was taken last."""

    @property
    def steps_taken(self) -> NDArray[np.int64]:
        """Steps of that run in each piece."""

    @property
    def kept(self) -> NDArray[np.complex128]:
        """The states that a checkpoint must hold."""

    def take(self, state: Amplitudes) -> None:
        """Estimate the error with a run's final state, and choose the next run."""

    def at_least(self, steps: NDArray[np.int64]) -> None:
        """Make the next run no coarser than ``steps`` in any piece."""

    def numbers(self) -> dict[str, Any]:
        """Return everything but the states, for :meth:`restore`."""

    def restore(self, numbers: dict[str, Any], state: NDArray[np.complex128]) -> None:
        """Continue where another one was interrupted."""


def converge_together(
    refinements: Sequence[ErrorControl],
    propagate: Callable[[list[int]], Iterable[tuple[int, NDArray[np.complex128]]]],
) -> None:
    """Make runs of several anneals until the refinement of each is done.

    Parameters
    ----------
    refinements : sequence of ErrorControl
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
