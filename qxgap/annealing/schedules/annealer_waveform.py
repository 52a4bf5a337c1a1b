"""The waveform that an annealer is to follow, made from the path of a schedule."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...checks import require_whole
from ...digits import rounded
from ...errors import InputError
from ...results import Result, plain
from .fewer_points import area_between, best_points, fewest_points
from .solver_limits import RESOLUTION_US, WaveformLimits, check_anneal_schedule

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LATEST_START = 0.1
"""Largest u = B / (A + B) at which a schedule may begin, to be preceded by a ramp from s = 0."""

EARLIEST_END = 1e-3
"""Largest A / (A + B) at which a schedule may end, to be followed by a ramp to s = 1."""

S_DECIMALS = 9
"""Number of decimals of the s of points."""

SLOPE_MARGIN = 1e-6
"""Share by which limited slopes stay below the limit, so that rounded points do not exceed it."""

NS_PER_US = 1000.0


@dataclass(frozen=True, repr=False)
class AnnealWaveform(Result):
    """The points (time, s) by which an annealer follows a schedule.

    ``sampler.sample(bqm, **waveform.parameters())`` sends them to an annealer, and
    :meth:`qxgap.AnnealSchedule.from_dwave` makes a schedule of them again.

    Attributes
    ----------
    points : ndarray of float, shape (n, 2)
        Times in us and anneal fractions s.
    wanted : ndarray of float, shape (m, 2)
        The waveform without the annealer's limits on slope, times and number of points.
    schedule : str
        Name of the schedule that is followed.
    table : str
        Name of the annealer's table, on which it is followed.
    tau : float
        Anneal time in ns.
    schedule_tau : float
        Anneal time, in the unit of the schedule, with which the schedule itself is the same
        evolution as ``wanted``. It equals ``tau`` for a schedule on the annealer's own table.
    num_needed : int
        Number of points with which s would nowhere be further away than 0.001, within the limit of
        the slope.
    mean_distance : float
        Mean over the anneal of ``|s - s'|`` between the points' lines and ``wanted``.
    largest_distance : float
        Largest such distance at a point of either.
    limited_share : float
        Share of the anneal time that was taken from the slow parts because the annealer cannot be
        as fast as the schedule elsewhere.
    fast : bool
        Whether it is for the fast-anneal protocol.

    Examples
    --------
    >>> import qxgap as qx
    >>> reverse = qx.LINEAR.with_waveform([(0, 1), (1, 0.5), (2, 0.5), (3, 1)])
    >>> waveform = reverse.to_dwave("Advantage2_system1", tau=20_000)
    >>> len(waveform.points), waveform.is_reverse
    (12, True)
    >>> sorted(waveform.parameters(initial_state={"a": 1, "b": 0}))
    ['anneal_schedule', 'initial_state', 'reinitialize_state']
    """

    points: NDArray[np.float64]
    wanted: NDArray[np.float64]
    schedule: str
    table: str
    tau: float
    schedule_tau: float
    num_needed: int
    mean_distance: float
    largest_distance: float
    limited_share: float
    fast: bool = False

    @property
    def anneal_schedule(self) -> list[list[float]]:
        """The points as D-Wave's parameter ``anneal_schedule`` takes them."""
        return [[float(time), float(fraction)] for time, fraction in self.points]

    @property
    def is_reverse(self) -> bool:
        """Whether the anneal begins at s = 1, in a classical state that must be given."""
        return bool(self.points[0, 1] == 1.0)

    def parameters(self, initial_state: Mapping[Any, int] | None = None) -> dict[str, Any]:
        """Return the arguments for ``sample`` of a D-Wave sampler.

        Parameters
        ----------
        initial_state : mapping, optional
            Value of each variable with which a reverse anneal begins; every read begins with it
            again.

        Returns
        -------
        dict of str
            ``anneal_schedule``; ``fast_anneal`` for a fast anneal; ``initial_state`` and
            ``reinitialize_state`` for a reverse anneal.

        Raises
        ------
        InputError
            For a reverse anneal without a state, and for a forward anneal with one.
        """
        values: dict[str, Any] = {"anneal_schedule": self.anneal_schedule}
        if self.fast:
            values["fast_anneal"] = True
        if self.is_reverse and initial_state is None:
            raise InputError(
                "a reverse anneal begins in a classical state; give initial_state, a value for "
                "each variable"
            )
        if initial_state is not None:
            if not self.is_reverse:
                raise InputError(
                    "initial_state is for reverse anneals, but this one begins at s = 0; leave it "
                    "out"
                )
            values |= {"initial_state": dict(initial_state), "reinitialize_state": True}
        return values

    def to_dict(self) -> dict[str, Any]:
        """Return points, times and distances as plain Python values.

        Returns
        -------
        dict of str
            ``anneal_schedule`` and the attributes but ``points`` and ``wanted``.
        """
        others = {
            key: value for key, value in vars(self).items() if key not in ("points", "wanted")
        }
        return plain({"anneal_schedule": self.anneal_schedule, **others})

    def plot(self, ax: Axes | None = None) -> Figure:
        """Draw s against the time: the points, and the schedule without the annealer's limits.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ...plotting import curves  # loads matplotlib

        t = np.union1d(self.points[:, 0], self.wanted[:, 0])
        series = {
            "schedule": np.interp(t, *self.wanted.T),
            f"{len(self.points)} points": np.interp(t, *self.points.T),
        }
        return curves(t, series, "time (us)", "anneal fraction s", ax=ax)

    def __str__(self) -> str:
        kind = "reverse" if self.is_reverse else "fast" if self.fast else "forward"
        text = (
            f"The {kind} anneal of {rounded(self.tau / NS_PER_US)} us on {self.table} follows the "
            f"schedule {self.schedule} through {len(self.points)} points"
        )
        if self.mean_distance <= EXACT:
            return f"{text}, exactly."
        text += f". On average over the time, s is {rounded(self.mean_distance, 2)} away from it"
        if len(self.points) < self.num_needed:
            text += f"; to stay within {CLOSE}, {self.num_needed} points would be needed"
        if self.limited_share > LITTLE_SHARE:
            text += (
                f". {rounded(100 * self.limited_share, 2)} % of the time goes to parts that the "
                "annealer cannot pass as fast as the schedule"
            )
        return f"{text}."


MOST_SHOWN = 1000
"""Largest number of points of ``wanted``, which is thinned out if it has more."""

CLOSE = 0.001
"""Largest distance in s that ``num_needed`` allows."""

EXACT = 1e-6
"""Mean distance in s up to which a waveform counts as the schedule itself."""

LITTLE_SHARE = 0.001
"""Share of the time below which the limit of the slope is not worth a word."""


def follow_within(
    path: NDArray[np.float64],
    limits: WaveformLimits,
    tau: float,
    max_points: int | None,
    properties: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return the attributes of an AnnealWaveform that depend on an annealer's limits.

    Parameters
    ----------
    path : ndarray of float, shape (n, 2)
        The waveform to be followed, in any unit of time, from s = 0 or 1 to 1. Steps of s in no
        time are allowed.
    limits : WaveformLimits
        Limits of the annealer.
    tau : float
        Anneal time in ns.
    max_points : int, optional
        Largest number of points, if it is to be below that of the annealer.
    properties : mapping of str, optional
        Properties with which the points are checked at the end.

    Returns
    -------
    dict of str
        ``points``, ``wanted``, ``tau``, ``num_needed``, distances and ``limited_share``.

    Raises
    ------
    InputError
        For an anneal time that the annealer does not have, and for a fast anneal with more than
        two points.
    """
    duration = tau / NS_PER_US
    if not limits.fast:
        duration = round(duration / RESOLUTION_US) * RESOLUTION_US
    _require_time(path, duration, limits)
    wanted = np.column_stack([path[:, 0] * (duration / path[-1, 0]), path[:, 1]])
    slowed, limited_share = _slowed(wanted, limits.slope)
    if max_points is not None:
        require_whole(max_points, "max_points", "the largest number of points, 2 or more")
    most = limits.max_points if max_points is None else min(max_points, limits.max_points)
    points = best_points(slowed, most)
    needed = len(fewest_points(slowed, CLOSE))
    if limits.fast and needed > len(points):
        raise InputError(
            f"a fast anneal takes two points, and this schedule needs {needed}; use the standard "
            "anneal, fast=False"
        )
    if not limits.fast:
        points = _on_the_clock(points, slowed)
    points[:, 1] = points[:, 1].round(S_DECIMALS)
    check_anneal_schedule(points, properties, fast=limits.fast)
    mean, largest = _distances(points, wanted)
    shown, distance = fewest_points(wanted), EXACT
    while len(shown) > MOST_SHOWN:
        shown, distance = fewest_points(wanted, distance), 2 * distance
    return {
        "points": points,
        "wanted": shown,
        "tau": float(points[-1, 0] * NS_PER_US),
        "num_needed": needed,
        "mean_distance": mean,
        "largest_distance": largest,
        "limited_share": limited_share,
    }


