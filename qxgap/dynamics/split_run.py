"""One anneal by splitting: its runs, their progress reports, and their continuation."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..annealing.accept import QubitHamiltonian
from ..linalg.amplitudes import Amplitudes, on_host
from .checkpoint import Checkpoint, Interrupt, Position, Progress, identity
from .error_control import (
    Distance,
    ErrorControl,
    Extrapolation,
    Refinement,
    SeenStates,
    converge_together,
    read_out_distance,
)
from .methods import SplitOperator
from .reach import REFINED_ORDER, extrapolates, require_reach
from .split import (
    COEFFICIENTS,
    ROUNDING,
    base_steps,
    coarsest_steps,
    corners,
    evolve,
    spans_breakpoints,
    step_edges,
)

Callback = Callable[[float, NDArray[np.complex128]], None]
"""``callback(s, state)`` is called with an anneal fraction and the state (2^d,) there."""

Report = Callable[[str], None]
"""``report(line)`` is called with a line of text about the progress of an anneal."""

FIRST_STEPS_SEEN = 4
"""Steps of the first run, in units of the coarsest steps, if states on the way are seen and steps
span breakpoints. Coarser steps do not resolve the shape of a table between two fractions, and their
errors may agree by chance: of some 500 such anneals whose first run had the coarsest steps, the
error of the states exceeded its estimate in one; of 1500 with this number in none."""

REPORT_INTERVAL = 0.2
"""Seconds between two lines about the progress of an anneal."""


class SplitRun:
    """The runs of one anneal, their error estimate, and their position on disk.

    A run integrates the anneal from s = 0 to 1 in segments, which end at the fractions ``at``.

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    start : ndarray of complex, shape (2^d,)
        Initial state.
    method : SplitOperator
        Method of integration.
    at : ndarray of float
        Ascending fractions s in [0, 1] at which every run begins a step.
    checkpoint : Checkpoint, optional
        File of the position, from which an interrupted anneal is continued.
    report : callable, optional
        Called with a line of text about the progress of the anneal.
    seen : SeenStates, optional
        Where the states at the fractions ``at`` are stored. The error estimate is then that of the
        states at these fractions and at the end, and not only of the final read-out. There must be
        no checkpoint.
    """

    def __init__(
        self,
        H: QubitHamiltonian,
        tau: float,
        start: NDArray[np.complex128],
        method: SplitOperator,
        at: NDArray[np.float64],
        checkpoint: Checkpoint | None = None,
        report: Report | None = None,
        seen: SeenStates | None = None,
    ) -> None:
        self.H, self.tau, self.start, self.method, self.at = H, tau, start, method, at
        self.stops = np.union1d(at, [0.0, 1.0])
        self.marks = np.union1d(corners(H.schedule), self.stops)
        self.seen, distance = seen, seen.distance if seen else read_out_distance
        first = FIRST_STEPS_SEEN if seen and spans_breakpoints(H.schedule, self.marks) else 1
        self.refinement: ErrorControl = (
            refinement(H, tau, method, self.marks, distance, first)
            if at.size
            else error_control(H, tau, method, self.marks)
        )
        self._report, self._last_report = report, -math.inf
        self._run_number = 1
        # Where the next run begins: at s = 0, unless an interrupted run is continued.
        self._segment, self._layers = 0, 0
        self._psi: Amplitudes = start
        self._progress: Progress | None = None
        self._interrupt = Interrupt()
        if checkpoint and tau > 0.0:
            self._progress = Progress(checkpoint, identity(H, tau, method, start, at))
            self._resume(self._progress)

    def converge(self) -> None:
        """Make runs until the error estimate is below the tolerance, or the steps are used up."""
        runs = self.refinement
        converge_together([runs], lambda _: [(0, self._next_run(runs.next_steps))])

    def replay(self, callback: Callback) -> None:
        """Repeat the last run with identical results, and show its states at the fractions ``at``.

        Fractions that were shown before an interruption are not shown again.

        Parameters
        ----------
        callback : callable
            Called with each fraction and the state there.
        """
        self._propagate(self.refinement.steps_taken, callback)

    def interruptible(self) -> AbstractContextManager[object]:
        """Return a context in which Ctrl-C waits until the position is saved, if it is saved."""
        return self._interrupt if self._progress else nullcontext()

    def finish(self) -> None:
        """Remove the position from disk."""
        if self._progress:
            self._progress.remove()

    def _next_run(self, steps: NDArray[np.int64]) -> Amplitudes:
        """Final state of a run with so many steps in each piece."""
        state = self._propagate(steps, self.seen.record if self.seen else None)
        self._run_number += 1
        return state

    def _propagate(self, steps: NDArray[np.int64], callback: Callback | None) -> Amplitudes:
        """Propagate the state from where it is to s = 1, segment by segment."""
        edges = step_edges(self.H.schedule, steps, self.marks)
        cuts = np.searchsorted(edges, self.stops)
        state, layers, first = self._psi, self._layers, self._segment
        watched = bool(self._progress or self._report)
        self._say(int(cuts[first]), edges.size - 1, at_once=True)
        for i in range(first, cuts.size - 1):
            # If the run was interrupted within a segment, the state at its beginning was shown
            # before.
            if callback and not layers:
                self._show(i, state, callback)
            state = evolve(
                self.H,
                self.tau,
                edges[cuts[i] : cuts[i + 1] + 1],
                state,
                self.refinement.order,
                self.method.device,
                self.method.precision,
                first_layer=layers,
                watch=self._watch(i, int(cuts[i]), edges.size - 1) if watched else None,
            )
            layers = 0
        if callback:
            self._show(cuts.size - 1, state, callback)
        self._segment, self._layers, self._psi = 0, 0, self.start
        return state

    def _show(self, stop: int, state: Amplitudes, callback: Callback) -> None:
        """Call ``callback`` at a stop, unless it is an end of the anneal that is not in ``at``."""
        if self.stops[stop] in self.at:
            callback(float(self.stops[stop]), on_host(state).copy())

    def _watch(
        self, segment: int, steps_before: int, steps: int
    ) -> Callable[[int, NDArray[np.float64]], None]:
        """Return a function that reports, saves and interrupts, for every few layers."""
        layers_per_step = len(COEFFICIENTS[self.refinement.order][1])

        def watch(layers: int, psi: NDArray[np.float64]) -> None:
            self._say(steps_before + layers // layers_per_step, steps)
            if self._progress and (self._interrupt.requested or self._progress.due()):
                self._progress.save(
                    Position(
                        segment=segment,
                        layers=layers,
                        run_number=self._run_number,
                        refinement=self.refinement.numbers(),
                        psi=psi,
                        last_state=self.refinement.kept,
                    )
                )
            self._interrupt.deliver()

        return watch

    def _say(self, step: int, steps: int, at_once: bool = False) -> None:
        """Report the progress of the run, unless the last report was made a moment ago."""
        if self._report and (at_once or time.monotonic() - self._last_report >= REPORT_INTERVAL):
            self._last_report, error = time.monotonic(), self.refinement.error
            line = f"run {self._run_number}, {step / steps:4.0%} of {steps} steps"
            if math.isfinite(error):
                line += f"; error estimate {error:.1e}, {self.method.tol:g} wanted"
            self._report(line)

    def _resume(self, progress: Progress) -> None:
        """Continue from the position on disk, if there is one."""
        position = progress.load()
        if position:
            self._segment, self._layers = position.segment, position.layers
            self._run_number = position.run_number
            self._psi = position.psi[0] + 1j * position.psi[1]
            self.refinement.restore(position.refinement, position.last_state)


def error_control(
    H: QubitHamiltonian, tau: float, method: SplitOperator, marks: NDArray[np.float64] | None = None
) -> ErrorControl:
    """Return the error control of an anneal whose final state alone is asked for.

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    method : SplitOperator
        Method of integration.
    marks : ndarray of float, optional
        Fractions s at which steps begin and end; by default the corners of the schedule.

    Returns
    -------
    Extrapolation or Refinement
        The former where it takes fewer layers.

    Raises
    ------
    InputError
        If ``max_steps`` allows no run at all.
    """
    marks = corners(H.schedule) if marks is None else marks
    if not extrapolates(H, tau, method, marks):
        return refinement(H, tau, method, marks)
    require_reach(H, tau, method, to_tol=False, marks=marks)
    base = base_steps(H, tau, method.tol, marks).astype(np.int64)
    return Extrapolation(method.tol, method.max_steps, base, ROUNDING[method.precision])


def refinement(
    H: QubitHamiltonian,
    tau: float,
    method: SplitOperator,
    marks: NDArray[np.float64] | None = None,
    distance: Callable[[NDArray, NDArray], Distance] = read_out_distance,
    first: int = 1,
) -> Refinement:
    """Return the error control of an anneal whose runs are refined and not extrapolated.

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    method : SplitOperator
        Method of integration.
    marks : ndarray of float, optional
        Fractions s at which steps begin and end; by default the corners of the schedule.
    distance : callable
        Distance of two final states, as :class:`.Refinement` takes it.
    first : int
        Steps of the first run in units of the coarsest steps. It is reduced where ``max_steps``
        would not leave room to double the steps three times.

    Raises
    ------
    InputError
        If ``max_steps`` allows no run at all.
    """
    marks = corners(H.schedule) if marks is None else marks
    order = method.order or REFINED_ORDER
    require_reach(H, tau, replace(method, order=order), to_tol=False, marks=marks)
    coarsest = coarsest_steps(H, tau, order, method.tol, marks).astype(np.int64)
    coarsest *= max(min(first, method.max_steps // (8 * int(coarsest.sum()))), 1)
    return Refinement(
        method.tol,
        order,
        method.max_steps,
        coarsest,
        spans_breakpoints(H.schedule, marks),
        ROUNDING[method.precision],
        distance,
    )
