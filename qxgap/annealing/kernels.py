"""The Hamiltonian on a state vector, matrix-free.

    (H v)[x] = b E[x] v[x] - sum_k g_k v[x xor 2^k]

with E the problem diagonal, b the problem strength, g_k the driver weight of bit k times the driver
strength. Nothing but the vectors and E is held. Every function takes arrays in bit order.

Sixteen elements are worked on at once (:mod:`.lanes`): the four lowest bits exchange lanes, the
others exchange whole runs of sixteen. A complex vector is a real one with one bit more, the lowest,
which tells real from imaginary part and has weight zero.
"""

import numpy as np
from numba import get_num_threads, prange
from numpy.typing import NDArray

from ..compiled import njit
from .lanes import WIDE, flip, load, load_twice, minus_product, prefetch, store, times

PARALLEL_FROM = 1 << 17
"""Products shorter than this are as fast on one thread when others compete for the cores."""
BLOCK_BITS = 14
"""A block of 2^14 doubles of v stays in a core's second-level cache."""
ROW_BITS = 9
"""At most so many bits are left to the second pass, whose runs are then long enough to stream."""
TILE_BITS = 15
"""A tile of 2^15 doubles that spans these bits stays in the second-level cache, too."""
AHEAD = 6
"""Rows that a tile's reads are announced ahead; the hardware does not foresee them."""


@njit(cache=True)
def _matvec_small(energies, b, weights, v, out):  # type: ignore[no-untyped-def]
    for x in range(v.size):
        total = b * energies[x] * v[x]
        for k in range(weights.size):
            total -= weights[k] * v[x ^ (1 << k)]
        out[x] = total


@njit(cache=True)
def _low_block(energies, b, weights, bits, begin, v, out):  # type: ignore[no-untyped-def]
    # out = b E v - the bits inside a block, which is streamed once and then stays in cache
    block = v[begin : begin + (1 << bits)]
    paired = energies.size < v.size
    for x in range(0, block.size, WIDE):
        at = begin + x
        diagonal = load_twice(energies, at >> 1, WIDE) if paired else load(energies, at, WIDE)
        own = load(block, x, WIDE)
        total = times(times(diagonal, own), b)
        total = minus_product(total, flip(own, 0), weights[0])
        total = minus_product(total, flip(own, 1), weights[1])
        total = minus_product(total, flip(own, 2), weights[2])
        total = minus_product(total, flip(own, 3), weights[3])
        for k in range(4, bits):
            total = minus_product(total, load(block, x ^ (1 << k), WIDE), weights[k])
        store(out, at, total)


@njit(cache=True)
def gather(v, rows, begin, tile):  # type: ignore[no-untyped-def]
    """Copy columns from ``begin`` on of v's ``rows`` to the ``tile`` that they fill."""
    size, length = v.size // rows, tile.size // rows
    for row in range(rows):
        at, to = row * size + begin, row * length
        for x in range(0, length, WIDE):
            prefetch(v, at + x + AHEAD * size, WIDE)
            store(tile, to + x, load(v, at + x, WIDE))


@njit(cache=True)
def scatter(tile, rows, begin, v):  # type: ignore[no-untyped-def]
    """Copy them back."""
    size, length = v.size // rows, tile.size // rows
    for row in range(rows):
        at, to = row * size + begin, row * length
        for x in range(0, length, WIDE):
            store(v, at + x, load(tile, to + x, WIDE))


@njit(cache=True)
def _high_tile(weights, bits, begin, v, out, tile):  # type: ignore[no-untyped-def]
    # the other bits: a column of every block, gathered to fit into cache
    size, rows = 1 << bits, v.size >> bits
    length = tile.size // rows
    gather(v, rows, begin, tile)
    for row in range(rows):
        at, to = row * size + begin, row * length
        for x in range(0, length, WIDE):
            prefetch(out, at + x + AHEAD * size, WIDE)
            total, bit = load(out, at + x, WIDE), length
            for k in range(bits, weights.size):
                total = minus_product(total, load(tile, (to + x) ^ bit, WIDE), weights[k])
                bit <<= 1
            store(out, at + x, total)


# Serial and parallel loops are functions of their own: numba's cache does not tell two compilations
# of one function apart by their options.


@njit(cache=True)
def _low_bits_serial(energies, b, weights, bits, v, out):  # type: ignore[no-untyped-def]
    for block in range(v.size >> bits):
        _low_block(energies, b, weights, bits, block << bits, v, out)


@njit(cache=True, parallel=True)
def _low_bits_parallel(energies, b, weights, bits, v, out):  # type: ignore[no-untyped-def]
    for block in prange(v.size >> bits):
        _low_block(energies, b, weights, bits, block << bits, v, out)


@njit(cache=True, parallel=True)
def _high_bits_parallel(weights, bits, length, threads, v, out):  # type: ignore[no-untyped-def]
    for thread in prange(threads):
        tile = np.empty((v.size >> bits) * length)
        for column in range(thread, (1 << bits) // length, threads):
            _high_tile(weights, bits, column * length, v, out, tile)


def partition(d: int) -> tuple[int, int]:
    """Bits that the first pass over 2^d doubles takes, and length of the second one's columns."""
    bits = min(d, max(BLOCK_BITS, d - ROW_BITS))
    return bits, min(max((1 << TILE_BITS) >> (d - bits), WIDE), 1 << bits)


def matvec(energies: NDArray, b: float, weights: NDArray, v: NDArray, out: NDArray) -> NDArray:
    """``out = b E v - sum_k weights[k] X_k v``; v float64 or complex128, (2^d,).

    Two passes over the vectors: bits inside a cache-sized block, then the bits that number blocks.
    Each thread holds a quarter of a megabyte besides; ``out`` is contiguous, of v's type, and must
    not overlap ``v``.
    """
    x, y = np.ascontiguousarray(v).view(np.float64), out.view(np.float64)
    if x.size < WIDE:
        _matvec_small(energies, b, weights, v, out)
        return out
    if x.size > v.size:
        weights = np.concatenate([np.zeros(1), weights])
    if v.size < PARALLEL_FROM:
        _low_bits_serial(energies, b, weights, weights.size, x, y)
    else:
        bits, length = partition(weights.size)
        _low_bits_parallel(energies, b, weights, bits, x, y)
        if weights.size > bits:
            _high_bits_parallel(weights, bits, length, get_num_threads(), x, y)
    return out