def with_ramps(
    path: NDArray[np.float64], start: tuple[float, float], end: tuple[float, float], name: str
) -> NDArray[np.float64]:
    """Return a path with ramps in no time from s = 0 or 1 to its first s, and from its last to 1.

    Parameters
    ----------
    path : ndarray of float, shape (n, 2)
        Points (t, s).
    start, end : (float, float)
        Strengths A and B of the schedule at its first and last point.
    name : str
        Name of the schedule, for the message.

    Returns
    -------
    ndarray of float, shape (m, 2)
        The path, from s = 0 or 1 to 1.

    Raises
    ------
    InputError
        For a schedule that begins or ends too far from there.
    """
    first, last = path[0, 1], path[-1, 1]
    if first not in (0.0, 1.0):
        A, B = start
        backward = A <= EARLIEST_END * (A + B)
        if not (backward or B <= LATEST_START * (A + B)):
            raise InputError(
                f"schedule {name!r} begins at A = {A:.3g} and B = {B:.3g}, which is s = "
                f"{first:.3f} of the annealer; begin at s = 0, or at s = 1 to reverse"
            )
        path = np.vstack([[path[0, 0], 1.0 if backward else 0.0], path])
    if last != 1.0:
        A, B = end
        if A > EARLIEST_END * (A + B):
            raise InputError(
                f"schedule {name!r} ends at A = {A:.3g} and B = {B:.3g}, which is s = {last:.3f} "
                "of the annealer; end at s = 1, where A vanishes"
            )
        path = np.vstack([path, [path[-1, 0], 1.0]])
    return path


