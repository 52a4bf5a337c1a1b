"""The optional penalty on selections of another size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError


@dataclass(frozen=True)
class SizeTerm:
    """The penalty ``weight (sum_p n_p - size)^2`` on selections of another size.

    Because n^2 = n it is a quadratic form: it adds ``weight (1 - 2 size)`` to every linear
    coefficient, ``2 weight`` to every coupling and ``weight size^2`` to the offset.

    Parameters
    ----------
    size : int
        The number of variables that should be selected, at least 0. A size above d favors the
        selection of all variables.
    weight : float
        The weight of the penalty, positive, in the unit of the energies. If it exceeds the largest
        gain of one variable, ``max_p |h_p| + sum_q |J_pq|``, every optimum has this size, provided
        that size <= d.

    Raises
    ------
    InputError
        If the size is not a whole number >= 0, or the weight is not positive and finite.

    Examples
    --------
    >>> import qxgap as qx
    >>> term = qx.SizeTerm(size=1, weight=3.0)
    >>> selection = qx.FeatureSelection([1.0, 0.8], [[0.0, 0.1], [0.1, 0.0]], 0.9, size_term=term)
    >>> selection.qubo().ground_labels()
    [[0]]
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
        """The number that is added to each linear coefficient."""
        return self.weight * (1 - 2 * self.size)

    @property
    def offset(self) -> float:
        """The number that is added to the offset."""
        return float(self.weight * self.size * self.size)

    def couplings(self, num_qubits: int) -> NDArray[np.float64]:
        """Return the numbers that are added to the couplings.

        Parameters
        ----------
        num_qubits : int
            The number of variables d.

        Returns
        -------
        ndarray of float, shape (d, d)
            The numbers, in the strict upper triangle.
        """
        return np.triu(np.full((num_qubits, num_qubits), 2.0 * self.weight), 1)


def _is_finite(value: object) -> bool:
    """Return whether ``value`` is a finite real number."""
    return isinstance(value, Real) and math.isfinite(value)
