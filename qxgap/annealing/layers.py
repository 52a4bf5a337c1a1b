"""One layer of a split-operator step on a state vector, in two cache-blocked passes.

    psi <- prod_k exp(i angle_k X_k) exp(-i phi H_P) psi

The state is held as its real and imaginary parts, psi = re + i im, two arrays of 2^d doubles. The
phases are never computed element by element: with the index split into low and high bits,

    H_P = E_low(low) + E_high(high) + sum_{q low} f_q(high) n_q,

``exp(-i phi E_low)`` and ``exp(-i phi E_high)`` are tables, filled by doubling from d (d + 1) / 2
exponentials, and the rest is a product of one factor per low bit, f_q being the field of the high
bits on bit q: again two tables, of the nearer and of the farther half of the low bits. The first
pass takes one block of low bits at a time through phases and rotations, the second one tile of
columns at a time through the rotations of the high bits. The four lowest bits turn lanes within a
vector (:mod:`.lanes`), the others whole vectors, two bits at a time.

All arrays are in bit order (:mod:`qxgap.problem.bits`).
"""

from __future__ import annotations

import numpy as np
from numba import get_num_threads, prange
from numpy.typing import NDArray

from ..compiled import njit
from ..problem.bits import qubits_to_bit_order
from ..problem.qubo import QuboProblem
from .kernels import gather, scatter
from .lanes import NARROW, WIDE, WIDE_BITS, flip, load, minus_product, plus_product, store, times

LOW_BITS = 14
"""A block of 2^14 amplitudes, 256 KiB, stays in the second-level cache."""

TILE_BITS = 14
"""So does a tile of 2^14 amplitudes that spans the high bits."""

COLUMNS = 32
"""Columns of a tile at least, four cache lines: shorter ones do not stream."""

NEAR_BITS = 10
"""2^10 amplitudes stay in the first-level cache."""

LEAST_COSINE = 0.01
"""Below, an angle is halved and turned twice."""

PARALLEL_FROM = 15
"""Smaller numbers of bits are faster on one thread."""

Array = NDArray[np.float64]


class Layer:
    """The layers of one problem's anneal; see the module's formula.

    Parameters
    ----------
    problem : d variables; its offset is left out.
    driver_weights : (d,) in bit order; a layer's angles are these times one number.
    """

    def __init__(self, problem: QuboProblem, driver_weights: Array) -> None:
        idle = max(WIDE_BITS - problem.num_qubits, 0)  # bits that fill up a vector
        J = np.pad(qubits_to_bit_order(problem.J + problem.J.T), (0, idle))
        self.h, self.J = np.pad(qubits_to_bit_order(problem.h), (0, idle)), J
        self.weights = np.pad(driver_weights, (0, idle))
        self.padded = np.zeros((2, WIDE))
        self.low = min(self.h.size, LOW_BITS)
        self.cross = np.ascontiguousarray(J[self.low :, : self.low])
        self.threads = get_num_threads() if self.h.size >= PARALLEL_FROM else 1

    def __call__(self, psi: Array, phi: float, angle: float) -> None:
        """Apply the layer in place to ``psi``, (2, 2^d) float64: real and imaginary parts."""
        scale, tan, again = _turns(angle * self.weights)
        self._apply(psi, phi, scale, tan)
        if again:
            self._apply(psi, 0.0, again, tan)

    def phase(self, psi: Array, phi: float) -> None:
        """Apply ``exp(-i phi H_P)`` alone."""
        self._apply(psi, phi, 1.0, np.zeros(WIDE_BITS))

    def _apply(self, psi: Array, phi: float, scale: float, tan: Array) -> None:
        # psi <- scale prod_k (1 + i tan_k X_k) exp(-i phi H_P) psi, over the first tan.size bits
        low, n = self.low, psi.shape[1]
        if n < WIDE:
            self.padded[:, :n] = psi
            re, im = self.padded[0], self.padded[1]
        else:
            re, im = psi[0], psi[1]
        low_phase = _phases(self.h[:low], self.J[:low, :low], phi)
        high_phase = scale * _phases(self.h[low:], self.J[low:, low:], phi)
        first = _low_pass_serial if self.threads == 1 else _low_pass_parallel
        first(re, im, low_phase, high_phase, phi * self.cross, tan[:low])
        if tan.size > low:
            second = _high_pass_serial if self.threads == 1 else _high_pass_parallel
            length = min(max((1 << TILE_BITS) >> (tan.size - low), COLUMNS), 1 << low)
            second(re, im, tan[low:], length, self.threads)
        if n < WIDE:
            psi[:] = self.padded[:, :n]


