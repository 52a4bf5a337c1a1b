"""What an anneal is asked for is checked, and what is out of reach refused, before it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import psutil
from numpy.typing import ArrayLike

from ..annealing.hamiltonian import AnnealHamiltonian
from ..checks import require_number, require_whole
from ..errors import InputError
from ..memory import MemoryLimitError, format_bytes
from .split import COEFFICIENTS, Array, coarsest_steps, corners, spans_breakpoints

if TYPE_CHECKING:
    from .closed import SplitOperator

FINEST, FINEST_BENT = 4, 8
"""The last run of an anneal has about so many times the steps of the first: the third is the first
whose error can be known, and where steps span breakpoints one or two more follow."""

SECONDS_PER_LAYER, SECONDS_PER_AMPLITUDE = 1e-6, 8e-9
"""Time of a layer on one core, and what each amplitude adds to it."""

LONG = 1e6
"""Time steps of an anneal that hardware does not make without its surroundings."""

BYTES_PER_STEP = 800
"""Memory for the edge of a step, its phases and angles, and what they are made from."""

PHASE_PER_STEP = 10.0
"""No explicit Runge-Kutta or Adams method is stable where a step turns the fastest phase further,
in radians."""

PAULI_QUBITS = 8
"""``PauliMaster`` takes so many."""


def anneal_times(tau: ArrayLike) -> list[float]:
    """Return one or several anneal times as a list.

    Raises
    ------
    InputError : for anything but one or more finite numbers that are not negative.
    """
    try:
        times = np.asarray(tau)
    except ValueError:  # lists of different lengths
        times = np.array(None)
    if times.dtype.kind not in "iuf" or times.ndim > 1:
        raise InputError(f"tau = {tau!r} is no number; give one anneal time, or a list of them")
    if times.size == 0:
        raise InputError("tau is an empty list; give at least one anneal time")
    for time in times.ravel().tolist():
        if not (np.isfinite(time) and time >= 0):
            raise InputError(f"tau = {time} must be finite and not negative")
    return [float(time) for time in times.ravel()]


def require_steps(max_steps: int) -> None:
    """InputError unless at least one time step is allowed."""
    require_whole(max_steps, "max_steps", "the largest number of time steps, at least 1")
    if not max_steps >= 1:
        raise InputError(f"max_steps = {max_steps}; allow at least 1 time step")


def require_tolerances(rtol: float, atol: float) -> None:
    """InputError unless both tolerances of an ODE are positive numbers."""
    for name, value in (("rtol", rtol), ("atol", atol)):
        require_number(value, name, "the tolerance as a positive number, such as 1e-8")
        if not 0 < value < np.inf:
            raise InputError(f"{name} = {value}; give the tolerance as a positive number")


def require_reach(
    H: AnnealHamiltonian,
    tau: float,
    method: SplitOperator,
    *,
    to_tol: bool,
    marks: Array | None = None,
    option: str = "max_steps",
) -> None:
    """Refuse an anneal by splitting whose runs need more steps than the method allows.

    Parameters
    ----------
    H, tau, method
        The anneal.
    to_tol : bool
        Whether to refuse, too, what can be begun but not be brought to the tolerance.
    marks : ndarray, optional
        Where steps begin and end; default the schedule's corners.
    option : str
        What the user calls ``method.max_steps``.

    Raises
    ------
    InputError : with an estimate of steps and time, and the ways out.
    MemoryLimitError : if so many steps do not fit into the memory.
    """
    marks = corners(H.schedule) if marks is None else marks
    bent = spans_breakpoints(H.schedule, marks)
    finest = (FINEST_BENT if bent else FINEST) if to_tol else 1
    steps = finest * float(coarsest_steps(H, tau, method.order, method.tol, marks).sum())
    if steps <= method.max_steps:
        _require_memory(tau, steps)
        return
    layers = len(COEFFICIENTS[method.order][1])
    each = SECONDS_PER_LAYER + SECONDS_PER_AMPLITUDE * 2.0**H.num_qubits
    seconds = steps * (2.0 - 1.0 / finest) * layers * each  # of all runs, each twice the one before
    raise InputError(
        f"tau = {tau:g} needs about {_count(steps)} time steps or more, {duration(seconds)} on one "
        f"core; {option} = {method.max_steps} allows fewer. Shorten tau or raise {option}"
        + _long_anneals(H, steps)
    )


def _require_memory(tau: float, steps: float) -> None:
    """Refuse what ``max_steps`` allows and the memory does not."""
    if steps < LONG:
        return
    needed, free = BYTES_PER_STEP * steps, psutil.virtual_memory().available
    if needed > free:
        raise MemoryLimitError(
            f"tau = {tau:g} needs about {_count(steps)} time steps or more, which take "
            f"{format_bytes(needed)} of memory, and {format_bytes(free)} are free; shorten tau"
        )


def require_ode_reach(H: AnnealHamiltonian, tau: float, max_steps: int) -> None:
    """Refuse an anneal by a Runge-Kutta or Adams method that cannot be stable in ``max_steps``.

    The levels of H(s) spread over ``2 A sum w`` at least, as the mean of H_P is the same in the
    lowest and the highest state of H_D.
    """
    schedule = H.schedule
    area = float(np.sum(np.diff(schedule.s) * (schedule.A[1:] + schedule.A[:-1])) / 2)
    steps = tau * schedule.angular * area * float(H.driver_weights.sum()) / PHASE_PER_STEP
    if steps > max_steps:
        raise InputError(
            f"tau = {tau:g} needs at least {_count(steps)} time steps of a Runge-Kutta or Adams "
            f"method; max_steps = {max_steps} allows fewer. Shorten tau or raise max_steps"
            + _long_anneals(H, steps)
        )


def _long_anneals(H: AnnealHamiltonian, steps: float) -> str:
    """Say what describes an anneal that is too long for the Schrödinger equation, if it is long."""
    if steps < LONG:
        return ""
    if H.num_qubits <= PAULI_QUBITS:
        way = "anneal(H, tau, PauliMaster(), bath=OhmicBath(...)), which takes as long for any tau"
    else:
        way = "gibbs(H, s, temperature), the thermal equilibrium"
    return f"; or describe a long anneal with its surroundings, in Python by {way}"


def _count(number: float) -> str:
    return f"{float(f'{number:.3g}'):.0f}" if number < 1e9 else f"{number:.2g}"


def duration(seconds: float) -> str:
    """Write a time as a person reads it: ``about 3 hours``."""
    units = (("years", 365.25 * 86400.0), ("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0))
    for unit, size in units:
        if seconds >= 2 * size:
            number = seconds / size
            return f"about {number:.0f} {unit}" if number < 1e5 else f"about {number:.1e} {unit}"
    return f"about {seconds:.0f} seconds" if seconds >= 2 else "a second or two"
