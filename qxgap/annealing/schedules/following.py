"""Schedules that follow the path of another one, and waveforms with fewer points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...checks import kind_of
from ...errors import InputError
from .fewer_points import best_points
from .paths import same_path
from .schedule import AnnealSchedule


def waveform_on(schedule: AnnealSchedule, base: AnnealSchedule) -> NDArray[np.float64]:
    """Return the waveform by which ``base`` takes the same path, at the same pace, as a schedule.

    It undoes :meth:`AnnealSchedule.with_waveform`. It exists for any two schedules of which
    ``base`` neither pauses nor turns back.

    Parameters
    ----------
    schedule : AnnealSchedule
        The schedule to be followed.
    base : AnnealSchedule
        The schedule that is to follow it, such as a table of an annealer.

    Returns
    -------
    ndarray of float, shape (n, 2)
        Points (t, s). ``base.with_waveform(points)``, annealed for ``tau * points[-1, 0]``, is the
        same evolution as ``schedule`` annealed for tau, each in its own unit of time. Parts of the
        path that ``base`` does not reach are left out.

    Raises
    ------
    InputError
        If a position on the path of ``base`` has no unique s.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.annealing import waveform_on
    >>> paused = qx.LINEAR.with_waveform([(0, 0), (5, 0.4), (15, 0.4), (25, 1)])
    >>> waveform_on(paused, qx.LINEAR).round(3).tolist()
    [[0.0, 0.0], [0.2, 0.4], [0.6, 0.4], [1.0, 1.0]]
    """
    for value in (schedule, base):
        if not isinstance(value, AnnealSchedule):
            raise InputError(
                f"a schedule is {kind_of(value)}; give an AnnealSchedule, such as "
                "qx.schedule_named(name)"
            )
    points = same_path((schedule.s, schedule.A, schedule.B), (base.s, base.A, base.B))
    return points * [schedule.angular / base.angular, 1.0]


def with_fewer_points(
    schedule: AnnealSchedule, base: AnnealSchedule, number: int
) -> AnnealSchedule:
    """Return ``base`` with the waveform of at most ``number`` points that is nearest to a schedule.

    Parameters
    ----------
    schedule : AnnealSchedule
        A schedule that takes the path of ``base``, such as a locally adiabatic one.
    base : AnnealSchedule
        The schedule from which it was made.
    number : int
        Largest number of points of the waveform, at least 2; annealers take 12.

    Returns
    -------
    AnnealSchedule
        The schedule over the time fraction. The mean over the anneal of the distance in s from
        ``schedule`` is the smallest that so few of its points have.

    Raises
    ------
    InputError
        For a number below 2, and for a schedule that does not begin and end where ``base`` does.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.annealing import with_fewer_points
    >>> local = qx.locally_adiabatic(qx.QuboProblem([-1.0, -0.8], [[0.0, 0.5], [0.0, 0.0]]))
    >>> few = with_fewer_points(local, qx.LINEAR, 5)
    >>> few.s.size
    5
    """
    points = waveform_on(schedule, base)
    if points[0, 1] not in (0.0, 1.0) or points[-1, 1] != 1.0:
        raise InputError(
            f"schedule {schedule.name!r} goes from s = {points[0, 1]:.3f} to {points[-1, 1]:.3f} "
            f"of {base.name!r}; both must begin and end alike"
        )
    rising = np.append(True, np.diff(points[:, 0]) > 0)
    return base.with_waveform(best_points(points[rising], number), name=f"{number} points")