@njit(cache=True)
def _turns(angles):  # type: ignore[no-untyped-def]
    """Rotations as ``scale prod_k (1 + i tan_k X_k)``, to be followed by one of scale ``again``
    with the same tangents unless that is 0.
    """
    cos = np.cos(angles)
    if np.abs(cos).min() >= LEAST_COSINE:
        return cos.prod(), np.tan(angles), 0.0
    # up to its sign a rotation has period pi; half of at most pi / 2 has a fair tangent
    turns = np.round(angles / np.pi)
    half = (angles - turns * np.pi) / 2
    scale = np.cos(half).prod()
    return scale, np.tan(half), scale * np.cos(np.pi * turns).prod()


@njit(cache=True)
def _double(table, k, factor_re, factor_im, row, phi):  # type: ignore[no-untyped-def]
    """table[2^k + x] = table[x] * factor * prod_{q < k} exp(-i phi row[q] n_q(x))."""
    n = 1 << k
    table[0, n], table[1, n] = factor_re, factor_im
    for q in range(k):
        c, s = np.cos(phi * row[q]), -np.sin(phi * row[q])
        m = 1 << q
        for x in range(m):
            a, b = table[0, n + x], table[1, n + x]
            table[0, n + m + x] = a * c - b * s
            table[1, n + m + x] = a * s + b * c
    for x in range(n):
        a, b = table[0, x], table[1, x]
        c, s = table[0, n + x], table[1, n + x]
        table[0, n + x] = a * c - b * s
        table[1, n + x] = a * s + b * c


@njit(cache=True)
def _phases(h, J, phi):  # type: ignore[no-untyped-def]
    """exp(-i phi E) of a quadratic form of k bits, (2, 2^k)."""
    table = np.empty((2, 1 << h.size))
    table[0, 0], table[1, 0] = 1.0, 0.0
    for k in range(h.size):
        _double(table, k, np.cos(phi * h[k]), -np.sin(phi * h[k]), J[k], phi)
    return table


@njit(cache=True)
def _field_phases(fields, start_re, start_im, out_re, out_im):  # type: ignore[no-untyped-def]
    """out[x] = start * prod_q exp(-i fields[q] n_q(x)), by doubling."""
    out_re[0], out_im[0] = start_re, start_im
    for q in range(fields.size):
        c, s, m = np.cos(fields[q]), -np.sin(fields[q]), 1 << q
        for x in range(m):
            a, b = out_re[x], out_im[x]
            out_re[m + x] = a * c - b * s
            out_im[m + x] = a * s + b * c


@njit(cache=True)
def _multiply(a, b, c, s):  # type: ignore[no-untyped-def]
    # (a + i b) (c + i s)
    return minus_product(times(a, c), b, s), plus_product(times(b, c), a, s)


@njit(cache=True)
def _turn(a, b, x, y, t):  # type: ignore[no-untyped-def]
    # a + i b + i t (x + i y), a row of 1 + i t X
    return minus_product(a, y, t), plus_product(b, x, t)


@njit(cache=True)
def _phases_and_lanes(re, im, table, near, far, tan):  # type: ignore[no-untyped-def]
    # phases table[x] near[x_near] far[x_far], then the four lowest bits
    t0, t1, t2, t3 = tan[0], tan[1], tan[2], tan[3]
    table_re, table_im, near_re, near_im = table[0], table[1], near[0], near[1]
    size = near_re.size
    for row in range(far.shape[1]):
        p, q = far[0, row], far[1, row]
        for j in range(0, size, WIDE):
            x = row * size + j
            a, b = load(re, x, WIDE), load(im, x, WIDE)
            a, b = _multiply(a, b, load(table_re, x, WIDE), load(table_im, x, WIDE))
            a, b = _multiply(a, b, load(near_re, j, WIDE), load(near_im, j, WIDE))
            a, b = _multiply(a, b, p, q)
            a, b = _turn(a, b, flip(a, 0), flip(b, 0), t0)
            a, b = _turn(a, b, flip(a, 1), flip(b, 1), t1)
            a, b = _turn(a, b, flip(a, 2), flip(b, 2), t2)
            a, b = _turn(a, b, flip(a, 3), flip(b, 3), t3)
            store(re, x, a)
            store(im, x, b)


@njit(cache=True)
def _turn_one(t, run, re, im):  # type: ignore[no-untyped-def]
    # the bit whose values 0 and 1 lie ``run`` apart
    for begin in range(0, re.size, 2 * run):
        for i in range(begin, begin + run, NARROW):
            j = i + run
            a, b = load(re, i, NARROW), load(im, i, NARROW)
            x, y = load(re, j, NARROW), load(im, j, NARROW)
            (a, b), (x, y) = _turn(a, b, x, y, t), _turn(x, y, a, b, t)
            store(re, i, a)
            store(im, i, b)
            store(re, j, x)
            store(im, j, y)


