"""The Hamiltonian and the split-operator layers on torch tensors, on a CPU or a GPU.

Bits are taken in groups of at most six: a product of one-bit matrices on such a group is one
matrix of at most 64 x 64, and acting with it one matrix product, one pass over the vector. Energies
are never needed element by element either: with the bits in three parts a, b, c,

    H_P = E_ab + E_bc + E_ca,

three tables of 2^(2d/3) numbers (:class:`QuadraticForm`).

All arrays are in bit order (:mod:`qxgap.problem.bits`); vectors are (2^d,) or (m, 2^d).
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..problem.bits import qubits_to_bit_order
from ..problem.qubo import QuboProblem
from .torch_device import COMPLEX, Tensor, require_device, require_device_memory, torch

GROUP_BITS = 6
"""Bits that one matrix product reaches."""

CHUNK = 64
"""Layers whose rotation matrices are made at once."""

Array = NDArray[np.float64]


class QuadraticForm:
    """Energies of a batch of quadratic forms of d bits, without offsets.

    Parameters
    ----------
    h : (batch, d).
    J : (batch, d, d), symmetric with a zero diagonal.
    device : of the tables.
    """

    def __init__(self, h: Array, J: Array, device: torch.device) -> None:
        self.num_bits = h.shape[1]
        low, mid, high = np.array_split(np.arange(self.num_bits), 3)
        self._shape = (1 << high.size, 1 << mid.size, 1 << low.size)
        left_h, left_J, tables = h.copy(), J.copy(), []
        for pair in (np.r_[low, mid], np.r_[low, high], np.r_[mid, high]):
            block = (slice(None), pair[:, None], pair)
            terms = (torch.as_tensor(x, device=device) for x in (left_h[:, pair], left_J[block]))
            tables.append(_doubled(*terms))
            left_h[:, pair] = 0.0  # each term once
            left_J[block] = 0.0
        self._sizes = [table.shape[1] for table in tables]
        self._tables = torch.cat(tables, dim=1)

    def energies(self, dtype: torch.dtype) -> Tensor:
        """(batch, 2^d), summed in float64 a slice at a time."""
        batch = self._tables.shape[0]
        out = self._tables.new_empty((batch, *self._shape), dtype=dtype)
        low_mid, low_high, mid_high = self._spread(self._tables)
        for x in range(self._shape[0]):
            out[:, x] = low_mid[:, 0] + low_high[:, x] + mid_high[:, x]
        return out.reshape(batch, -1)

    def phase(self, psi: Tensor, phi: float) -> None:
        """``psi <- exp(-i phi E) psi`` in place, psi (m, 2^d) complex; m = batch, or batch = 1."""
        phases = torch.exp(self._tables * (-1j * phi)).to(psi.dtype)
        view = psi.view(-1, *self._shape)
        for table in self._spread(phases):
            view.mul_(table)

    def _spread(self, tables: Tensor) -> list[Tensor]:
        """The three tables as (batch, high, mid, low), 1 for the part that a table leaves out."""
        high, mid, low = self._shape
        shapes = ((1, mid, low), (high, 1, low), (high, mid, 1))
        parts = torch.split(tables, self._sizes, dim=1)
        return [part.reshape(-1, *shape) for part, shape in zip(parts, shapes, strict=True)]


def _doubled(h: Tensor, J: Tensor) -> Tensor:
    """Energies (batch, 2^k) of h (batch, k), J (batch, k, k): E[x + 2^k] = E[x] + field_k(x)."""
    energies = h.new_zeros(h.shape[0], 1)
    for k in range(h.shape[1]):
        field = h[:, k : k + 1]
        for j in range(k):
            field = torch.cat([field, field + J[:, j, k, None]], dim=1)
        energies = torch.cat([energies, energies + field], dim=1)
    return energies


class TorchHamiltonian:
    """``A H_D + B H_P`` on a device, matrix-free.

    Parameters
    ----------
    problem : d variables; its offset is left out.
    driver_weights : (d,) in bit order.
    device : ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
    dtype : torch.float64 or torch.float32, of ``diagonal`` and of the vectors.

    Raises
    ------
    InputError : for a device that is not there, or float32 products that are not.
    MemoryLimitError : before the diagonal is allocated, if it and two vectors do not fit.
    """

    def __init__(
        self,
        problem: QuboProblem,
        driver_weights: Array,
        device: str | torch.device,
        dtype: torch.dtype = torch.float64,
    ) -> None:
        self.device, self.dtype = require_device(device, dtype), dtype
        num_bytes = 3 * dtype.itemsize << problem.num_qubits
        purpose = f"the Hamiltonian of {problem.num_qubits} qubits"
        require_device_memory(num_bytes, purpose, self.device)
        self.diagonal = form_energies(problem.h, problem.J, 0.0, self.device, dtype)
        self._drivers = [
            torch.as_tensor(_flips(driver_weights[bits]), dtype=dtype, device=self.device)
            for bits in _groups(driver_weights.size)
        ]

    def apply(self, A: float, B: float, v: Tensor) -> Tensor:
        """``(A H_D + B H_P) v`` for v (2^d,) or (m, 2^d); nothing but the result is allocated."""
        v = v.contiguous()
        out, first = v * self.diagonal, 0
        for driver in self._drivers:
            _act(driver, first, v, out, A, 1.0 if first else B)
            first += _bits(driver)
        return out


def rotate(cosines: ArrayLike, sines: ArrayLike, v: Tensor, spare: Tensor | None = None) -> Tensor:
    """Act with ``prod_k [[c_k, -s_k], [s_k, c_k]]``, bit k turned by the k-th.

    Parameters
    ----------
    cosines, sines : (d,).
    v : (2^d,) or (m, 2^d), float64 or float32; left as it is, unless there is a ``spare``.
    spare : like v, contiguous. The result is then in one of the two, and both are overwritten.
    """
    c, s = (
        torch.tensor(np.asarray(x), dtype=torch.float64, device=v.device) for x in (cosines, sines)
    )
    return _rotate([matrix.to(v.dtype) for matrix in _rotations(c, s)], v.contiguous(), spare)


class TorchLayers:
    """Split-operator layers ``prod_k exp(i angle_k X_k) exp(-i phi H_P)`` of a batch of problems.

    Conjugation by ``prod_k diag(1, i)``, which commutes with the phases, turns ``exp(i angle X)``
    into the real rotation by that angle. A complex vector is then a real one with one more bit, the
    lowest, that is never rotated: half the arithmetic of complex matrix products.

    Parameters
    ----------
    problems : n of them, of d variables each; offsets are left out.
    driver_weights : (d,) in bit order; a layer's angles are these times one number.
    device : ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
    dtype : torch.float64 or torch.float32, of the real and the imaginary parts.

    Raises
    ------
    InputError : for a device that is not there, float32 products that are not, or problems of
        different sizes.
    MemoryLimitError : before anything of size 2^d is allocated, if two vectors each do not fit.
    """

    def __init__(
        self,
        problems: Sequence[QuboProblem],
        driver_weights: Array,
        device: str | torch.device,
        dtype: torch.dtype = torch.float64,
    ) -> None:
        sizes = {problem.num_qubits for problem in problems}
        if sizes != {driver_weights.size}:
            raise InputError(
                f"problems of {sorted(sizes)} variables with {driver_weights.size} driver weights; "
                "give problems of one size and one weight per variable"
            )
        self.device, self.dtype, self.weights = require_device(device, dtype), dtype, driver_weights
        self._batch, d = len(problems), driver_weights.size
        num_bytes = 2 * self._batch * COMPLEX[dtype].itemsize << d
        purpose = f"the state vectors of {self._batch} x {d} qubits"
        require_device_memory(num_bytes, purpose, self.device)
        self._form = _quadratic_form([(p.h, p.J) for p in problems], self.device)
        self._frame = QuadraticForm(np.full((1, d), math.pi / 2), np.zeros((1, d, d)), self.device)

    def propagate(self, start: NDArray, phases: Array, angles: Array) -> NDArray[np.complex128]:
        """Apply layers in turn, and the phases alone that are left over.

        Parameters
        ----------
        start : (2^d,) for all problems or (n, 2^d).
        phases, angles : phi and angle of each layer; one phase more than there are angles.

        Returns
        -------
        (n, 2^d).
        """
        psi = torch.as_tensor(
            np.require(start, requirements="W"), dtype=COMPLEX[self.dtype], device=self.device
        )
        psi = psi.expand(self._batch, 1 << self.weights.size).clone()
        self._frame.phase(psi, 1.0)
        v = torch.view_as_real(psi).flatten(1)
        spare = torch.empty_like(v)
        for begin in range(0, angles.size, CHUNK):
            part = slice(begin, begin + CHUNK)
            for phi, *matrices in zip(phases[part], *self._rotations(angles[part]), strict=False):
                self._form.phase(_as_complex(v), float(phi))
                result = _rotate(matrices, v, spare)
                v, spare = result, v if result is spare else spare
        psi = _as_complex(v)
        self._form.phase(psi, float(phases[-1]))
        self._frame.phase(psi, -1.0)
        return psi.cpu().to(torch.complex128).numpy()

    def _rotations(self, angles: Array) -> list[Tensor]:
        """Matrices of each group, (layers, n, n), with the bit of real and imaginary part."""
        turns = np.outer(angles, np.r_[0.0, self.weights])
        c, s = (torch.as_tensor(f(turns), device=self.device) for f in (np.cos, np.sin))
        return [matrix.to(self.dtype) for matrix in _rotations(c, s)]


def _as_complex(v: Tensor) -> Tensor:
    return torch.view_as_complex(v.view(v.shape[0], -1, 2))


def _rotations(cosines: Tensor, sines: Tensor) -> list[Tensor]:
    """Kronecker products (..., n, n) of the rotations of each group; angles (..., d)."""
    bits = torch.stack([cosines, -sines, sines, cosines], dim=-1)
    bits = bits.reshape(*cosines.shape, 2, 2)
    groups = [bits[..., group, :, :].unbind(-3) for group in _groups(cosines.shape[-1])]
    return [functools.reduce(lambda low, high: _kronecker(high, low), group) for group in groups]


def _kronecker(high: Tensor, low: Tensor) -> Tensor:
    product = high[..., :, None, :, None] * low[..., None, :, None, :]
    return product.flatten(-2).flatten(-3, -2)


def _rotate(matrices: Sequence[Tensor], v: Tensor, spare: Tensor | None) -> Tensor:
    """Act with one matrix per group, lowest first, back and forth between v and ``spare``."""
    first = 0
    for matrix in matrices:
        out = torch.empty_like(v) if spare is None else spare
        _act(matrix, first, v, out, 1.0, 0.0)
        v, spare = out, None if spare is None else v
        first += _bits(matrix)
    return v


def _act(matrix: Tensor, first: int, v: Tensor, out: Tensor, alpha: float, beta: float) -> None:
    """``out <- beta out + alpha (matrix on the bits from ``first`` on) v``."""
    n = matrix.shape[0]
    if first == 0:
        target = out.view(-1, n)
        target.addmm_(v.view(-1, n), matrix.T, beta=beta, alpha=alpha)
    else:
        target = out.view(-1, n, 1 << first)
        repeated = matrix.expand(target.shape[0], n, n)
        target.baddbmm_(repeated, v.view(target.shape), beta=beta, alpha=alpha)


def _bits(matrix: Tensor) -> int:
    return matrix.shape[0].bit_length() - 1


def _groups(num_bits: int) -> list[slice]:
    """As few groups as there can be, of sizes as equal as can be."""
    count = -(-num_bits // GROUP_BITS)
    edges = [num_bits * i // count for i in range(count + 1)]
    return [slice(low, high) for low, high in itertools.pairwise(edges)]


def _flips(weights: Array) -> Array:
    """``-sum_k weights[k] X_k``, dense, (2^k, 2^k)."""
    x = np.arange(1 << weights.size)
    matrix = np.zeros((x.size, x.size))
    for k, weight in enumerate(weights):
        matrix[x, x ^ (1 << k)] = -weight
    return matrix


def form_energies(
    h: Array, J: Array, offset: float, device: torch.device, dtype: torch.dtype
) -> Tensor:
    """(2^d,) energies in bit order of h (d,) and J (d, d), strict upper, in qubit order."""
    return _quadratic_form([(h, J)], device).energies(dtype)[0].add_(offset)


def _quadratic_form(forms: Sequence[tuple[Array, Array]], device: torch.device) -> QuadraticForm:
    h = np.stack([qubits_to_bit_order(h) for h, _ in forms])
    J = np.stack([qubits_to_bit_order(J + J.T) for _, J in forms])
    return QuadraticForm(h, J, device)
