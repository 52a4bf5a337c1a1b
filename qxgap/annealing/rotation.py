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
from .kernels import gather, partition, scatter
from .lanes import (
    NARROW,
    WIDE,
    WIDE_BITS,
    flip,
    load,
    minus_product,
    plus_product,
    signed,
    store,
    times,
)


@njit(cache=True)
def _rotate_lanes(cos, sin, v):  # type: ignore[no-untyped-def]
    """Rotate the four lowest bits."""
    c0, c1, c2, c3 = cos[0], cos[1], cos[2], cos[3]
    s0, s1, s2, s3 = sin[0], sin[1], sin[2], sin[3]
    for x in range(0, v.size, WIDE):
        a = load(v, x, WIDE)
        a = plus_product(times(a, c0), flip(a, 0), signed(a, s0, 0))
        a = plus_product(times(a, c1), flip(a, 1), signed(a, s1, 1))
        a = plus_product(times(a, c2), flip(a, 2), signed(a, s2, 2))
        a = plus_product(times(a, c3), flip(a, 3), signed(a, s3, 3))
        store(v, x, a)


@njit(cache=True)
def _rotate_one(c, s, run, v):  # type: ignore[no-untyped-def]
    """Rotate the bit whose values 0 and 1 are ``run`` elements apart."""
    for y in range(0, v.size, 2 * run):
        for x in range(y, y + run, WIDE):
            a, b = load(v, x, WIDE), load(v, x + run, WIDE)
            store(v, x, minus_product(times(a, c), b, s))
            store(v, x + run, plus_product(times(b, c), a, s))


@njit(cache=True)
def _rotate_two(c, s, run, v):  # type: ignore[no-untyped-def]
    """Rotate the two bits whose values are ``run`` and ``2 run`` elements apart."""
    c0, c1, s0, s1 = c[0], c[1], s[0], s[1]
    for y in range(0, v.size, 4 * run):
        for x in range(y, y + run, NARROW):
            v0, v1 = load(v, x, NARROW), load(v, x + run, NARROW)
            v2, v3 = load(v, x + 2 * run, NARROW), load(v, x + 3 * run, NARROW)
            w0, w1 = minus_product(times(v0, c0), v1, s0), plus_product(times(v1, c0), v0, s0)
            w2, w3 = minus_product(times(v2, c0), v3, s0), plus_product(times(v3, c0), v2, s0)
            store(v, x, minus_product(times(w0, c1), w2, s1))
            store(v, x + run, minus_product(times(w1, c1), w3, s1))
            store(v, x + 2 * run, plus_product(times(w2, c1), w0, s1))
            store(v, x + 3 * run, plus_product(times(w3, c1), w1, s1))


@njit(cache=True)
def _rotate_runs(cos, sin, run, v):  # type: ignore[no-untyped-def]
    """Rotate the bits whose values are run, 2 run, 4 run, ... elements apart."""
    odd = cos.size % 2
    if odd:
        _rotate_one(cos[0], sin[0], run, v)
    for k in range(odd, cos.size, 2):
        _rotate_two(cos[k : k + 2], sin[k : k + 2], run << k, v)


@njit(cache=True)
def _low_block(cos, sin, v):  # type: ignore[no-untyped-def]
    """Rotate all bits of one block."""
    _rotate_lanes(cos, sin, v)
    _rotate_runs(cos[WIDE_BITS:], sin[WIDE_BITS:], WIDE, v)


@njit(cache=True)
def _high_tile(cos, sin, begin, v, tile):  # type: ignore[no-untyped-def]
    """Rotate the high bits for some columns, which are gathered to fit into the cache."""
    rows = 1 << cos.size
    gather(v, rows, begin, tile)
    _rotate_runs(cos, sin, tile.size // rows, tile)
    scatter(tile, rows, begin, v)


@njit(cache=True, parallel=True)
def _low_bits_parallel(cos, sin, v):  # type: ignore[no-untyped-def]
    """Do the first pass, over all blocks, on all threads."""
    size = 1 << cos.size
    for block in prange(v.size // size):
        _low_block(cos, sin, v[block * size : (block + 1) * size])


@njit(cache=True, parallel=True)
def _high_bits_parallel(cos, sin, length, threads, v):  # type: ignore[no-untyped-def]
    """Do the second pass, over all columns, on all threads."""
    columns = (v.size >> cos.size) // length
    for thread in prange(threads):
        tile = np.empty(length << cos.size)
        for column in range(thread, columns, threads):
            _high_tile(cos, sin, column * length, v, tile)


def rotate(cosines: NDArray, sines: NDArray, v: NDArray) -> NDArray:
    """Rotate a vector in place; the inverse rotation has ``-sines``.

    Parameters
    ----------
    cosines : ndarray of float, shape (d,)
        The numbers c_k of the formula above, in bit order.
    sines : ndarray of float, shape (d,)
        The numbers s_k of the formula above, in bit order.
    v : ndarray of float64, shape (2^d,)
        The vector, which must be contiguous.

    Returns
    -------
    ndarray
        ``v``.
    """
    d = cosines.size
    if v.size < WIDE:
        padded, more = np.zeros(WIDE), WIDE_BITS - d
        padded[: v.size] = v
        rotate(np.append(cosines, np.ones(more)), np.append(sines, np.zeros(more)), padded)
        v[:] = padded[: v.size]
    elif v.size < kernels.PARALLEL_FROM:
        _low_block(cosines, sines, v)
    else:
        bits, length = partition(d)
        _low_bits_parallel(cosines[:bits], sines[:bits], v)
        if d > bits:
            _high_bits_parallel(cosines[bits:], sines[bits:], length, get_num_threads(), v)
    return v
