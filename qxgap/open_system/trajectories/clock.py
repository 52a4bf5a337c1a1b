"""The random numbers of one trajectory: when it jumps, and how."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .jump_rates import JumpRates


class Clock:
    """The random numbers of a trajectory with at least one jump.

    The same numbers are used whatever the time steps, so that two runs of a trajectory with
    different steps differ by the error of the steps only. The flips by ``sigma_z`` come at times
    that do not depend on the state. A jump up or down comes when the squared norm of the state,
    which decays between jumps, has fallen to a threshold.

    Parameters
    ----------
    seed : numpy.random.SeedSequence
        Seed of this trajectory.
    rates : JumpRates
        Rates of the jumps.
    tau : float
        Anneal time.
    unrelaxed : float
        Probability that no qubit jumps up or down if there is no flip.

    Attributes
    ----------
    times : ndarray of float, shape (k,)
        Times of the flips.
    bits : ndarray of int, shape (k,)
        Bit that each of them flips the sign of.
    """

    def __init__(
        self, seed: np.random.SeedSequence, rates: JumpRates, tau: float, unrelaxed: float
    ) -> None:
        self._rng = rng = np.random.default_rng(seed)
        self.times, self.bits = np.empty(0), np.empty(0, dtype=np.int64)
        some_flip = -math.expm1(-rates.all_flips * tau)
        some_jump = some_flip + (1 - some_flip) * (1 - unrelaxed)
        case, first, threshold = rng.random(3)
        if case * some_jump < some_flip:
            begin = -math.log1p(-first * some_flip) / rates.all_flips
            more = rng.poisson(rates.all_flips * max(tau - begin, 0.0))
            self.times = begin + (tau - begin) * np.append(rng.random(more), 0.0)
            self.bits = rng.integers(rates.num_qubits, size=more + 1)
            self._threshold = 1.0 - threshold
        else:  # the first jump is one up or down, and it comes before the end
            self._threshold = 1.0 - (1.0 - unrelaxed) * threshold

    def first_threshold(self) -> float:
        """Return the squared norm at which the first jump up or down comes."""
        return self._threshold

    def next_threshold(self) -> float:
        """Return the squared norm, from 1 after the last jump, at which the next jump comes."""
        return 1.0 - self._rng.random()

    def share(self) -> float:
        """Return a number in [0, 1) that chooses the jump."""
        return self._rng.random()

    def masks(self, marks: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the bits whose signs are flipped an odd number of times between two marks.

        Parameters
        ----------
        marks : ndarray of float, shape (n + 1,)
            Times in rising order, from 0 to tau.

        Returns
        -------
        ndarray of int, shape (n,)
            Bit masks.
        """
        masks = np.zeros(marks.size - 1, dtype=np.int64)
        places = np.searchsorted(marks[1:-1], self.times, side="right")
        np.bitwise_xor.at(masks, places, np.int64(1) << self.bits)
        return masks


def mirrored(times: NDArray[np.float64], marks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each time mirrored at the middle between the two marks around it.

    Parameters
    ----------
    times : ndarray of float, shape (k,)
        Times from the first mark to the last.
    marks : ndarray of float, shape (n + 1,)
        Times in rising order.

    Returns
    -------
    ndarray of float, shape (k,)
        The times, in the order of ``times``.
    """
    interval = np.searchsorted(marks[1:-1], times, side="right")
    return marks[interval] + marks[interval + 1] - times
