"""Symmetric splitting of the anneal into diagonal phases and one-qubit rotations.

A step of length h applies, for coefficients a_0 b_1 a_1 ... b_m a_m that read the same backwards,

    phase(a_0) rotation(b_1) phase(a_1) ... rotation(b_m) phase(a_m).

Time runs with the phases: ``phase(a)`` is ``exp(-i H_P int B dt)`` over the next a h of time, and
``rotation(b)`` is ``exp(-i b h A(t) H_D)`` at the time t reached. That is a splitting of the
autonomous problem with t as a variable, so it has the order of its coefficients wherever A and B
are smooth, and steps begin and end at the schedule's corners. A hardware table has a thousand
breakpoints and no corner: there a step spans many, and its rotation angles are shifted so that
``int A dt`` and ``int A t dt`` over the step are exact, as they are anyway where A is linear. The
last phase of a step is merged with the first of the next: a step costs m layers.

The steps' density is that of ``A + B``: uniform for the linear schedule. Equidistributing the local
error instead makes the result there worse (the errors of an adiabatic run cancel along the path).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ..annealing.batch import MAX_QUBITS, apply_layers
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.layers import Layer
from ..annealing.schedule import AnnealSchedule
from ..linalg.arrays import Precision as Precision

Array = NDArray[np.float64]

_A = (0.0792036964311957, 0.353172906049774, -0.0420650803577195)
_B = (0.209515106613362, -0.143851773179818)
_A4, _B3 = 1.0 - 2.0 * sum(_A), 0.5 - sum(_B)

COEFFICIENTS = {
    2: ((0.5, 0.5), (1.0,)),
    4: ((*_A, _A4, *reversed(_A)), (*_B, _B3, _B3, *reversed(_B))),
}
"""Phases a and rotations b by order: Strang (1968); Blanes and Moan, J. Comput. Appl. Math. 142,
313 (2002), table 2, S6 of order 4."""

CORNER = 0.1
"""A slope of A or B that jumps by more than this part of its largest value makes a corner."""

FEW_BREAKPOINTS = 64
"""Steps begin and end at all breakpoints of a schedule that has no more rows."""

STEPS_PER_TURN = {2: 4.0, 4: 0.5}
"""Steps of the coarsest run for each turn of the fastest single qubit; of order 4 at a tolerance of
0.01, and as much more as its logarithm is larger: errors fall exponentially until the steps resolve
every resonance."""


LAYERS_PER_CALL = 256
"""Of a small problem."""

ROUNDING = {Precision.DOUBLE: 5e-16, Precision.SINGLE: 3e-7}
"""Bound of the rounding error of the read-out distribution per step, in total variation. Most of it
averages out; what does not, where a schedule pauses, grows as the number of steps. In single
precision it was below a quarter of this in all of some 400 runs of 16 to 6000 layers, d <= 14."""


def evolve(
    H: AnnealHamiltonian,
    tau: float,
    edges: Array,
    start: NDArray,
    order: int,
    device: str | None = None,
    precision: Precision = Precision.DOUBLE,
    *,
    done: int = 0,
    watch: Callable[[int, Array], None] | None = None,
) -> NDArray:
    """Propagate ``start``, (2^d,) complex128, through the steps between ``edges`` of s.

    On a torch ``device`` unless that is None. In single precision the norm, which drifts by a part
    in 10^7 per layer, is restored. By numba, ``watch(done, psi)`` is called after every few layers
    with the layers done and the state then, (2, 2^d); handing both back as ``done`` and ``start``
    continues to the same last bit.
    """
    if device is not None:
        return evolve_on([H], tau, edges, start[None], order, device, precision)[0]
    phases, angles = strengths(H.schedule, tau, edges, order)
    return _by_numba(H, start, phases, angles, done, watch)


def evolve_on(
    hamiltonians: Sequence[AnnealHamiltonian],
    tau: float,
    edges: Array,
    starts: NDArray,
    order: int,
    device: str,
    precision: Precision,
) -> NDArray[np.complex128]:
    """Propagate ``starts`` (n, 2^d) of n anneals of one schedule and driver on a torch device."""
    from ..annealing.torch_device import FLOAT
    from ..annealing.torch_kernels import TorchLayers

    H, problems = hamiltonians[0], [H.problem for H in hamiltonians]
    layers = TorchLayers(problems, H.driver_weights, device, FLOAT[precision])
    states = layers.propagate(starts, *strengths(H.schedule, tau, edges, order))
    if precision is Precision.SINGLE:
        norms = [np.linalg.norm(vectors, axis=1, keepdims=True) for vectors in (starts, states)]
        states *= norms[0] / norms[1]
    return states


def _by_numba(
    H: AnnealHamiltonian,
    start: NDArray,
    phases: Array,
    angles: Array,
    done: int,
    watch: Callable[[int, Array], None] | None,
) -> NDArray:
    layer = Layer(H.problem, H.driver_weights)
    psi = np.stack([start.real, start.imag])
    stride = 1 if H.num_qubits > MAX_QUBITS else LAYERS_PER_CALL
    for first in range(done, angles.size, stride):
        last = min(first + stride, angles.size)
        apply_layers(layer, psi, phases[first:last], angles[first:last])
        if watch:
            watch(last, psi)
    layer.phase(psi, float(phases[-1]))
    return psi[0] + 1j * psi[1]


def strengths(
    schedule: AnnealSchedule, tau: float, edges: Array, order: int
) -> tuple[Array, Array]:
    """Phases, one more than there are rotations, and rotation angles of all layers in order."""
    a, b = (np.array(c) for c in COEFFICIENTS[order])
    time, h = tau * schedule.angular, np.diff(edges)[:, None]
    s = np.clip(edges[:-1, None] + h * np.cumsum(np.concatenate([[0.0], a])), 0.0, 1.0)
    areas = np.diff(moments(schedule, 1, s.ravel())[0].reshape(s.shape), axis=1)
    middle = edges[:-1, None] + h / 2
    angles = b * h * _matched(schedule, edges, b, s[:, 1:-1] - middle, middle)
    phases = np.concatenate([areas[0, :1], areas[:, 1:].ravel()])
    phases[b.size :: b.size][:-1] += areas[1:, 0]
    return time * phases, time * angles.ravel()


def _matched(schedule: AnnealSchedule, edges: Array, b: Array, x: Array, middle: Array) -> Array:
    """A at the rotations, x from the middle of each step, (n, m). In steps that hold a breakpoint
    it is shifted by a line in x, so that the b-weighted sums of A, and of A x, are their means over
    the step; in the others they are so already.
    """
    A = schedule(np.clip(middle + x, 0.0, 1.0))[0]
    first_inside = np.searchsorted(schedule.s, edges[:-1], side="right")
    bent = schedule.s[np.minimum(first_inside, schedule.s.size - 1)] < edges[1:]
    if not bent.any():
        return A
    h, x, middle = np.diff(edges)[bent, None], x[bent], middle[bent]
    zeroth, first = (np.diff(moment)[bent, None] for moment in moments(schedule, 0, edges))
    shift = zeroth / h - (A[bent] @ b)[:, None]
    if b.size > 1:
        excess = (first - middle * zeroth) / h - ((A[bent] * x) @ b)[:, None]
        shift = shift + x * excess / ((x * x) @ b)[:, None]
    A[bent] += shift
    return A


def moments(schedule: AnnealSchedule, which: int, s: Array) -> tuple[Array, Array]:
    """Exact integrals of f and x f over x from 0 to each s (n,); f is A (``which = 0``) or B."""
    x = np.union1d(schedule.s, s)
    f, dx, at = schedule(x)[which], np.diff(x), np.searchsorted(x, s)
    low, high = 2 * f[:-1] + f[1:], f[:-1] + 2 * f[1:]
    pieces = dx * (f[1:] + f[:-1]) / 2, dx * (x[:-1] * low + x[1:] * high) / 6
    zeroth, first = (np.concatenate([[0.0], np.cumsum(piece)])[at] for piece in pieces)
    return zeroth, first


def corners(schedule: AnnealSchedule) -> Array:
    """Fractions s, ends included, between which A and B are smooth or nearly so.

    All breakpoints of a schedule that has few, the sharp ones of a table.
    """
    if schedule.s.size <= FEW_BREAKPOINTS:
        return schedule.s
    sharp = np.zeros(schedule.s.size - 2, dtype=bool)
    for strength in (schedule.A, schedule.B):
        slope = np.diff(strength) / np.diff(schedule.s)
        sharp |= np.abs(np.diff(slope)) > CORNER * np.abs(slope).max()
    return np.concatenate([[0.0], schedule.s[1:-1][sharp], [1.0]])


def spans_breakpoints(schedule: AnnealSchedule, marks: Array) -> bool:
    """Whether steps between ``marks`` span breakpoints of the schedule."""
    inside = schedule.s[(schedule.s > marks[0]) & (schedule.s < marks[-1])]
    return not np.all(np.isin(inside, marks))


def coarsest_steps(
    H: AnnealHamiltonian, tau: float, order: int, tol: float, marks: Array | None = None
) -> Array:
    """Steps between neighbouring ``marks`` (default the schedule's corners) to begin with.

    Whole numbers, as floats: of a long anneal they may be larger than any integer.
    """
    dense = STEPS_PER_TURN[order] * (max(-math.log10(tol) / 2, 1.0) if order > 2 else 1.0)
    schedule, couplings = H.schedule, np.abs(H.problem.J)
    marks = corners(schedule) if marks is None else marks
    fields = np.abs(H.problem.h) + couplings.sum(axis=0) + couplings.sum(axis=1)
    rate = np.maximum(
        2.0 * float(H.driver_weights.max()) * _largest(schedule.A),
        float(fields.max()) * _largest(schedule.B),
    )
    turns = np.concatenate([[0.0], np.cumsum(rate * np.diff(schedule.s))])
    turns = np.diff(np.interp(marks, schedule.s, turns)) * schedule.angular / math.tau
    with np.errstate(over="ignore"):  # infinitely many are refused as any number too large is
        steps = np.ceil(dense * turns * tau)
    # four at least where a whole anneal is one smooth piece
    return np.maximum(steps, math.ceil(4 * (marks[-1] - marks[0])) if steps.size == 1 else 1)


def step_edges(
    schedule: AnnealSchedule, steps: NDArray[np.int64], marks: Array | None = None
) -> Array:
    """Edges in s of ``steps`` steps between neighbouring ``marks``, as dense there as A + B."""
    marks = corners(schedule) if marks is None else marks
    mean = (schedule.A + schedule.B)[:-1] / 2 + (schedule.A + schedule.B)[1:] / 2
    length = np.concatenate([[0.0], np.cumsum(mean * np.diff(schedule.s))])
    ends = np.interp(marks, schedule.s, length)
    inner = [
        np.interp(np.linspace(low, high, n + 1)[1:-1], length, schedule.s)
        for low, high, n in zip(ends[:-1], ends[1:], steps, strict=True)
    ]
    return np.sort(np.concatenate([marks, *inner]))


def _largest(strength: Array) -> Array:
    """Largest value on each linear piece."""
    return np.maximum(strength[:-1], strength[1:])
