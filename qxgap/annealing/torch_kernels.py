"""The Hamiltonian and the split-operator layers on tensors of torch, on a CPU or a GPU.

The bits are divided into groups of at most six. The product of the one-bit matrices of a group is
one matrix of at most 64 x 64, so that it acts on the vector in one matrix product. Energies are not
stored for each element either. With the bits in three parts a, b, c,

    H_P = E_ab + E_bc + E_ca,

which are three tables of 2^(2d/3) numbers (:class:`QuadraticForm`).

All arrays are in bit order (:mod:`qxgap.problem.bits`); vectors are (2^d,) or (m, 2^d).
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..problem.bits import qubits_to_bit_order
from ..problem.qubo import QuboProblem
from .torch_device import COMPLEX, Tensor, require_device, require_device_memory, torch

GROUP_BITS = 6
"""The number of bits on which one matrix product acts."""

CHUNK = 64
"""The number of layers whose rotation matrices are computed together."""

Array = NDArray[np.float64]


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
            tables.append(_doubled(*terms))
            left_h[:, pair] = 0.0  # every term belongs to one table
            left_J[block] = 0.0
        self._sizes = [table.shape[1] for table in tables]
        self._tables = torch.cat(tables, dim=1)

    def energies(self, dtype: torch.dtype) -> Tensor:
        """Return all energies, shape (batch, 2^d); slices are summed in float64."""
        batch = self._tables.shape[0]
        out = self._tables.new_empty((batch, *self._shape), dtype=dtype)
        low_mid, low_high, mid_high = self._spread(self._tables)
        for x in range(self._shape[0]):
            out[:, x] = low_mid[:, 0] + low_high[:, x] + mid_high[:, x]
        return out.reshape(batch, -1)

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


def _doubled(h: Tensor, J: Tensor) -> Tensor:
    """Return the energies, shape (batch, 2^k), of h, (batch, k), and J, (batch, k, k), by doubling.

    ``E[x + 2^k] = E[x] + field_k(x)``, see :mod:`qxgap.problem.diagonal`.
    """
    energies = h.new_zeros(h.shape[0], 1)
    for k in range(h.shape[1]):
        field = h[:, k : k + 1]
        for j in range(k):
            field = torch.cat([field, field + J[:, j, k, None]], dim=1)
        energies = torch.cat([energies, energies + field], dim=1)
    return energies


class TorchHamiltonian:
    """The operator ``A H_D + B H_P`` on a device, without a matrix.

    Parameters
    ----------
    problem : QuboProblem
        The problem; its offset is not used.
    driver_weights : ndarray of float, shape (d,)
        The weights of the driver in bit order.
    device : str or torch.device
        ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
    dtype : torch.dtype
        The type of ``diagonal`` and of the vectors, torch.float64 or torch.float32.

    Raises
    ------
    InputError
        If the device is not available, or torch computes float32 products with fewer bits.
    MemoryLimitError
        If the diagonal and two vectors do not fit; nothing is allocated then.
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
        """Return ``(A H_D + B H_P) v``; only the result is allocated.

        Parameters
        ----------
        A : float
            Strength of the driver.
        B : float
            Strength of the problem.
        v : tensor, shape (2^d,) or (m, 2^d)
            One vector, or several.

        Returns
        -------
        tensor
            The product, of the shape of ``v``.
        """
        v = v.contiguous()
        out, first = v * self.diagonal, 0
        for driver in self._drivers:
            _act(driver, first, v, out, A, 1.0 if first else B)
            first += _bits(driver)
        return out


