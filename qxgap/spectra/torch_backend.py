"""The Hamiltonian of an anneal on torch tensors, for eigen-solves on a device."""

from __future__ import annotations

from ..annealing.frame import ProductFrame
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.torch_device import FLOAT, Tensor, require_device, require_device_memory, torch
from ..annealing.torch_energies import form_energies
from ..annealing.torch_kernels import TorchHamiltonian, rotate
from ..linalg.arrays import Arrays, Precision, Product
from .backends import Backends


class TorchBackend:
    """PyTorch, on one of its devices.

    Parameters
    ----------
    H : AnnealHamiltonian
        Qubits in a transverse field.
    device : str
        ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
    precision : Precision
        Precision of the vectors.

    Raises
    ------
    InputError
        For a device that is not available or that rounds float32 products.
    MemoryLimitError
        If the Hamiltonian does not fit there.
    """

    def __init__(self, H: AnnealHamiltonian, device: str, precision: Precision) -> None:
        self._hamiltonian = TorchHamiltonian(H.problem, H.driver_weights, device, FLOAT[precision])
        self.device = self._hamiltonian.device
        self.arrays = Arrays(torch, FLOAT[precision], self.device)

    @property
    def diagonal(self) -> Tensor:
        """The diagonal of H_P, shape (2^d,)."""
        return self._hamiltonian.diagonal

    def require_memory(self, num_bytes: int, purpose: str) -> None:
        """Raise MemoryLimitError unless so many bytes are free on the device."""
        require_device_memory(num_bytes, purpose, self.device)

    def frame_diagonal(self, frame: ProductFrame) -> Tensor:
        """Return the diagonal of the Hamiltonian in the frame, shape (2^d,)."""
        return form_energies(*frame.quadratic_form(), self.device, self.arrays.dtype)

    def apply_driver(self, v: Tensor, out: Tensor) -> None:
        """Write ``H_D v`` into another vector."""
        out.copy_(self._hamiltonian.apply(1.0, 0.0, v))

    def product_in_frame(self, frame: ProductFrame, A: float, B: float) -> Product:
        """Return the product ``R^T (A H_D + B H_P) R v`` of a frame."""
        cosines, sines = frame.half_angles

        def multiply(v: Tensor, out: Tensor) -> None:
            lab = self._hamiltonian.apply(A, B, self.to_lab(frame, v))
            result = rotate(cosines, -sines, lab, out)
            if result is not out:
                out.copy_(result)

        return multiply

    def to_lab(self, frame: ProductFrame, v: Tensor) -> Tensor:
        """Return ``R v``, from the frame to the laboratory, as a new vector."""
        cosines, sines = frame.half_angles
        return rotate(cosines, sines, v)

    def from_lab(self, frame: ProductFrame, v: Tensor) -> Tensor:
        """Return ``R^T v``, from the laboratory to the frame, as a new vector."""
        cosines, sines = frame.half_angles
        return rotate(cosines, -sines, v)


def torch_backends(H: AnnealHamiltonian, device: str, precision: Precision) -> Backends:
    """Return backends that compute vectors in ``precision`` and judge them in double precision."""
    require_device(device)
    judge = TorchBackend(H, device, Precision.DOUBLE)
    single = precision is Precision.SINGLE
    return Backends(TorchBackend(H, device, precision) if single else judge, judge)
