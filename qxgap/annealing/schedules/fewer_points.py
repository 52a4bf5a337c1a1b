"""Waveforms with fewer points: those without which it stays the same, and the best few."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...checks import require_whole
from ...errors import InputError

STRAIGHT = 1e-9
"""Distance in s within which points count as lying on a straight line."""

CANDIDATES = 128
"""Largest number of points among which the best few are chosen."""

FIRST_THINNING = 1e-6
"""Smallest distance in s to which a waveform of more points than that is thinned out first."""


def fewest_points(points: NDArray[np.float64], distance: float = STRAIGHT) -> NDArray[np.float64]:
    """Return some of the points, from which straight lines pass all others within a distance.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        Points (t, s) of a waveform, whose t rises strictly.
    distance : float
        Largest distance in s of a point that is left out.

    Returns
    -------
    ndarray of float, shape (m, 2)
        The points that remain, with the first and the last.
    """
    t, s = points.T
    kept, begin = [0], 0
    while begin < t.size - 1:
        end = begin + 1
        while end + 1 < t.size and _largest_distance(t, s, begin, end + 1) <= distance:
            end += 1
        kept.append(end)
        begin = end
    return points[kept]


def best_points(points: NDArray[np.float64], number: int) -> NDArray[np.float64]:
    """Return those points whose straight lines stay nearest to all of them, by the mean distance.

    The mean over the time of ``|s - s'|`` is the smallest that any choice among the points has; it
    is found by dynamic programming. A waveform of more than ``CANDIDATES`` points is thinned out
    first, to within the smallest distance that leaves so few.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        Points (t, s) of a waveform, whose t rises strictly.
    number : int
        Largest number of points, at least 2.

    Returns
    -------
    ndarray of float, shape (m, 2)
        At most ``number`` points; all that are needed if they are no more.

    Raises
    ------
    InputError
        For a number below 2.
    """
    require_whole(number, "max_points", "the largest number of points, 2 or more")
    if number < 2:
        raise InputError(f"max_points = {number}; a waveform needs two points or more")
    kept, distance = fewest_points(points), FIRST_THINNING
    if len(kept) <= number:
        return kept
    while len(kept) > CANDIDATES:
        kept, distance = fewest_points(points, distance), 2 * distance
    if len(kept) <= number:
        return kept
    costs = _areas(kept)
    least, choices = costs[0], []
    for _ in range(number - 2):  # the least area up to each point, with one more point on the way
        totals = least[:, None] + costs
        choices.append(totals.argmin(axis=0))
        least = totals.min(axis=0)
    chosen = [len(kept) - 1]
    for choice in reversed(choices):
        chosen.append(int(choice[chosen[-1]]))
    return kept[sorted({0, *chosen})]


def area_between(t: NDArray[np.float64], difference: NDArray[np.float64]) -> float:
    """Return the integral of the absolute value of a piecewise linear function.

    Parameters
    ----------
    t : ndarray of float, shape (n,)
        Times, ascending.
    difference : ndarray of float, shape (n,)
        The values of the function there.

    Returns
    -------
    float
        The integral, also where the function changes its sign between two times.
    """
    a, b = difference[:-1], difference[1:]
    total = np.abs(a) + np.abs(b)
    squares = np.divide(a**2 + b**2, total, out=np.zeros_like(total), where=total > 0)
    heights = np.where(a * b < 0, squares, total)
    return float(np.sum(np.diff(t) * heights) / 2)


def _areas(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the area between the waveform and the line from each point i to each point j > i.

    It is infinite below the diagonal and 0 on it, so that a path may stay at a point.
    """
    t, s = points.T
    areas = np.full((t.size, t.size), np.inf)
    np.fill_diagonal(areas, 0.0)
    for i in range(t.size - 1):
        for j in range(i + 1, t.size):
            times, heights = t[i : j + 1], s[i : j + 1]
            line = s[i] + (s[j] - s[i]) * (times - t[i]) / (t[j] - t[i])
            areas[i, j] = area_between(times, line - heights)
    return areas


def _largest_distance(
    t: NDArray[np.float64], s: NDArray[np.float64], begin: int, end: int
) -> float:
    """Return how far the points between two points lie from the line that joins these."""
    inside = slice(begin + 1, end)
    line = s[begin] + (s[end] - s[begin]) * (t[inside] - t[begin]) / (t[end] - t[begin])
    return float(np.max(np.abs(line - s[inside]), initial=0.0))
