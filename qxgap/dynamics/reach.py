"""Checks that refuse an anneal of too many time steps before it begins."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..annealing.accept import QubitHamiltonian
from ..errors import InputError
from ..linalg.arrays import Precision
from ..memory import fits_in_memory, require_memory
from .methods import SplitOperator
from .split import (
    COEFFICIENTS,
    Array,
    base_steps,
    coarsest_steps,
    corners,
    spans_breakpoints,
    turns,
)

FINEST, FINEST_BENT = 4, 8
"""Least number of steps of the last run of an anneal, in units of the first run: in general, and if
steps span breakpoints. The error is known after three runs, or after four or five."""

TOLERANCE_EXTRAPOLATED, TURNS_EXTRAPOLATED = 1e-5, 35.0
"""Largest tolerance, and largest number of turns of the fastest qubit, at which runs of order 2 are
extrapolated: with these, random anneals took fewer layers than by runs of order 4. In longer ones
the phases of the states settle only with very short steps."""

HELD = 12
"""Largest number of states that are in memory at a time if runs are extrapolated."""

REFINED_ORDER = 4
"""Order of the splitting of runs that are refined and not extrapolated, if none is given."""

EXTRAPOLATED = 6
"""Steps of the fourth of the runs that are extrapolated, in units of their base grid."""

SECONDS_PER_LAYER, SECONDS_PER_AMPLITUDE = 1e-6, 8e-9
"""Time that a layer takes on one core, and the additional time for each amplitude."""

LONG_ANNEAL = 1e6
"""Number of time steps beyond which a message suggests to describe the environment too."""

BYTES_PER_STEP = 800
"""Memory for the edges, phases and angles of a time step, and for their computation."""

PHASE_PER_STEP = 10.0
"""Largest phase, in radians, by which the fastest oscillation may turn in a time step: beyond it no
explicit Runge-Kutta or Adams method is stable."""

MAX_OPEN_QUBITS = 8
"""Largest number of qubits of an open anneal. Each step takes d products of matrices of shape
(2^d, 2^d), which would take hours for more qubits."""


MAX_LEVEL_QUBITS = 16
"""Number of qubits up to which a message proposes an open anneal in the lowest levels."""


def anneal_times(tau: ArrayLike) -> list[float]:
    """Return one or several anneal times as a list.

    Parameters
    ----------
    tau : float or array_like of float
        One anneal time or several.

    Raises
    ------
    InputError
        For anything but one or more finite numbers that are not negative.
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


def extrapolates(H: QubitHamiltonian, tau: float, method: SplitOperator, marks: Array) -> bool:
    """Return whether the runs of an anneal are extrapolated to vanishing steps.

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    method : SplitOperator
        Method of integration, which leaves that open if its order is None.
    marks : ndarray of float
        Fractions s at which steps begin and end; no breakpoint may lie between.
    """
    return (
        method.order is None
        and method.precision is Precision.DOUBLE
        and method.tol <= TOLERANCE_EXTRAPOLATED
        and tau * float(turns(H, marks).sum()) <= TURNS_EXTRAPOLATED
        and not spans_breakpoints(H.schedule, marks)
        and _fits(16 * HELD << H.num_qubits, method.device)
    )


def _fits(num_bytes: int, device: str | None) -> bool:
    """Return whether so many bytes fit into memory, or into that of a device."""
    if device is None:
        return fits_in_memory(num_bytes)
    from ..annealing.torch_device import fits_on_device, require_device  # loads PyTorch

    return fits_on_device(num_bytes, require_device(device))


