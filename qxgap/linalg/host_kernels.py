"""Compiled passes over the vectors of an eigen-solve, a piece of every vector at a time.

A step of Davidson's method takes as long as its vectors take to be read. So each function here
reads every vector once and computes all that can be known from it: the pieces of all vectors fit
into the cache, where they are used several times. A function works on the elements from ``begin``
to ``end`` and adds to ``sums``; :mod:`qxgap.linalg.passes` says what it computes.

``rows`` contains basis vectors and their images in turn: row 2 j is vector j, row 2 j + 1 its
image. Several rows are combined at a time, so that the result is written less often.
"""

from __future__ import annotations

import numpy as np

from ..compiled import njit

PIECE = 1 << 11
"""Number of elements of every vector that are used together.

Shorter pieces cost time, because a processor reads ahead only after the first elements of each.
"""


@njit(cache=True, nogil=True, relaxed=True)
def _dot(a, b):  # type: ignore[no-untyped-def]
    """Return the inner product of two pieces."""
    total = 0.0
    for i in range(a.size):
        total += a[i] * b[i]
    return total


@njit(cache=True, nogil=True, relaxed=True)
def _write(scale, a, out):  # type: ignore[no-untyped-def]
    """Write a multiple of a piece; unlike an assignment to a slice it is compiled at once."""
    for i in range(out.size):
        out[i] = scale * a[i]


@njit(cache=True, nogil=True)
def _piece(rows, first, j, m, low, high):  # type: ignore[no-untyped-def]
    """Return a piece of the row first + 2 j; beyond the last of m such rows, one of the last."""
    return rows[first + 2 * min(j, m - 1), low:high]


@njit(cache=True, nogil=True, relaxed=True)
def _four_dots(a, b, c, d, v):  # type: ignore[no-untyped-def]
    """Return the inner products of four pieces with another one."""
    of_a = of_b = of_c = of_d = 0.0
    for i in range(v.size):
        of_a += a[i] * v[i]
        of_b += b[i] * v[i]
        of_c += c[i] * v[i]
        of_d += d[i] * v[i]
    return of_a, of_b, of_c, of_d


@njit(cache=True, nogil=True, relaxed=True)
def _add_eight(weights, a, b, c, d, e, f, g, h, out):  # type: ignore[no-untyped-def]
    """Add a combination of eight pieces to another one."""
    s, t, u, v, w, x, y, z = weights
    for i in range(out.size):
        first = s * a[i] + t * b[i] + u * c[i] + v * d[i]
        out[i] += first + (w * e[i] + x * f[i] + y * g[i] + z * h[i])


@njit(cache=True, nogil=True)
def _add_rows(rows, first, weights, low, high, out):  # type: ignore[no-untyped-def]
    """Add the combination of the rows first, first + 2, ... to a piece, eight rows at a time."""
    m = weights.size
    padded = np.zeros(m + 7)
    _write(1.0, weights, padded[:m])
    for j in range(0, m, 8):
        p = padded[j:]
        _add_eight(
            (p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]),
            _piece(rows, first, j, m, low, high),
            _piece(rows, first, j + 1, m, low, high),
            _piece(rows, first, j + 2, m, low, high),
            _piece(rows, first, j + 3, m, low, high),
            _piece(rows, first, j + 4, m, low, high),
            _piece(rows, first, j + 5, m, low, high),
            _piece(rows, first, j + 6, m, low, high),
            _piece(rows, first, j + 7, m, low, high),
            out,
        )


@njit(cache=True, nogil=True)
def _dot_rows(rows, m, low, high, v, sums):  # type: ignore[no-untyped-def]
    """Add up the inner products of the rows 0, 2, ..., 2 m - 2 with a piece, four at a time."""
    for j in range(0, m, 4):
        found = _four_dots(
            _piece(rows, 0, j, m, low, high),
            _piece(rows, 0, j + 1, m, low, high),
            _piece(rows, 0, j + 2, m, low, high),
            _piece(rows, 0, j + 3, m, low, high),
            v,
        )
        for i in range(min(4, m - j)):
            sums[j + i] += found[i]


@njit(cache=True, nogil=True, relaxed=True)
def _precondition(a, b, diagonal, value, least):  # type: ignore[no-untyped-def]
    """Divide two pieces by the diagonal minus the value, or by ``least`` where that is larger."""
    for i in range(a.size):
        shifted = diagonal[i] - value
        inverse = 1.0 / (shifted if abs(shifted) >= least else least)
        a[i] *= inverse
        b[i] *= inverse


@njit(cache=True, nogil=True, relaxed=True)
def direction(rows, weights, value, least, diagonal, begin, end, sums):  # type: ignore[no-untyped-def]
    """Write ``t = M r`` and ``u = M x``; add up ``B t, B u, t.t, t.u, u.u, r.r``."""
    m = weights.size
    zeros, vector, residual = np.zeros(PIECE), np.empty(PIECE), np.empty(PIECE)
    for low in range(begin, end, PIECE):
        high = min(low + PIECE, end)
        x, r = vector[: high - low], residual[: high - low]
        _write(0.0, zeros, x)
        _add_rows(rows, 0, weights, low, high, x)
        _write(-value, x, r)
        _add_rows(rows, 1, weights, low, high, r)
        sums[2 * m + 3] += _dot(r, r)
        if diagonal.size:
            _precondition(r, x, diagonal[low:high], value, least)
        _dot_rows(rows, m, low, high, r, sums[:m])
        _dot_rows(rows, m, low, high, x, sums[m:])
        sums[2 * m] += _dot(r, r)
        sums[2 * m + 1] += _dot(r, x)
        sums[2 * m + 2] += _dot(x, x)
        _write(1.0, r, rows[2 * m, low:high])
        _write(1.0, x, rows[2 * m + 1, low:high])


