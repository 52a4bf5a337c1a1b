"""The product of the Hamiltonian and a state vector, without a matrix.

    (H v)[x] = b E[x] v[x] - sum_k g_k v[x xor 2^k]

Here E is the diagonal of the problem, b the strength of the problem, and g_k the driver weight of
bit k times the strength of the driver. Only the vectors and E are in memory. All arrays are in bit
order.

Runs of 64 elements, four wide vectors (:mod:`.lanes`), are processed together: the four lowest bits
exchange lanes of a vector, the next two exchange vectors, the others exchange runs. A complex
vector is treated as a real one with one bit more, the lowest, which selects the real or the
imaginary part and has the weight zero.
"""

import threading

import numpy as np
from numba import get_num_threads, prange
from numpy.typing import NDArray

from ..compiled import njit
from ..memory import CACHE_LINE, aligned_empty
from .lanes import (
    WIDE,
    fence,
    flip,
    load,
    load_twice,
    minus_product,
    prefetch,
    store,
    stream,
    times,
)

RUN_BITS = 6
"""The number of bits of an index inside a run."""
RUN = 1 << RUN_BITS
"""A run of 64 elements, which four vectors hold, is read and written together.

Runs are the least rows of a tile too: with eight cache lines each, tiles are read and written at
almost the full memory bandwidth, with four at half of it.
"""
PARALLEL_FROM = 1 << 17
"""Length of the vector from which on several threads are used.

A shorter product is as fast on one thread when other processes use the cores too.
"""
IN_MEMORY = 1 << 19
"""Length of the vector from which on the result is not kept in the caches.

It is requested from memory before its use, and written past the caches, which saves reading it.
"""
BLOCK_BITS = 13
"""The least number of bits of the first pass.

A block of 2^13 double-precision numbers leaves room in the second-level cache for the next one,
which is requested meanwhile.
"""
MOST_BLOCK_BITS = 17
"""The largest number of bits of the first pass: a block of a megabyte."""
ONE_PASS_BITS = 18
"""The largest number of bits that one pass handles, from the outer caches."""
ROW_BITS = 9
"""The largest number of bits of the second pass, unless the first one has MOST_BLOCK_BITS."""
TILE_BITS = 12
"""A tile has at least 2^12 numbers; it spans the bits of the second pass."""
NEXT = 2048
"""The prefetch distance of the diagonal, in elements."""
AHEAD = 6
"""The prefetch distance of a tile, in rows.

The reads jump from row to row, which the prefetcher of the hardware does not predict.
"""

_memory = threading.local()


@njit(cache=True)
def _matvec_small(energies, b, weights, v, out):  # type: ignore[no-untyped-def]
    """Compute the product element by element, for vectors shorter than a run of sixteen."""
    for x in range(v.size):
        total = b * energies[x] * v[x]
        for k in range(weights.size):
            total -= weights[k] * v[x ^ (1 << k)]
        out[x] = total


@njit(cache=True)
def _add_lanes(total, own, weights):  # type: ignore[no-untyped-def]
    """Subtract the terms of the four lowest bits from ``total``."""
    total = minus_product(total, flip(own, 0), weights[0])
    total = minus_product(total, flip(own, 1), weights[1])
    total = minus_product(total, flip(own, 2), weights[2])
    return minus_product(total, flip(own, 3), weights[3])


@njit(cache=True)
def _load_run(v, at):  # type: ignore[no-untyped-def]
    """Return the 64 elements of a run as four vectors."""
    return (
        load(v, at, WIDE),
        load(v, at + WIDE, WIDE),
        load(v, at + 2 * WIDE, WIDE),
        load(v, at + 3 * WIDE, WIDE),
    )


@njit(cache=True)
def _store_run(v, at, a):  # type: ignore[no-untyped-def]
    """Set the 64 elements of a run."""
    store(v, at, a[0])
    store(v, at + WIDE, a[1])
    store(v, at + 2 * WIDE, a[2])
    store(v, at + 3 * WIDE, a[3])


@njit(cache=True)
def _stream_run(v, at, a):  # type: ignore[no-untyped-def]
    """Set the 64 elements of a run in memory, past the caches."""
    stream(v, at, a[0])
    stream(v, at + WIDE, a[1])
    stream(v, at + 2 * WIDE, a[2])
    stream(v, at + 3 * WIDE, a[3])


@njit(cache=True)
def _prefetch_run(v, at):  # type: ignore[no-untyped-def]
    """Request the 64 elements of a run, which may lie outside of v."""
    for x in range(at, at + RUN, WIDE):
        prefetch(v, x, WIDE)


@njit(cache=True)
def _add_runs(total, v, at, gap, weights):  # type: ignore[no-untyped-def]
    """Subtract the terms of the bits whose values are gap, 2 gap, ... elements apart from a run."""
    p, q, r, s = total
    for k in range(weights.size):
        a, b, c, d = _load_run(v, at ^ (gap << k))
        w = weights[k]
        p, q = minus_product(p, a, w), minus_product(q, b, w)
        r, s = minus_product(r, c, w), minus_product(s, d, w)
    return p, q, r, s


@njit(cache=True)
def _diagonal(energies, at, paired):  # type: ignore[no-untyped-def]
    """Return sixteen elements of the diagonal; a complex vector is twice as long."""
    return load_twice(energies, at >> 1, WIDE) if paired else load(energies, at, WIDE)


