"""One layer of a split-operator step on a state vector, in two cache-blocked passes.

    psi <- prod_k exp(i angle_k X_k) exp(-i phi H_P) psi

The state is held as its real and imaginary parts, psi = re + i im, two arrays of 2^d doubles. The
phases are never computed element by element: with the index split into low and high bits,

    H_P = E_low(low) + E_high(high) + sum_{q low} f_q(high) n_q,

``exp(-i phi E_low)`` and ``exp(-i phi E_high)`` are tables, filled by doubling from d (d + 1) / 2
exponentials, and the rest is a product of one factor per low bit, f_q being the field of the high
bits on bit q. The first pass takes one block of low bits at a time through phases and rotations,
the second one bundle of columns at a time through the rotations of the high bits. Inside a block
the rotation of bit k pairs runs of 2^k numbers, which is fast for long runs only: so the upper half
of the bits is rotated, the block transposed, and the other half rotated.

All arrays are in bit order (:mod:`qxgap.problem.bits`).
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from ..problem.bits import qubits_to_bit_order
from ..problem.qubo import QuboProblem

LOW_BITS = 12
"""A block of 2^12 amplitudes, 64 KiB, stays in cache."""

COLUMNS = 16
"""Columns that the second pass bundles: two cache lines of doubles."""

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
        J = qubits_to_bit_order(problem.J + problem.J.T)
        self.h, self.J = qubits_to_bit_order(problem.h), J
        self.weights = driver_weights
        self.low = min(problem.num_qubits, LOW_BITS)
        self.high = problem.num_qubits - self.low
        self.cross = np.ascontiguousarray(J[self.low :, : self.low])
        large = problem.num_qubits >= PARALLEL_FROM
        self._first = _low_pass_parallel if large else _low_pass_serial
        self._second = _high_pass_parallel if large else _high_pass_serial

    def __call__(self, psi: Array, phi: float, angle: float) -> None:
        """Apply the layer in place to ``psi``, (2, 2^d) float64: real and imaginary parts."""
        low, re, im = self.low, psi[0], psi[1]
        low_phase = _phases(self.h[:low], self.J[:low, :low], phi)
        high_phase = _phases(self.h[low:], self.J[low:, low:], phi)
        cos, sin = np.cos(angle * self.weights), np.sin(angle * self.weights)
        self._first(re, im, low_phase, high_phase, phi * self.cross, cos, sin, low)
        if self.high:
            self._second(re, im, cos, sin, low, self.high)

    def phase(self, psi: Array, phi: float) -> None:
        """Apply ``exp(-i phi H_P)`` alone."""
        low = self.low
        low_phase = _phases(self.h[:low], self.J[:low, :low], phi)
        high_phase = _phases(self.h[low:], self.J[low:, low:], phi)
        one, none = np.ones(low), np.zeros(low)
        self._first(psi[0], psi[1], low_phase, high_phase, phi * self.cross, one, none, 0)


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
def _rotate(ar, ai, br, bi, c, s):  # type: ignore[no-untyped-def]
    # exp(i theta X) = cos theta + i sin theta X on the pairs (a, b)
    for j in range(ar.size):
        a, b, x, y = ar[j], ai[j], br[j], bi[j]
        ar[j] = c * a - s * y
        ai[j] = c * b + s * x
        br[j] = c * x - s * b
        bi[j] = c * y + s * a


@njit(cache=True)
def _rotate_bits(re, im, run, cos, sin):  # type: ignore[no-untyped-def]
    """Rotate bits whose runs are run, 2 run, 4 run, ... of re, im."""
    for k in range(cos.size):
        for low in range(0, re.size, 2 * run):
            mid, end = low + run, low + 2 * run
            _rotate(re[low:mid], im[low:mid], re[mid:end], im[mid:end], cos[k], sin[k])
        run *= 2


@njit(cache=True)
def _transpose(source, target, rows, columns):  # type: ignore[no-untyped-def]
    for i in range(rows):
        for j in range(columns):
            target[j * rows + i] = source[i * columns + j]


@njit(cache=True)
def _rotate_block(re, im, spare_re, spare_im, cos, sin, bits):  # type: ignore[no-untyped-def]
    half = bits // 2
    rows, columns = 1 << (bits - half), 1 << half
    _rotate_bits(re, im, columns, cos[half:bits], sin[half:bits])
    _transpose(re, spare_re, rows, columns)
    _transpose(im, spare_im, rows, columns)
    _rotate_bits(spare_re, spare_im, rows, cos[:half], sin[:half])
    _transpose(spare_re, re, columns, rows)
    _transpose(spare_im, im, columns, rows)


@njit(cache=True)
def _apply_phases(re, im, table, field_re, field_im):  # type: ignore[no-untyped-def]
    for x in range(re.size):
        c = table[0, x] * field_re[x] - table[1, x] * field_im[x]
        s = table[0, x] * field_im[x] + table[1, x] * field_re[x]
        a, b = re[x], im[x]
        re[x] = a * c - b * s
        im[x] = a * s + b * c


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
def _low_block(re, im, block, low_phase, high_phase, cross, cos, sin, bits):  # type: ignore[no-untyped-def]
    """Phases, and rotations of the lowest ``bits``, in one block."""
    n = low_phase.shape[1]
    r, i = re[block * n : (block + 1) * n], im[block * n : (block + 1) * n]
    spare_re, spare_im = np.empty(n), np.empty(n)
    fields = np.zeros(cross.shape[1])
    for k in range(cross.shape[0]):
        if (block >> k) & 1:
            fields += cross[k]
    _field_phases(fields, high_phase[0, block], high_phase[1, block], spare_re, spare_im)
    _apply_phases(r, i, low_phase, spare_re, spare_im)
    if bits:
        _rotate_block(r, i, spare_re, spare_im, cos, sin, bits)


@njit(cache=True)
def _high_bundle(re, im, bundle, cos, sin, low, high):  # type: ignore[no-untyped-def]
    """Rotations of the highest bits in one bundle of columns."""
    rows, n = 1 << high, 1 << low
    buffer_re, buffer_im = np.empty(rows * COLUMNS), np.empty(rows * COLUMNS)
    for row in range(rows):
        at, to = row * n + bundle * COLUMNS, row * COLUMNS
        buffer_re[to : to + COLUMNS] = re[at : at + COLUMNS]
        buffer_im[to : to + COLUMNS] = im[at : at + COLUMNS]
    _rotate_bits(buffer_re, buffer_im, COLUMNS, cos[low:], sin[low:])
    for row in range(rows):
        at, to = row * n + bundle * COLUMNS, row * COLUMNS
        re[at : at + COLUMNS] = buffer_re[to : to + COLUMNS]
        im[at : at + COLUMNS] = buffer_im[to : to + COLUMNS]


# Serial and parallel loops are functions of their own: numba's cache does not tell two compilations
# of one function apart by their options.


@njit(cache=True)
def _low_pass_serial(re, im, low_phase, high_phase, cross, cos, sin, bits):  # type: ignore[no-untyped-def]
    for block in range(high_phase.shape[1]):
        _low_block(re, im, block, low_phase, high_phase, cross, cos, sin, bits)


@njit(cache=True, parallel=True)
def _low_pass_parallel(re, im, low_phase, high_phase, cross, cos, sin, bits):  # type: ignore[no-untyped-def]
    for block in prange(high_phase.shape[1]):
        _low_block(re, im, block, low_phase, high_phase, cross, cos, sin, bits)


@njit(cache=True)
def _high_pass_serial(re, im, cos, sin, low, high):  # type: ignore[no-untyped-def]
    for bundle in range((1 << low) // COLUMNS):
        _high_bundle(re, im, bundle, cos, sin, low, high)


@njit(cache=True, parallel=True)
def _high_pass_parallel(re, im, cos, sin, low, high):  # type: ignore[no-untyped-def]
    for bundle in prange((1 << low) // COLUMNS):
        _high_bundle(re, im, bundle, cos, sin, low, high)
