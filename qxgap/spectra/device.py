"""The Hamiltonian on torch tensors, as eigen-solves use it."""

from __future__ import annotations

from ..annealing.frame import ProductFrame
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.torch_device import FLOAT, Tensor, require_device_memory, torch
from ..annealing.torch_device import require_device as require_device
from ..annealing.torch_kernels import TorchHamiltonian, form_energies, rotate
from ..linalg.arrays import Arrays, Precision
from .framed import Engines


class DeviceEngine:
    """PyTorch.

    Parameters
    ----------
    H : qubits in a transverse field.
    device : ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
    precision : of the vectors.

    Raises
    ------
    InputError : for a device that is not there or rounds float32 products.
    MemoryLimitError : if the Hamiltonian does not fit there.
    """

    def __init__(self, H: AnnealHamiltonian, device: str, precision: Precision) -> None:
        self._hamiltonian = TorchHamiltonian(H.problem, H.driver_weights, device, FLOAT[precision])
        self.device = self._hamiltonian.device
        self.arrays = Arrays(torch, FLOAT[precision], self.device)

    @property
    def diagonal(self) -> Tensor:
        """(2^d,) of H_P."""
        return self._hamiltonian.diagonal

    def require_memory(self, num_bytes: int, purpose: str) -> None:
        """MemoryLimitError if so much is not free on the device."""
        require_device_memory(num_bytes, purpose, self.device)

    def frame_diagonal(self, frame: ProductFrame) -> Tensor:
        """(2^d,) diagonal in the frame."""
        return form_energies(*frame.quadratic_form(), self.device, self.arrays.dtype)

    def apply(self, A: float, B: float, v: Tensor) -> Tensor:
        """``(A H_D + B H_P) v``, new."""
        return self._hamiltonian.apply(A, B, v)

    def to_lab(self, frame: ProductFrame, v: Tensor) -> Tensor:
        """``R v``, new."""
        cosines, sines = frame.half_angles
        return rotate(cosines, sines, v)

    def from_lab(self, frame: ProductFrame, v: Tensor) -> Tensor:
        """``R^T v``, new."""
        cosines, sines = frame.half_angles
        return rotate(cosines, -sines, v)


def device_engines(H: AnnealHamiltonian, device: str, precision: Precision) -> Engines:
    """Engines that seek vectors in ``precision`` and judge them in double precision."""
    exact = DeviceEngine(H, device, Precision.DOUBLE)
    single = precision is Precision.SINGLE
    return Engines(DeviceEngine(H, device, precision) if single else exact, exact)
