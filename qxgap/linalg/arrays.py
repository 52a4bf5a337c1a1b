"""Where the vectors of an eigen-solve live: numpy's on the host, or torch's on a device.

Both offer the same operators and the few functions used here, so one solver serves both. What is
small (projected matrices, coefficients, values) is numpy's always.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = Any
"""A numpy.ndarray or a torch.Tensor."""


class Precision(Enum):
    """The floating-point type of the vectors that a device holds.

    Vectors in the memory of the host are of double precision always.

    Attributes
    ----------
    DOUBLE
        64 bits, about 16 decimal digits.
    SINGLE
        32 bits, about 7 decimal digits: half the memory, and on many GPUs a multiple of the speed.
    """

    DOUBLE = "double"
    SINGLE = "single"


LEAST_RESIDUAL = {8: 1e-12, 4: 2e-6}
"""What rounding lets a residual reach, as a fraction of the norm, by the bytes of a number."""


DOUBLE = np.dtype(np.float64)


@dataclass(frozen=True)
class Arrays:
    """The namespace (numpy or torch), type and device of new arrays."""

    xp: Any = np
    dtype: Any = DOUBLE
    device: Any = "cpu"

    @property
    def eps(self) -> float:
        """Distance from 1 to the next number."""
        return float(self.xp.finfo(self.dtype).eps)

    @property
    def least_residual(self) -> float:
        """What rounding lets a residual reach, as a fraction of the norm."""
        return LEAST_RESIDUAL[self.dtype.itemsize]

    def empty(self, rows: int, n: int) -> Array:
        """(rows, n), of any content."""
        return self.xp.empty((rows, n), dtype=self.dtype, device=self.device)

    def array(self, values: ArrayLike) -> Array:
        """``values`` as such an array, a copy only if need be."""
        return self.xp.asarray(values, dtype=self.dtype, device=self.device)

    def copy(self, values: ArrayLike) -> Array:
        """``values`` as a new array."""
        return self.xp.asarray(values, dtype=self.dtype, device=self.device, copy=True)

    def smallest(self, values: Array, count: int) -> NDArray[np.float64]:
        """The ``count`` smallest of ``values`` (n,), ascending."""
        if self.xp is np:
            return np.sort(np.partition(values, count - 1)[:count])
        return to_numpy(self.xp.topk(values, count, largest=False, sorted=True).values)


HOST = Arrays()
"""numpy, in double precision."""


def to_numpy(values: Array) -> NDArray[np.float64]:
    """``values`` as a float64 numpy array, wherever they live."""
    host = values if isinstance(values, np.ndarray) else values.cpu()
    return np.asarray(host, dtype=np.float64)


def length(vector: Array) -> float:
    """2-norm of a vector."""
    return float(vector @ vector) ** 0.5
