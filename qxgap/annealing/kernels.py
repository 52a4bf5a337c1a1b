"""The product of the Hamiltonian and a state vector, without a matrix.

    (H v)[x] = b E[x] v[x] - sum_k g_k v[x xor 2^k]

Here E is the diagonal of the problem, b the strength of the problem, and g_k the driver weight of
bit k times the strength of the driver. Only the vectors and E are in memory. All arrays are in bit
order.

Sixteen elements are processed together (:mod:`.lanes`): the four lowest bits exchange lanes of a
vector register, the others exchange whole runs of sixteen elements. A complex vector is treated as
a real one with one bit more, the lowest, which selects the real or the imaginary part and has the
weight zero.
"""

import numpy as np
from numba import get_num_threads, prange
from numpy.typing import NDArray

from ..compiled import njit
from .lanes import WIDE, flip, load, load_twice, minus_product, prefetch, store, times

PARALLEL_FROM = 1 << 17
"""Length of the vector from which on several threads are used.

A shorter product is as fast on one thread when other processes use the cores too.
"""
BLOCK_BITS = 14
"""A block of 2^14 double-precision numbers fits into the second-level cache of a core."""
ROW_BITS = 9
"""The largest number of bits of the second pass.

Its contiguous runs are then long enough for the full memory bandwidth.
"""
TILE_BITS = 15
"""A tile of 2^15 double-precision numbers, which spans the bits of the second pass, fits too."""
AHEAD = 6
"""The prefetch distance of a tile, in rows.

The reads jump from row to row, which the prefetcher of the hardware does not predict.
"""


@njit(cache=True)
def _matvec_small(energies, b, weights, v, out):  # type: ignore[no-untyped-def]
    """Compute the product element by element, for vectors shorter than a run of sixteen."""
    for x in range(v.size):
        total = b * energies[x] * v[x]
        for k in range(weights.size):
            total -= weights[k] * v[x ^ (1 << k)]
        out[x] = total


@njit(cache=True)
def _low_block(energies, b, weights, bits, begin, v, out):  # type: ignore[no-untyped-def]
    """Write the diagonal term and the terms of the low bits of one block of v into ``out``.

    The block is read from memory once and then stays in the cache.
    """
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
    """Copy columns of v, viewed as a matrix of ``rows`` rows, into a contiguous tile.

    The first column is ``begin``; the size of the tile determines how many there are.
    """
    size, length = v.size // rows, tile.size // rows
    for row in range(rows):
        at, to = row * size + begin, row * length
        for x in range(0, length, WIDE):
            prefetch(v, at + x + AHEAD * size, WIDE)
            store(tile, to + x, load(v, at + x, WIDE))


@njit(cache=True)
def scatter(tile, rows, begin, v):  # type: ignore[no-untyped-def]
    """Copy a tile back into the columns of v; the inverse of :func:`gather`."""
    size, length = v.size // rows, tile.size // rows
    for row in range(rows):
        at, to = row * size + begin, row * length
        for x in range(0, length, WIDE):
            store(v, at + x, load(tile, to + x, WIDE))


@njit(cache=True)
def _high_tile(weights, bits, begin, v, out, tile):  # type: ignore[no-untyped-def]
    """Add the terms of the high bits for some columns, which are gathered to fit into the cache."""
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


# Serial and parallel loops are separate functions, because numba's cache does not distinguish two
# compilations of one function with different options.


@njit(cache=True)
def _low_bits_serial(energies, b, weights, bits, v, out):  # type: ignore[no-untyped-def]
    """Do the first pass, over all blocks, on one thread."""
    for block in range(v.size >> bits):
        _low_block(energies, b, weights, bits, block << bits, v, out)


@njit(cache=True, parallel=True)
def _low_bits_parallel(energies, b, weights, bits, v, out):  # type: ignore[no-untyped-def]
    """Do the first pass, over all blocks, on all threads."""
    for block in prange(v.size >> bits):
        _low_block(energies, b, weights, bits, block << bits, v, out)


@njit(cache=True, parallel=True)
def _high_bits_parallel(weights, bits, length, threads, v, out):  # type: ignore[no-untyped-def]
    """Do the second pass, over all columns, on all threads."""
    for thread in prange(threads):
        tile = np.empty((v.size >> bits) * length)
        for column in range(thread, (1 << bits) // length, threads):
            _high_tile(weights, bits, column * length, v, out, tile)


def partition(d: int) -> tuple[int, int]:
    """Return how two passes over 2^d numbers share the work.

    Parameters
    ----------
    d : int
        The number of bits of the index.

    Returns
    -------
    bits : int
        The number of low bits that the first pass handles.
    length : int
        The length of the contiguous runs of the second pass.
    """
    bits = min(d, max(BLOCK_BITS, d - ROW_BITS))
    return bits, min(max((1 << TILE_BITS) >> (d - bits), WIDE), 1 << bits)


def matvec(energies: NDArray, b: float, weights: NDArray, v: NDArray, out: NDArray) -> NDArray:
    """Compute ``out = b E v - sum_k weights[k] X_k v``.

    There are two passes over the vectors: one for the bits inside a block that fits into the cache,
    and one for the bits that number the blocks. Each thread uses a quarter of a megabyte besides.

    Parameters
    ----------
    energies : ndarray of float, shape (2^d,)
        The diagonal E of the problem.
    b : float
        The strength of the problem.
    weights : ndarray of float, shape (d,)
        The strengths of the driver in bit order.
    v : ndarray of float64 or complex128, shape (2^d,)
        The vector.
    out : ndarray, shape (2^d,)
        The result: a contiguous array of the type of ``v`` that does not overlap it.

    Returns
    -------
    ndarray
        ``out``.
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
