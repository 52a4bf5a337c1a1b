"""One layer of a split-operator step on a state vector, in two cache-blocked passes.

    psi <- prod_k exp(i angle_k X_k) exp(-i phi H_P) psi

The state is stored as its real and imaginary parts, psi = re + i im, two arrays of 2^d numbers.
The phases are not computed element by element. With the index split into low and high bits,

    H_P = E_low(low) + E_high(high) + sum_{q low} f_q(high) n_q,

where f_q is the field of the high bits on bit q. ``exp(-i phi E_low)`` and ``exp(-i phi E_high)``
are tables (:mod:`.phases`). The rest is a product of one factor for each low bit: again two tables,
one for each half of the low bits. The first pass applies the phases and the rotations of the low
bits, one block at a time. The second pass applies the rotations of the high bits (:mod:`.turns`),
one tile of columns at a time; a state that fits into the third-level cache needs no tiles. A state
of up to LOW_BITS bits is a single block.

A layer is fastest if the state begins with a cache line (:func:`qxgap.memory.aligned_empty`).

All arrays are in bit order (:mod:`qxgap.problem.bits`).
"""

from __future__ import annotations

import math

import numpy as np
from numba import get_num_threads, prange
from numpy.typing import NDArray

from ..compiled import njit
from ..problem.bits import qubits_to_bit_order
from ..problem.qubo import QuboProblem
from .kernels import gather, partition, scatter, scratch, strips
from .lanes import WIDE, WIDE_BITS, load, prefetch, store
from .phases import field_phases, multiply, phase_table
from .turns import NEAR_BITS, turn_columns, turn_lanes, turn_runs, turn_tile

TABLE_BITS = 13
"""The largest number of bits of a table of phases: 2^13 complex numbers are 128 KiB."""

LOW_BITS = 14
"""The least number of bits of the first pass: a block of 2^14 amplitudes takes 256 KiB."""

SWEPT_BITS = 6
"""The largest number of high bits that are rotated without tiles.

The state then fits into the third-level cache, which may be read several times.
"""

HIGH_BITS = 8
"""The largest number of bits of the second pass, unless the first has its largest number."""

TILE_BITS = 14
"""A tile of 2^14 amplitudes, which spans the high bits, fits into the second-level cache."""

AHEAD = 1 << NEAR_BITS
"""The prefetch distance of the first pass: while one chunk is rotated, the next one arrives.

Without it the first pass takes twice as long for a state in memory.
"""

SKEW = 256
"""The distance that keeps real and imaginary parts in different lines of the first-level cache."""

LEAST_COSINE = 0.01
"""The least cosine of an angle; if it is smaller, half the angle is applied twice.

The rotations are computed with tangents, which lose accuracy where the cosine is small.
"""

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
        self.low, self.columns = partition(bits, LOW_BITS, HIGH_BITS, TILE_BITS)
        table = min(self.low, TABLE_BITS)
        # contiguous, because numba compiles again for slices
        self.low_J = np.ascontiguousarray(self.J[:table, :table])
        self.high_J = np.ascontiguousarray(self.J[table:, table:])
        self.cross = np.ascontiguousarray(self.J[table:, :table])
        self.threads = get_num_threads()

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
        scale, tan, again = turns(self.weights, angle)
        self._apply(psi, phi, scale, tan)
        if again:
            self._apply(psi, 0.0, again, tan)

    def phase(self, psi: Array, phi: float) -> None:
        """Apply ``exp(-i phi H_P)``, a layer without rotations, in place."""
        self._apply(psi, phi, 1.0, np.zeros(self.low))

    def _apply(self, psi: Array, phi: float, scale: float, tan: Array) -> None:
        """Compute ``psi <- scale prod_k (1 + i tan_k X_k) exp(-i phi H_P) psi`` in place.

        The product is over the first ``tan.size`` bits.
        """
        if psi.shape[1] < WIDE:
            self.padded[:, : psi.shape[1]] = psi
            whole_layer(*self.padded, self.h, self.J, phi, scale, tan)
            psi[:] = self.padded[:, : psi.shape[1]]
        elif self.h.size <= LOW_BITS:
            whole_layer(*psi, self.h, self.J, phi, scale, tan)
        else:
            self._apply_in_passes(psi[0], psi[1], phi, scale, tan)

    def _apply_in_passes(self, re: Array, im: Array, phi: float, scale: float, tan: Array) -> None:
        """Do the work of :meth:`_apply` for a state that does not fit into one block."""
        low, table = self.low, len(self.low_J)
        low_phase = phase_table(self.h[:table], self.low_J, phi, 1.0)
        high_phase = phase_table(self.h[table:], self.high_J, phi, scale)
        _low_pass(re, im, low_phase, high_phase, phi * self.cross, tan[:low])
        if tan.size - low > SWEPT_BITS:
            size = 2 * (self.columns << (tan.size - low)) + SKEW
            _high_pass(re, im, tan[low:], self.columns, scratch(self.threads, size))
        elif tan.size > low:
            _sweep(re, im, tan[low:], self.threads)


