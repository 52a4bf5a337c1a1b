"""The jumps of a bit up or down: drawn at random, or those of another run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from .clock import Clock
from .jump_kernels import weights_by_ones, weights_of_one
from .jump_rates import JumpRates

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Move:
    """A jump of one bit up or down.

    Attributes
    ----------
    time : float
        When it comes.
    bit : int
        The bit that jumps.
    up : bool
        Whether it jumps from 0 to 1.
    """

    time: float
    bit: int
    up: bool


class Moves(Protocol):
    """Where the jumps up and down of a trajectory come from."""

    def wait(self, psi: Array, norm: float, begin: float, length: float) -> float | None:
        """Return the time until the next jump; None if it is longer than ``length``.

        Parameters
        ----------
        psi : ndarray of float, shape (2, 2^d)
            The state.
        norm : float
            Its squared norm, which was 1 after the last jump.
        begin, length : float
            The time now, and the time that is left until the next rotation.
        """

    def choose(self, psi: Array, time: float) -> Move:
        """Return the jump that comes now.

        Parameters
        ----------
        psi : ndarray of float, shape (2, 2^d)
            The state just before it.
        time : float
            The time now.
        """


class DrawnMoves:
    """Jumps that are drawn by the probabilities that the state has.

    Parameters
    ----------
    clock : Clock
        The random numbers.
    rates : JumpRates
        Rates of the jumps.
    """

    def __init__(self, clock: Clock, rates: JumpRates) -> None:
        self._clock, self._rates, self._decay = clock, rates, rates.decay
        self._fastest, self._threshold = float(rates.decay.max()), clock.first_threshold()

    def wait(self, psi: Array, norm: float, begin: float, length: float) -> float | None:
        """Return when the squared norm will have decayed to the threshold of the next jump."""
        if norm * math.exp(-self._fastest * length) > self._threshold:
            return None
        weights = weights_by_ones(psi)

        def above(time: float) -> float:
            return float(weights @ np.exp(-self._decay * time)) - self._threshold

        if above(length) > 0:
            return None
        if above(0.0) <= 0:  # rounding: the threshold was met at the end of the interval before
            return 0.0
        return float(brentq(above, 0.0, length, xtol=1e-14 * length, rtol=1e-14))

    def choose(self, psi: Array, time: float) -> Move:
        """Draw a jump by its rate and by the probability of the bit to be 1 or 0."""
        weights = psi[0] ** 2 + psi[1] ** 2
        ones = weights_of_one(weights)
        zeros = np.maximum(weights.sum() - ones, 0.0)
        limits = np.cumsum(np.concatenate([self._rates.down * ones, self._rates.up * zeros]))
        share = self._clock.share() * limits[-1]
        chosen = int(np.searchsorted(limits[:-1], share, side="right"))
        self._threshold = self._clock.next_threshold()
        return Move(time, chosen % ones.size, chosen >= ones.size)


class RepeatedMoves:
    """Jumps that are given, in rising order of their times.

    Parameters
    ----------
    moves : tuple of Move
        The jumps.
    """

    def __init__(self, moves: tuple[Move, ...]) -> None:
        self._left = list(reversed(moves))

    def wait(self, psi: Array, norm: float, begin: float, length: float) -> float | None:
        """Return the time until the next jump that is given."""
        if not self._left or self._left[-1].time > begin + length:
            return None
        return min(max(self._left[-1].time - begin, 0.0), length)

    def choose(self, psi: Array, time: float) -> Move:
        """Return the next jump that is given."""
        return self._left.pop()