@njit(cache=True)
def _low_terms(energies, b, weights, bits, begin, end, v, out, streamed):  # type: ignore[no-untyped-def]
    """Write the diagonal term and the terms of the low bits into ``out[begin:end]``.

    While one block is used, the next one is requested from memory.
    """
    paired, in_memory = energies.size < v.size, v.size >= IN_MEMORY
    far, w4, w5 = weights[RUN_BITS:bits], weights[4], weights[5]
    for at in range(begin, end, RUN):
        if in_memory:
            _prefetch_run(v, at + (1 << bits))
            _prefetch_run(energies, (at >> paired) + NEXT)
        own = _load_run(v, at)
        p = times(times(_diagonal(energies, at, paired), own[0]), b)
        q = times(times(_diagonal(energies, at + WIDE, paired), own[1]), b)
        r = times(times(_diagonal(energies, at + 2 * WIDE, paired), own[2]), b)
        s = times(times(_diagonal(energies, at + 3 * WIDE, paired), own[3]), b)
        p, q = _add_lanes(p, own[0], weights), _add_lanes(q, own[1], weights)
        r, s = _add_lanes(r, own[2], weights), _add_lanes(s, own[3], weights)
        p, q = minus_product(p, own[1], w4), minus_product(q, own[0], w4)
        r, s = minus_product(r, own[3], w4), minus_product(s, own[2], w4)
        p, r = minus_product(p, own[2], w5), minus_product(r, own[0], w5)
        q, s = minus_product(q, own[3], w5), minus_product(s, own[1], w5)
        total = _add_runs((p, q, r, s), v, at, RUN, far)
        if streamed:
            _stream_run(out, at, total)
        else:
            _store_run(out, at, total)
    if streamed:
        fence()


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
        for x in range(0, length, RUN):
            _prefetch_run(out, at + x + AHEAD * size)
            total = _load_run(out, at + x)
            _store_run(out, at + x, _add_runs(total, tile, to + x, length, weights[bits:]))


@njit(cache=True)
def _low_pass_serial(energies, b, weights, v, out):  # type: ignore[no-untyped-def]
    """Do the first pass, over all bits of a short vector, on one thread."""
    _low_terms(energies, b, weights, weights.size, 0, v.size, v, out, False)


@njit(cache=True, parallel=True)
def _low_pass_parallel(energies, b, weights, bits, v, out, streamed):  # type: ignore[no-untyped-def]
    """Do the first pass, part by part, on all threads."""
    size = min(1 << BLOCK_BITS, v.size)
    for part in prange(v.size // size):
        begin, end = part * size, (part + 1) * size
        _low_terms(energies, b, weights, bits, begin, end, v, out, streamed)


@njit(cache=True, parallel=True)
def _high_pass_parallel(weights, bits, v, out, tiles):  # type: ignore[no-untyped-def]
    """Do the second pass, over all columns, on all threads."""
    threads, length = tiles.shape[0], tiles.shape[1] // (v.size >> bits)
    for thread in prange(threads):
        for column in range(thread, (1 << bits) // length, threads):
            _high_tile(weights, bits, column * length, v, out, tiles[thread])


@njit(cache=True)
def strips(run, thread, threads):  # type: ignore[no-untyped-def]
    """Return the first column of a thread, and the first one after it, in strips of 64."""
    count = run // RUN
    return thread * count // threads * RUN, (thread + 1) * count // threads * RUN


def partition(d: int, block_bits: int, row_bits: int, tile_bits: int) -> tuple[int, int]:
    """Return how two passes over 2^d numbers share the bits of the index.

    Parameters
    ----------
    d : int
        The number of bits of the index.
    block_bits : int
        The least number of bits of the first pass.
    row_bits : int
        The largest number of bits of the second pass, unless the first has MOST_BLOCK_BITS.
    tile_bits : int
        The number of bits of the size of a tile.

    Returns
    -------
    bits : int
        The number of low bits that the first pass handles.
    length : int
        The length of the rows of a tile of the second pass.
    """
    bits = min(d, max(block_bits, min(d - row_bits, MOST_BLOCK_BITS)))
    return bits, min(max((1 << tile_bits) >> (d - bits), RUN), 1 << bits)


def scratch(threads: int, size: int) -> NDArray[np.float64]:
    """Return working memory of a kernel; it is the same array in the next call of this thread.

    Parameters
    ----------
    threads : int
        The number of threads of the kernel.
    size : int
        The number of elements for each, a multiple of a cache line.

    Returns
    -------
    ndarray of float64, shape (threads, size)
        The array, with arbitrary values.
    """
    tiles = getattr(_memory, "tiles", None)
    if tiles is None or tiles.shape != (threads, size):
        tiles = _memory.tiles = aligned_empty((threads, size))
    return tiles


def matvec(energies: NDArray, b: float, weights: NDArray, v: NDArray, out: NDArray) -> NDArray:
    """Compute ``out = b E v - sum_k weights[k] X_k v``.

    There are two passes over the vectors: one for the bits inside a block that fits into the cache,
    and one for the bits that number the blocks. Each thread uses a quarter of a megabyte besides.
    The product is fastest if all arrays begin with a cache line, see
    :func:`qxgap.memory.aligned_empty`.

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
    if x.size < RUN:
        _matvec_small(energies, b, weights, v, out)
        return out
    if x.size > v.size:
        weights = np.concatenate([np.zeros(1), weights])
    d = weights.size
    if v.size < PARALLEL_FROM:
        _low_pass_serial(energies, b, weights, x, y)
        return out
    bits, length = partition(d, BLOCK_BITS, ROW_BITS, TILE_BITS)
    if d <= ONE_PASS_BITS:
        bits = d
    streamed = y.size >= IN_MEMORY and y.ctypes.data % CACHE_LINE == 0
    _low_pass_parallel(energies, b, weights, bits, x, y, streamed)
    if d > bits:
        _high_pass_parallel(weights, bits, x, y, scratch(get_num_threads(), length << (d - bits)))
    return out