@njit(cache=True)
def turns(weights, angle):  # type: ignore[no-untyped-def]
    """Return the rotations as ``scale prod_k (1 + i tan_k X_k)``: scale, tangents and ``again``.

    Bit k is turned by ``angle * weights[k]``. If ``again`` is not 0, a second product with the same
    tangents and this scale must follow.
    """
    # Loops, because numba compiles expressions of arrays several times as long.
    tan, scale, least = np.empty(weights.size), 1.0, 1.0
    for k in range(weights.size):
        cos = np.cos(angle * weights[k])
        tan[k], scale, least = np.tan(angle * weights[k]), scale * cos, min(least, abs(cos))
    if least >= LEAST_COSINE:
        return scale, tan, 0.0
    # Up to its sign a rotation has the period pi. An angle of at most pi / 2 remains; the cosine of
    # half of it is at least 0.7.
    scale, again = 1.0, 1.0
    for k in range(weights.size):
        periods = math.floor(angle * weights[k] / math.pi + 0.5)
        half = (angle * weights[k] - periods * math.pi) / 2
        tan[k], scale = np.tan(half), scale * np.cos(half)
        again = -again if periods % 2 else again
    return scale, tan, scale * again


@njit(cache=True)
def _phases_and_lanes(re, im, table, near, far, tan):  # type: ignore[no-untyped-def]
    """Multiply by the phases ``table[x] near[x_near] far[x_far]``; rotate the four lowest bits."""
    size = near[0].size
    for row in range(far[0].size):
        p, q = far[0][row], far[1][row]
        for j in range(0, size, WIDE):
            x = row * size + j
            prefetch(re, x + AHEAD, WIDE)
            prefetch(im, x + AHEAD, WIDE)
            a, b = load(re, x, WIDE), load(im, x, WIDE)
            a, b = multiply(a, b, load(table[0], x, WIDE), load(table[1], x, WIDE))
            a, b = multiply(a, b, load(near[0], j, WIDE), load(near[1], j, WIDE))
            a, b = multiply(a, b, p, q)
            a, b = turn_lanes(a, b, tan)
            store(re, x, a)
            store(im, x, b)


@njit(cache=True)
def _table_and_lanes(re, im, table, tan):  # type: ignore[no-untyped-def]
    """Multiply by the phases ``table[x]`` and rotate the four lowest bits."""
    for x in range(0, re.size, WIDE):
        a, b = load(re, x, WIDE), load(im, x, WIDE)
        a, b = multiply(a, b, load(table[0], x, WIDE), load(table[1], x, WIDE))
        a, b = turn_lanes(a, b, tan)
        store(re, x, a)
        store(im, x, b)


@njit(cache=True)
def _near_bits(tan, bits):  # type: ignore[no-untyped-def]
    """Return the tangents of the bits inside a chunk of the first-level cache."""
    return tan[WIDE_BITS : min(bits, NEAR_BITS)]


