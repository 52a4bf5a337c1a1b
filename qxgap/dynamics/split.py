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

The density of the steps is proportional to ``A + B``, which is uniform for the linear schedule.
Steps of equal local error would make the result of the linear schedule worse, because the errors of
an adiabatic run cancel along the path.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ..annealing.batch import MAX_QUBITS, apply_layers
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.layers import Layer
from ..annealing.schedules import AnnealSchedule
from ..linalg.arrays import Precision as Precision

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

CORNER = 0.1
"""Smallest jump of the slope of A or B, as a part of the largest slope, that counts as a corner."""

FEW_BREAKPOINTS = 64
"""Up to this number of rows, all breakpoints of a schedule are treated as corners."""

STEPS_PER_TURN = {2: 4.0, 4: 0.5}
"""Steps of the coarsest run for each turn of the fastest qubit, by order. The value of order 4 is
for a tolerance of 0.01. It grows in proportion to the logarithm of the tolerance, because errors
decrease exponentially until the steps resolve every resonance."""

LAYERS_PER_CALL = 256
"""Layers that one call applies to the state of a small problem."""

ROUNDING = {Precision.DOUBLE: 5e-16, Precision.SINGLE: 3e-7}
"""Bound of the rounding error of the read-out distribution per step, in total variation. Most of it
averages out; in a pause of the schedule it does not, but grows with the number of steps. In single
precision the error was below a quarter of this bound in all of some 400 runs of 16 to 6000 layers
at d <= 14."""


def evolve(
    H: AnnealHamiltonian,
    tau: float,
    edges: Array,
    start: NDArray,
    order: int,
    device: str | None = None,
    precision: Precision = Precision.DOUBLE,
    *,
    first_layer: int = 0,
    watch: Callable[[int, Array], None] | None = None,
) -> NDArray:
    """Propagate a state through the steps between ``edges``.

    Parameters
    ----------
    H : AnnealHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    edges : ndarray of float, shape (steps + 1,)
        Fractions s at which the steps begin and end.
    start : ndarray of complex, shape (2^d,)
        State at the first edge.
    order : int
        Order of the splitting, 2 or 4.
    device : str, optional
        Device on which PyTorch propagates the state; by default the CPU with numba.
    precision : Precision
        Precision on a device. In single precision the norm, which drifts by a part in 10^7 per
        layer, is restored at the end.
    first_layer : int
        Layer with which to begin; ``start`` is then the state before it. Only with numba.
    watch : callable, optional
        ``watch(layers, psi)`` is called after every few layers, with the number of layers applied
        and the state then, shape (2, 2^d). An evolution that is begun again with that number and
        that state ends in the same state to the last bit. Only with numba.

    Returns
    -------
    ndarray of complex, shape (2^d,)
        State at the last edge.
    """
    if device is not None:
        return evolve_on([H], tau, edges, start[None], order, device, precision)[0]
    phases, angles = strengths(H.schedule, tau, edges, order)
    return _by_numba(H, start, phases, angles, first_layer, watch)


