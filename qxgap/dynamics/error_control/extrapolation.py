"""Runs of order 2 whose final states are extrapolated to vanishing time steps.

A symmetric splitting of order 2 with steps of length h ends in the state

    psi(h) = psi + c_2 h^2 + c_4 h^4 + ...

where the schedule is smooth between the corners at which steps begin and end. Runs with k, k', ...
times the steps of a base grid determine the first c (Richardson 1911; Hairer, Lubich and Wanner,
Geometric Numerical Integration (2006), section V.4). A step takes one layer, where one of order 4
takes six. Steps so short have no resonances with the levels, which a run of order 4 with as many
layers still has: only then do the errors follow the powers of h.

The estimate is the error of the extrapolation without the finest run, which is the larger one. It
is believed only if this run changes the extrapolated state by less than a twentieth of the distance
between the two; elsewhere the powers of h are not reached yet.
"""

from __future__ import annotations

import bisect
import functools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...linalg.amplitudes import Amplitudes, added, norm
from .distances import distances, read_out_distance

MULTIPLES = (
    *(3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 23, 26, 30, 34, 39, 44, 50, 57, 65, 74, 84, 96),
    *(110, 126, 144, 165, 190, 220, 250, 290, 340, 400, 470, 550, 640, 740, 860, 1000),
)
"""Steps of the runs, in units of the base grid."""

FEWEST = 4
"""Number of runs of which the error is first estimated."""

KEPT = 5
"""Number of runs that are extrapolated; earlier ones are forgotten."""

SAFETY = 1.5
"""Safety factor on the distance of the last two extrapolations. None of 20,000 random anneals
exceeded its estimate: benchmarks/results/error_estimates.md."""

CONTRACTION = 0.05
"""Largest distance of the last two extrapolations, in units of the distance between the last of
them and the finest run, at which the error is believed."""

SMALLEST_CLAIM = 0.01
"""Smallest error estimate, as a part of the tolerance."""

AIM, LARGEST_GROWTH = 0.8, 2.0
"""Part of the tolerance that the next run is expected to use, and the largest factor by which it is
finer than the run before."""

AGREEMENT = 1e-14
"""Smallest distance by which another one is divided."""


