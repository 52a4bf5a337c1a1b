"""The rotation of a real vector by one angle for each bit, in place, in two cache-blocked passes.

    v <- prod_k R_k v,    R_k = [[c_k, -s_k], [s_k, c_k]] on bit k

Row 0 belongs to the bit value 0; all arrays are in bit order. The first pass rotates the low bits,
one block at a time; the second pass rotates the bits that number the blocks, one tile of columns at
a time. The four lowest bits exchange lanes of a vector register (:mod:`.lanes`), the others
exchange whole registers. Two bits are rotated together: four registers are read and written for
sixteen products.
"""

import numpy as np
from numba import get_num_threads, prange
from numpy.typing import NDArray

from ..compiled import njit
from . import kernels
from .kernels import gather, partition, scatter, scratch, strips
from .lanes import (
    NARROW,
    WIDE,
    WIDE_BITS,
    flip,
    load,
    minus_product,
    plus_product,
    prefetch,
    signed,
    store,
    times,
)

BLOCK_BITS = 14
"""The least number of bits of the first pass: a block of 2^14 numbers takes 128 KiB."""
ROW_BITS = 6
"""The largest number of bits of the second pass, unless the first has its largest number.

So few bits are rotated without tiles, in two sweeps over the vector.
"""
TILE_BITS = 15
"""A tile of 2^15 numbers, which spans the bits of the second pass, takes 256 KiB."""
NEAR_BITS = 11
"""2^11 numbers fit into the first-level cache."""


@njit(cache=True)
def _rotate_lanes(cos, sin, source, v):  # type: ignore[no-untyped-def]
    """Rotate the four lowest bits of a chunk; meanwhile the next one arrives from memory."""
    c0, c1, c2, c3 = cos[0], cos[1], cos[2], cos[3]
    s0, s1, s2, s3 = sin[0], sin[1], sin[2], sin[3]
    for x in range(0, v.size, WIDE):
        prefetch(source, x + v.size, WIDE)
        a = load(source, x, WIDE)
        a = plus_product(times(a, c0), flip(a, 0), signed(a, s0, 0))
        a = plus_product(times(a, c1), flip(a, 1), signed(a, s1, 1))
        a = plus_product(times(a, c2), flip(a, 2), signed(a, s2, 2))
        a = plus_product(times(a, c3), flip(a, 3), signed(a, s3, 3))
        store(v, x, a)


@njit(cache=True)
def _pair(a, b, c, s):  # type: ignore[no-untyped-def]
    """Rotate one bit: a has the bit value 0, b the bit value 1."""
    return minus_product(times(a, c), b, s), plus_product(times(b, c), a, s)


@njit(cache=True)
def _four(v, at, gap, c, s):  # type: ignore[no-untyped-def]
    """Return four vectors that are ``gap`` elements apart, with their two bits rotated."""
    p, q = _pair(load(v, at, NARROW), load(v, at + gap, NARROW), c[0], s[0])
    at += 2 * gap
    x, y = _pair(load(v, at, NARROW), load(v, at + gap, NARROW), c[0], s[0])
    p, x = _pair(p, x, c[1], s[1])
    q, y = _pair(q, y, c[1], s[1])
    return p, q, x, y


@njit(cache=True)
def _store_four(v, at, gap, a):  # type: ignore[no-untyped-def]
    """Store four vectors that are ``gap`` elements apart."""
    for j in range(4):
        store(v, at + j * gap, a[j])


# A gap is the distance of two elements that differ in one bit. The elements between them form rows;
# the columns from ``first`` to the one before ``last`` are rotated in each row.


@njit(cache=True)
def _rotate_one(c, s, gap, row, first, last, v):  # type: ignore[no-untyped-def]
    """Rotate the bit whose values 0 and 1 are ``gap`` elements apart."""
    for group in range(0, v.size, 2 * gap):
        for begin in range(group, group + gap, row):
            for x in range(begin + first, begin + last, NARROW):
                a, b = _pair(load(v, x, NARROW), load(v, x + gap, NARROW), c[0], s[0])
                store(v, x, a)
                store(v, x + gap, b)


@njit(cache=True)
def _rotate_two(c, s, gap, row, first, last, v):  # type: ignore[no-untyped-def]
    """Rotate the two bits whose values are ``gap`` and ``2 gap`` elements apart."""
    for group in range(0, v.size, 4 * gap):
        for begin in range(group, group + gap, row):
            for x in range(begin + first, begin + last, NARROW):
                _store_four(v, x, gap, _four(v, x, gap, c, s))


@njit(cache=True)
def _rotate_three(c, s, gap, row, first, last, v):  # type: ignore[no-untyped-def]
    """Rotate the three bits whose values are ``gap``, ``2 gap`` and ``4 gap`` elements apart."""
    for group in range(0, v.size, 8 * gap):
        for begin in range(group, group + gap, row):
            for x in range(begin + first, begin + last, NARROW):
                a0, a1, a2, a3 = _four(v, x, gap, c, s)
                b0, b1, b2, b3 = _four(v, x + 4 * gap, gap, c, s)
                a0, b0 = _pair(a0, b0, c[2], s[2])
                a1, b1 = _pair(a1, b1, c[2], s[2])
                a2, b2 = _pair(a2, b2, c[2], s[2])
                a3, b3 = _pair(a3, b3, c[2], s[2])
                _store_four(v, x, gap, (a0, a1, a2, a3))
                _store_four(v, x + 4 * gap, gap, (b0, b1, b2, b3))


