"""The waveform s(t) along which one schedule takes the same path, at the same pace, as another.

The Hamiltonian of a schedule is ``scale ((1 - u) H_D + u H_P)`` with ``u = B / (A + B)`` and
``scale = A + B``. How the state evolves depends only on the path, that is on u as a function of the
phase ``integral scale dt``: two schedules that pass the same positions u at the same phases have
the same success probability. So a schedule is followed on the table of another one by passing each
u there, and by staying at it longer where the scale of that table is smaller.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from .published_tables import Table

BENT = 1e-6
"""Largest distance, in s and relative in the pace, of an exact path from its straight pieces."""

HALVINGS = 48
"""Number of times that a piece may be divided: the path bends most where A has almost vanished."""


def positions_on(
    table: Table, A: NDArray[np.float64], B: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the fractions at which a table has the same ratio of driver to problem.

    Parameters
    ----------
    table : tuple of ndarray
        The arrays s, A, B of the table, whose B / (A + B) rises strictly.
    A, B : ndarray of float, shape (n,)
        Strengths, in any unit.

    Returns
    -------
    ndarray of float, shape (n,)
        Fractions s of the table; 0 or 1 where the ratio lies beyond its ends.
    """
    s, A0, B0 = table
    u, v = B0 / (A0 + B0), A0 / (A0 + B0)  # v has all its digits where A has almost vanished
    by_u = np.searchsorted(u, B / (A + B), side="right") - 1
    by_v = v.size - np.searchsorted(v[::-1], A / (A + B), side="left") - 1
    k = np.clip(np.where(B <= A, by_u, by_v), 0, s.size - 2)
    after = np.maximum(A0[k] * B - B0[k] * A, 0.0)
    before = np.maximum(B0[k + 1] * A - A0[k + 1] * B, 0.0)
    share = after / (after + before)
    return (1.0 - share) * s[k] + share * s[k + 1]


def same_path(table: Table, base: Table) -> NDArray[np.float64]:
    """Return the waveform by which ``base`` takes the path of ``table`` at the same pace.

    Parameters
    ----------
    table : tuple of ndarray
        The arrays x, A, B of a schedule over the time fraction x.
    base : tuple of ndarray
        The arrays s, A, B of the schedule that is to be followed, whose B / (A + B) rises.

    Returns
    -------
    ndarray of float, shape (n, 2)
        Points (t, s). The times count in anneal times of ``table`` at equal units of A and B, so
        that they end at 1 if both have the same scale A + B everywhere. Parts of the path before
        ``base`` begins, or after it ends, are left out.

    Raises
    ------
    InputError
        If B / (A + B) of ``base`` does not rise strictly, so that a position has no unique s.
    """
    x, A, B = table
    s0, A0, B0 = base
    if np.any(A0[:-1] * B0[1:] <= A0[1:] * B0[:-1]):
        raise InputError(
            "the schedule that is to be followed pauses or turns back, so that a position on its "
            "path has no unique s; give the table without a waveform"
        )

    def place(fraction: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        a, b = np.interp(fraction, x, A), np.interp(fraction, x, B)
        s = positions_on(base, a, b)
        return s, (a + b) / (np.interp(s, s0, A0) + np.interp(s, s0, B0))

    fine, s, pace = _refined(x, place)
    a, b = np.interp(fine, x, A), np.interp(fine, x, B)
    early = a * B0[0] - b * A0[0] > 1e-12 * a * (A0[0] + B0[0])
    late = b * A0[-1] - a * B0[-1] > 1e-12 * b * (A0[-1] + B0[-1])
    t = np.concatenate([[0.0], np.cumsum(np.diff(fine) * (pace[1:] + pace[:-1]) / 2)])
    first = 0
    for outside in (early, late):  # a forward anneal begins before the base, a reverse one after
        if outside[0]:
            first = max(int(np.argmin(outside)) - 1, 0)
    last = s.size - 1 - max(int(np.argmin(late[::-1])) - 1, 0) if late[-1] else s.size - 1
    return np.column_stack([t - t[first], s])[first : last + 1]


def _refined(
    x: NDArray[np.float64],
    place: Callable[[NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Divide pieces until s and the pace are straight on each; return x, s and pace."""
    s, pace = place(x)
    open_pieces = np.ones(x.size - 1, dtype=bool)
    for _ in range(HALVINGS):
        left = np.flatnonzero(open_pieces)
        if not left.size:
            break
        width = x[left + 1] - x[left]
        bent = np.zeros(left.size, dtype=bool)
        for share in (0.25, 0.5, 0.75):
            exact_s, exact_pace = place(x[left] + share * width)
            straight = (1 - share) * s[left] + share * s[left + 1]
            bent |= np.abs(exact_s - straight) > BENT
            straight = (1 - share) * pace[left] + share * pace[left + 1]
            bent |= np.abs(exact_pace - straight) > BENT * exact_pace
        bent &= width > 1e-15
        split = left[bent]
        middle = (x[split] + x[split + 1]) / 2
        x = np.insert(x, split + 1, middle)
        s, pace = place(x)
        open_pieces = np.zeros(x.size - 1, dtype=bool)
        halves = split + np.arange(split.size)
        open_pieces[halves] = open_pieces[halves + 1] = True
    return x, s, pace