@njit(cache=True)
def _phase_block(re, im, block, low_phase, high_phase, cross, tan):  # type: ignore[no-untyped-def]
    """Apply the phases and rotate the bits below NEAR_BITS in one block of the table."""
    n, bits = low_phase.shape[1], cross.shape[1]
    half = min(max(bits // 2, WIDE_BITS), NEAR_BITS)
    near, far = np.empty((2, 1 << half)), np.empty((2, n >> half))
    fields = np.zeros(bits)
    for k in range(cross.shape[0]):
        if (block >> k) & 1:
            for q in range(bits):
                fields[q] += cross[k, q]
    start_re, start_im = high_phase[0, block], high_phase[1, block]
    field_phases(fields[:half], 1.0, 1.0, 0.0, near[0], near[1])
    field_phases(fields[half:], 1.0, start_re, start_im, far[0], far[1])
    chunk = min(n, 1 << NEAR_BITS)
    pair, begin = (near[0], near[1]), block * n
    for x in range(0, n, chunk):
        rows = slice(x >> half, (x + chunk) >> half)
        r, i = re[begin + x : begin + x + chunk], im[begin + x : begin + x + chunk]
        table = (low_phase[0, x : x + chunk], low_phase[1, x : x + chunk])
        _phases_and_lanes(r, i, table, pair, (far[0, rows], far[1, rows]), tan)
        turn_runs(_near_bits(tan, bits), WIDE, r, i)


@njit(cache=True)
def _low_block(re, im, block, low_phase, high_phase, cross, tan):  # type: ignore[no-untyped-def]
    """Apply the phases, and the rotations of the low bits, to one block."""
    n = low_phase.shape[1]
    count = max((1 << tan.size) // n, 1)
    for part in range(block * count, (block + 1) * count):
        _phase_block(re, im, part, low_phase, high_phase, cross, tan)
    size = n * count
    r, i = re[block * size : (block + 1) * size], im[block * size : (block + 1) * size]
    if tan.size > NEAR_BITS:
        turn_runs(tan[NEAR_BITS:], 1 << NEAR_BITS, r, i)


@njit(cache=True)
def whole_layer(re, im, h, J, phi, scale, tan):  # type: ignore[no-untyped-def]
    """Apply a layer to a state that is one block, see ``Layer._apply``."""
    table = phase_table(h, J, phi, scale)
    chunk = min(re.size, 1 << NEAR_BITS)
    for x in range(0, re.size, chunk):
        r, i = re[x : x + chunk], im[x : x + chunk]
        _table_and_lanes(r, i, (table[0, x : x + chunk], table[1, x : x + chunk]), tan)
        turn_runs(_near_bits(tan, tan.size), WIDE, r, i)
    if tan.size > NEAR_BITS:
        turn_runs(tan[NEAR_BITS:], chunk, re, im)


@njit(cache=True)
def _high_tiles(re, im, tan, length, first, step, memory):  # type: ignore[no-untyped-def]
    """Rotate the high bits in every ``step``-th tile, beginning with the tile ``first``."""
    rows = 1 << tan.size
    size, n = re.size // rows, rows * length
    tile_re, tile_im = memory[:n], memory[memory.size - n :]
    for begin in range(first * length, size, step * length):
        gather(re, rows, begin, tile_re)
        gather(im, rows, begin, tile_im)
        turn_tile(tan, length, tile_re, tile_im)
        scatter(tile_re, rows, begin, re)
        scatter(tile_im, rows, begin, im)


@njit(cache=True, parallel=True)
def _low_pass(re, im, low_phase, high_phase, cross, tan):  # type: ignore[no-untyped-def]
    """Apply the phases and rotate the low bits, block by block, on all threads."""
    for block in prange(re.size >> tan.size):
        _low_block(re, im, block, low_phase, high_phase, cross, tan)


@njit(cache=True, parallel=True)
def _sweep(re, im, tan, threads):  # type: ignore[no-untyped-def]
    """Rotate the high bits of a state in the third-level cache on all threads."""
    run = re.size >> tan.size
    for thread in prange(threads):
        first, last = strips(run, thread, threads)
        turn_columns(tan, run, first, last, re, im)


@njit(cache=True, parallel=True)
def _high_pass(re, im, tan, length, tiles):  # type: ignore[no-untyped-def]
    """Rotate the high bits of a state in memory, tile by tile, on all threads."""
    for thread in prange(tiles.shape[0]):
        _high_tiles(re, im, tan, length, thread, tiles.shape[0], tiles[thread])
