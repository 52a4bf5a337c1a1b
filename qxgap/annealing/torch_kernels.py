"""The Hamiltonian and the split-operator layers on tensors of torch, on a CPU or a GPU.

On NVIDIA GPUs the kernels of :mod:`qxgap.annealing.cuda` act on about ten bits in each pass over
memory. Elsewhere, and for short vectors, PyTorch's matrix products do: the bits are divided into
groups of at most six. The product of the one-bit matrices of a group is one matrix of at most
64 x 64, so that it acts on the vector in one matrix product.

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
from ..problem.qubo import QuboProblem
from .cuda import FusedLayers, fits, fused_flips, fused_rotation, program_for
from .torch_device import COMPLEX, Tensor, require_device, require_device_memory, torch
from .torch_energies import QuadraticForm, forms_in_bit_order, quadratic_form

GROUP_BITS = 6
"""The number of bits on which one matrix product acts."""

CHUNK = 64
"""The number of layers whose rotation matrices are computed together."""

Array = NDArray[np.float64]


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
        form = quadratic_form([(problem.h, problem.J)], self.device)
        self.diagonal = form.energies(dtype)[0]
        self._weights = torch.as_tensor(-driver_weights, dtype=dtype, device=self.device)
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
        v, program = v.contiguous(), program_for(self.device, self.dtype)
        if program and fits(len(self._weights) - 1):
            out = torch.empty_like(v)
            fused_flips(program, self._weights, self.diagonal, A, B, v, out)
            return out
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
    turns = np.stack([cosines, sines], axis=-1).astype(np.float64, copy=False)
    v, program = v.contiguous(), program_for(v.device, v.dtype)
    if program and fits(len(turns) - 1):
        out = torch.empty_like(v) if spare is None else spare
        placed = _placed_turns(turns.tobytes(), v.device, v.dtype)
        fused_rotation(program, placed, v, out)
        return out
    return _rotate(_rotation_matrices(turns.tobytes(), v.device, v.dtype), v, spare)


@functools.lru_cache(maxsize=64)
def _placed_turns(turns: bytes, device: torch.device, dtype: torch.dtype) -> Tensor:
    """Return cosines and sines, (d, 2) numbers of double precision, on a device.

    The same rotation acts on many vectors, and a copy to the device would wait for all of them.
    """
    return torch.tensor(np.frombuffer(turns).reshape(-1, 2).copy(), dtype=dtype, device=device)


@functools.lru_cache(maxsize=64)
def _rotation_matrices(turns: bytes, device: torch.device, dtype: torch.dtype) -> list[Tensor]:
    """Return the matrix of each group of bits; see :func:`_placed_turns`."""
    cosines, sines = _placed_turns(turns, device, torch.float64).unbind(-1)
    return [matrix.to(dtype) for matrix in _rotations(cosines, sines)]


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
        self._h, self._J = forms_in_bit_order([(p.h, p.J) for p in problems])
        self._frame = QuadraticForm(np.full((1, d), math.pi / 2), np.zeros((1, d, d)), self.device)

    def propagate(self, start: NDArray | Tensor, phases: Array, angles: Array) -> Tensor:
        """Apply one layer after the other, and the last phase.

        Parameters
        ----------
        start : ndarray or tensor of complex, shape (2^d,) or (n, 2^d)
            The initial state of all problems, or one for each. It is not changed.
        phases : ndarray of float, shape (m + 1,)
            The phase phi of each layer, and the last one.
        angles : ndarray of float, shape (m,)
            The angle of each layer.

        Returns
        -------
        complex tensor, shape (n, 2^d)
            The final states, on the device.
        """
        turns = np.outer(angles, self.weights)
        program = program_for(self.device, self.dtype)
        if program and fits(self.weights.size):
            psi, norms = self._placed(start)
            layers = FusedLayers(program, self._h, self._J, self.device, self.dtype)
            layers.apply(psi, phases, turns)
            return self._finished(psi, norms)
        form = QuadraticForm(self._h, self._J, self.device)
        return self._through_layers(start, itertools.repeat(form), phases, turns)

    def propagate_varying(
        self, start: NDArray | Tensor, h: Array, J: Array, angles: Array
    ) -> Tensor:
        """Apply layers of which each has a problem and angles of its own, and the last phase.

        Parameters
        ----------
        start : ndarray or tensor of complex, shape (2^d,)
            The initial state. It is not changed.
        h : ndarray of float, shape (m + 1, d)
            The phases of the linear terms of each layer, and the last ones, in bit order.
        J : ndarray of float, shape (m + 1, d, d)
            The phases of the couplings, symmetric with a zero diagonal.
        angles : ndarray of float, shape (m, d)
            The angle of each bit in each layer.

        Returns
        -------
        complex tensor, shape (2^d,)
            The final state, on the device.
        """
        forms = (QuadraticForm(h[i : i + 1], J[i : i + 1], self.device) for i in range(len(h)))
        return self._through_layers(start, forms, np.ones(len(h)), angles)[0]

    def _through_layers(
        self, start: NDArray | Tensor, forms: Iterable[QuadraticForm], phases: Array, angles: Array
    ) -> Tensor:
        """Apply the layers of one form each; the angles have shape (m, d)."""
        psi, norms = self._placed(start)
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
        return self._finished(psi, norms)

    def _placed(self, start: NDArray | Tensor) -> tuple[Tensor, Tensor]:
        """Return a copy of the initial states on the device, (n, 2^d), and their norms, (n, 1).

        They are conjugated, so that the layers turn them by real matrices.
        """
        psi = self._copied(start)
        self._frame.phase(psi, 1.0)
        return psi, _norms(psi)

    def _finished(self, psi: Tensor, norms: Tensor) -> Tensor:
        """Undo the conjugation, in place.

        In single precision the norms, which drift by a part in 10^7 per layer, are restored.
        """
        self._frame.phase(psi, -1.0)
        if self.dtype is torch.float32:
            psi *= (norms / _norms(psi)).to(torch.float32)
        return psi

    def _copied(self, start: NDArray | Tensor) -> Tensor:
        """Return a copy of the initial states on the device, shape (n, 2^d)."""
        shape, dtype = (self._batch, 1 << self.weights.size), COMPLEX[self.dtype]
        if isinstance(start, np.ndarray) and start.size and not any(start.strides):
            # all amplitudes are one number: it alone is sent to the device
            value = complex(start.flat[0])
            return torch.full(shape, value, dtype=dtype, device=self.device)
        if isinstance(start, np.ndarray):
            start = np.require(start, requirements="W")
        placed = torch.as_tensor(start, dtype=dtype, device=self.device)
        return placed.expand(shape).clone()

    def _rotations(self, angles: Array) -> list[Tensor]:
        """Return the matrices of each group, shape (layers, n, n).

        The lowest bit, which selects the real or the imaginary part, has the angle zero.
        """
        turns = np.pad(angles, ((0, 0), (1, 0)))
        c, s = (torch.as_tensor(f(turns), device=self.device) for f in (np.cos, np.sin))
        return [matrix.to(self.dtype) for matrix in _rotations(c, s)]


def _norms(psi: Tensor) -> Tensor:
    """Return the norm of each state, shape (n, 1), in double precision."""
    return torch.linalg.vector_norm(psi, dim=1, keepdim=True, dtype=torch.complex128)


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
