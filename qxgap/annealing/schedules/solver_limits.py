"""What an annealer accepts as ``anneal_schedule``: its limits, and the check of points without it.

The rules are those of D-Wave's documentation, QPU solver parameters, ``anneal_schedule``. Where it
and dwave-system's ``DWaveSampler.validate_anneal_schedule`` differ, the stricter rule counts: the
documentation allows a reverse anneal one point more than ``max_anneal_schedule_points``, and
dwave-system does not; dwave-system allows a first time other than 0, the documentation does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...checks import kind_of
from ...errors import InputError
from .waveform import as_points

RESOLUTION_US = 0.01
"""Annealers round the times of a standard anneal to this many us, by D-Wave's documentation."""

SLOPE_DIGITS = 10
"""Decimals to which dwave-system rounds a slope before it compares it with the limit."""


H_GAIN = ("max_h_gain_schedule_points", "h_gain_schedule_range")
"""The properties that limit a gain of the local fields."""


@dataclass(frozen=True)
class WaveformLimits:
    """What an annealer accepts as a waveform.

    Parameters
    ----------
    max_points : int
        Largest number of points: the solver's property ``max_anneal_schedule_points``.
    shortest, longest : float
        Range of the anneal time in us: ``annealing_time_range``, or ``fast_anneal_time_range``.
    fast : bool
        Whether it is the fast anneal, which takes two points and no other.
    """

    max_points: int
    shortest: float
    longest: float
    fast: bool = False

    @property
    def slope(self) -> float:
        """The largest change of s per us: one over the shortest anneal time."""
        return 1.0 / self.shortest


PROPERTIES: Mapping[str, Any] = {
    "max_anneal_schedule_points": 12,
    "annealing_time_range": (0.5, 2000.0),
    "fast_anneal_time_range": (0.005, 2000.0),
    "max_h_gain_schedule_points": 20,
    "h_gain_schedule_range": (-1.0, 1.0),
}
"""The properties of Advantage2_system1; those of Advantage_system6.4 differ in the last only.

They may differ for other solvers, whose own properties can be given instead.
"""


def waveform_limits(
    properties: Mapping[str, Any] | None = None, *, fast: bool = False
) -> WaveformLimits:
    """Return the limits that a solver's properties set.

    Parameters
    ----------
    properties : mapping of str, optional
        Properties of the solver, such as ``DWaveSampler().properties``. The default is that of
        Advantage_system6.4 and Advantage2_system1: 12 points, and 0.5 to 2000 us.
    fast : bool
        Whether the anneal is to use the fast-anneal protocol.

    Returns
    -------
    WaveformLimits
        The limits.

    Raises
    ------
    InputError
        For properties without those that set the limits.

    Examples
    --------
    >>> from qxgap.annealing import waveform_limits
    >>> waveform_limits({"max_anneal_schedule_points": 12, "annealing_time_range": [0.5, 2000]})
    WaveformLimits(max_points=12, shortest=0.5, longest=2000.0, fast=False)
    """
    properties = PROPERTIES if properties is None else properties
    if not isinstance(properties, Mapping):
        raise InputError(
            f"properties is {kind_of(properties)}; give a mapping, such as "
            "DWaveSampler().properties"
        )
    times = "fast_anneal_time_range" if fast else "annealing_time_range"
    needed = [times] if fast else ["max_anneal_schedule_points", times]
    missing = [key for key in needed if properties.get(key) is None]
    if missing:
        raise InputError(
            f"the properties have no {' and no '.join(missing)}; give those of the solver, such as "
            "DWaveSampler().properties"
        )
    try:
        shortest, longest = (float(time) for time in properties[times])
        most = 2 if fast else int(properties["max_anneal_schedule_points"])
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{', '.join(f'{key} = {properties[key]!r}' for key in needed)} is not understood; "
            "times are two numbers in us, and points a whole number"
        ) from error
    if not (0 < shortest < longest and most >= 2):
        raise InputError(
            f"{times} = {properties[times]!r} with {most} points allows no waveform; times must "
            "rise from above 0, and points be at least 2"
        )
    return WaveformLimits(most, shortest, longest, fast)


