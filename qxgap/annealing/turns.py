"""Rotations of the bits of a complex state that lies in a cache, one to three bits together.

    psi <- prod_k (1 + i tan_k X_k) psi

The state is stored as its real and imaginary parts. The four lowest bits exchange lanes of a vector
register (:mod:`.lanes`), the others exchange whole registers.
"""

from ..compiled import njit
from .lanes import NARROW, flip, load, minus_product, plus_product, store

ALIAS = 512
"""The distance from which on only two bits are rotated together.

Elements at distances of a multiple of 4 KiB share one set of the first-level cache, which has eight
to twelve lines. Two bits need eight of them, three bits sixteen.
"""

NEAR_BITS = 10
"""2^10 amplitudes fit into the first-level cache."""


@njit(cache=True)
def _turn(a, b, t):  # type: ignore[no-untyped-def]
    """Return ``a + i t b`` and ``b + i t a``, where a and b are pairs of two real parts."""
    (p, q), (x, y) = a, b
    first = minus_product(p, y, t), plus_product(q, x, t)
    return first, (minus_product(x, q, t), plus_product(y, p, t))


@njit(cache=True)
def turn_lanes(a, b, tan):  # type: ignore[no-untyped-def]
    """Rotate the four lowest bits of the amplitudes ``a + i b``, two wide vectors."""
    x, y = flip(a, 0), flip(b, 0)
    a, b = minus_product(a, y, tan[0]), plus_product(b, x, tan[0])
    x, y = flip(a, 1), flip(b, 1)
    a, b = minus_product(a, y, tan[1]), plus_product(b, x, tan[1])
    x, y = flip(a, 2), flip(b, 2)
    a, b = minus_product(a, y, tan[2]), plus_product(b, x, tan[2])
    x, y = flip(a, 3), flip(b, 3)
    return minus_product(a, y, tan[3]), plus_product(b, x, tan[3])


@njit(cache=True)
def _load(re, im, at):  # type: ignore[no-untyped-def]
    """Return amplitudes as a pair of lanes."""
    return load(re, at, NARROW), load(im, at, NARROW)


@njit(cache=True)
def _store(re, im, at, a):  # type: ignore[no-untyped-def]
    """Set amplitudes to a pair of lanes."""
    store(re, at, a[0])
    store(im, at, a[1])


@njit(cache=True)
def _turn_four(a, b, c, d, t, u):  # type: ignore[no-untyped-def]
    """Rotate two bits of four amplitudes: the first exchanges neighbors, the second pairs."""
    a, b = _turn(a, b, t)
    c, d = _turn(c, d, t)
    a, c = _turn(a, c, u)
    b, d = _turn(b, d, u)
    return a, b, c, d


@njit(cache=True)
def _load_four(re, im, at, run):  # type: ignore[no-untyped-def]
    """Return four amplitudes that are ``run`` elements apart."""
    j = at + 2 * run
    return _load(re, im, at), _load(re, im, at + run), _load(re, im, j), _load(re, im, j + run)


@njit(cache=True)
def _store_four(re, im, at, run, a, b, c, d):  # type: ignore[no-untyped-def]
    """Set four amplitudes that are ``run`` elements apart."""
    _store(re, im, at, a)
    _store(re, im, at + run, b)
    _store(re, im, at + 2 * run, c)
    _store(re, im, at + 3 * run, d)


# A gap is the distance of two elements that differ in one bit. The elements between them form rows;
# the columns from ``first`` to the one before ``last`` are rotated in each row.


@njit(cache=True)
def _turn_one(t, gap, row, first, last, re, im):  # type: ignore[no-untyped-def]
    """Rotate the bit whose values 0 and 1 are ``gap`` elements apart."""
    for group in range(0, re.size, 2 * gap):
        for begin in range(group, group + gap, row):
            for i in range(begin + first, begin + last, NARROW):
                a, b = _turn(_load(re, im, i), _load(re, im, i + gap), t)
                _store(re, im, i, a)
                _store(re, im, i + gap, b)


@njit(cache=True)
def _turn_two(t, u, gap, row, first, last, re, im):  # type: ignore[no-untyped-def]
    """Rotate the two bits whose values are ``gap`` and ``2 gap`` elements apart."""
    for group in range(0, re.size, 4 * gap):
        for begin in range(group, group + gap, row):
            for i in range(begin + first, begin + last, NARROW):
                a, b, c, d = _load_four(re, im, i, gap)
                a, b, c, d = _turn_four(a, b, c, d, t, u)
                _store_four(re, im, i, gap, a, b, c, d)


@njit(cache=True)
def _turn_three(t, u, w, gap, re, im):  # type: ignore[no-untyped-def]
    """Rotate the three bits whose values are ``gap``, ``2 gap`` and ``4 gap`` elements apart."""
    for group in range(0, re.size, 8 * gap):
        for i in range(group, group + gap, NARROW):
            j = i + 4 * gap
            a, b, c, d = _load_four(re, im, i, gap)
            a, b, c, d = _turn_four(a, b, c, d, t, u)
            e, f, g, h = _load_four(re, im, j, gap)
            e, f, g, h = _turn_four(e, f, g, h, t, u)
            a, e = _turn(a, e, w)
            b, f = _turn(b, f, w)
            c, g = _turn(c, g, w)
            d, h = _turn(d, h, w)
            _store_four(re, im, i, gap, a, b, c, d)
            _store_four(re, im, j, gap, e, f, g, h)


@njit(cache=True)
def turn_columns(tan, run, first, last, re, im):  # type: ignore[no-untyped-def]
    """Rotate the bits that number the rows of ``run`` elements, in some columns."""
    for k in range(0, tan.size - 1, 2):
        _turn_two(tan[k], tan[k + 1], run << k, run, first, last, re, im)
    if tan.size % 2:
        _turn_one(tan[-1], run << (tan.size - 1), run, first, last, re, im)


@njit(cache=True)
def turn_runs(tan, run, re, im):  # type: ignore[no-untyped-def]
    """Rotate the bits whose values are run, 2 run, 4 run, ... elements apart."""
    k = 0
    while k < tan.size:
        left, gap = tan.size - k, run << k
        if left >= 3 and left != 4 and gap < ALIAS:
            _turn_three(tan[k], tan[k + 1], tan[k + 2], gap, re, im)
            k += 3
        elif left >= 2:
            _turn_two(tan[k], tan[k + 1], gap, gap, 0, gap, re, im)
            k += 2
        else:
            _turn_one(tan[k], gap, gap, 0, gap, re, im)
            k += 1


@njit(cache=True)
def turn_tile(tan, run, re, im):  # type: ignore[no-untyped-def]
    """Rotate as :func:`turn_runs`, the bits inside chunks of the first-level cache first."""
    near, chunk = 0, run
    while chunk < 1 << NEAR_BITS and near < tan.size:
        near, chunk = near + 1, 2 * chunk
    for begin in range(0, re.size, chunk):
        turn_runs(tan[:near], run, re[begin : begin + chunk], im[begin : begin + chunk])
    turn_runs(tan[near:], chunk, re, im)
