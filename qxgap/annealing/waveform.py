"""Waveforms s(t), and what a schedule becomes along one."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError


def check_waveform(points: ArrayLike) -> NDArray[np.float64]:
    """Return (n, 2) points (t, s) of an anneal that hardware would accept.

    Raises
    ------
    InputError : unless t rises strictly from 0, s stays in [0, 1], starts at 0 (forward) or 1
        (reverse) and ends at 1.
    """
    try:
        waveform = np.array(points, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"waveform {points!r}: give pairs (t, s) of numbers") from error
    if waveform.ndim != 2 or waveform.shape[1:] != (2,) or len(waveform) < 2:
        raise InputError(f"the waveform has shape {waveform.shape}; give two or more pairs (t, s)")
    t, s = waveform.T
    if not np.all(np.isfinite(waveform)):
        raise InputError(f"waveform {waveform.tolist()} holds values that are not finite")
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
    """Where a function of s with these breakpoints has to be taken to be followed exactly.

    Parameters
    ----------
    waveform : (n, 2) points as :func:`check_waveform` returns them.
    breakpoints : (m,) ascending fractions s.

    Returns
    -------
    x : (k,) time fractions ``t / t_end``, strictly rising from 0 to 1: the waveform's own points
        and every time at which it passes a breakpoint.
    s : (k,) anneal fractions there; breakpoints are met without rounding.
    """
    x, s = waveform[:, 0] / waveform[-1, 0], waveform[:, 1]
    xs, fractions = [0.0], [float(s[0])]
    for left, right, before, after in zip(x[:-1], x[1:], s[:-1], s[1:], strict=True):
        low, high = min(before, after), max(before, after)
        passed = breakpoints[(breakpoints > low) & (breakpoints < high)]
        if after < before:
            passed = passed[::-1]
        at = left + (passed - before) / (after - before) * (right - left) if passed.size else passed
        # breakpoints closer to each other than rounding in x cannot be told apart
        keep = (at < right) & (np.diff(at, prepend=left) > 0)
        xs += [*at[keep].tolist(), float(right)]
        fractions += [*passed[keep].tolist(), float(after)]
    return np.array(xs), np.array(fractions)
