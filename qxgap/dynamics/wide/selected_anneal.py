"""An anneal in a set of configurations that grows from run to run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...annealing.hamiltonian import AnnealHamiltonian
from ...errors import InputError
from ...memory import MemoryLimitError
from ...problem.proven_levels import KnownLevels, known_levels
from ...problem.qubo import QuboProblem
from ...progress import Say
from ...spectra.wide.configurations import Words, words_of
from ...version import versions
from ..methods import SelectedDynamics
from ..readout import AnnealStatus
from .beginning import ground_state
from .flow import Flow, follow, integral
from .mean_field import Array, Complex, Frame, MeanFieldPath, TooManySteps
from .probability_bounds import probability_interval
from .selected_result import SelectedAnneal
from .selected_space import SelectedSpace

Occupations = NDArray[np.uint8]

STEP_SHARE = 1e-5
"""Error allowed in one time step, as a share of the tolerance."""

GROWTH, SMALLEST_GROWTH = 3, 256
"""A set is enlarged by so many times its size, and by this number of configurations at least."""

NOTHING_PROVED = 1.5
"""Bound of the distance of two states of norm 1 that says nothing about their probabilities."""

LEAST_HISTORY = 3
"""Number of sets after which it is judged whether the largest one can help."""


@dataclass(frozen=True, eq=False)
class Attempt:
    """What one set of configurations says about an anneal.

    Attributes
    ----------
    weight : float
        Weight of the state on the ground states.
    interval : tuple of float
        Proven bounds of the success probability.
    state : ndarray of complex, shape (n,)
        The state at the end.
    norm_left : float
        Bound of its distance from the exact state.
    half_left : float
        Anneal fraction at which half of that has left the set.
    s : ndarray of float, shape (k,)
        Anneal fractions of the time steps.
    norms_left : ndarray of float, shape (k,)
        The bound of the distance at each of them.
    time_error : float
        Estimated error of all time steps.
    steps : int
        Number of time steps.
    importance : ndarray of float, shape (m,)
        What each configuration outside contributes to the error, relative to the others.
    """

    weight: float
    interval: tuple[float, float]
    state: Complex
    norm_left: float
    half_left: float
    s: Array
    norms_left: Array
    time_error: float
    steps: int
    importance: Array


def anneal_in_configurations(
    H: AnnealHamiltonian, tau: float, method: SelectedDynamics, say: Say
) -> SelectedAnneal:
    """Integrate an anneal in larger and larger sets of configurations.

    Parameters
    ----------
    H : AnnealHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    method : SelectedDynamics
        Tolerance and limits.
    say : callable
        Called with a line of text about each set.

    Returns
    -------
    SelectedAnneal
        The success probability and its bounds.

    Raises
    ------
    InputError
        If the ground states cannot be proven, or the anneal needs more time steps than allowed.
    """
    levels = proven_ground_states(H.problem)
    grounds = levels.ground_states
    assert grounds is not None
    try:
        path = MeanFieldPath(H, tau, method.max_steps)
        space = SelectedSpace(path.coupling, words_of([[]], H.num_qubits))
        attempt = try_set(space, path, grounds, method)
    except TooManySteps:
        raise InputError(
            f"tau = {tau:g} needs more than max_steps = {method.max_steps} time steps; shorten tau "
            "or raise max_steps of SelectedDynamics"
        ) from None
    low, high = attempt.interval
    history = [(len(space), attempt.norm_left)]
    while (status := _status(attempt, low, high, history, method, H.num_qubits)) is None:
        say(
            f"{len(space)} configurations: success probability {attempt.weight:.4g}, proven to lie "
            f"in [{low:.4g}, {high:.4g}]"
        )
        try:
            larger = SelectedSpace(path.coupling, grown(space, attempt.importance, method))
            attempt = try_set(larger, path, grounds, method)
        except (TooManySteps, MemoryLimitError) as error:
            steps = isinstance(error, TooManySteps)
            status = AnnealStatus.MAX_STEPS if steps else AnnealStatus.MAX_CONFIGURATIONS
            break
        space = larger
        history.append((len(space), attempt.norm_left))
        low, high = max(low, attempt.interval[0]), min(high, attempt.interval[1])
    interval = low, max(low, high)
    return _result(H, tau, method, attempt, interval, status, space, path, levels, grounds)


def proven_ground_states(problem: QuboProblem) -> KnownLevels:
    """Return the lowest levels of a problem, with all ground states.

    Parameters
    ----------
    problem : QuboProblem
        The problem.

    Raises
    ------
    InputError
        If the ground states are not all known.
    """
    levels = known_levels(problem)
    if levels.ground_states is None:
        raise InputError(
            f"not all ground states of {problem.num_qubits} qubits are known, because the lowest "
            "energy is not proven or more than 10,000 states have it; fix some variables first "
            "(qxgap reduce)"
        )
    return levels


def try_set(
    space: SelectedSpace, path: MeanFieldPath, grounds: Occupations, method: SelectedDynamics
) -> Attempt:
    """Follow an anneal in one set of configurations, forwards and backwards.

    Parameters
    ----------
    space : SelectedSpace
        The set.
    path : MeanFieldPath
        The frame along the anneal.
    grounds : ndarray of int, shape (g, d)
        The ground states of the problem.
    method : SelectedDynamics
        Tolerance and limits.
    """
    importance = np.zeros(len(space.outside))
    start, start_error = ground_state(space, path, importance)
    tol_step = STEP_SHARE * method.tol
    there = follow(space, path, start, tol_step, method.max_steps)
    end = path(1.0)
    overlaps = np.array([space.amplitudes(end, n) @ there.state for n in grounds])
    weight = float(np.sum(np.abs(overlaps) ** 2))
    # the normalised projection g of the state on the ground states, and its part in the set
    shares = overlaps / math.sqrt(weight) if weight > 0 else np.eye(len(overlaps))[0]
    goal = np.zeros(len(space), np.complex128)
    for n, share in zip(grounds, shares.tolist(), strict=True):
        goal += share * space.amplitudes(end, n).conj()
    back = follow(space, path, goal, tol_step, method.max_steps, backwards=True)
    left = integral(there.s, there.rate)
    time_error = there.time_error + path.time_error
    distance = start_error + float(left[-1]) + time_error
    amplitude = amplitude_error(there, back, start_error + left, start_error, goal)
    amplitude += time_error + back.time_error + path.time_error
    for flow in (there, back):
        if flow.importance.sum() > 0:
            importance = importance + flow.importance / flow.importance.sum()
    return Attempt(
        weight=weight,
        interval=probability_interval(weight, distance, amplitude, len(overlaps), time_error),
        state=there.state,
        norm_left=distance,
        half_left=float(np.interp(left[-1] / 2, left, there.s)) if left[-1] > 0 else 1.0,
        s=there.s,
        norms_left=start_error + left + time_error,
        time_error=time_error,
        steps=there.steps,
        importance=importance,
    )


def amplitude_error(
    there: Flow, back: Flow, left: Array, start_error: float, goal: Complex
) -> float:
    """Return a bound of the error of ``<g|phi>``, where g was followed back through the same set.

    Parameters
    ----------
    there : Flow
        The anneal.
    back : Flow
        The state g, followed from s = 1 to 0.
    left : ndarray of float, shape (k,)
        Bound of the distance of the computed state from the exact one at the times of ``there``.
    start_error : float
        That distance at s = 0.
    goal : ndarray of complex, shape (n,)
        The part of g in the set.
    """
    if math.isinf(start_error):
        return math.inf
    outside = math.sqrt(max(1.0 - float(np.vdot(goal, goal).real), 0.0))
    rate = back.rate * np.interp(back.s, there.s, left)
    return start_error + outside * float(left[-1]) + float(integral(back.s, rate)[-1])


def grown(space: SelectedSpace, importance: Array, method: SelectedDynamics) -> Words:
    """Return the set with the configurations outside that matter most.

    Parameters
    ----------
    space : SelectedSpace
        The set.
    importance : ndarray of float, shape (m,)
        Contribution of each configuration outside.
    method : SelectedDynamics
        Limits.
    """
    wanted = max(GROWTH * len(space), SMALLEST_GROWTH)
    reached = int(np.count_nonzero(importance))
    wanted = min(wanted, method.max_configurations - len(space), reached)
    chosen = np.argpartition(-importance, wanted - 1)[:wanted]
    return np.concatenate([space.words, space.outside[np.sort(chosen)]])


def _status(
    attempt: Attempt,
    low: float,
    high: float,
    history: Sequence[tuple[int, float]],
    method: SelectedDynamics,
    num_qubits: int,
) -> AnnealStatus | None:
    """Return how the computation ends with this set, or None if the set should grow."""
    if max(high - attempt.weight, attempt.weight - low) <= method.tol:
        return AnnealStatus.CONVERGED
    closed = not np.any(attempt.importance)
    full = history[-1][0] >= method.max_configurations
    closes = 2**num_qubits <= method.max_configurations
    if (closed or full) and math.isinf(attempt.norm_left):
        return AnnealStatus.UNPROVEN_START
    if closed:
        return AnnealStatus.MAX_STEPS  # only the time steps cause an error
    if full or (not closes and is_out_of_reach(history, method)):
        return AnnealStatus.MAX_CONFIGURATIONS
    return None


def is_out_of_reach(history: Sequence[tuple[int, float]], method: SelectedDynamics) -> bool:
    """Return whether the largest set allowed would still prove nothing.

    The norm that leaves falls about as a power of the size of the set. The power is that of the
    last two sets, doubled to be sure.

    Parameters
    ----------
    history : sequence of (int, float)
        Size of each set, and the norm that left it.
    method : SelectedDynamics
        Limits.
    """
    if len(history) < LEAST_HISTORY or not math.isfinite(history[-2][1]):
        return False
    (before, more), (size, left) = history[-2:]
    power = 2 * math.log(more / left) / math.log(size / before)
    return left * (size / method.max_configurations) ** max(power, 0.0) > NOTHING_PROVED


def _result(
    H: AnnealHamiltonian,
    tau: float,
    method: SelectedDynamics,
    attempt: Attempt,
    interval: tuple[float, float],
    status: AnnealStatus,
    space: SelectedSpace,
    path: MeanFieldPath,
    levels: KnownLevels,
    grounds: Occupations,
) -> SelectedAnneal:
    """Return the result of the last set."""
    frame = path(1.0)
    energy = _energy(H.problem, space, frame, attempt.state)
    product = [np.abs(np.prod(frame.factors(n)[0])) ** 2 for n in grounds]
    return SelectedAnneal(
        problem=H.problem,
        tau=float(tau),
        success_probability=min(max(attempt.weight, interval[0]), interval[1]),
        interval=interval,
        residual_energy=max(energy - float(levels.energies[0]), 0.0),
        mean_field_success=min(float(np.sum(product)), 1.0),
        num_ground_states=len(grounds),
        num_configurations=len(space),
        norm_left=attempt.norm_left,
        half_left=attempt.half_left,
        s=attempt.s,
        norms_left=attempt.norms_left,
        time_error=attempt.time_error,
        steps=attempt.steps,
        status=status,
        method=method,
        schedule=H.schedule.name,
        unit=H.schedule.unit,
        driver=repr(H.driver),
        versions=versions(),
    )


def _energy(problem: QuboProblem, space: SelectedSpace, frame: Frame, psi: Complex) -> float:
    """Return the expectation of the problem's energy, without the offset."""
    n = np.abs(frame.down) ** 2
    fields = problem.h + (problem.J + problem.J.T) @ n
    product = space.apply(Frame(frame.up, frame.down, 1.0), psi, fields)
    norm = float(np.vdot(psi, psi).real)
    mean_field = float(problem.energy(n, offset=False))
    return mean_field + float(np.vdot(psi, product).real) / norm