def check_anneal_schedule(
    points: ArrayLike, properties: Mapping[str, Any] | None = None, *, fast: bool = False
) -> NDArray[np.float64]:
    """Check, without an annealer, whether it would accept points as ``anneal_schedule``.

    Parameters
    ----------
    points : array_like of float, shape (n, 2)
        Points (time in us, s).
    properties : mapping of str, optional
        Properties of the solver; the default is that of Advantage_system6.4 and Advantage2_system1.
    fast : bool
        Whether the anneal is to use the fast-anneal protocol.

    Returns
    -------
    ndarray of float, shape (n, 2)
        The points.

    Raises
    ------
    InputError
        For points that the annealer would refuse; the message names the point, the rule and the
        remedy.

    Examples
    --------
    >>> from qxgap.annealing import check_anneal_schedule
    >>> check_anneal_schedule([[0.0, 0.0], [12.0, 0.6], [12.8, 1.0]]).shape
    (3, 2)
    """
    limits, waveform = waveform_limits(properties, fast=fast), as_points(points)
    t, s = waveform.T
    _check_number(len(t), limits)
    outside = np.flatnonzero((s < 0) | (s > 1))
    if outside.size:
        raise _refusal(waveform, int(outside[0]), "s lies outside [0, 1]; move it inside")
    if t[0] != 0:
        raise _refusal(waveform, 0, "the first time must be 0; subtract it from all times")
    if s[0] not in (0.0, 1.0):
        raise _refusal(
            waveform, 0, "s must begin at 0 for a forward anneal, or at 1 for a reverse one"
        )
    if s[-1] != 1:
        raise _refusal(waveform, -1, "s must end at 1; add a point there")
    _check_steps(waveform, limits)
    if not limits.shortest <= t[-1] <= limits.longest:
        span = f"{limits.shortest:g} to {limits.longest:g} us"
        raise _refusal(waveform, -1, f"an anneal takes {span}; end in that range")
    return waveform


def check_h_gain_schedule(
    points: ArrayLike, properties: Mapping[str, Any] | None = None
) -> NDArray[np.float64]:
    """Check, without an annealer, whether it would accept points as ``h_gain_schedule``.

    Parameters
    ----------
    points : array_like of float, shape (n, 2)
        Points (time in us, gain of the local fields).
    properties : mapping of str, optional
        Properties of the solver, such as ``DWaveSampler().properties``. The default has 20 points
        and gains from -1 to 1, as Advantage2_system1; Advantage_system6.4 has -4 to 4.

    Returns
    -------
    ndarray of float, shape (n, 2)
        The points.

    Raises
    ------
    InputError
        For points that the annealer would refuse, and for properties without its limits.

    Examples
    --------
    >>> from qxgap.annealing import check_h_gain_schedule
    >>> check_h_gain_schedule([[0.0, 1.0], [10.0, 0.0]]).shape
    (2, 2)
    """
    properties, needed = PROPERTIES if properties is None else properties, list(H_GAIN)
    missing = [key for key in needed if properties.get(key) is None]
    if missing:
        raise InputError(
            f"the properties have no {' and no '.join(missing)}; give those of the solver, such as "
            "DWaveSampler().properties"
        )
    most, (least, largest) = (properties[key] for key in needed)
    schedule = as_points(points)
    if len(schedule) > most:
        raise InputError(
            f"h_gain_schedule has {len(schedule)} points; the annealer accepts at most {most}; "
            "leave some out"
        )
    for i, (time, gain) in enumerate(schedule.tolist()):
        before = schedule[i - 1, 0] if i else None
        if before is None and time != 0:
            raise _refusal_of_gain(i, time, gain, "the first time must be 0")
        if before is not None and time <= before:
            raise _refusal_of_gain(i, time, gain, "times must rise")
        if not least <= gain <= largest:
            raise _refusal_of_gain(i, time, gain, f"gains lie in [{least:g}, {largest:g}]")
    return schedule


def _refusal_of_gain(index: int, time: float, gain: float, why: str) -> InputError:
    """Return the error about one point of a gain schedule."""
    return InputError(f"h_gain_schedule, point {index + 1} ({time:g} us, gain {gain:g}): {why}")


def _check_number(number: int, limits: WaveformLimits) -> None:
    """Raise InputError for more points than the annealer accepts."""
    if number > limits.max_points:
        what = (
            "a fast anneal accepts two points only"
            if limits.fast
            else (f"the annealer accepts at most {limits.max_points} points")
        )
        raise InputError(
            f"anneal_schedule has {number} points; {what}: AnnealSchedule.to_dwave() finds the best"
        )


def _check_steps(waveform: NDArray[np.float64], limits: WaveformLimits) -> None:
    """Raise InputError for a step back in time or, forward, in s, and for one that is too fast."""
    forward = waveform[0, 1] == 0
    for i, (dt, ds) in enumerate(np.diff(waveform, axis=0).tolist(), 1):
        if dt <= 0:
            raise _refusal(waveform, i, "times must rise; remove the point or move it later")
        if forward and ds < 0:
            raise _refusal(
                waveform, i, "s must not fall in a forward anneal; begin at s = 1 to reverse"
            )
        slope = round(abs(ds / dt), SLOPE_DIGITS)
        if slope > limits.slope:
            raise _refusal(
                waveform,
                i,
                f"s changes by {slope:.3g} per us since the point before, and the annealer's limit "
                f"is {limits.slope:g}; take at least {abs(ds) / limits.slope:.3g} us for this step",
            )


def _refusal(waveform: NDArray[np.float64], index: int, why: str) -> InputError:
    """Return the error about one point of an anneal schedule, counted from 1."""
    number = index % len(waveform) + 1
    time, fraction = waveform[index]
    return InputError(f"anneal_schedule, point {number} ({time:g} us, s = {fraction:g}): {why}")
