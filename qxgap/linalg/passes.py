"""The passes over memory of which an eigen-solve consists, on the host and on a device.

The vectors of a search space are the rows of one array, vectors and images in turn: row 2 j is
vector j, row 2 j + 1 is its image under the operator. B denotes the first ``size`` vectors. All
functions return few numbers. On a device they stay there until they are needed, because every
transfer makes the host wait.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from . import host_kernels
from .arrays import HOST, Array, Arrays, FloatArray, pieces_of, to_numpy
from .ranges import RANGES, THREADS_FROM, for_each_range

DEVICE_PARTS = 256
"""Number of parts of an inner product on a device, which keep all of its processors busy."""
LEAST_OVERLAP = 1e-8
"""Olsen's term is left out if ``x.M x`` is less than this, relative to the inverse norm."""
NOTHING = np.zeros(0)
"""The diagonal where none is known."""


@dataclass(frozen=True)
class Direction:
    """A vector in the row behind the basis, which is to join it, and what is known about it.

    Attributes
    ----------
    products : ndarray of float, shape (size,)
        Its inner products with B.
    square : float
        The square of its length.
    scale : float
        The square of the length of the terms of which it is a difference; rounding errors are
        relative to it.
    residual : float
        The length of the residual from which it was made.
    share : float
        The direction is the row minus this share of the row after it. The term is subtracted when
        the direction is made orthogonal.
    """

    products: FloatArray
    square: float
    scale: float
    residual: float = 0.0
    share: float = 0.0


class Passes(Protocol):
    """What an eigen-solve asks of its vectors; each function reads every vector once."""

    def direction(
        self,
        rows: Array,
        weights: FloatArray,
        value: float,
        least: float,
        diagonal: Array | None,
        norm: float,
    ) -> Direction:
        """Make a direction from a Ritz pair, in the two rows behind the basis.

        It is Olsen's correction ``M r - (x.M r / x.M x) M x`` of the Ritz vector ``x = weights B``
        and its residual r. Here ``M = 1 / (diagonal - value)``, with ``least`` as denominator
        where the difference is smaller, because no step may follow a single component. The second
        term keeps the correction orthogonal to x. Without a diagonal it is the residual.
        """
        ...

    def measure(self, rows: Array, size: int, vector: Array) -> Direction:
        """Write a vector into the row behind the basis, as a direction."""
        ...

    def orthogonalize(
        self, rows: Array, direction: Direction, parts: FloatArray, factor: float
    ) -> Array:
        """Replace the direction t by ``w = factor (t - parts B)``; return ``B w, w.w``."""
        ...

    def project(self, rows: Array, size: int, vector: Array) -> Array:
        """Return the inner products of a vector with B."""
        ...

    def residuals(self, rows: Array, weights: FloatArray, values: FloatArray) -> FloatArray:
        """Return the norms of the residuals of Ritz pairs, by columns of ``weights``."""
        ...

    def restart(self, rows: Array, weights: FloatArray) -> None:
        """Replace B and its images by combinations, by columns of ``weights``, in place."""
        ...

    def combine(self, rows: Array, weights: FloatArray) -> Array:
        """Return combinations of B, (p, n), by columns of ``weights``, as a new array."""
        ...

    def enter_recurrence(
        self, y: Array, vectors: Array, diagonal: Array, threshold: float, least: float
    ) -> tuple[FloatArray, FloatArray]:
        """Replace y by ``M^(1/2) y``, with ``1 / M = max(diagonal - threshold, least)``.

        Returns the expectations of 1 / M in the ``vectors`` V, (k, n), and the numbers
        ``V y, y.y, y.y / M``.
        """
        ...

    def recur(
        self,
        image: Array,
        y: Array,
        before: Array,
        vectors: Array,
        lifted: FloatArray,
        diagonal: Array,
        threshold: float,
        least: float,
        factors: tuple[float, float, float],
    ) -> FloatArray:
        """Write ``z = M (a (image - threshold y) + lifted V) - a alpha y - c before`` over before.

        The ``factors`` are a, b and c, and ``alpha = a^2 (y.image + b)``. Returns
        ``V z, z.z, z.z / M, alpha``.
        """
        ...