def rotate(cosines: ArrayLike, sines: ArrayLike, v: Tensor, spare: Tensor | None = None) -> Tensor:
    """Return ``prod_k R_k v``, where ``R_k = [[c_k, -s_k], [s_k, c_k]]`` acts on bit k.

    Parameters
    ----------
    cosines : array_like of float, shape (d,)
        The numbers c_k in bit order.
    sines : array_like of float, shape (d,)
        The numbers s_k in bit order.
    v : tensor, shape (2^d,) or (m, 2^d)
        One vector or several, of float64 or float32. It is not changed unless there is a ``spare``.
    spare : tensor or None
        A contiguous work array of the shape of ``v``. With it nothing is allocated: both arrays are
        overwritten, and the result is one of them.

    Returns
    -------
    tensor
        The product, of the shape of ``v``.
    """
    c, s = (
        torch.tensor(np.asarray(x), dtype=torch.float64, device=v.device) for x in (cosines, sines)
    )
    return _rotate([matrix.to(v.dtype) for matrix in _rotations(c, s)], v.contiguous(), spare)


class TorchLayers:
    """Split-operator layers ``prod_k exp(i angle_k X_k) exp(-i phi H_P)`` of a batch of problems.

    Conjugation by ``prod_k diag(1, i)``, which commutes with the phases, turns ``exp(i angle X)``
    into the real rotation by this angle. A complex vector is then a real vector with one bit more,
    the lowest, which is never rotated. This takes half the arithmetic of complex matrix products.

    Parameters
    ----------
    problems : sequence of QuboProblem
        n problems of d variables each; their offsets are not used.
    driver_weights : ndarray of float, shape (d,)
        The weights of the driver in bit order. The angles of a layer are a multiple of them.
    device : str or torch.device
        ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
    dtype : torch.dtype
        The type of the real and the imaginary parts, torch.float64 or torch.float32.

    Raises
    ------
    InputError
        If the device is not available, torch computes float32 products with fewer bits, or the
        problems have different sizes.
    MemoryLimitError
        If two vectors for each problem do not fit; nothing of size 2^d is allocated then.
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
        """Apply one layer after the other, and the last phase.

        Parameters
        ----------
        start : ndarray of complex, shape (2^d,) or (n, 2^d)
            The initial state of all problems, or one for each.
        phases : ndarray of float, shape (m + 1,)
            The phase phi of each layer, and the last one.
        angles : ndarray of float, shape (m,)
            The angle of each layer.

        Returns
        -------
        ndarray of complex, shape (n, 2^d)
            The final states.
        """
        forms = itertools.repeat(self._form)
        return self._through_layers(start, forms, phases, np.outer(angles, self.weights))

    def propagate_varying(
        self, start: NDArray, h: Array, J: Array, angles: Array
    ) -> NDArray[np.complex128]:
        """Apply layers of which each has a problem and angles of its own, and the last phase.

        Parameters
        ----------
        start : ndarray of complex, shape (2^d,)
            The initial state.
        h : ndarray of float, shape (m + 1, d)
            The phases of the linear terms of each layer, and the last ones, in bit order.
        J : ndarray of float, shape (m + 1, d, d)
            The phases of the couplings, symmetric with a zero diagonal.
        angles : ndarray of float, shape (m, d)
            The angle of each bit in each layer.

        Returns
        -------
        ndarray of complex, shape (2^d,)
            The final state.
        """
        forms = (QuadraticForm(h[i : i + 1], J[i : i + 1], self.device) for i in range(len(h)))
        return self._through_layers(start, forms, np.ones(len(h)), angles)[0]

    def _through_layers(
        self, start: NDArray, forms: Iterable[QuadraticForm], phases: Array, angles: Array
    ) -> NDArray[np.complex128]:
        """Apply the layers of one form each; the angles have shape (m, d)."""
        psi = torch.as_tensor(
            np.require(start, requirements="W"), dtype=COMPLEX[self.dtype], device=self.device
        )
        psi = psi.expand(self._batch, 1 << self.weights.size).clone()
        self._frame.phase(psi, 1.0)
        v = torch.view_as_real(psi).flatten(1)
        spare, of_layer = torch.empty_like(v), iter(forms)
        for begin in range(0, len(angles), CHUNK):
            part = slice(begin, begin + CHUNK)
            for phi, *matrices in zip(phases[part], *self._rotations(angles[part]), strict=False):
                next(of_layer).phase(_as_complex(v), float(phi))
                result = _rotate(matrices, v, spare)
                # the result is in one of the two arrays; the other is free for the next layer
                v, spare = result, v if result is spare else spare
        psi = _as_complex(v)
        next(of_layer).phase(psi, float(phases[-1]))
        self._frame.phase(psi, -1.0)
        return psi.cpu().to(torch.complex128).numpy()

    def _rotations(self, angles: Array) -> list[Tensor]:
        """Return the matrices of each group, shape (layers, n, n).

        The lowest bit, which selects the real or the imaginary part, has the angle zero.
        """
        turns = np.pad(angles, ((0, 0), (1, 0)))
        c, s = (torch.as_tensor(f(turns), device=self.device) for f in (np.cos, np.sin))
        return [matrix.to(self.dtype) for matrix in _rotations(c, s)]


def _as_complex(v: Tensor) -> Tensor:
    """Return vectors with real and imaginary parts side by side as complex ones, without a copy."""
    return torch.view_as_complex(v.view(v.shape[0], -1, 2))


def _rotations(cosines: Tensor, sines: Tensor) -> list[Tensor]:
    """Return the rotation matrix of each group, (..., n, n); the arguments have shape (..., d)."""
    bits = torch.stack([cosines, -sines, sines, cosines], dim=-1)
    bits = bits.reshape(*cosines.shape, 2, 2)
    groups = [bits[..., group, :, :].unbind(-3) for group in _groups(cosines.shape[-1])]
    return [functools.reduce(lambda low, high: _kronecker(high, low), group) for group in groups]


def _kronecker(high: Tensor, low: Tensor) -> Tensor:
    """Return the Kronecker product of the last two axes."""
    product = high[..., :, None, :, None] * low[..., None, :, None, :]
    return product.flatten(-2).flatten(-3, -2)


def _rotate(matrices: Sequence[Tensor], v: Tensor, spare: Tensor | None) -> Tensor:
    """Act with one matrix per group, lowest bits first; v and ``spare`` change roles each time."""
    first = 0
    for matrix in matrices:
        out = torch.empty_like(v) if spare is None else spare
        _act(matrix, first, v, out, 1.0, 0.0)
        v, spare = out, None if spare is None else v
        first += _bits(matrix)
    return v


def _act(matrix: Tensor, first: int, v: Tensor, out: Tensor, alpha: float, beta: float) -> None:
    """Set ``out <- beta out + alpha M v``, where M acts on the bits from ``first`` on."""
    n = matrix.shape[0]
    if first == 0:
        target = out.view(-1, n)
        target.addmm_(v.view(-1, n), matrix.T, beta=beta, alpha=alpha)
    else:
        target = out.view(-1, n, 1 << first)
        repeated = matrix.expand(target.shape[0], n, n)
        target.baddbmm_(repeated, v.view(target.shape), beta=beta, alpha=alpha)


def _bits(matrix: Tensor) -> int:
    """Return the number of bits on which a matrix acts."""
    return matrix.shape[0].bit_length() - 1


def _groups(num_bits: int) -> list[slice]:
    """Divide bits into the smallest number of groups, of nearly equal size."""
    count = -(-num_bits // GROUP_BITS)
    edges = [num_bits * i // count for i in range(count + 1)]
    return [slice(low, high) for low, high in itertools.pairwise(edges)]


def _flips(weights: Array) -> Array:
    """Return ``-sum_k weights[k] X_k`` as a dense matrix, shape (2^k, 2^k)."""
    x = np.arange(1 << weights.size)
    matrix = np.zeros((x.size, x.size))
    for k, weight in enumerate(weights):
        matrix[x, x ^ (1 << k)] = -weight
    return matrix


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
    return _quadratic_form([(h, J)], device).energies(dtype)[0].add_(offset)


def _quadratic_form(forms: Sequence[tuple[Array, Array]], device: torch.device) -> QuadraticForm:
    """Return the quadratic forms of several pairs of h and J, which are in qubit order."""
    h = np.stack([qubits_to_bit_order(h) for h, _ in forms])
    J = np.stack([qubits_to_bit_order(J + J.T) for _, J in forms])
    return QuadraticForm(h, J, device)