@njit(cache=True, nogil=True, relaxed=True)
def _difference(scale, t, share, u, out):  # type: ignore[no-untyped-def]
    """Write ``scale t - share u``."""
    for i in range(out.size):
        out[i] = scale * t[i] - share * u[i]


@njit(cache=True, nogil=True, relaxed=True)
def orthogonalize(rows, parts, scale, share, begin, end, sums):  # type: ignore[no-untyped-def]
    """Write ``w = scale t - share u + parts B`` over t; add up ``B w, w.w``."""
    m = parts.size
    combined = np.empty(PIECE)
    for low in range(begin, end, PIECE):
        high = min(low + PIECE, end)
        w, t = combined[: high - low], rows[2 * m, low:high]
        if share:
            _difference(scale, t, share, rows[2 * m + 1, low:high], w)
        else:
            _write(scale, t, w)
        if m:
            _add_rows(rows, 0, parts, low, high, w)
            _dot_rows(rows, m, low, high, w, sums)
        sums[m] += _dot(w, w)
        _write(1.0, w, t)


@njit(cache=True, nogil=True, relaxed=True)
def project(rows, m, v, begin, end, sums):  # type: ignore[no-untyped-def]
    """Add up ``B v, v.v``."""
    for low in range(begin, end, PIECE):
        high = min(low + PIECE, end)
        if m:
            _dot_rows(rows, m, low, high, v[low:high], sums)
        sums[m] += _dot(v[low:high], v[low:high])


@njit(cache=True, nogil=True, relaxed=True)
def residuals(rows, weights, shifted, begin, end, sums):  # type: ignore[no-untyped-def]
    """Add up the squares of several ``weights H B + shifted B``, by rows of both."""
    zeros, piece = np.zeros(PIECE), np.empty(PIECE)
    for low in range(begin, end, PIECE):
        high = min(low + PIECE, end)
        r = piece[: high - low]
        for j in range(len(weights)):
            _write(0.0, zeros, r)
            _add_rows(rows, 0, shifted[j], low, high, r)
            _add_rows(rows, 1, weights[j], low, high, r)
            sums[j] += _dot(r, r)


@njit(cache=True, nogil=True, relaxed=True)
def restart(rows, weights, begin, end, sums):  # type: ignore[no-untyped-def]
    """Replace vectors and images by combinations, by rows of ``weights``; nothing is added up."""
    count = len(weights)
    zeros, pieces = np.zeros(PIECE), np.empty((count, PIECE))
    for low in range(begin, end, PIECE):
        high = min(low + PIECE, end)
        for first in range(2):
            for j in range(count):
                _write(0.0, zeros, pieces[j])
                _add_rows(rows, first, weights[j], low, high, pieces[j, : high - low])
            for j in range(count):
                _write(1.0, pieces[j], rows[first + 2 * j, low:high])


@njit(cache=True, nogil=True, relaxed=True)
def enter_recurrence(y, vectors, diagonal, threshold, least, begin, end, sums):  # type: ignore[no-untyped-def]
    """Scale ``y`` by ``M^(1/2)`` and add up ``V y, V^2 / M, y.y, y.y / M``."""
    k = len(vectors)
    for low in range(begin, end, PIECE):
        high = min(low + PIECE, end)
        z, d = y[low:high], diagonal[low:high]
        sums[2 * k + 1] += _dot(z, z)
        for i in range(z.size):
            z[i] /= np.sqrt(max(d[i] - threshold, least))
        sums[2 * k] += _dot(z, z)
        for j in range(k):
            v = vectors[j, low:high]
            sums[j] += _dot(v, z)
            total = 0.0
            for i in range(v.size):
                total += v[i] * v[i] * max(d[i] - threshold, least)
            sums[k + j] += total


@njit(cache=True, nogil=True, relaxed=True)
def _next_of_recurrence(image, now, lifted, diagonal, threshold, least, factors, z):  # type: ignore[no-untyped-def]
    """Write a piece of the next vector over that of the one before; return ``z.z / M``."""
    of_image, of_now, of_before = factors
    scaled = 0.0
    for i in range(z.size):
        inverse = max(diagonal[i] - threshold, least)
        applied = of_image * (image[i] - threshold * now[i]) + lifted[i]
        z[i] = applied / inverse - of_now * now[i] - of_before * z[i]
        scaled += z[i] * z[i] * inverse
    return scaled


@njit(cache=True, nogil=True, relaxed=True)
def recur(image, y, before, vectors, lifted, diagonal, threshold, least, factors, begin, end, sums):  # type: ignore[no-untyped-def]
    """Write the next vector z of the recurrence over ``before``; add up ``V z, z.z, z.z / M``."""
    k = len(vectors)
    zeros, combined = np.zeros(PIECE), np.empty(PIECE)
    for low in range(begin, end, PIECE):
        high = min(low + PIECE, end)
        total, z = combined[: high - low], before[low:high]
        _write(0.0, zeros, total)
        for j in range(k):
            v = vectors[j, low:high]
            for i in range(v.size):
                total[i] += lifted[j] * v[i]
        sums[k + 1] += _next_of_recurrence(
            image[low:high], y[low:high], total, diagonal[low:high], threshold, least, factors, z
        )
        sums[k] += _dot(z, z)
        for j in range(k):
            sums[j] += _dot(vectors[j, low:high], z)