def _require_time(path: NDArray[np.float64], duration: float, limits: WaveformLimits) -> None:
    """Raise InputError unless the annealer can pass the path in this time, in us."""
    distance = float(np.abs(np.diff(path[:, 1])).sum())
    least = max(limits.shortest, distance / limits.slope)
    if not least * (1 - 1e-12) <= duration <= limits.longest:
        if not limits.fast:
            least = math.ceil(least / RESOLUTION_US - 1e-9) * RESOLUTION_US
        raise InputError(
            f"tau = {duration * NS_PER_US:g} ns: on this annealer the waveform takes between "
            f"{least * NS_PER_US:.9g} and {limits.longest * NS_PER_US:.9g} ns; give a tau in this "
            "range"
        )


def _slowed(wanted: NDArray[np.float64], slope: float) -> tuple[NDArray[np.float64], float]:
    """Return the waveform with no piece steeper than ``slope``, and the share of time that it took.

    Pieces that are too steep are passed with that slope, and all others keep their relative times.
    """
    times, steps = np.diff(wanted[:, 0]), np.abs(np.diff(wanted[:, 1]))
    total = wanted[-1, 0]
    if not np.any(steps > times * slope * (1 + 1e-9)):
        return _without_repeats(wanted), 0.0
    least = steps / (slope * (1 - SLOPE_MARGIN))
    if least.sum() >= total:  # the time suffices only without the margin
        least = steps / slope
    factor, steep = 1.0, np.zeros(times.size, dtype=bool)
    while np.any(now := (factor * times < least) & ~steep):
        steep |= now
        rest = times[~steep].sum()
        if rest <= 0:
            break
        factor = max(total - least[steep].sum(), 0.0) / rest
    durations = np.where(steep, least, factor * times)
    durations *= total / durations.sum()
    taken = float((durations - times)[steep].sum() / total)
    t = np.concatenate([[0.0], np.cumsum(durations)])
    t[-1] = total
    return _without_repeats(np.column_stack([t, wanted[:, 1]])), taken


def _without_repeats(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points whose times rise strictly; of equal times the last one counts."""
    t = points[:, 0]
    later = np.append(np.diff(t) > 0, True)
    kept = points[later]
    kept[0] = points[0]
    return kept


def _on_the_clock(points: NDArray[np.float64], slowed: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points at times that the annealer resolves, on the waveform that they reduce."""
    t = np.round(np.round(points[:, 0] / RESOLUTION_US) * RESOLUTION_US, 6)
    t = np.unique(t)
    s = np.interp(t, slowed[:, 0], slowed[:, 1])
    s[0], s[-1] = slowed[0, 1], slowed[-1, 1]
    return np.column_stack([t, s])


def _distances(points: NDArray[np.float64], wanted: NDArray[np.float64]) -> tuple[float, float]:
    """Return the mean over the time, and the largest, distance in s of two waveforms."""
    t = np.union1d(points[:, 0], wanted[:, 0])
    difference = np.interp(t, *points.T) - np.interp(t, *_without_repeats(wanted).T)
    return area_between(t, difference) / float(t[-1]), float(np.abs(difference).max())