@njit(cache=True)
def _turn_two(t, u, run, re, im):  # type: ignore[no-untyped-def]
    # the bits whose values lie ``run`` and ``2 run`` apart
    for begin in range(0, re.size, 4 * run):
        for i in range(begin, begin + run, NARROW):
            j, k, m = i + run, i + 2 * run, i + 3 * run
            a0, b0 = load(re, i, NARROW), load(im, i, NARROW)
            a1, b1 = load(re, j, NARROW), load(im, j, NARROW)
            a2, b2 = load(re, k, NARROW), load(im, k, NARROW)
            a3, b3 = load(re, m, NARROW), load(im, m, NARROW)
            (a0, b0), (a1, b1) = _turn(a0, b0, a1, b1, t), _turn(a1, b1, a0, b0, t)
            (a2, b2), (a3, b3) = _turn(a2, b2, a3, b3, t), _turn(a3, b3, a2, b2, t)
            (a0, b0), (a2, b2) = _turn(a0, b0, a2, b2, u), _turn(a2, b2, a0, b0, u)
            (a1, b1), (a3, b3) = _turn(a1, b1, a3, b3, u), _turn(a3, b3, a1, b1, u)
            store(re, i, a0)
            store(im, i, b0)
            store(re, j, a1)
            store(im, j, b1)
            store(re, k, a2)
            store(im, k, b2)
            store(re, m, a3)
            store(im, m, b3)


@njit(cache=True)
def _turn_runs(tan, run, re, im):  # type: ignore[no-untyped-def]
    # bits whose values lie run, 2 run, 4 run, ... apart
    odd = tan.size % 2
    if odd:
        _turn_one(tan[0], run, re, im)
    for k in range(odd, tan.size, 2):
        _turn_two(tan[k], tan[k + 1], run << k, re, im)


@njit(cache=True)
def _turn_block(tan, run, re, im):  # type: ignore[no-untyped-def]
    # the same: first the bits inside chunks that fit into the first-level cache
    near, chunk = 0, run
    while chunk < 1 << NEAR_BITS and near < tan.size:
        near, chunk = near + 1, 2 * chunk
    for begin in range(0, re.size, chunk):
        _turn_runs(tan[:near], run, re[begin : begin + chunk], im[begin : begin + chunk])
    _turn_runs(tan[near:], chunk, re, im)


@njit(cache=True)
def _low_block(re, im, block, low_phase, high_phase, cross, tan):  # type: ignore[no-untyped-def]
    # phases and rotations of the low bits in one block
    n, bits = low_phase.shape[1], cross.shape[1]
    half = max(bits // 2, WIDE_BITS)
    near, far = np.empty((2, 1 << half)), np.empty((2, n >> half))
    fields = np.zeros(bits)
    for k in range(cross.shape[0]):
        if (block >> k) & 1:
            fields += cross[k]
    _field_phases(fields[:half], 1.0, 0.0, near[0], near[1])
    _field_phases(fields[half:], high_phase[0, block], high_phase[1, block], far[0], far[1])
    r, i = re[block * n : (block + 1) * n], im[block * n : (block + 1) * n]
    _phases_and_lanes(r, i, low_phase, near, far, tan)
    _turn_block(tan[WIDE_BITS:], WIDE, r, i)


@njit(cache=True)
def _high_tiles(re, im, tan, first, step, length):  # type: ignore[no-untyped-def]
    # rotations of the high bits in every step-th tile from the first one on
    rows = 1 << tan.size
    size = re.size // rows
    tile_re, tile_im = np.empty(rows * length), np.empty(rows * length)
    for begin in range(first * length, size, step * length):
        gather(re, rows, begin, tile_re)
        gather(im, rows, begin, tile_im)
        _turn_block(tan, length, tile_re, tile_im)
        scatter(tile_re, rows, begin, re)
        scatter(tile_im, rows, begin, im)


# Serial and parallel loops are functions of their own: numba's cache does not tell two compilations
# of one function apart by their options.


@njit(cache=True)
def _low_pass_serial(re, im, low_phase, high_phase, cross, tan):  # type: ignore[no-untyped-def]
    for block in range(high_phase.shape[1]):
        _low_block(re, im, block, low_phase, high_phase, cross, tan)


@njit(cache=True, parallel=True)
def _low_pass_parallel(re, im, low_phase, high_phase, cross, tan):  # type: ignore[no-untyped-def]
    for block in prange(high_phase.shape[1]):
        _low_block(re, im, block, low_phase, high_phase, cross, tan)


@njit(cache=True)
def _high_pass_serial(re, im, tan, length, threads):  # type: ignore[no-untyped-def]
    _high_tiles(re, im, tan, 0, 1, length)


@njit(cache=True, parallel=True)
def _high_pass_parallel(re, im, tan, length, threads):  # type: ignore[no-untyped-def]
    for thread in prange(threads):
        _high_tiles(re, im, tan, thread, threads, length)
