"""One anneal by splitting: refined until its error is known, watched, and resumed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..annealing.hamiltonian import AnnealHamiltonian
from .checkpoint import Checkpoint, Interrupt, Progress, identity
from .reach import require_reach
from .refine import Distance, Refinement, read_out_distance
from .split import (
    COEFFICIENTS,
    ROUNDING,
    coarsest_steps,
    corners,
    evolve,
    spans_breakpoints,
    step_edges,
)

if TYPE_CHECKING:
    from .closed import SplitOperator

Callback = Callable[[float, NDArray[np.complex128]], None]
Tell = Callable[[str], None]

TELL_EVERY = 0.2
"""Seconds between two lines that say how far an anneal is."""


class SplitRun:
    """The runs of one anneal, their error estimate, and their progress on disk.

    Parameters
    ----------
    start : (2^d,) complex128.
    at : ascending fractions s in [0, 1] at which every run begins a step.
    checkpoint : progress is read from it first.
    tell : called with a line that says how far the anneal is.
    """

    def __init__(
        self,
        H: AnnealHamiltonian,
        tau: float,
        start: NDArray[np.complex128],
        method: SplitOperator,
        at: NDArray[np.float64],
        checkpoint: Checkpoint | None = None,
        tell: Tell | None = None,
    ) -> None:
        self.H, self.tau, self.start, self.method, self.at = H, tau, start, method, at
        self.stops = np.union1d(at, [0.0, 1.0])
        self.marks = np.union1d(corners(H.schedule), self.stops)
        self.runs = refinement(H, tau, method, self.marks)
        self._segment, self._done, self._psi = 0, 0, start
        self._progress: Progress | None = None
        self._tell, self._told, self._number = tell, -math.inf, 1
        self._interrupt = Interrupt()
        if checkpoint and tau > 0.0:
            self._progress = Progress(checkpoint, identity(H, tau, method, start, at))
            self._resume(self._progress)

    def converge(self) -> None:
        """Make runs until ``runs.done``."""
        while not self.runs.done:
            self.runs.take(self._propagate(self.runs.next, None))
            self._number += 1

    def replay(self, callback: Callback) -> None:
        """Make the last run once more, to the same last bit, and show its states on the way.

        Fractions that were passed before an interruption are not shown again.
        """
        self._propagate(self.runs.taken, callback)

    def interruptible(self) -> AbstractContextManager[object]:
        """Let Ctrl-C end the runs where their position can be kept, if it is kept."""
        return self._interrupt if self._progress else nullcontext()

    def finish(self) -> None:
        """Remove the progress from disk."""
        if self._progress:
            self._progress.remove()

    def _propagate(
        self, steps: NDArray[np.int64], callback: Callback | None
    ) -> NDArray[np.complex128]:
        edges = step_edges(self.H.schedule, steps, self.marks)
        cuts = np.searchsorted(edges, self.stops)
        how = self.method.order, self.method.device, self.method.precision
        state, done, first = self._psi, self._done, self._segment
        watched = bool(self._progress or self._tell)
        self._say(int(cuts[first]), edges.size - 1, at_once=True)
        for i in range(first, cuts.size - 1):
            if callback and not done:
                self._show(i, state, callback)
            part = edges[cuts[i] : cuts[i + 1] + 1]
            watch = self._watch(i, int(cuts[i]), edges.size - 1) if watched else None
            state = evolve(self.H, self.tau, part, state, *how, done=done, watch=watch)
            done = 0
        if callback:
            self._show(cuts.size - 1, state, callback)
        self._segment, self._done, self._psi = 0, 0, self.start
        return state

    def _show(self, stop: int, state: NDArray, callback: Callback) -> None:
        if self.stops[stop] in self.at:
            callback(float(self.stops[stop]), state.copy())

    def _watch(self, segment: int, before: int, total: int) -> Callable[[int, NDArray], None]:
        """What to do after every few layers of a segment that ``before`` steps precede."""
        layers = len(COEFFICIENTS[self.method.order][1])

        def watch(done: int, psi: NDArray) -> None:
            self._say(before + done // layers, total)
            if self._progress and (self._interrupt.asked or self._progress.due()):
                numbers = {"segment": segment, "done": done, "runs": self.runs.numbers()}
                numbers["number"] = self._number
                self._progress.save(numbers, psi=psi, coarse=self.runs.state)
            self._interrupt.give_way()

        return watch

    def _say(self, step: int, total: int, at_once: bool = False) -> None:
        if self._tell and (at_once or time.monotonic() - self._told >= TELL_EVERY):
            self._told, known = time.monotonic(), self.runs.error
            line = f"run {self._number}, {step / total:4.0%} of {total} steps"
            if math.isfinite(known):
                line += f"; error estimate {known:.1e}, {self.method.tol:g} wanted"
            self._tell(line)

    def _resume(self, progress: Progress) -> None:
        found = progress.load()
        if found:
            numbers, arrays = found
            self._segment, self._done = numbers["segment"], numbers["done"]
            self._number = numbers["number"]
            self._psi = arrays["psi"][0] + 1j * arrays["psi"][1]
            self.runs.restore(numbers["runs"], arrays["coarse"])


def refinement(
    H: AnnealHamiltonian,
    tau: float,
    method: SplitOperator,
    marks: NDArray[np.float64] | None = None,
    distance: Callable[[NDArray, NDArray], Distance] = read_out_distance,
    first: int = 1,
) -> Refinement:
    """Error control of runs between ``marks`` (default the schedule's corners).

    ``distance`` is as :class:`.Refinement` has it; the first run has ``first`` times the coarsest
    steps, if ``max_steps`` leaves it room to double three times. InputError if
    ``max_steps`` allows no run at all.
    """
    marks = corners(H.schedule) if marks is None else marks
    require_reach(H, tau, method, to_tol=False, marks=marks)
    base = coarsest_steps(H, tau, method.order, method.tol, marks).astype(np.int64)
    base *= max(min(first, method.max_steps // (8 * int(base.sum()))), 1)
    bent = spans_breakpoints(H.schedule, marks)
    rounding = ROUNDING[method.precision]
    return Refinement(method.tol, method.order, method.max_steps, base, bent, rounding, distance)
