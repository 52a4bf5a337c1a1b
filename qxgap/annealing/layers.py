"""One layer of a split-operator step on a state vector, in two cache-blocked passes.

    psi <- prod_k exp(i angle_k X_k) exp(-i phi H_P) psi

The state is stored as its real and imaginary parts, psi = re + i im, two arrays of 2^d numbers.
The phases are not computed element by element. With the index split into low and high bits,

    H_P = E_low(low) + E_high(high) + sum_{q low} f_q(high) n_q,

where f_q is the field of the high bits on bit q. ``exp(-i phi E_low)`` and ``exp(-i phi E_high)``
are tables, which are filled by doubling from d (d + 1) / 2 exponentials. The rest is a product of
one factor for each low bit: again two tables, one for each half of the low bits. The first pass
applies the phases and the rotations of the low bits, one block at a time. The second pass applies
the rotations of the high bits, one tile of columns at a time. The four lowest bits exchange lanes
of a vector register (:mod:`.lanes`), the others exchange whole registers, two bits at a time.

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
"""A block of 2^14 amplitudes, 256 KiB, fits into the second-level cache."""

TILE_BITS = 14
"""A tile of 2^14 amplitudes, which spans the high bits, fits into the second-level cache."""

COLUMNS = 32
"""The least number of columns of a tile: four cache lines, for the full memory bandwidth."""

NEAR_BITS = 10
"""2^10 amplitudes fit into the first-level cache."""

LEAST_COSINE = 0.01
"""The least cosine of an angle; if it is smaller, half the angle is applied twice.

