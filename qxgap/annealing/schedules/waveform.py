"""Waveforms s(t) of an anneal, and the points at which a schedule must be taken along one."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import InputError


def as_points(points: ArrayLike) -> NDArray[np.float64]:
    """Return the points of a waveform as an array.

    Parameters
    ----------
    points : array_like of float, shape (n, 2)
        Pairs (t, s).

    Returns
    -------
    ndarray of float, shape (n, 2)
        The points.

    Raises
    ------
    InputError
        Unless they are two or more pairs of finite numbers.
    """
    try:
        waveform = np.array(points, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"waveform {points!r}: give pairs (t, s) of numbers") from error
    if waveform.ndim != 2 or waveform.shape[1:] != (2,) or len(waveform) < 2:
        raise InputError(f"the waveform has shape {waveform.shape}; give two or more pairs (t, s)")
    if not np.all(np.isfinite(waveform)):
        raise InputError(f"waveform {waveform.tolist()} holds values that are not finite")
    return waveform


def check_waveform(points: ArrayLike) -> NDArray[np.float64]:
    """Return the points of a waveform that a quantum annealer would accept.

    Parameters
    ----------
    points : array_like of float, shape (n, 2)
        Pairs (t, s).

    Returns
    -------
    ndarray of float, shape (n, 2)
        The points.

    Raises
    ------
    InputError
        Unless t increases strictly from 0, and s stays in [0, 1], begins at 0 (forward) or 1
        (reverse) and ends at 1.
    """
    waveform = as_points(points)
    t, s = waveform.T
    if t[0] != 0 or np.any(np.diff(t) <= 0):
        raise InputError(f"waveform times {t.tolist()} must start at 0 and rise; merge repeats")
    if np.any((s < 0) | (s > 1)):
        raise InputError(f"waveform fractions {s.tolist()} must lie in [0, 1]")
    if s[0] not in (0.0, 1.0) or s[-1] != 1.0:
        raise InputError(
            f"the waveform goes from s = {s[0]:g} to {s[-1]:g}; it must start at 0 (forward) or "
            "1 (reverse) and end at 1"
        )
    return waveform


def follow(
    waveform: NDArray[np.float64], breakpoints: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the points at which a piecewise linear function of s must be taken to be exact.

    Parameters
    ----------
    waveform : ndarray of float, shape (n, 2)
        Points as :func:`check_waveform` returns them.
    breakpoints : ndarray of float, shape (m,)
        The breakpoints of the function, ascending fractions s.

    Returns
    -------
    x : ndarray of float, shape (k,)
        Time fractions ``t / t_end`` that increase strictly from 0 to 1: the points of the waveform
        and every time at which it passes a breakpoint.
    s : ndarray of float, shape (k,)
        The anneal fractions at these times; a breakpoint is returned without rounding.
    """
    x, s = waveform[:, 0] / waveform[-1, 0], waveform[:, 1]
    xs, fractions = [0.0], [float(s[0])]
    for left, right, before, after in zip(x[:-1], x[1:], s[:-1], s[1:], strict=True):
        low, high = min(before, after), max(before, after)
        passed = breakpoints[(breakpoints > low) & (breakpoints < high)]
        if after < before:
            passed = passed[::-1]
        times = passed
        if passed.size:
            times = left + (passed - before) / (after - before) * (right - left)
        # Breakpoints whose times are equal after rounding count once.
        distinct = (times < right) & (np.diff(times, prepend=left) > 0)
        xs += [*times[distinct].tolist(), float(right)]
        fractions += [*passed[distinct].tolist(), float(after)]
    return np.array(xs), np.array(fractions)


def interpolated(
    knots: NDArray[np.float64], values: NDArray[np.float64], s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return several piecewise linear functions at some points.

    Parameters
    ----------
    knots : ndarray of float, shape (n,)
        Where the functions are known, ascending.
    values : ndarray of float, shape (n, k)
        The k functions there.
    s : ndarray of float, shape (m,)
        Points between the first and the last knot.

    Returns
    -------
    ndarray of float, shape (m, k)
        The functions at ``s``.
    """
    return np.stack([np.interp(s, knots, column) for column in values.T], axis=-1)