@njit(cache=True)
def _rotate_rows(cos, sin, run, whole, first, last, v):  # type: ignore[no-untyped-def]
    """Rotate the bits whose values are run, 2 run, 4 run, ... elements apart.

    Unless all is rotated, ``whole``, only some columns are in each row of ``run`` elements.
    """
    k = 0
    while k < cos.size:
        left, gap = cos.size - k, run << k
        row, end = (gap, gap) if whole else (run, last)
        if left >= 3 and left != 4:
            _rotate_three(cos[k : k + 3], sin[k : k + 3], gap, row, first, end, v)
            k += 3
        elif left >= 2:
            _rotate_two(cos[k : k + 2], sin[k : k + 2], gap, row, first, end, v)
            k += 2
        else:
            _rotate_one(cos[k:], sin[k:], gap, row, first, end, v)
            k += 1


@njit(cache=True)
def _low_block(cos, sin, source, v):  # type: ignore[no-untyped-def]
    """Rotate all bits of one block, the bits inside a chunk of the first-level cache first."""
    near = min(cos.size, NEAR_BITS)
    for begin in range(0, v.size, 1 << near):
        chunk = v[begin : begin + (1 << near)]
        _rotate_lanes(cos, sin, source[begin : begin + (1 << near)], chunk)
        _rotate_rows(cos[WIDE_BITS:near], sin[WIDE_BITS:near], WIDE, True, 0, 0, chunk)
    _rotate_rows(cos[near:], sin[near:], 1 << near, True, 0, 0, v)


@njit(cache=True)
def _high_tile(cos, sin, begin, v, tile):  # type: ignore[no-untyped-def]
    """Rotate the high bits for some columns, which are gathered to fit into the cache."""
    rows = 1 << cos.size
    gather(v, rows, begin, tile)
    _rotate_rows(cos, sin, tile.size // rows, True, 0, 0, tile)
    scatter(tile, rows, begin, v)


@njit(cache=True, parallel=True)
def _low_bits_parallel(cos, sin, source, v):  # type: ignore[no-untyped-def]
    """Do the first pass, over all blocks, on all threads."""
    size = 1 << cos.size
    for block in prange(v.size // size):
        begin, end = block * size, (block + 1) * size
        _low_block(cos, sin, source[begin:end], v[begin:end])


@njit(cache=True, parallel=True)
def _sweep_parallel(cos, sin, threads, v):  # type: ignore[no-untyped-def]
    """Do the second pass, over a vector in the third-level cache, on all threads."""
    run = v.size >> cos.size
    for thread in prange(threads):
        first, last = strips(run, thread, threads)
        _rotate_rows(cos, sin, run, False, first, last, v)


@njit(cache=True, parallel=True)
def _high_bits_parallel(cos, sin, v, tiles):  # type: ignore[no-untyped-def]
    """Do the second pass, over all columns, on all threads."""
    threads, length = tiles.shape[0], tiles.shape[1] >> cos.size
    columns = (v.size >> cos.size) // length
    for thread in prange(threads):
        for column in range(thread, columns, threads):
            _high_tile(cos, sin, column * length, v, tiles[thread])


def rotate(cosines: NDArray, sines: NDArray, v: NDArray, source: NDArray | None = None) -> NDArray:
    """Rotate a vector in place; the inverse rotation has ``-sines``.

    Parameters
    ----------
    cosines : ndarray of float, shape (d,)
        The numbers c_k of the formula above, in bit order.
    sines : ndarray of float, shape (d,)
        The numbers s_k of the formula above, in bit order.
    v : ndarray of float64, shape (2^d,)
        The vector, which must be contiguous.
    source : ndarray of float64, shape (2^d,), optional
        A contiguous vector that is rotated into ``v`` instead, and does not overlap it. That is
        faster than a copy of it into ``v`` before.

    Returns
    -------
    ndarray
        ``v``.
    """
    d = cosines.size
    if source is None:
        source = v
    if v.size < WIDE:
        padded, more = np.zeros(WIDE), WIDE_BITS - d
        padded[: v.size] = source
        rotate(np.append(cosines, np.ones(more)), np.append(sines, np.zeros(more)), padded)
        v[:] = padded[: v.size]
    elif v.size < kernels.PARALLEL_FROM:
        _low_block(cosines, sines, source, v)
    else:
        bits, length = partition(d, BLOCK_BITS, ROW_BITS, TILE_BITS)
        high, threads = (cosines[bits:], sines[bits:]), get_num_threads()
        _low_bits_parallel(cosines[:bits], sines[:bits], source, v)
        if 0 < d - bits <= ROW_BITS:
            _sweep_parallel(*high, threads, v)
        elif d > bits:
            _high_bits_parallel(*high, v, scratch(threads, length << (d - bits)))
    return v
