"""The energies of quadratic forms on tensors of torch, without a number for each element in memory.

With the bits in three parts a, b, c,

    H_P = E_ab + E_bc + E_ca,

which are three tables of 2^(2d/3) numbers (:class:`QuadraticForm`). All arrays are in bit order
(:mod:`qxgap.problem.bits`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..problem.bits import qubits_to_bit_order
from .torch_device import Tensor, torch

Array = NDArray[np.float64]

SLICE = 1 << 22
"""Number of energies that are computed at once, unless a single slice has more."""


class QuadraticForm:
    """The energies of a batch of quadratic forms of d bits, without offsets.

    Parameters
    ----------
    h : ndarray of float, shape (batch, d)
        Linear coefficients.
    J : ndarray of float, shape (batch, d, d)
        Couplings, symmetric with a zero diagonal.
    device : torch.device
        The device of the tables.
    """

    def __init__(self, h: Array, J: Array, device: torch.device) -> None:
        self.num_bits = h.shape[1]
        low, mid, high = np.array_split(np.arange(self.num_bits), 3)
        self._shape = (1 << high.size, 1 << mid.size, 1 << low.size)
        left_h, left_J, tables = h.copy(), J.copy(), []
        for pair in (np.r_[low, mid], np.r_[low, high], np.r_[mid, high]):
            block = (slice(None), pair[:, None], pair)
            terms = (torch.as_tensor(x, device=device) for x in (left_h[:, pair], left_J[block]))
            tables.append(doubled(*terms))
            left_h[:, pair] = 0.0  # every term belongs to one table
            left_J[block] = 0.0
        self._sizes = [table.shape[1] for table in tables]
        self._tables = torch.cat(tables, dim=1)

    def energies(self, dtype: torch.dtype) -> Tensor:
        """Return all energies, shape (batch, 2^d); slices are summed in float64."""
        batch = self._tables.shape[0]
        out = self._tables.new_empty((batch, 1 << self.num_bits), dtype=dtype)
        for part, energies in self.slices():
            out[:, part] = energies
        return out

    def slices(self) -> Iterator[tuple[slice, Tensor]]:
        """Give the energies piece by piece, so that they need not be in memory together.

        Yields
        ------
        part : slice
            Indices of the elements, which follow on those before.
        energies : tensor of float64, shape (batch, elements)
            Their energies.
        """
        low_mid, low_high, mid_high = self._spread(self._tables)
        batch, inner = self._tables.shape[0], self._shape[1] * self._shape[2]
        rows = max(SLICE // (batch * inner), 1)
        for first in range(0, self._shape[0], rows):
            high = slice(first, min(first + rows, self._shape[0]))
            energies = (low_mid + low_high[:, high]).add_(mid_high[:, high])
            yield slice(high.start * inner, high.stop * inner), energies.reshape(batch, -1)

    def phase(self, psi: Tensor, phi: float) -> None:
        """Multiply states by ``exp(-i phi E)`` in place.

        Parameters
        ----------
        psi : complex tensor, shape (m, 2^d)
            The states; m is the size of the batch, unless that is 1.
        phi : float
            The phase per energy.
        """
        phases = torch.exp(self._tables * (-1j * phi)).to(psi.dtype)
        view = psi.view(-1, *self._shape)
        for table in self._spread(phases):
            view.mul_(table)

    def _spread(self, tables: Tensor) -> list[Tensor]:
        """Return the three tables in shapes that broadcast to (batch, high, mid, low)."""
        high, mid, low = self._shape
        shapes = ((1, mid, low), (high, 1, low), (high, mid, 1))
        parts = torch.split(tables, self._sizes, dim=1)
        return [part.reshape(-1, *shape) for part, shape in zip(parts, shapes, strict=True)]


def doubled(h: Tensor, J: Tensor) -> Tensor:
    """Return the energies of a batch of quadratic forms by doubling.

    ``E[x + 2^k] = E[x] + field_k(x)``, see :mod:`qxgap.problem.diagonal`.

    Parameters
    ----------
    h : tensor, shape (batch, k)
        Linear coefficients.
    J : tensor, shape (batch, k, k)
        Couplings, symmetric.

    Returns
    -------
    tensor, shape (batch, 2^k)
        The energies.
    """
    energies = h.new_zeros(h.shape[0], 1)
    for k in range(h.shape[1]):
        field = h[:, k : k + 1]
        for j in range(k):
            field = torch.cat([field, field + J[:, j, k, None]], dim=1)
        energies = torch.cat([energies, energies + field], dim=1)
    return energies


def form_energies(
    h: Array, J: Array, offset: float, device: torch.device, dtype: torch.dtype
) -> Tensor:
    """Return all energies of a quadratic form in bit order.

    Parameters
    ----------
    h : ndarray of float, shape (d,)
        Linear coefficients, in qubit order.
    J : ndarray of float, shape (d, d)
        Couplings in the strict upper triangle, in qubit order.
    offset : float
        A constant that is added to every energy.
    device : torch.device
        The device of the result.
    dtype : torch.dtype
        The type of the result.

    Returns
    -------
    tensor, shape (2^d,)
        The energies.
    """
    return quadratic_form([(h, J)], device).energies(dtype)[0].add_(offset)


def quadratic_form(forms: Sequence[tuple[Array, Array]], device: torch.device) -> QuadraticForm:
    """Return the quadratic forms of several pairs of h and J, which are in qubit order."""
    return QuadraticForm(*forms_in_bit_order(forms), device)


def forms_in_bit_order(forms: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
    """Return h, (batch, d), and symmetric J, (batch, d, d), in bit order.

    Parameters
    ----------
    forms : sequence of (ndarray, ndarray)
        Linear coefficients (d,) and couplings (d, d), in the strict upper triangle, in qubit order.
    """
    h = np.stack([qubits_to_bit_order(h) for h, _ in forms])
    return h, np.stack([qubits_to_bit_order(J + J.T) for _, J in forms])