class Extrapolation:
    """The error control of runs of order 2; it is used as :class:`.Refinement` is.

    Parameters
    ----------
    tol : float
        Error allowed in the read-out distribution, in total variation.
    max_steps : int
        Largest number of steps of one run.
    base : ndarray of int, shape (pieces,)
        Steps of the base grid in each piece.
    rounding : float
        Rounding error of one step, which does not shrink with the step.

    Attributes
    ----------
    order : int
        Order of the splitting of the runs, 2.
    state : ndarray or tensor of complex
        The extrapolated state, normalized; that of the finest run as long as there are few runs.
    steps_taken : ndarray of int, shape (pieces,)
        Steps of the finest run in each piece.
    next_steps : ndarray of int, shape (pieces,)
        Steps of the next run in each piece.
    error : float
        Estimate of the error of ``state``; inf as long as it is unknown.
    done : bool
        Whether no further run is needed, or allowed.
    """

    order = 2

    def __init__(
        self, tol: float, max_steps: int, base: NDArray[np.int64], rounding: float = 0.0
    ) -> None:
        self.tol, self.max_steps, self.base, self.rounding = tol, max_steps, base, rounding
        self._multiple = self._allowed(MULTIPLES[0])
        self._runs: list[tuple[int, Amplitudes]] = []
        self.state: Amplitudes = np.empty(0, dtype=np.complex128)
        self.steps_taken = np.zeros_like(base)
        self.error, self.done = math.inf, False

    @property
    def next_steps(self) -> NDArray[np.int64]:
        """Steps of the next run in each piece."""
        return self._multiple * self.base

    @property
    def steps(self) -> int:
        """Steps of the run whose state was taken last."""
        return int(self.steps_taken.sum())

    @property
    def kept(self) -> NDArray[np.complex128]:
        """The states that a checkpoint must hold, shape (m, 2^d)."""
        return np.array([state for _, state in self._runs], dtype=np.complex128)

    def take(self, state: Amplitudes) -> None:
        """Extrapolate with a run's final state, estimate the error, and choose the next run.

        Parameters
        ----------
        state : ndarray or tensor of complex, shape (2^d,)
            Final state of the run with ``next_steps``.
        """
        self.steps_taken = self.next_steps
        self._runs = [*self._runs, (self._multiple, state)][-KEPT:]
        enough = len(self._runs) >= FEWEST
        self.state = extrapolated(self._runs) if enough else state
        rounding = self.rounding * self.steps
        distance = self._distance(rounding) if enough else math.inf
        self.error = max(SAFETY * distance, SMALLEST_CLAIM * self.tol) + rounding
        nothing_left = SAFETY * distance <= rounding
        finer = self._next_multiple(distance)
        self.done = self.error <= self.tol or nothing_left or finer is None
        self._multiple = self._multiple if finer is None else finer

    def _distance(self, rounding: float) -> float:
        """Distance of the extrapolations with and without one run; inf if it says nothing yet.

        Changes of the size of ``rounding`` are no sign of anything.
        """
        coarser, finer = extrapolated(self._runs[:-1]), extrapolated(self._runs[1:])
        raw = self._runs[-1][1]
        (change, whole), (of_last, last) = (
            (read_out.value, states)
            for read_out, states in (distances(self.state, one) for one in (coarser, raw))
        )
        of_read_out, of_states = change / max(of_last, AGREEMENT), whole / max(last, AGREEMENT)
        if change > rounding and max(of_read_out, of_states) > CONTRACTION:
            return math.inf
        return max(change, read_out_distance(self.state, finer).value)

    def _next_multiple(self, distance: float) -> int | None:
        """Return the multiple of the next run; None if ``max_steps`` allows no finer one."""
        growth = LARGEST_GROWTH if len(self._runs) >= FEWEST else 1.0
        if math.isfinite(distance):
            order = 2 * (len(self._runs) - 1)
            growth = min((SAFETY * distance / (AIM * self.tol)) ** (1 / order), LARGEST_GROWTH)
        largest = min(self.max_steps // int(self.base.sum()), MULTIPLES[-1])
        following = bisect.bisect_right(MULTIPLES, self._multiple)
        if following == len(MULTIPLES) or MULTIPLES[following] > largest:
            return None
        wanted = bisect.bisect_right(MULTIPLES, min(growth * self._multiple, largest)) - 1
        return MULTIPLES[max(wanted, following)]

    def _allowed(self, multiple: int) -> int:
        """Return a multiple, or 1 if ``max_steps`` does not allow it."""
        return multiple if multiple * int(self.base.sum()) <= self.max_steps else 1

    def at_least(self, steps: NDArray[np.int64]) -> None:
        """Make the next run no coarser than ``steps`` in any piece.

        Runs that share a batch take the grid of the one that needs most. Before the first run that
        is the base grid; later, the multiple.

        Parameters
        ----------
        steps : ndarray of int, shape (pieces,)
            Steps in each piece.
        """
        if not self._runs:
            self.base = np.maximum(self.base, -(-steps // self._multiple))
        self._multiple = max(self._multiple, int(np.max(-(-steps // self.base))))

    def numbers(self) -> dict[str, Any]:
        """Return everything but the states, for :meth:`restore`.

        Returns
        -------
        dict of str
            Numbers and lists under the names that a checkpoint file gives them.
        """
        return {
            "base": self.base.tolist(),
            "multiple": self._multiple,
            "multiples": [multiple for multiple, _ in self._runs],
            "error": self.error,
            "done": self.done,
            "taken": self.steps_taken.tolist(),
        }

    def restore(self, numbers: dict[str, Any], states: NDArray[np.complex128]) -> None:
        """Continue where another Extrapolation with the same parameters was interrupted.

        Parameters
        ----------
        numbers : dict of str
            What :meth:`numbers` of the other returned.
        states : ndarray of complex, shape (m, 2^d)
            Its states.
        """
        self.base = np.array(numbers["base"], dtype=np.int64)
        self._multiple, self.error = numbers["multiple"], numbers["error"]
        self._runs = list(zip(numbers["multiples"], states, strict=True))
        self.steps_taken = np.array(numbers["taken"], dtype=np.int64)
        self.done = numbers["done"]
        if self._runs:
            enough = len(self._runs) >= FEWEST
            self.state = extrapolated(self._runs) if enough else self._runs[-1][1]


def extrapolated(runs: list[tuple[int, Amplitudes]]) -> Amplitudes:
    """Return the state at vanishing steps of runs with multiples of one grid, normalized.

    Parameters
    ----------
    runs : list of (int, ndarray or tensor of complex)
        The multiple and the final state of each run.
    """
    weights = _weights(tuple(multiple for multiple, _ in runs))
    total = weights[0] * runs[0][1]
    for weight, (_, state) in zip(weights[1:], runs[1:], strict=True):
        total = added(total, weight, state)
    total /= norm(total)
    return total


@functools.cache
def _weights(multiples: tuple[int, ...]) -> tuple[float, ...]:
    """The weights of runs at which the first even powers of the step cancel."""
    squares = [multiple**2 for multiple in multiples]
    return tuple(
        math.prod(own / (own - other) for other in squares if other != own) for own in squares
    )
