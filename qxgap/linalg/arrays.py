"""The vectors of an eigen-solve and the operator that acts on them, on the host or on a device.

Vectors are numpy arrays on the host and torch tensors on a device. Both libraries offer the same
operators and the few functions that are used here, so that one solver serves both. Small quantities
(projected matrices, coefficients, Ritz values) are always numpy arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..memory import aligned_empty
from .ranges import RANGES, THREADS_FROM, for_each_range

Array = Any
"""A numpy.ndarray on the host or a torch.Tensor on a device."""

FloatArray = NDArray[np.float64]
"""A numpy array of double-precision numbers."""

Product = Callable[[Array, Array], None]
"""It writes the product of an operator with a vector of shape (n,) into another array."""


class Precision(Enum):
    """The floating-point type of the vectors on a device.

    Vectors in the memory of the host are always of double precision.

    Attributes
    ----------
    DOUBLE
        64 bits, about 16 decimal digits.
    SINGLE
        32 bits, about 7 decimal digits: half the memory, and on many GPUs a multiple of the speed.

    Examples
    --------
    >>> import qxgap as qx
    >>> qx.Davidson(device="cuda", precision=qx.Precision.SINGLE).precision.value
    'single'
    """

    DOUBLE = "double"
    SINGLE = "single"


LEAST_RESIDUAL = {8: 1e-12, 4: 2e-6}
"""Smallest residual that rounding permits, relative to the norm, by the bytes of one number."""

HOST_PIECE, DEVICE_PIECE = 1 << 14, 1 << 22
"""Number of elements of long vectors that are combined at once.

Those of the host fit into the cache; a device is as fast as it can be from so many on.
"""
PIECE = 1 << 10
"""The search for the smallest elements compares the minima of so many elements each."""

DOUBLE = np.dtype(np.float64)


@dataclass(frozen=True)
class Arrays:
    """The library (numpy or torch), number type and device of new arrays."""

    xp: Any = np
    dtype: Any = DOUBLE
    device: Any = "cpu"

    @property
    def eps(self) -> float:
        """Distance from 1 to the next larger number of this type."""
        return float(self.xp.finfo(self.dtype).eps)

    @property
    def least_residual(self) -> float:
        """Smallest residual that rounding permits, relative to the norm of the operator."""
        return LEAST_RESIDUAL[self.dtype.itemsize]

    def empty(self, rows: int, n: int) -> Array:
        """Return an array of shape (rows, n) without initializing it."""
        if self.xp is np:
            return aligned_empty((rows, n), self.dtype)
        return self.xp.empty((rows, n), dtype=self.dtype, device=self.device)

    def array(self, values: ArrayLike) -> Array:
        """Return ``values`` as an array of this library, type and device, copied if necessary."""
        return self.xp.asarray(values, dtype=self.dtype, device=self.device)

    def copy(self, values: ArrayLike) -> Array:
        """Return ``values`` as a new array."""
        return self.xp.asarray(values, dtype=self.dtype, device=self.device, copy=True)

    def random(self, n: int, rng: np.random.Generator) -> Array:
        """Return ``n`` independent normal numbers, drawn where the vectors live.

        Those of a device, and each range of many on the host, come from generators of their own,
        which ``rng`` seeds.
        """
        if self.xp is np and n >= THREADS_FROM:
            return _many_normal_numbers(n, rng)
        if self.xp is np:
            return rng.normal(size=n)
        generator = self.xp.Generator(self.device).manual_seed(int(rng.integers(1 << 63)))
        return self.xp.randn(n, generator=generator, dtype=self.dtype, device=self.device)

    def smallest(self, values: Array, count: int) -> tuple[FloatArray, list[int]]:
        """Return the ``count`` smallest of ``values``, shape (n,), ascending, and their indices."""
        if self.xp is np:
            # they lie in as many pieces of the array: in those with the smallest minima
            minima = np.minimum.reduceat(values, np.arange(0, len(values), PIECE))
            pieces = np.argsort(minima, kind="stable")[:count]
            where = (PIECE * pieces[:, None] + np.arange(PIECE)).ravel()
            where = where[where < len(values)]
            where = where[np.argsort(values[where], kind="stable")[:count]]
            return values[where], where.tolist()
        lowest, where = self.xp.topk(values, count, largest=False, sorted=True)
        return to_numpy(lowest), where.tolist()


HOST = Arrays()
"""Arrays of numpy in double precision."""


def pieces_of(n: int, arrays: Arrays) -> Iterator[slice]:
    """Return the pieces of vectors of length n, so that intermediate results take no memory."""
    size = HOST_PIECE if arrays.xp is np else DEVICE_PIECE
    return (slice(low, low + size) for low in range(0, n, size))


def _many_normal_numbers(n: int, rng: np.random.Generator) -> FloatArray:
    """Return ``n`` independent normal numbers, which all threads draw together."""
    seeds, numbers = rng.integers(1 << 63, size=RANGES), np.empty(n)

    def draw(index: int, begin: int, end: int) -> None:
        generator = np.random.Generator(np.random.SFC64(int(seeds[index])))
        generator.standard_normal(out=numbers[begin:end])

    for_each_range(n, draw)
    return numbers


def to_numpy(values: Array) -> FloatArray:
    """Return ``values``, on the host or a device, as a numpy array of double precision."""
    host = values if isinstance(values, np.ndarray) else values.cpu()
    return np.asarray(host, dtype=np.float64)


def length(vector: Array) -> float:
    """Return the 2-norm of a vector."""
    return float(vector @ vector) ** 0.5


class CountedOperator:
    """A real symmetric operator of dimension n that counts its applications.

    Parameters
    ----------
    product : Callable
        It takes a vector and an array, both of shape (n,), into which it writes the product.
    n : int
        Dimension.
    norm : float
        Upper bound of the operator's 2-norm.
    arrays : Arrays
        Library, number type and device of the vectors that ``product`` takes.
    count : int
        Number of applications so far; an initial number may be given.
    """

    def __init__(
        self, product: Product, n: int, norm: float, arrays: Arrays = HOST, count: int = 0
    ) -> None:
        self.product, self.n, self.norm, self.arrays, self.count = product, n, norm, arrays, count

    @classmethod
    def returning(cls, product: Callable[[Array], Array], n: int, norm: float) -> CountedOperator:
        """Return the operator of a function that returns its products as new arrays."""

        def write(v: Array, out: Array) -> None:
            out[:] = product(v)

        return cls(write, n, norm)

    def write(self, v: Array, out: Array) -> None:
        """Apply the operator to a vector of shape (n,), and write the result into ``out``."""
        self.count += 1
        self.product(v, out)

    def __call__(self, v: Array) -> Array:
        """Apply the operator to a vector of shape (n,)."""
        out = self.arrays.empty(1, self.n)[0]
        self.write(v, out)
        return out

    def block(self, block: Array) -> Array:
        """Apply the operator to every column of a block of shape (n, m)."""
        return self.arrays.xp.stack([self(column) for column in block.T], 1)
