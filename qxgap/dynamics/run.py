"""One anneal by splitting: refined until its error is known, watched, and resumed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..anneal.hamiltonian import AnnealHamiltonian
from .checkpoint import Checkpoint, Progress, identity
from .reach import require_reach
from .refine import Distance, Refinement, read_out_distance
from .split import ROUNDING, coarsest_steps, corners, evolve, spans_breakpoints, step_edges

if TYPE_CHECKING:
    from .closed import SplitOperator

Callback = Callable[[float, NDArray[np.complex128]], None]


class SplitRun:
    """The runs of one anneal, their error estimate, and their progress on disk.

    Parameters
    ----------
    start : (2^d,) complex128.
    at : ascending fractions s in [0, 1] at which every run begins a step.
    checkpoint : progress is read from it first.
    """

    def __init__(
        self,
        H: AnnealHamiltonian,
        tau: float,
        start: NDArray[np.complex128],
        method: SplitOperator,
        at: NDArray[np.float64],
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self.H, self.tau, self.start, self.method, self.at = H, tau, start, method, at
        self.stops = np.union1d(at, [0.0, 1.0])
        self.marks = np.union1d(corners(H.schedule), self.stops)
        self.runs = refinement(H, tau, method, self.marks)
        self._segment, self._done, self._psi = 0, 0, start
        self._progress = None
        if checkpoint:
            self._progress = Progress(checkpoint, identity(H, tau, method, start, at))
            self._resume(self._progress)

    def converge(self) -> None:
        """Make runs until ``runs.done``."""
        while not self.runs.done:
            self.runs.take(self._propagate(self.runs.next, None))

    def replay(self, callback: Callback) -> None:
        """Make the last run once more, to the same last bit, and show its states on the way.

        Fractions that were passed before an interruption are not shown again.
        """
        self._propagate(self.runs.taken, callback)

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
        for i in range(first, cuts.size - 1):
            if callback and not done:
                self._show(i, state, callback)
            part = edges[cuts[i] : cuts[i + 1] + 1]
            watch = self._watch(i) if self._progress else None
            state = evolve(self.H, self.tau, part, state, *how, done=done, watch=watch)
            done = 0
        if callback:
            self._show(cuts.size - 1, state, callback)
        self._segment, self._done, self._psi = 0, 0, self.start
        return state

    def _show(self, stop: int, state: NDArray, callback: Callback) -> None:
        if self.stops[stop] in self.at:
            callback(float(self.stops[stop]), state.copy())

    def _watch(self, segment: int) -> Callable[[int, NDArray], None]:
        def watch(done: int, psi: NDArray) -> None:
            progress, runs = self._progress, self.runs
            if progress and progress.due():
                numbers = {"segment": segment, "done": done, "runs": runs.numbers()}
                progress.save(numbers, psi=psi, coarse=runs.state)

        return watch

    def _resume(self, progress: Progress) -> None:
        found = progress.load()
        if found:
            numbers, arrays = found
            self._segment, self._done = numbers["segment"], numbers["done"]
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
