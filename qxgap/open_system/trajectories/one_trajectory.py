"""One trajectory: rotations of the driver, and between them phases of the problem and jumps.

A time step is ``D(h / 2) R(h) D(h / 2)``: R is the rotation by the driver, and D everything that is
diagonal or jumps between states of the computational basis. That is the phases of the problem and
the baths, which D describes exactly: its jumps come at their own times and not at the steps. The
average of all trajectories is therefore the symmetric splitting of the master equation into these
two parts, whose error is of second order in h.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...annealing.batch import apply_layers
from ...annealing.hamiltonian import AnnealHamiltonian
from ...annealing.layers import Layer
from ...dynamics.split import corners, step_edges, strengths
from .clock import Clock
from .jump_kernels import damp, flip_signs, move_bit
from .jump_rates import JumpRates
from .moves import DrawnMoves, Move, Moves, RepeatedMoves

Array = NDArray[np.float64]

ORDER = 2
"""Order of the splitting: one of higher order would need steps backwards in time."""

LEAST_NORM = 1e-100
"""Squared norm below which a state is normalized; one that waits for a jump does not get there."""


class StepGrid:
    """The layers of an anneal, and the times between which the baths act.

    Parameters
    ----------
    H : AnnealHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    steps : ndarray of int, shape (pieces,)
        Number of steps between neighboring corners of the schedule.

    Attributes
    ----------
    marks : ndarray of float, shape (layers + 2,)
        The begin, the times of the rotations, and the end.
    phases, angles : ndarray of float
        Phase of the problem between two marks, and angle of each rotation.
    """

    def __init__(self, H: AnnealHamiltonian, tau: float, steps: NDArray[np.int64]) -> None:
        edges = step_edges(H.schedule, steps, corners(H.schedule))
        self.steps = steps
        self.layer = Layer(H.problem, H.driver_weights)
        self.phases, self.angles = strengths(H.schedule, tau, edges, ORDER)
        middles = (edges[1:] + edges[:-1]) / 2
        self.marks = tau * np.concatenate([[0.0], middles, [1.0]])

    def advance(self, psi: Array, first: int, last: int) -> None:
        """Apply the phases and rotations from ``first`` until before ``last``, in place.

        Parameters
        ----------
        psi : ndarray of float, shape (2, 2^d)
            The state.
        first, last : int
            Numbers of layers; the number after the last layer stands for the last phase.
        """
        layers = self.angles.size
        inside = slice(first, min(last, layers))
        apply_layers(self.layer, psi, self.phases[inside], self.angles[inside])
        if last > layers:
            self.phase(psi, self.phases[layers])

    def rotate(self, psi: Array, number: int, phase: float) -> None:
        """Apply a phase and the rotation of a layer in place; after the last layer there is none.

        Parameters
        ----------
        psi : ndarray of float, shape (2, 2^d)
            The state.
        number : int
            Number of the layer.
        phase : float
            The phase that is applied before it.
        """
        angle = self.angles[number : number + 1] if number < self.angles.size else np.zeros(1)
        apply_layers(self.layer, psi, np.array([phase]), angle)

    def phase(self, psi: Array, phase: float) -> None:
        """Apply a phase of the problem in place.

        Parameters
        ----------
        psi : ndarray of float, shape (2, 2^d)
            The state.
        phase : float
            Its time integral of B.
        """
        apply_layers(self.layer, psi, np.array([phase]), np.zeros(1))


@dataclass(frozen=True, eq=False)
class Run:
    """The end of one trajectory.

    Attributes
    ----------
    psi : ndarray of float, shape (2, 2^d)
        Real and imaginary parts of the final state, of norm 1.
    log_weight : float
        Logarithm of the squared norm that the state would have if it were never normalized. It is
        the probability density of these jumps up and down, but for a factor of the rates; without
        jumps it is their probability.
    moves : tuple of Move
        The jumps up and down.
    num_jumps : int
        Number of all jumps.
    """

    psi: Array
    log_weight: float
    moves: tuple[Move, ...]
    num_jumps: int

    @property
    def state(self) -> NDArray[np.complex128]:
        """The final state, shape (2^d,)."""
        return self.psi[0] + 1j * self.psi[1]


def follow(
    grid: StepGrid,
    start: NDArray[np.complex128],
    rates: JumpRates,
    clock: Clock | None = None,
    moves: tuple[Move, ...] | None = None,
) -> Run:
    """Return the end of one trajectory.

    Parameters
    ----------
    grid : StepGrid
        The time steps.
    start : ndarray of complex, shape (2^d,)
        Initial state.
    rates : JumpRates
        Rates of the jumps.
    clock : Clock, optional
        The random numbers; without them there is no jump.
    moves : tuple of Move, optional
        The jumps up and down of another run, which are repeated. By default they are drawn.
    """
    psi, num_flips = np.stack([start.real, start.imag]), 0
    masks = np.zeros(grid.phases.size, dtype=np.int64)
    if clock:
        masks, num_flips = clock.masks(grid.marks), clock.times.size
    if not rates.relaxes:
        _follow_flips(grid, psi, masks)
        psi /= np.linalg.norm(psi)
        return Run(psi, 0.0, (), num_flips)
    if clock and moves is None:
        log_weight, moves = _follow_moves(grid, psi, rates.decay, masks, DrawnMoves(clock, rates))
    else:
        # A decay that all states share is counted apart, so that no norm becomes too small.
        shared, source = float(rates.decay.min()), RepeatedMoves(moves or ())
        log_weight, moves = _follow_moves(grid, psi, rates.decay - shared, masks, source)
        log_weight -= shared * float(grid.marks[-1])
    return Run(psi, log_weight, moves, num_flips + len(moves))


def _follow_flips(grid: StepGrid, psi: Array, masks: NDArray[np.int64]) -> None:
    """Advance a state that is flipped by ``sigma_z`` only, in place."""
    done = 0
    for number in np.flatnonzero(masks).tolist():
        grid.advance(psi, done, number)
        flip_signs(psi, int(masks[number]))
        done = number
    grid.advance(psi, done, masks.size)


def _follow_moves(
    grid: StepGrid, psi: Array, decay: Array, masks: NDArray[np.int64], source: Moves
) -> tuple[float, tuple[Move, ...]]:
    """Advance and normalize a state that decays between jumps; return its weight and the jumps."""
    log_weight, norm, moves = 0.0, 1.0, []
    for number, (begin, end) in enumerate(pairwise(grid.marks.tolist())):
        length, phase = end - begin, grid.phases[number]
        if masks[number]:
            flip_signs(psi, int(masks[number]))
        while (wait := source.wait(psi, norm, end - length, length)) is not None:
            damp(psi, np.exp(-decay * (wait / 2)))
            part = phase * (wait / length if length else 0.0)
            grid.phase(psi, part)
            move = source.choose(psi, end - length + wait)
            move_bit(psi, move.bit, move.up)
            moves.append(move)
            log_weight += _normalize(psi)
            norm, length, phase = 1.0, length - wait, phase - part
        norm = damp(psi, np.exp(-decay * (length / 2)))
        if norm < LEAST_NORM:
            log_weight += _normalize(psi)
            norm = 1.0
        grid.rotate(psi, number, phase)
    return log_weight + _normalize(psi), tuple(moves)


def _normalize(psi: Array) -> float:
    """Normalize a state in place, and return the logarithm of its squared norm."""
    norm = float(np.linalg.norm(psi))
    if norm == 0.0:  # a jump that the state cannot make, in a run that repeats another's
        return -math.inf
    psi /= norm
    return 2 * math.log(norm)
