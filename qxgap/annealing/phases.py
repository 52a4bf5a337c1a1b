"""Tables of the phases exp(-i phi E) of a quadratic form E, and the product with a state.

A table is filled by doubling, from one exponential for each coefficient. All arrays are in bit
order.
"""

import numpy as np

from ..compiled import njit
from .lanes import WIDE, load, minus_product, plus_product, store, times


@njit(cache=True)
def multiply(a, b, c, s):  # type: ignore[no-untyped-def]
    """Return the real and the imaginary part of ``(a + i b) (c + i s)``."""
    return minus_product(times(a, c), b, s), plus_product(times(b, c), a, s)


@njit(cache=True)
def _append(re, im, n, angle):  # type: ignore[no-untyped-def]
    """Set ``t[n + x] = t[x] exp(-i angle)`` for all x < n; t = re + i im is a table."""
    c, s = np.cos(angle), -np.sin(angle)
    if n < WIDE:
        for x in range(n):
            re[n + x], im[n + x] = re[x] * c - im[x] * s, im[x] * c + re[x] * s
        return
    for x in range(0, n, WIDE):
        a, b = multiply(load(re, x, WIDE), load(im, x, WIDE), c, s)
        store(re, n + x, a)
        store(im, n + x, b)


@njit(cache=True)
def field_phases(fields, phi, start_re, start_im, re, im):  # type: ignore[no-untyped-def]
    """Set ``t[x] = start * prod_q exp(-i phi fields[q] n_q(x))`` by doubling; t = re + i im."""
    re[0], im[0] = start_re, start_im
    for q in range(fields.size):
        _append(re, im, 1 << q, phi * fields[q])


@njit(cache=True)
def _times_table(re, im, other_re, other_im):  # type: ignore[no-untyped-def]
    """Multiply the table ``re + i im`` in place by the beginning of another one."""
    n = re.size
    if n < WIDE:
        for x in range(n):
            a, b, c, s = re[x], im[x], other_re[x], other_im[x]
            re[x], im[x] = a * c - b * s, b * c + a * s
        return
    for x in range(0, n, WIDE):
        c, s = load(other_re, x, WIDE), load(other_im, x, WIDE)
        a, b = multiply(load(re, x, WIDE), load(im, x, WIDE), c, s)
        store(re, x, a)
        store(im, x, b)


@njit(cache=True)
def phase_table(h, J, phi, scale):  # type: ignore[no-untyped-def]
    """Return scale * exp(-i phi E) of a quadratic form of k bits: two parts, shape (2, 2^k)."""
    table = np.empty((2, 1 << h.size))
    re, im = table[0], table[1]
    re[0], im[0] = scale, 0.0
    for k in range(h.size):
        n = 1 << k
        c, s = np.cos(phi * h[k]), -np.sin(phi * h[k])
        field_phases(J[k, :k], phi, c, s, re[n:], im[n:])
        _times_table(re[n : 2 * n], im[n : 2 * n], re, im)
    return table
