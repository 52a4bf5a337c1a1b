"""An operator that counts its products."""

from __future__ import annotations

from collections.abc import Callable

from .arrays import HOST, Array, Arrays

Product = Callable[[Array], Array]


class CountedOperator:
    """An operator that counts its applications.

    Parameters
    ----------
    product : of the operator with a vector, (n,).
    norm : an upper bound of its 2-norm.
    """

    def __init__(
        self, product: Product, n: int, norm: float, arrays: Arrays = HOST, count: int = 0
    ) -> None:
        self.product, self.n, self.norm, self.arrays, self.count = product, n, norm, arrays, count

    def __call__(self, v: Array) -> Array:
        """``op v`` for v of shape (n,)."""
        self.count += 1
        return self.product(v)

    def block(self, block: Array) -> Array:
        """``op block`` column by column, (n, m)."""
        return self.arrays.xp.stack([self(column) for column in block.T], 1)
