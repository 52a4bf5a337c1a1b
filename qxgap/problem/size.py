"""The optional size term of a selection."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError


@dataclass(frozen=True)
class SizeTerm:
    """``weight (sum_p n_p - size)^2``, a penalty on selections of another size.

    Since n^2 = n it is a quadratic form: ``weight (1 - 2 size)`` is added to every linear
    coefficient, ``2 weight`` to every coupling and ``weight size^2`` to the offset.

    Parameters
    ----------
    size : number of variables wanted, >= 0; one above d pulls towards all of them.
    weight : > 0, in the unit of the energies. A weight above the largest gain that one variable
        can bring, ``max_p |h_p| + sum_q |J_pq|``, makes every optimum of that size if size <= d.
    """

    size: int
    weight: float

    def __post_init__(self) -> None:
        size, weight = self.size, self.weight
        if not (_is_finite(size) and size == int(size) and size >= 0):
            raise InputError(f"size = {size!r}; give a whole number of variables, at least 0")
        if not (_is_finite(weight) and weight > 0):
            raise InputError(f"size weight = {weight!r}; give a positive number")

    @property
    def linear(self) -> float:
        """What each linear coefficient gains."""
        return self.weight * (1 - 2 * self.size)

    @property
    def offset(self) -> float:
        """What the offset gains."""
        return float(self.weight * self.size * self.size)

    def couplings(self, num_qubits: int) -> NDArray[np.float64]:
        """What the strict upper triangle of the couplings gains, (d, d)."""
        return np.triu(np.full((num_qubits, num_qubits), 2.0 * self.weight), 1)


def _is_finite(value: object) -> bool:
    return isinstance(value, Real) and math.isfinite(value)
