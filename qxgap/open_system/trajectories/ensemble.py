"""The average over trajectories: how many of them, in how many time steps, and how certain it is.

The trajectory without jumps is known with its probability; the others are drawn among those with at
least one jump. The average is thus exact without a bath, and nearly so for a weak one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numba import get_num_threads
from numpy.typing import NDArray

from ...annealing.batch import MAX_QUBITS
from ...annealing.hamiltonian import AnnealHamiltonian
from ...dynamics.methods import IntegrationError, SplitOperator, Trajectories
from ...dynamics.reach import require_reach
from ...dynamics.split import corners
from ...dynamics.split_run import refinement
from ...dynamics.states import initial_state
from ...errors import InputError
from ...memory import require_memory
from ...progress import Say
from ...statistics.bootstrap import CONFIDENCE_LEVEL, student_quantile
from ...version import versions
from ..baths import Bath
from .clock import Clock, mirrored
from .jump_kernels import weights_of_one
from .jump_rates import JumpRates, jump_rates
from .moves import Move
from .one_trajectory import ORDER, Run, StepGrid, follow
from .trajectory_result import TrajectoryAnnealResult
from .uncertainty import mean_interval_of_probabilities

Array = NDArray[np.float64]

PILOTS = 100
"""Number of trajectories that are repeated with half the steps, to estimate the error of steps."""

SUCCESS, ENERGY, JUMPS = 0, 1, 2
"""Columns of the numbers of a trajectory; the others are the means of the bits."""

THREADS_FROM = 8
"""Number of qubits from which on a layer takes longer than its call, which only one thread does."""

MORE = 1.1
"""Number of trajectories that are run in units of the number that the tolerance is expected to
need, because the spread is not known exactly."""


@dataclass(frozen=True, eq=False)
class Setting:
    """What all trajectories have in common.

    Attributes
    ----------
    H : AnnealHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    start : ndarray of complex, shape (2^d,)
        Initial state.
    rates : JumpRates
        Rates of the jumps.
    seed : int
        Seed; trajectory i has the child i of it.
    """

    H: AnnealHamiltonian
    tau: float
    start: NDArray[np.complex128]
    rates: JumpRates
    seed: int


@dataclass(frozen=True)
class StepErrors:
    """Errors that the time steps cause.

    Attributes
    ----------
    success : float
        Error of the success probability.
    worst : float
        Largest error of it and of the probability of each qubit to be read as 1.
    """

    success: float
    worst: float


class Ensemble:
    """Trajectories in the same time steps, and their average.

    Parameters
    ----------
    setting : Setting
        What all trajectories have in common.
    steps : ndarray of int, shape (pieces,)
        Number of steps between neighboring corners of the schedule.

    Attributes
    ----------
    grid : StepGrid
        The time steps.
    still : float
        Probability of the trajectory without jumps.
    """

    def __init__(self, setting: Setting, steps: NDArray[np.int64]) -> None:
        self.setting, self.grid = setting, StepGrid(setting.H, setting.tau, steps)
        run = follow(self.grid, setting.start, setting.rates)
        self._unrelaxed = min(math.exp(run.log_weight), 1.0)
        self.still = self._unrelaxed * math.exp(-setting.rates.all_flips * setting.tau)
        self._still_weights = _weights(run)
        self._still_row = self._row(run, self._still_weights)
        self._rows: list[Array] = []
        self._pilots: list[tuple[float, tuple[Move, ...]]] = []
        self._weights = np.zeros(setting.H.dimension)

    @property
    def count(self) -> int:
        """Number of trajectories with jumps."""
        return len(self._rows)

    def extend(self, count: int, say: Say) -> None:
        """Follow further trajectories with jumps, if there are any, until there are ``count``.

        Parameters
        ----------
        count : int
            Number of trajectories.
        say : callable
            Called with a line of text.
        """
        if self.still == 1.0:
            return
        text, numbers = f"{self.grid.steps.sum()} steps", range(self.count, count)
        for number, run in zip(numbers, self._side_by_side(self._draw, numbers), strict=True):
            say(f"{text}, trajectory {number + 1} of {count}")
            weights = _weights(run)
            self._rows.append(self._row(run, weights))
            self._weights += weights  # in the order of their numbers, whatever the threads
            if number < PILOTS:
                self._pilots.append((run.log_weight, run.moves))

    def mean(self) -> Array:
        """Return the average success probability, energy, jumps, and bits, shape (3 + d,)."""
        moving = np.mean(self._rows, axis=0) if self.count else self._still_row
        return self.still * self._still_row + (1 - self.still) * moving

    def energy_error(self) -> float:
        """Return the standard error of the average energy; 0 without trajectories."""
        rows = np.array(self._rows)
        return (1 - self.still) * float(_standard_errors(rows)[ENERGY]) if self.count else 0.0

    def success_interval(self) -> tuple[float, float, float]:
        """Return the 95 % interval of the average success probability, and its standard error."""
        fixed = self.still * float(self._still_row[SUCCESS])
        if not self.count:
            return fixed, fixed, 0.0
        values, share = np.array([row[SUCCESS] for row in self._rows]), 1 - self.still
        low, high, error = mean_interval_of_probabilities(values)
        return fixed + share * low, fixed + share * high, share * error

    def weights(self) -> Array:
        """Return the average of the read-out probabilities, shape (2^d,)."""
        moving = self._weights / self.count if self.count else self._still_weights
        return self.still * self._still_weights + (1 - self.still) * moving

    def step_errors(self, coarser: Ensemble, say: Say) -> Array:
        """Return the errors that the time steps cause in all averages, shape (3 + d,).

        The first trajectories are repeated in fewer steps with the same jumps, and weighted by how
        much more or less probable these jumps are then. This is done once more with the jumps
        mirrored in their intervals, because a shift to the next rotation changes a trajectory in
        first order, and two opposite shifts do not. If the error is of second order, the averages
        differ by a known multiple of the error in the finer steps. Half of the 95 % interval of
        the difference is added.

        Parameters
        ----------
        coarser : Ensemble
            An ensemble in fewer steps; its own trajectories are not used.
        say : callable
            Called with a line of text.
        """
        fine, coarse = self.grid, coarser.grid
        changes = -self._repeated(coarse, False, say) - self._repeated(coarse, True, say)
        rows = np.array(self._rows[: len(changes)])
        # A flip changes nothing else where it comes between the same two rotations.
        changes += rows + (self._repeated(fine, True, say) if self.setting.rates.relaxes else rows)
        moving = (1 - self.still) / 2 * changes
        still = self.still * self._still_row - coarser.still * coarser._still_row
        half = _standard_errors(moving) * student_quantile(len(moving) - 1, CONFIDENCE_LEVEL)
        bounds = np.abs(still + moving.mean(axis=0)) + half
        ratio = float((self.grid.steps / coarser.grid.steps).min())
        return bounds / (ratio**ORDER - 1)

    def _repeated(self, grid: StepGrid, is_mirrored: bool, say: Say) -> Array:
        """Return the weighted numbers of the first trajectories, repeated in other steps."""
        repeat, rows = partial(self._repeat, grid, is_mirrored), []
        for number, run in enumerate(self._side_by_side(repeat, range(len(self._pilots)))):
            say(f"{grid.steps.sum()} steps, trajectory {number + 1} again")
            likelier = math.exp(run.log_weight - self._pilots[number][0])
            rows.append(likelier * self._row(run, _weights(run)))
        return np.array(rows)

    def _side_by_side(self, follow_one: Callable[[int], Run], numbers: range) -> Iterator[Run]:
        """Yield the trajectories of some numbers in their order."""
        threads = _trajectories_at_a_time(self.setting.H.num_qubits)
        if threads == 1:
            yield from map(follow_one, numbers)
            return
        with ThreadPoolExecutor(threads) as pool:
            for first in range(0, len(numbers), threads):
                yield from pool.map(follow_one, numbers[first : first + threads])

    def _draw(self, number: int) -> Run:
        """Return one trajectory."""
        setting = self.setting
        return follow(self.grid, setting.start, setting.rates, self._clock(number))

    def _repeat(self, grid: StepGrid, is_mirrored: bool, number: int) -> Run:
        """Return one of the first trajectories in other steps, with the same jumps."""
        setting, clock, moves = self.setting, self._clock(number), self._pilots[number][1]
        if is_mirrored:
            clock.times = mirrored(clock.times, self.grid.marks)
            times = mirrored(np.array([move.time for move in moves]), self.grid.marks)
            moves = tuple(replace(moves[i], time=float(times[i])) for i in np.argsort(times))
        return follow(grid, setting.start, setting.rates, clock, moves)

    def _clock(self, number: int) -> Clock:
        """Return the random numbers of one trajectory."""
        seed = np.random.SeedSequence(self.setting.seed, spawn_key=(number,))
        return Clock(seed, self.setting.rates, self.setting.tau, self._unrelaxed)

    def _row(self, run: Run, weights: Array) -> Array:
        """Return the success probability, the energy, the jumps, and the mean of each bit."""
        problem = self.setting.H.problem
        success = weights[problem.ground_indices].sum()
        energy = weights @ problem.diagonal
        return np.array([success, energy, run.num_jumps, *weights_of_one(weights)])


def trajectory_anneal(
    H: AnnealHamiltonian,
    tau: float,
    baths: tuple[Bath, ...],
    method: Trajectories,
    seed: int,
    say: Say,
) -> TrajectoryAnnealResult:
    """Average an open anneal over quantum-jump trajectories.

    Parameters
    ----------
    H : AnnealHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    baths : tuple of Dephasing or Relaxation
        Baths that each qubit is coupled to.
    method : Trajectories
        Number of trajectories, and tolerances.
    seed : int
        Seed of the trajectories and of the eigensolver.
    say : callable
        Called with a line of text about the progress.

    Raises
    ------
    InputError
        For a bath whose jumps are unknown, and for an anneal that needs too many steps, jumps or
        too much memory.
    IntegrationError
        If a tolerance is not reached within ``max_steps`` or ``max_count``.
    """
    rates = jump_rates(baths, H.num_qubits)
    splitting = SplitOperator(method.step_tol, ORDER, method.max_steps)
    _require_resources(H, tau, rates, method, splitting)
    setting = Setting(H, tau, initial_state(H, seed), rates, seed)
    ensemble, step_errors = _resolved(setting, method, splitting, say)
    count = method.count
    while True:
        ensemble.extend(count, say)
        error = ensemble.success_interval()[2]
        if method.tol is None or error <= method.tol:
            break
        wanted = math.ceil(MORE * count * (error / method.tol) ** 2)
        if wanted > method.max_count:
            raise IntegrationError(
                f"standard error {error:.2g} after {count} trajectories: tol = {method.tol:g} needs"
                f" about {wanted:.2g}. Raise tol, or max_count = {method.max_count}"
            )
        count = wanted
    return _result(ensemble, step_errors, baths, method)


def _require_resources(
    H: AnnealHamiltonian,
    tau: float,
    rates: JumpRates,
    method: Trajectories,
    splitting: SplitOperator,
) -> None:
    """Refuse too many qubits, steps or jumps before anything is computed."""
    vectors = 8 + 8 * _trajectories_at_a_time(H.num_qubits)  # of 2^d numbers
    require_memory(8 * vectors * H.dimension, f"the state vectors of {H.num_qubits} qubits")
    require_reach(H, tau, splitting, to_tol=True)
    jumps = rates.all_flips * tau + rates.num_qubits * max(rates.down, rates.up) * tau
    if jumps > method.max_steps:
        raise InputError(
            f"up to {jumps:.2g} jumps in a trajectory of tau = {tau:g}; max_steps = "
            f"{method.max_steps} allows fewer. Lower the rates, shorten tau or raise max_steps"
        )


def _resolved(
    setting: Setting, method: Trajectories, splitting: SplitOperator, say: Say
) -> tuple[Ensemble, StepErrors]:
    """Return trajectories in steps whose error is small enough, and that error.

    The steps are first refined for the trajectory without jumps, whose error is known best.
    """
    if setting.tau == 0:
        pieces = corners(setting.H.schedule).size - 1
        return Ensemble(setting, np.ones(pieces, dtype=np.int64)), StepErrors(0.0, 0.0)
    control = refinement(setting.H, setting.tau, splitting)

    def without_jumps(steps: NDArray[np.int64]) -> NDArray[np.complex128]:
        say(f"{steps.sum()} steps, without jumps")
        grid = StepGrid(setting.H, setting.tau, steps)
        return follow(grid, setting.start, setting.rates).state

    control.converge(without_jumps)
    half, pilots = (control.steps_taken + 1) // 2, min(method.count, PILOTS)
    coarse, fine = Ensemble(setting, half), Ensemble(setting, 2 * half)
    errors = StepErrors(control.error, control.error)
    while fine.still < 1.0 and control.error <= method.step_tol:
        fine.extend(pilots, say)
        bounds = fine.step_errors(coarse, say)
        worst = float(np.delete(bounds, [ENERGY, JUMPS]).max())
        errors, steps = StepErrors(float(bounds[SUCCESS]), worst), 2 * fine.grid.steps
        if worst <= method.step_tol or steps.sum() > method.max_steps:
            break
        coarse, fine = fine, Ensemble(setting, steps)
    if errors.worst > method.step_tol:
        raise IntegrationError(
            f"error {errors.worst:.2g} of {fine.grid.steps.sum()} time steps is above step_tol = "
            f"{method.step_tol:g}: shorten tau, loosen step_tol or raise max_steps"
        )
    return fine, errors


def _trajectories_at_a_time(num_qubits: int) -> int:
    """Return the number of trajectories that threads follow at the same time."""
    return get_num_threads() if THREADS_FROM <= num_qubits <= MAX_QUBITS else 1


def _weights(run: Run) -> Array:
    """Return the read-out probabilities of a trajectory, shape (2^d,)."""
    return run.psi[0] ** 2 + run.psi[1] ** 2


def _standard_errors(rows: Array) -> Array:
    """Return the standard error of the mean of each column, of two rows or more."""
    return rows.std(axis=0, ddof=1) / math.sqrt(len(rows))


def _result(
    ensemble: Ensemble, errors: StepErrors, baths: Sequence[Bath], method: Trajectories
) -> TrajectoryAnnealResult:
    """Return the result of the average."""
    setting, (success, energy, jumps) = ensemble.setting, ensemble.mean()[:3]
    problem, (low, high, error) = setting.H.problem, ensemble.success_interval()
    weights = ensemble.weights()
    weights.flags.writeable = False
    return TrajectoryAnnealResult(
        problem=problem,
        success_probability=float(success),
        energy=float(energy) + problem.offset,
        residual_energy=float(energy - problem.diagonal.min()),
        tau=setting.tau,
        weights=weights,
        interval=(low, high),
        standard_error=error,
        energy_error=ensemble.energy_error(),
        num_trajectories=ensemble.count,
        no_jump_probability=ensemble.still,
        mean_jumps=float(jumps),
        steps=int(ensemble.grid.steps.sum()),
        success_step_error=errors.success,
        step_error=errors.worst,
        seed=setting.seed,
        method=method,
        bath=tuple(baths),
        schedule=setting.H.schedule.name,
        driver=repr(setting.H.driver),
        versions=versions(),
    )
