"""The Hamiltonian on a state vector, matrix-free.

    (H v)[x] = b E[x] v[x] - sum_k g_k v[x xor 2^k]

with E the problem diagonal, b the problem strength, g_k the driver weight of bit k times the driver
strength. Nothing but the vectors and E is held. Every function takes arrays in bit order.
"""

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

PARALLEL_FROM = 1 << 17
"""Products shorter than this are as fast on one thread when others compete for the cores."""
RUN = 256
"""Elements worked on at once; a power of two, at least 64."""
BLOCK_BITS = 14
"""Blocks of this many bits of v and of the result stay in a core's second-level cache together."""
TILE_BITS = 16
"""So do the elements of a tile that spans all higher bits."""
MARGIN = 32


@njit(cache=True)
def _matvec_small(energies, b, weights, v, out):  # type: ignore[no-untyped-def]
    for x in range(v.size):
        total = b * energies[x] * v[x]
        for k in range(weights.size):
            total -= weights[k] * v[x ^ (1 << k)]
        out[x] = total


@njit(cache=True)
def _subtract_near(weights, first, padded, out):  # type: ignore[no-untyped-def]
    # three bits from ``first`` on: neighbours are a shift away, left or right by the bit
    w0, w1, w2 = weights[first], weights[first + 1], weights[first + 2]
    m0, m1, m2 = 1 << first, 2 << first, 4 << first
    left0, right0 = padded[MARGIN - m0 :], padded[MARGIN + m0 :]
    left1, right1 = padded[MARGIN - m1 :], padded[MARGIN + m1 :]
    left2, right2 = padded[MARGIN - m2 :], padded[MARGIN + m2 :]
    for j in range(RUN):
        l0, r0, l1, r1, l2, r2 = left0[j], right0[j], left1[j], right1[j], left2[j], right2[j]
        total = w0 * (l0 if j & m0 else r0)
        total += w1 * (l1 if j & m1 else r1)
        out[j] -= total + w2 * (l2 if j & m2 else r2)


@njit(cache=True)
def _subtract_far(weights, first, last, length, source, x, out):  # type: ignore[no-untyped-def]
    # bits first <= k < last flip whole runs: out -= w_k source[x ^ length 2^(k - first) : + length]
    k = first
    while k < last - 2:
        w0, w1, w2, bit = weights[k], weights[k + 1], weights[k + 2], length << (k - first)
        i0, i1, i2 = x ^ bit, x ^ (bit << 1), x ^ (bit << 2)
        v0, v1, v2 = source[i0 : i0 + length], source[i1 : i1 + length], source[i2 : i2 + length]
        for j in range(length):
            out[j] -= w0 * v0[j] + w1 * v1[j] + w2 * v2[j]
        k += 3
    while k < last:
        i0 = x ^ (length << (k - first))
        w0, v0 = weights[k], source[i0 : i0 + length]
        for j in range(length):
            out[j] -= w0 * v0[j]
        k += 1


@njit(cache=True)
def _low_block(energies, b, weights, bits, block, v, out):  # type: ignore[no-untyped-def]
    # out = b E v - the bits inside a block, which is streamed once and then stays in cache
    size = 1 << bits
    run_bits = 6
    while 1 << run_bits < RUN:
        run_bits += 1
    begin = block * size
    source, target = v[begin : begin + size], out[begin : begin + size]
    diagonal = energies[begin : begin + size]
    padded = np.empty(RUN + 2 * MARGIN, v.dtype)
    padded[:MARGIN] = 0
    padded[MARGIN + RUN :] = 0
    for j in range(size):
        target[j] = b * diagonal[j] * source[j]
    for x in range(0, size, RUN):
        run = target[x : x + RUN]
        padded[MARGIN : MARGIN + RUN] = source[x : x + RUN]
        _subtract_near(weights, 0, padded, run)
        _subtract_near(weights, 3, padded, run)
        for y in range(0, RUN, 64):
            _subtract_far(weights, 6, run_bits, 64, source, x + y, run[y : y + 64])
        _subtract_far(weights, run_bits, bits, RUN, source, x, run)


# Serial and parallel loops are functions of their own: numba's cache does not tell two compilations
# of one function apart by their options.


@njit(cache=True)
def _low_bits_serial(energies, b, weights, bits, v, out):  # type: ignore[no-untyped-def]
    for block in range(v.size >> bits):
        _low_block(energies, b, weights, bits, block, v, out)


@njit(cache=True, parallel=True)
def _low_bits_parallel(energies, b, weights, bits, v, out):  # type: ignore[no-untyped-def]
    for block in prange(v.size >> bits):
        _low_block(energies, b, weights, bits, block, v, out)


@njit(cache=True, parallel=True)
def _high_bits_parallel(weights, bits, length, v, out):  # type: ignore[no-untyped-def]
    # the others: columns of ``length`` elements of every block, gathered to avoid cache conflicts
    size, rows = 1 << bits, v.size >> bits
    for tile in prange(size // length):
        begin = tile * length
        gathered = np.empty(rows * length, v.dtype)
        for row in range(rows):
            at = row * size + begin
            gathered[row * length : (row + 1) * length] = v[at : at + length]
        for row in range(rows):
            at = row * size + begin
            target = out[at : at + length]
            _subtract_far(weights, bits, weights.size, length, gathered, row * length, target)


def matvec(energies: NDArray, b: float, weights: NDArray, v: NDArray, out: NDArray) -> NDArray:
    """``out = b E v - sum_k weights[k] X_k v``; v float64 or complex128, (2^d,).

    Two passes over the vectors: bits inside a cache-sized block, then the bits that number blocks.
    Each thread holds half a megabyte (one, if complex) besides; ``out`` must not overlap ``v``.
    """
    if v.size <= RUN:
        _matvec_small(energies, b, weights, v, out)
    elif v.size < PARALLEL_FROM:
        _low_bits_serial(energies, b, weights, weights.size, v, out)
    else:
        bits = min(weights.size, BLOCK_BITS)
        _low_bits_parallel(energies, b, weights, bits, v, out)
        if weights.size > bits:
            rows = v.size >> bits
            length = min(max((1 << TILE_BITS) // rows, 16), 1 << bits)
            _high_bits_parallel(weights, bits, length, v, out)
    return out