The rotations are computed with tangents, which lose accuracy where the cosine is small.
"""

PARALLEL_FROM = 15
"""The number of bits from which on several threads are faster than one."""

Array = NDArray[np.float64]


class Layer:
    """The layers of the anneal of one problem, see the formula above.

    Parameters
    ----------
    problem : QuboProblem
        The problem; its offset is not used.
    driver_weights : ndarray of float, shape (d,)
        The weights of the driver in bit order. The angles of a layer are a multiple of them.
    """

    def __init__(self, problem: QuboProblem, driver_weights: Array) -> None:
        pairs = qubits_to_bit_order(problem.J + problem.J.T)
        self._set(qubits_to_bit_order(problem.h), pairs, driver_weights)

    @classmethod
    def of_form(cls, h: Array, J: Array, driver_weights: Array) -> Layer:
        """Return the layers of a quadratic form in bit order.

        Parameters
        ----------
        h : ndarray of float, shape (d,)
            The linear coefficients.
        J : ndarray of float, shape (d, d)
            The couplings, symmetric with a zero diagonal.
        driver_weights : ndarray of float, shape (d,)
            The weights of the driver.
        """
        layer = cls.__new__(cls)
        layer._set(h, J, driver_weights)
        return layer

    def _set(self, h: Array, J: Array, driver_weights: Array) -> None:
        """Take coefficients in bit order."""
        d, bits = h.size, max(WIDE_BITS, h.size)  # more bits, so that a register is filled
        self.h, self.J, self.weights = np.zeros(bits), np.zeros((bits, bits)), np.zeros(bits)
        self.h[:d], self.J[:d, :d], self.weights[:d] = h, J, driver_weights
        self.padded = np.zeros((2, WIDE))
        self.low = min(self.h.size, LOW_BITS)
        self.cross = np.ascontiguousarray(self.J[self.low :, : self.low])
        self.threads = get_num_threads() if self.h.size >= PARALLEL_FROM else 1

    def __call__(self, psi: Array, phi: float, angle: float) -> None:
        """Apply a layer in place.

        Parameters
        ----------
        psi : ndarray of float64, shape (2, 2^d)
            Real and imaginary parts of the state.
        phi : float
            The phase of the problem.
        angle : float
            The angle of the driver; bit k is turned by this times its weight.
        """
        scale, tan, again = _turns(angle * self.weights)
        self._apply(psi, phi, scale, tan)
        if again:
            self._apply(psi, 0.0, again, tan)

    def phase(self, psi: Array, phi: float) -> None:
        """Apply ``exp(-i phi H_P)``, a layer without rotations, in place."""
        self._apply(psi, phi, 1.0, np.zeros(WIDE_BITS))

    def _apply(self, psi: Array, phi: float, scale: float, tan: Array) -> None:
        """Compute ``psi <- scale prod_k (1 + i tan_k X_k) exp(-i phi H_P) psi`` in place.

        The product is over the first ``tan.size`` bits.
        """
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
    """Return the rotations as ``scale prod_k (1 + i tan_k X_k)``: scale, tangents and ``again``.

    If ``again`` is not 0, a second product with the same tangents and this scale must follow.
    """
    cos = np.cos(angles)
    if np.abs(cos).min() >= LEAST_COSINE:
        return cos.prod(), np.tan(angles), 0.0
    # Up to its sign a rotation has the period pi. An angle of at most pi / 2 remains; the cosine of
    # half of it is at least 0.7.
    turns = np.round(angles / np.pi)
    half = (angles - turns * np.pi) / 2
    scale = np.cos(half).prod()
    return scale, np.tan(half), scale * np.cos(np.pi * turns).prod()


@njit(cache=True)
def _double(table, k, factor_re, factor_im, row, phi):  # type: ignore[no-untyped-def]
    """Set ``table[2^k + x] = table[x] * factor * prod_{q < k} exp(-i phi row[q] n_q(x))``."""
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
    """Return exp(-i phi E) of a quadratic form of k bits: real and imaginary parts, (2, 2^k)."""
    table = np.empty((2, 1 << h.size))
    table[0, 0], table[1, 0] = 1.0, 0.0
    for k in range(h.size):
        _double(table, k, np.cos(phi * h[k]), -np.sin(phi * h[k]), J[k], phi)
    return table


@njit(cache=True)
def _field_phases(fields, start_re, start_im, out_re, out_im):  # type: ignore[no-untyped-def]
    """Set ``out[x] = start * prod_q exp(-i fields[q] n_q(x))`` by doubling."""
    out_re[0], out_im[0] = start_re, start_im
    for q in range(fields.size):
        c, s, m = np.cos(fields[q]), -np.sin(fields[q]), 1 << q
        for x in range(m):
            a, b = out_re[x], out_im[x]
            out_re[m + x] = a * c - b * s
            out_im[m + x] = a * s + b * c


@njit(cache=True)
def _multiply(a, b, c, s):  # type: ignore[no-untyped-def]
    """Return the real and the imaginary part of ``(a + i b) (c + i s)``."""
    return minus_product(times(a, c), b, s), plus_product(times(b, c), a, s)


@njit(cache=True)
def _turn(a, b, x, y, t):  # type: ignore[no-untyped-def]
    """Return ``a + i b + i t (x + i y)``, one row of ``1 + i t X``, as two parts."""
    return minus_product(a, y, t), plus_product(b, x, t)


@njit(cache=True)
def _phases_and_lanes(re, im, table, near, far, tan):  # type: ignore[no-untyped-def]
    """Multiply by the phases ``table[x] near[x_near] far[x_far]``; rotate the four lowest bits."""
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
    """Rotate the bit whose values 0 and 1 are ``run`` elements apart."""
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
    """Rotate the two bits whose values are ``run`` and ``2 run`` elements apart."""
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
    """Rotate the bits whose values are run, 2 run, 4 run, ... elements apart."""
    odd = tan.size % 2
    if odd:
        _turn_one(tan[0], run, re, im)
    for k in range(odd, tan.size, 2):
        _turn_two(tan[k], tan[k + 1], run << k, re, im)


@njit(cache=True)
def _turn_block(tan, run, re, im):  # type: ignore[no-untyped-def]
    """Rotate as :func:`_turn_runs`, the bits inside chunks of the first-level cache first."""
    near, chunk = 0, run
    while chunk < 1 << NEAR_BITS and near < tan.size:
        near, chunk = near + 1, 2 * chunk
    for begin in range(0, re.size, chunk):
        _turn_runs(tan[:near], run, re[begin : begin + chunk], im[begin : begin + chunk])
    _turn_runs(tan[near:], chunk, re, im)


@njit(cache=True)
def _low_block(re, im, block, low_phase, high_phase, cross, tan):  # type: ignore[no-untyped-def]
    """Apply the phases, and the rotations of the low bits, to one block."""
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
    """Rotate the high bits in every ``step``-th tile, beginning with the tile ``first``."""
    rows = 1 << tan.size
    size = re.size // rows
    tile_re, tile_im = np.empty(rows * length), np.empty(rows * length)
    for begin in range(first * length, size, step * length):
        gather(re, rows, begin, tile_re)
        gather(im, rows, begin, tile_im)
        _turn_block(tan, length, tile_re, tile_im)
        scatter(tile_re, rows, begin, re)
        scatter(tile_im, rows, begin, im)


# Serial and parallel loops are separate functions, because numba's cache does not distinguish two
# compilations of one function with different options.


@njit(cache=True)
def _low_pass_serial(re, im, low_phase, high_phase, cross, tan):  # type: ignore[no-untyped-def]
    """Do the first pass on one thread."""
    for block in range(high_phase.shape[1]):
        _low_block(re, im, block, low_phase, high_phase, cross, tan)


@njit(cache=True, parallel=True)
def _low_pass_parallel(re, im, low_phase, high_phase, cross, tan):  # type: ignore[no-untyped-def]
    """Do the first pass on all threads."""
    for block in prange(high_phase.shape[1]):
        _low_block(re, im, block, low_phase, high_phase, cross, tan)


@njit(cache=True)
def _high_pass_serial(re, im, tan, length, threads):  # type: ignore[no-untyped-def]
    """Do the second pass on one thread."""
    _high_tiles(re, im, tan, 0, 1, length)


@njit(cache=True, parallel=True)
def _high_pass_parallel(re, im, tan, length, threads):  # type: ignore[no-untyped-def]
    """Do the second pass on all threads."""
    for thread in prange(threads):
        _high_tiles(re, im, tan, thread, threads, length)
