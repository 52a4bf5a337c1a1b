"""The time steps of an anneal by splitting: where they begin and end, and how many there are.

The density of the steps is proportional to ``A + B``, which is uniform for the linear schedule.
Steps of equal local error would make the result of the linear schedule worse, because the errors of
an adiabatic run cancel along the path.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray

from ...annealing.accept import QubitHamiltonian
from ...annealing.inhomogeneous import QubitSchedules
from ...annealing.schedules import AnnealSchedule
from .layer_strengths import Array

CORNER, CORNER_OF_MEAN = 0.1, 0.5
"""Smallest jump of the slope of A or B that counts as a corner, as a part of the largest slope and
of the mean modulus of the slopes. The smaller of the two counts; published tables stay below."""

FEW_BREAKPOINTS = 64
"""Up to this number of rows, all breakpoints of a schedule are treated as corners."""

STEPS_PER_TURN = {2: 4.0, 4: 0.5}
"""Steps of the coarsest run for each turn of the fastest qubit, by order. The value of order 4 is
for a tolerance of 0.01. It grows in proportion to the logarithm of the tolerance, because errors
decrease exponentially until the steps resolve every resonance."""


BASE_PER_TURN, BASE_PER_DIGIT = 0.7, 0.175
"""Steps of the base grid of extrapolated runs for each turn of the fastest qubit at a tolerance of
0.01, and for each further digit. The first run has three times as many."""


@functools.lru_cache(maxsize=64)
def corners(schedule: AnnealSchedule | QubitSchedules) -> Array:
    """Return the fractions s between which A and B are smooth or nearly so, with both ends.

    They are all breakpoints of a schedule that has few, and the sharp ones of a table.

    Parameters
    ----------
    schedule : AnnealSchedule or QubitSchedules
        Schedule of the anneal.
    """
    if schedule.s.size <= FEW_BREAKPOINTS:
        return schedule.s
    sharp = np.zeros(schedule.s.size - 2, dtype=bool)
    for strength in strength_columns(schedule).T:
        slope = np.diff(strength) / np.diff(schedule.s)
        mean = np.abs(np.diff(strength)).sum()
        least = min(CORNER * np.abs(slope).max(), CORNER_OF_MEAN * mean)
        sharp |= np.abs(np.diff(slope)) > least
    marks = np.concatenate([[0.0], schedule.s[1:-1][sharp], [1.0]])
    marks.flags.writeable = False  # other anneals with this schedule get the same array
    return marks


def spans_breakpoints(schedule: AnnealSchedule | QubitSchedules, marks: Array) -> bool:
    """Return whether steps between ``marks`` span breakpoints of the schedule.

    Parameters
    ----------
    schedule : AnnealSchedule or QubitSchedules
        Schedule of the anneal.
    marks : ndarray of float
        Fractions s at which steps begin and end, ascending.
    """
    inside = schedule.s[(schedule.s > marks[0]) & (schedule.s < marks[-1])]
    next_marks = np.searchsorted(marks, inside)  # the last mark is above all that are inside
    return not np.array_equal(marks[next_marks], inside)


def coarsest_steps(
    H: QubitHamiltonian, tau: float, order: int, tol: float, marks: Array | None = None
) -> Array:
    """Return the steps of the coarsest run between neighboring ``marks``.

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    order : int
        Order of the splitting, 2 or 4.
    tol : float
        Tolerance of the anneal.
    marks : ndarray of float, optional
        Fractions s at which steps begin and end; by default the corners of the schedule.

    Returns
    -------
    ndarray of float, shape (marks - 1,)
        Whole numbers, as floats: those of a long anneal may be larger than any integer.
    """
    dense = STEPS_PER_TURN[order] * (max(-math.log10(tol) / 2, 1.0) if order > 2 else 1.0)
    marks = corners(H.schedule) if marks is None else marks
    with np.errstate(over="ignore"):  # infinitely many steps are refused later, as too many
        steps = np.ceil(dense * turns(H, marks) * tau)
    # four at least where a whole anneal is one smooth piece
    return np.maximum(steps, math.ceil(4 * (marks[-1] - marks[0])) if steps.size == 1 else 1)


def base_steps(H: QubitHamiltonian, tau: float, tol: float, marks: Array) -> Array:
    """Return the steps of the base grid of extrapolated runs between neighboring ``marks``.

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    tol : float
        Tolerance of the anneal.
    marks : ndarray of float
        Fractions s at which steps begin and end.

    Returns
    -------
    ndarray of float, shape (marks - 1,)
        Whole numbers, as floats: those of a long anneal may be larger than any integer.
    """
    digits = max(-math.log10(tol) - 2.0, 0.0)
    with np.errstate(over="ignore"):  # infinitely many steps are refused later, as too many
        steps = np.ceil((BASE_PER_TURN + BASE_PER_DIGIT * digits) * turns(H, marks) * tau)
    return np.maximum(steps, 1)


def step_edges(
    schedule: AnnealSchedule | QubitSchedules, steps: NDArray[np.int64], marks: Array | None = None
) -> Array:
    """Return the edges of steps between neighboring ``marks``, with the density of A + B.

    Parameters
    ----------
    schedule : AnnealSchedule or QubitSchedules
        Schedule of the anneal.
    steps : ndarray of int, shape (marks - 1,)
        Number of steps between neighboring marks.
    marks : ndarray of float, optional
        Fractions s at which steps begin and end; by default the corners of the schedule.

    Returns
    -------
    ndarray of float, shape (steps.sum() + 1,)
        Fractions s in rising order.
    """
    marks = corners(schedule) if marks is None else marks
    columns = strength_columns(schedule)
    total = columns.sum(axis=1) if columns.shape[1] == 2 else np.abs(columns).mean(axis=1)
    mean = total[:-1] / 2 + total[1:] / 2
    length = np.concatenate([[0.0], np.cumsum(mean * np.diff(schedule.s))])
    ends = np.interp(marks, schedule.s, length)
    inner = [
        np.interp(np.linspace(low, high, n + 1)[1:-1], length, schedule.s)
        for low, high, n in zip(ends[:-1], ends[1:], steps, strict=True)
    ]
    return np.sort(np.concatenate([marks, *inner]))


def turns(H: QubitHamiltonian, marks: Array) -> Array:
    """Return the turns of the fastest qubit between neighboring marks, for the anneal time 1.

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    marks : ndarray of float
        Fractions s.

    Returns
    -------
    ndarray of float, shape (marks - 1,)
        The numbers of turns.
    """
    schedule, rates = H.schedule, H.turning_rates
    rate = np.maximum(rates[:-1], rates[1:])
    total = np.concatenate([[0.0], np.cumsum(rate * np.diff(schedule.s))])
    return np.asarray(np.diff(np.interp(marks, schedule.s, total)) * schedule.angular / math.tau)


def strength_columns(schedule: AnnealSchedule | QubitSchedules) -> Array:
    """Return A and B at the breakpoints as columns; those of all qubits, and of their fields.

    Parameters
    ----------
    schedule : AnnealSchedule or QubitSchedules
        Schedule of the anneal.

    Returns
    -------
    ndarray of float, shape (n, k)
        The columns; two for an AnnealSchedule.
    """
    if isinstance(schedule, AnnealSchedule):
        return np.stack([schedule.A, schedule.B], axis=1)
    return np.concatenate([schedule.A, schedule.B, schedule.field_strengths], axis=1)