class HostPasses:
    """The passes over numpy arrays in double precision, compiled by numba."""

    def direction(
        self,
        rows: Array,
        weights: FloatArray,
        value: float,
        least: float,
        diagonal: Array | None,
        norm: float,
    ) -> Direction:
        """Make a direction from a Ritz pair, in the two rows behind the basis."""
        m, given = weights.size, NOTHING if diagonal is None else diagonal
        arguments = (rows, weights, value, least, given)
        sums = _over_ranges(host_kernels.direction, rows.shape[1], 2 * m + 4, *arguments)
        return _direction(sums, weights, diagonal is not None, norm)

    def measure(self, rows: Array, size: int, vector: Array) -> Direction:
        """Write a vector into the row behind the basis, as a direction."""
        rows[2 * size] = vector
        sums = _over_ranges(
            host_kernels.project, rows.shape[1], size + 1, rows, size, rows[2 * size]
        )
        return Direction(sums[:size], sums[size], sums[size])

    def orthogonalize(
        self, rows: Array, direction: Direction, parts: FloatArray, factor: float
    ) -> Array:
        """Replace the direction t by ``w = factor (t - parts B)``; return ``B w, w.w``."""
        arguments = (rows, -factor * parts, factor, factor * direction.share)
        return _over_ranges(host_kernels.orthogonalize, rows.shape[1], parts.size + 1, *arguments)

    def project(self, rows: Array, size: int, vector: Array) -> Array:
        """Return the inner products of a vector with B."""
        sums = _over_ranges(host_kernels.project, rows.shape[1], size + 1, rows, size, vector)
        return sums[:size]

    def residuals(self, rows: Array, weights: FloatArray, values: FloatArray) -> FloatArray:
        """Return the norms of the residuals of Ritz pairs, by columns of ``weights``."""
        pairs = np.ascontiguousarray(weights.T)
        arguments = (rows, pairs, -values[:, None] * pairs)
        n, count = rows.shape[1], values.size
        return np.sqrt(_over_ranges(host_kernels.residuals, n, count, *arguments))

    def restart(self, rows: Array, weights: FloatArray) -> None:
        """Replace B and its images by combinations, by columns of ``weights``, in place."""
        arguments = (rows, np.ascontiguousarray(weights.T))
        _over_ranges(host_kernels.restart, rows.shape[1], 0, *arguments)

    def combine(self, rows: Array, weights: FloatArray) -> Array:
        """Return combinations of B, (p, n), by columns of ``weights``, as a new array."""
        (m, p), n = weights.shape, rows.shape[1]
        combined, weights = np.empty((p, n)), np.ascontiguousarray(weights.T)
        for part in pieces_of(n, HOST):
            combined[:, part] = weights @ rows[: 2 * m : 2, part]
        return combined

    def enter_recurrence(
        self, y: Array, vectors: Array, diagonal: Array, threshold: float, least: float
    ) -> tuple[FloatArray, FloatArray]:
        """Replace y by ``M^(1/2) y``."""
        k, arguments = len(vectors), (y, vectors, diagonal, threshold, least)
        sums = _over_ranges(host_kernels.enter_recurrence, y.size, 2 * k + 2, *arguments)
        return sums[k : 2 * k], np.concatenate([sums[:k], sums[2 * k :]])

    def recur(
        self,
        image: Array,
        y: Array,
        before: Array,
        vectors: Array,
        lifted: FloatArray,
        diagonal: Array,
        threshold: float,
        least: float,
        factors: tuple[float, float, float],
    ) -> FloatArray:
        """Write the next vector of the recurrence over ``before``."""
        scale, rest, of_before = factors
        alpha = scale**2 * (float(y @ image) + rest)
        factors = (scale, scale * alpha, of_before)
        arguments = (image, y, before, vectors, lifted, diagonal, threshold, least, factors)
        found = _over_ranges(host_kernels.recur, y.size, len(vectors) + 2, *arguments)
        return np.append(found, alpha)


def _direction(
    sums: FloatArray, weights: FloatArray, is_preconditioned: bool, norm: float
) -> Direction:
    """Return the direction ``t - share u`` from the sums ``B t, B u, t.t, t.u, u.u, r.r``."""
    m = weights.size
    of_step, of_second = sums[:m], sums[m : 2 * m]
    step, mixed, second, square = map(float, sums[2 * m :])
    overlap = float(weights @ of_second)
    if not is_preconditioned or abs(overlap) * norm <= LEAST_OVERLAP:
        return Direction(of_step, step, step, square**0.5)
    share = float(weights @ of_step) / overlap
    return Direction(
        of_step - share * of_second,
        step - 2 * share * mixed + share**2 * second,
        step + share**2 * second,
        square**0.5,
        share,
    )


def _over_ranges(kernel: Callable[..., None], n: int, width: int, *arguments: Any) -> FloatArray:
    """Call a kernel for all ``n`` elements, on several threads if that pays; return its sums."""
    if n < THREADS_FROM:
        sums = np.zeros(width)
        kernel(*arguments, 0, n, sums)
        return sums
    parts = np.zeros((RANGES, width))
    for_each_range(n, lambda i, begin, end: kernel(*arguments, begin, end, parts[i]))
    return parts.sum(axis=0)


