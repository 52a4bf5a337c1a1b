"""How fine the steps must be: runs with every step divided into m, until their states agree."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAFETY = 2.0
"""Factor on the extrapolated error, for the next orders that extrapolation leaves out."""

SAFETY_BENT = 10.0
"""The same where steps span breakpoints: the constant then varies from grid to grid. With 4 one
run in 100 exceeded its estimate on a fast-anneal table, by up to 2.5 times; with 10 one of 7800."""

SETTLED = 1.5
"""An error constant that grew by more than this from one refinement to the next is not believed."""

FALLING = 4.0
"""One that fell by more than this is that of runs too coarse for their order, and guesses badly how
much finer the next must be."""


def read_out_distance(psi: NDArray, phi: NDArray) -> float:
    """Total variation distance of two read-outs. That of one qubit is a single number, which may
    agree by chance: there the distance of the states, global phase aside, bounds it.
    """
    if psi.size == 2:
        overlap = complex(np.vdot(phi, psi))
        return float(np.linalg.norm(psi - overlap / abs(overlap) * phi))
    return float(np.abs(np.abs(psi) ** 2 - np.abs(phi) ** 2).sum()) / 2


def state_distance(psi: NDArray, phi: NDArray) -> float:
    """Largest distance in norm, phase included, of two sets of states, (2^d, k)."""
    return float(np.linalg.norm(psi - phi, axis=0).max())


class Refinement:
    """Extrapolated error control of a method of order p; see ``SplitOperator``.

    Make a run with ``m`` times ``base`` steps, ``take`` its final state, until ``done``.

    Parameters
    ----------
    tol : error allowed, as ``distance`` measures it.
    order : p.
    max_steps, base : of one run; of the coarsest.
    bent : whether steps span breakpoints of the schedule.
    rounding : error of a step, however short it is.
    distance : of two final states.
    first : the m to begin with; ``max_steps`` leaves it room to double three times.

    Attributes
    ----------
    state, steps, error : final state of the finest run, its steps, the estimate of its error.
    """

    def __init__(
        self,
        tol: float,
        order: int,
        max_steps: int,
        base: int,
        bent: bool = False,
        rounding: float = 0.0,
        distance: Callable[[NDArray, NDArray], float] = read_out_distance,
        first: int = 1,
    ) -> None:
        self.tol, self.order, self.max_steps, self.base = tol, order, max_steps, base
        self.safety = SAFETY_BENT if bent else SAFETY
        self.rounding, self.distance = rounding, distance
        self.m, self.done = max(min(first, max_steps // (8 * base)), 1), False
        self.error = self.constant = math.inf
        self.coarse_m, self.state = 0, np.empty(0, dtype=np.complex128)

    @property
    def steps(self) -> int:
        """Steps of the run whose state was taken last."""
        return self.coarse_m * self.base

    def take(self, state: NDArray[np.complex128]) -> None:
        """Learn from the final state, of the shape that ``distance`` takes, of the run with
        ``m * base`` steps.
        """
        m, p = self.m, self.order
        before, constant = self.constant, math.inf
        floor = self.rounding * m * self.base
        distance = self.distance(state, self.state) if self.coarse_m else math.inf
        if self.coarse_m:
            constant = distance / (float(self.coarse_m) ** -p - float(m) ** -p)
        confirmed = constant <= SETTLED * before < math.inf
        self.error = self.safety * max(constant, before) / m**p + floor if confirmed else math.inf
        if distance <= floor:
            self.error = self.safety * floor  # finer steps tell nothing more
        self.coarse_m, self.state, self.constant = m, state, constant
        self.done = distance <= floor or self.error <= self.tol or 2 * self.steps >= self.max_steps
        excess = self.safety * constant / m**p / (0.5 * self.tol)
        most = (4.0 if constant >= before / FALLING else 1.5) if confirmed else 2.0
        growth = min(max(excess ** (1 / p), 1.3), most)
        self.m = max(min(math.ceil(m * growth), self.max_steps // self.base), m + 1)

    def numbers(self) -> dict[str, Any]:
        """Everything but the state, for :meth:`restore`."""
        return {key: getattr(self, key) for key in ("m", "coarse_m", "constant", "error", "done")}

    def restore(self, numbers: dict[str, Any], state: NDArray[np.complex128]) -> None:
        """Continue where another Refinement of the same parameters was."""
        vars(self).update(numbers)
        self.state = state