def require_reach(
    H: QubitHamiltonian,
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
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    method : SplitOperator
        Method of integration.
    to_tol : bool
        Whether to refuse also an anneal that can be begun but cannot reach the tolerance.
    marks : ndarray of float, optional
        Fractions s at which steps begin and end; by default the corners of the schedule.
    option : str
        Name of ``method.max_steps`` for the message, such as that of a command-line option.

    Raises
    ------
    InputError
        With an estimate of steps and time, and the remedies.
    MemoryLimitError
        If so many steps do not fit into the memory.
    """
    marks = corners(H.schedule) if marks is None else marks
    bent = spans_breakpoints(H.schedule, marks)
    order = method.order or REFINED_ORDER
    if extrapolates(H, tau, method, marks):
        order, finest = 2, EXTRAPOLATED if to_tol else 1
        steps = finest * float(base_steps(H, tau, method.tol, marks).sum())
    else:
        finest = (FINEST_BENT if bent else FINEST) if to_tol else 1
        steps = finest * float(coarsest_steps(H, tau, order, method.tol, marks).sum())
    if steps <= method.max_steps:
        purpose = f"the {_count(steps)} time steps or more that tau = {tau:g} needs"
        require_memory(int(BYTES_PER_STEP * steps), purpose, "shorten tau")
        return
    layers = len(COEFFICIENTS[order][1])
    seconds_per_step = layers * (SECONDS_PER_LAYER + SECONDS_PER_AMPLITUDE * 2.0**H.num_qubits)
    seconds = steps * (2.0 - 1.0 / finest) * seconds_per_step  # each run has twice as many steps
    raise InputError(
        f"tau = {tau:g} needs about {_count(steps)} time steps or more, {duration(seconds)} on one "
        f"core; {option} = {method.max_steps} allows fewer. Shorten tau or raise {option}"
        + _remedy_for_long_anneals(H, steps)
    )


def require_ode_reach(H: QubitHamiltonian, tau: float, max_steps: int) -> None:
    """Refuse an anneal by a Runge-Kutta or Adams method that cannot be stable in ``max_steps``.

    The levels of H(s) extend over ``2 A sum_q w_q`` at least, for driver weights w_q: in the lowest
    and in the highest state of H_D the expectation of H_P is the same.

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    max_steps : int
        Largest number of time steps allowed.

    Raises
    ------
    InputError
        With an estimate of the steps, and the remedies.
    """
    schedule = H.schedule
    fields = H.transverse.sum(axis=1)
    area = float(np.sum(np.diff(schedule.s) * (fields[1:] + fields[:-1])) / 2)
    steps = tau * schedule.angular * area / PHASE_PER_STEP
    if steps > max_steps:
        raise InputError(
            f"tau = {tau:g} needs at least {_count(steps)} time steps of a Runge-Kutta or Adams "
            f"method; max_steps = {max_steps} allows fewer. Shorten tau or raise max_steps"
            + _remedy_for_long_anneals(H, steps)
        )


def _remedy_for_long_anneals(H: QubitHamiltonian, steps: float) -> str:
    """Return the end of a message: a function that can describe so long an anneal."""
    if steps < LONG_ANNEAL:
        return ""
    if H.num_qubits <= MAX_OPEN_QUBITS:
        call = "open_anneal(H, tau, OhmicBath(...), PauliMaster()), which takes as long for any tau"
    elif H.num_qubits <= MAX_LEVEL_QUBITS:
        call = (
            "open_anneal(H, tau, OhmicBath(...), PauliMaster(levels=10)), in the 10 lowest levels, "
            "or gibbs(H, s, temperature), the thermal equilibrium"
        )
    else:
        call = "gibbs(H, s, temperature), the thermal equilibrium"
    return f"; or describe a long anneal with its environment, in Python by {call}"


def _count(number: float) -> str:
    """Write a number of steps with three digits."""
    return f"{float(f'{number:.3g}'):.0f}" if number < 1e9 else f"{number:.2g}"


def duration(seconds: float) -> str:
    """Write a time as a person reads it, such as ``about 3 hours``.

    Parameters
    ----------
    seconds : float
        The time.
    """
    units = (("years", 365.25 * 86400.0), ("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0))
    for unit, size in units:
        if seconds >= 2 * size:
            number = seconds / size
            return f"about {number:.0f} {unit}" if number < 1e5 else f"about {number:.1e} {unit}"
    return f"about {seconds:.0f} seconds" if seconds >= 2 else "a second or two"