def evolve_on(
    hamiltonians: Sequence[AnnealHamiltonian],
    tau: float,
    edges: Array,
    starts: NDArray,
    order: int,
    device: str,
    precision: Precision,
) -> NDArray[np.complex128]:
    """Propagate the states of n anneals of one schedule and driver together, on a torch device.

    Parameters
    ----------
    hamiltonians : sequence of AnnealHamiltonian
        The n Hamiltonians, of equal size.
    tau : float
        Anneal time.
    edges : ndarray of float, shape (steps + 1,)
        Fractions s at which the steps begin and end.
    starts : ndarray of complex, shape (n, 2^d)
        States at the first edge.
    order : int
        Order of the splitting, 2 or 4.
    device : str
        Device on which PyTorch propagates the states.
    precision : Precision
        Precision on the device.

    Returns
    -------
    ndarray of complex, shape (n, 2^d)
        States at the last edge.
    """
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
    first_layer: int,
    watch: Callable[[int, Array], None] | None,
) -> NDArray:
    """Apply the layers from ``first_layer`` on, and the last phase."""
    layer = Layer(H.problem, H.driver_weights)
    psi = np.stack([start.real, start.imag])
    # A layer of a large problem takes so long that a call costs little: ``watch`` follows each one.
    stride = 1 if H.num_qubits > MAX_QUBITS else LAYERS_PER_CALL
    for first in range(first_layer, angles.size, stride):
        last = min(first + stride, angles.size)
        apply_layers(layer, psi, phases[first:last], angles[first:last])
        if watch:
            watch(last, psi)
    layer.phase(psi, float(phases[-1]))
    return psi[0] + 1j * psi[1]


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
    """Strengths A at the rotations, which lie at distances x from the middle of each step, (n, m).

    In steps that contain a breakpoint A is shifted by a line in x, so that the b-weighted sums of A
    and of A x are their means over the step. In the other steps, where A is linear, they are so
    without a shift.
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
    """Return the exact integrals of f and of x f over x from 0 to each s.

    Parameters
    ----------
    schedule : AnnealSchedule
        Schedule, which is linear between its breakpoints.
    which : int
        0 if f is A, 1 if it is B.
    s : ndarray of float, shape (n,)
        Upper limits of the integrals.

    Returns
    -------
    zeroth, first : ndarray of float, shape (n,)
        Integrals of f and of x f.
    """
    x = np.union1d(schedule.s, s)
    f, dx, at = schedule(x)[which], np.diff(x), np.searchsorted(x, s)
    low, high = 2 * f[:-1] + f[1:], f[:-1] + 2 * f[1:]
    pieces = dx * (f[1:] + f[:-1]) / 2, dx * (x[:-1] * low + x[1:] * high) / 6
    zeroth, first = (np.concatenate([[0.0], np.cumsum(piece)])[at] for piece in pieces)
    return zeroth, first


def corners(schedule: AnnealSchedule) -> Array:
    """Return the fractions s between which A and B are smooth or nearly so, with both ends.

    They are all breakpoints of a schedule that has few, and the sharp ones of a table.

    Parameters
    ----------
    schedule : AnnealSchedule
        Schedule of the anneal.
    """
    if schedule.s.size <= FEW_BREAKPOINTS:
        return schedule.s
    sharp = np.zeros(schedule.s.size - 2, dtype=bool)
    for strength in (schedule.A, schedule.B):
        slope = np.diff(strength) / np.diff(schedule.s)
        sharp |= np.abs(np.diff(slope)) > CORNER * np.abs(slope).max()
    return np.concatenate([[0.0], schedule.s[1:-1][sharp], [1.0]])


def spans_breakpoints(schedule: AnnealSchedule, marks: Array) -> bool:
    """Return whether steps between ``marks`` span breakpoints of the schedule.

    Parameters
    ----------
    schedule : AnnealSchedule
        Schedule of the anneal.
    marks : ndarray of float
        Fractions s at which steps begin and end.
    """
    inside = schedule.s[(schedule.s > marks[0]) & (schedule.s < marks[-1])]
    return not np.all(np.isin(inside, marks))


def coarsest_steps(
    H: AnnealHamiltonian, tau: float, order: int, tol: float, marks: Array | None = None
) -> Array:
    """Return the steps of the coarsest run between neighboring ``marks``.

    Parameters
    ----------
    H : AnnealHamiltonian
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
    schedule, couplings = H.schedule, np.abs(H.problem.J)
    marks = corners(schedule) if marks is None else marks
    fields = np.abs(H.problem.h) + couplings.sum(axis=0) + couplings.sum(axis=1)
    rate = np.maximum(
        2.0 * float(H.driver_weights.max()) * _largest(schedule.A),
        float(fields.max()) * _largest(schedule.B),
    )
    turns = np.concatenate([[0.0], np.cumsum(rate * np.diff(schedule.s))])
    turns = np.diff(np.interp(marks, schedule.s, turns)) * schedule.angular / math.tau
    with np.errstate(over="ignore"):  # infinitely many steps are refused later, as too many
        steps = np.ceil(dense * turns * tau)
    # four at least where a whole anneal is one smooth piece
    return np.maximum(steps, math.ceil(4 * (marks[-1] - marks[0])) if steps.size == 1 else 1)


def step_edges(
    schedule: AnnealSchedule, steps: NDArray[np.int64], marks: Array | None = None
) -> Array:
    """Return the edges of steps between neighboring ``marks``, with the density of A + B.

    Parameters
    ----------
    schedule : AnnealSchedule
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
