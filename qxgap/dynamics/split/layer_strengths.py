"""Symmetric splitting of the anneal into diagonal phases and one-qubit rotations.

A step of length h applies, for coefficients a_0 b_1 a_1 ... b_m a_m that read the same backwards,

    phase(a_0) rotation(b_1) phase(a_1) ... rotation(b_m) phase(a_m).

Time advances in the phases: ``phase(a)`` is ``exp(-i H_P int B dt)`` over the next a h of time, and
``rotation(b)`` is ``exp(-i b h A(t) H_D)`` at the time t that the phases have reached. This is a
splitting of the autonomous problem in which t is a variable. It therefore has the order of its
coefficients wherever A and B are smooth, and steps begin and end at the corners of the schedule.

A hardware table has a thousand breakpoints and no corner, so that a step spans many of them. The
rotation angles of such a step are shifted so that ``int A dt`` and ``int A t dt`` over the step are
exact; where A is linear they are exact without a shift.

The last phase of a step is merged with the first of the next step: a step costs m layers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...annealing.schedules import AnnealSchedule
from ...annealing.schedules.waveform import interpolated

Array = NDArray[np.float64]

_A = (0.0792036964311957, 0.353172906049774, -0.0420650803577195)
_B = (0.209515106613362, -0.143851773179818)
_A4, _B3 = 1.0 - 2.0 * sum(_A), 0.5 - sum(_B)

COEFFICIENTS = {
    2: ((0.5, 0.5), (1.0,)),
    4: ((*_A, _A4, *reversed(_A)), (*_B, _B3, _B3, *reversed(_B))),
}
"""Coefficients a of the phases and b of the rotations, by order. Order 2: Strang (1968). Order 4:
Blanes and Moan, J. Comput. Appl. Math. 142, 313 (2002), table 2, method S6."""


def strengths(
    schedule: AnnealSchedule, tau: float, edges: Array, order: int
) -> tuple[Array, Array]:
    """Return the phases and the rotation angles of all layers, in order.

    Parameters
    ----------
    schedule : AnnealSchedule
        Schedule of the anneal.
    tau : float
        Anneal time.
    edges : ndarray of float, shape (steps + 1,)
        Fractions s at which the steps begin and end.
    order : int
        Order of the splitting, 2 or 4.

    Returns
    -------
    phases : ndarray of float, shape (layers + 1,)
        ``int B dt`` before each rotation and after the last.
    angles : ndarray of float, shape (layers,)
        ``b h A`` of each rotation.
    """
    phases, angles = column_strengths(
        schedule.s,
        schedule.B[:, None],
        schedule.A[:, None],
        tau * schedule.angular,
        edges,
        order,
    )
    return phases[:, 0], angles[:, 0]


def column_strengths(
    knots: Array, problem: Array, driver: Array, time: float, edges: Array, order: int
) -> tuple[Array, Array]:
    """Return the phases and the rotation angles of all layers, for several strengths at once.

    Parameters
    ----------
    knots : ndarray of float, shape (n,)
        The breakpoints of the strengths, which are linear in between.
    problem : ndarray of float, shape (n, p)
        Strengths of p terms of the problem.
    driver : ndarray of float, shape (n, q)
        Strengths of q terms of the driver.
    time : float
        Phase that a unit of energy adds in the whole anneal.
    edges : ndarray of float, shape (steps + 1,)
        Fractions s at which the steps begin and end.
    order : int
        Order of the splitting, 2 or 4.

    Returns
    -------
    phases : ndarray of float, shape (layers + 1, p)
        The integral of each term of the problem before each rotation and after the last.
    angles : ndarray of float, shape (layers, q)
        The angles of each rotation.
    """
    a, b = (np.array(c) for c in COEFFICIENTS[order])
    h = np.diff(edges)[:, None]
    s = np.clip(edges[:-1, None] + h * np.cumsum(np.concatenate([[0.0], a])), 0.0, 1.0)
    integrals = moments(knots, problem, s.ravel())[0].reshape(*s.shape, -1)
    areas = np.diff(integrals, axis=1)
    middle = edges[:-1, None] + h / 2
    turns = (b * h)[..., None] * _matched(knots, driver, edges, b, s[:, 1:-1] - middle, middle)
    phases = np.concatenate([areas[0, :1], areas[:, 1:].reshape(-1, areas.shape[2])])
    phases[b.size :: b.size][:-1] += areas[1:, 0]
    return time * phases, time * turns.reshape(-1, turns.shape[2])


def _matched(knots: Array, driver: Array, edges: Array, b: Array, x: Array, middle: Array) -> Array:
    """Strengths at the rotations, which lie at distances x from the middle of each step, (n, m, q).

    In steps that contain a breakpoint a strength A is shifted by a line in x, so that the
    b-weighted sums of A and of A x are their means over the step. In the other steps, where A is
    linear, they are so without a shift.
    """
    at = np.clip(middle + x, 0.0, 1.0)
    A = interpolated(knots, driver, at.ravel()).reshape(*at.shape, -1)
    first_inside = np.searchsorted(knots, edges[:-1], side="right")
    bent = knots[np.minimum(first_inside, knots.size - 1)] < edges[1:]
    if not bent.any():
        return A
    h, x, middle = np.diff(edges)[bent, None], x[bent], middle[bent]
    zeroth, first = (np.diff(moment, axis=0)[bent] for moment in moments(knots, driver, edges))
    shift = (zeroth / h - np.einsum("nmq,m->nq", A[bent], b))[:, None]
    if b.size > 1:
        sums = np.einsum("nmq,nm,m->nq", A[bent], x, b)
        excess = ((first - middle * zeroth) / h - sums)[:, None]
        shift = shift + x[..., None] * excess / ((x * x) @ b)[:, None, None]
    A[bent] += shift
    return A


def moments(knots: Array, values: Array, s: Array) -> tuple[Array, Array]:
    """Return the exact integrals of f and of x f over x from 0 to each s, for several f.

    Parameters
    ----------
    knots : ndarray of float, shape (n,)
        The breakpoints of the functions, which are linear in between.
    values : ndarray of float, shape (n, k)
        The k functions f there.
    s : ndarray of float, shape (m,)
        Upper limits of the integrals.

    Returns
    -------
    zeroth, first : ndarray of float, shape (m, k)
        Integrals of f and of x f.
    """
    x = np.union1d(knots, s)
    f, dx, at = interpolated(knots, values, x), np.diff(x)[:, None], np.searchsorted(x, s)
    begin, end = x[:-1, None], x[1:, None]
    low, high = 2 * f[:-1] + f[1:], f[:-1] + 2 * f[1:]
    pieces = dx * (f[1:] + f[:-1]) / 2, dx * (begin * low + end * high) / 6
    zero = np.zeros((1, values.shape[1]))
    zeroth, first = (np.concatenate([zero, np.cumsum(piece, axis=0)])[at] for piece in pieces)
    return zeroth, first