@dataclass(frozen=True)
class DevicePasses:
    """The passes over arrays of torch, in any precision.

    Attributes
    ----------
    arrays : Arrays
        The kind of the vectors.
    """

    arrays: Arrays

    def direction(
        self,
        rows: Array,
        weights: FloatArray,
        value: float,
        least: float,
        diagonal: Array | None,
        norm: float,
    ) -> Direction:
        """Make a direction from a Ritz pair, in the two rows behind the basis."""
        m, xp = weights.size, self.arrays.xp
        pair, rest = np.zeros((2, 2 * m)), rows[2 * m : 2 * m + 2]
        pair[1, ::2], pair[0, ::2], pair[0, 1::2] = weights, -value * weights, weights
        xp.matmul(self.arrays.array(pair), rows[: 2 * m], out=rest)
        square = rest[0] @ rest[0]
        if diagonal is not None:
            shifted = diagonal - value
            rest /= shifted.masked_fill_(shifted.abs() < least, least)
        products = self._products(rows, m + 1, rest)
        numbers = xp.stack([rest[1] @ rest[1], square])
        found = to_numpy(xp.concatenate([products.flatten(), numbers])).tolist()
        of_step, of_second = found[: 2 * m + 2 : 2], found[1 : 2 * m + 2 : 2]
        sums = [*of_step[:m], *of_second[:m], of_step[m], of_second[m], *found[2 * m + 2 :]]
        return _direction(np.array(sums), weights, diagonal is not None, norm)

    def measure(self, rows: Array, size: int, vector: Array) -> Direction:
        """Write a vector into the row behind the basis, as a direction."""
        rows[2 * size] = vector
        found = to_numpy(self._products(rows, size + 1, rows[2 * size : 2 * size + 1])[:, 0])
        return Direction(found[:size], float(found[size]), float(found[size]))

    def orthogonalize(
        self, rows: Array, direction: Direction, parts: FloatArray, factor: float
    ) -> Array:
        """Replace the direction t by ``w = factor (t - parts B)``; return ``B w, w.w``."""
        m = parts.size
        weights = self.arrays.array([*(-factor * parts), factor])
        combined = weights @ rows[: 2 * m + 1 : 2]
        if direction.share:
            combined.sub_(rows[2 * m + 1], alpha=factor * direction.share)
        rows[2 * m] = combined
        return self._products(rows, m + 1, rows[2 * m : 2 * m + 1])[:, 0]

    def project(self, rows: Array, size: int, vector: Array) -> Array:
        """Return the inner products of a vector with B."""
        return self._products(rows, size, vector[None])[:, 0]

    def residuals(self, rows: Array, weights: FloatArray, values: FloatArray) -> FloatArray:
        """Return the norms of the residuals of Ritz pairs, by columns of ``weights``."""
        pairs = np.zeros((values.size, 2 * len(weights)))
        pairs[:, ::2], pairs[:, 1::2] = -values[:, None] * weights.T, weights.T
        residuals = self.arrays.array(pairs) @ rows[: 2 * len(weights)]
        return np.sqrt(to_numpy((residuals * residuals).sum(1)))

    def restart(self, rows: Array, weights: FloatArray) -> None:
        """Replace B and its images by combinations, by columns of ``weights``, in place."""
        size, count = (2 * number for number in weights.shape)
        matrix = self.arrays.array(np.kron(weights.T, np.eye(2)))
        # by pieces of the vectors, so that no second basis is in memory
        for part in pieces_of(rows.shape[1], self.arrays):
            rows[:count, part] = matrix @ rows[:size, part]

    def combine(self, rows: Array, weights: FloatArray) -> Array:
        """Return combinations of B, (p, n), by columns of ``weights``, as a new array."""
        return self.arrays.array(weights.T) @ rows[: 2 * len(weights) : 2]

    def enter_recurrence(
        self, y: Array, vectors: Array, diagonal: Array, threshold: float, least: float
    ) -> tuple[FloatArray, FloatArray]:
        """Replace y by ``M^(1/2) y``."""
        k, inverse = len(vectors), (diagonal - threshold).clip(min=least)
        scaled = (y @ y)[None]
        y /= inverse**0.5
        parts = [(vectors * vectors) @ inverse, vectors @ y, (y @ y)[None], scaled]
        found = to_numpy(self.arrays.xp.concatenate(parts))
        return found[:k], found[k:]

    def recur(
        self,
        image: Array,
        y: Array,
        before: Array,
        vectors: Array,
        lifted: FloatArray,
        diagonal: Array,
        threshold: float,
        least: float,
        factors: tuple[float, float, float],
    ) -> FloatArray:
        """Write the next vector of the recurrence over ``before``."""
        scale, rest, of_before = factors
        alpha = scale**2 * (y @ image + rest)
        inverse = (diagonal - threshold).clamp_(min=least)
        before *= -of_before
        before.addcmul_(y, -scale * alpha)
        applied = self.arrays.array(lifted) @ vectors
        applied.add_(image, alpha=scale).sub_(y, alpha=scale * threshold)
        before.addcdiv_(applied, inverse)
        inverse *= before
        numbers = self.arrays.xp.stack([before @ before, before @ inverse, alpha])
        return to_numpy(self.arrays.xp.concatenate([vectors @ before, numbers]))

    def _products(self, rows: Array, size: int, vectors: Array) -> Array:
        """Return the inner products, (size, p), of B with p vectors.

        A device computes one long inner product on few of its processors, so each is divided.
        """
        parts = DEVICE_PARTS if rows.shape[1] % DEVICE_PARTS == 0 else 1
        basis = rows[: 2 * size : 2].reshape(size, parts, -1).transpose(0, 1)
        columns = vectors.reshape(len(vectors), parts, -1).permute(1, 2, 0)
        return (basis @ columns).sum(0)


def passes_for(arrays: Arrays) -> Passes:
    """Return the passes over arrays of this kind."""
    return HostPasses() if arrays.xp is np else DevicePasses(arrays)
