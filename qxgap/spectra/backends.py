"""The Hamiltonian of an anneal where the vectors of an eigen-solve live: the host or a device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..annealing.frame import ProductFrame
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.kernels import matvec
from ..linalg.arrays import HOST, Array, Arrays, FloatArray, Product
from ..memory import aligned_empty, require_memory


class Backend(Protocol):
    """The products with an anneal's Hamiltonian that a solve in the mean-field frame needs."""

    @property
    def arrays(self) -> Arrays:
        """The library, number type and device of the vectors."""
        ...

    @property
    def diagonal(self) -> Array:
        """The diagonal of H_P, shape (2^d,)."""
        ...

    def require_memory(self, num_bytes: int, purpose: str) -> None:
        """Raise MemoryLimitError unless ``num_bytes`` are free where the vectors live."""
        ...

    def frame_diagonal(self, frame: ProductFrame) -> Array:
        """Return the diagonal of the Hamiltonian in the frame, shape (2^d,)."""
        ...

    def apply_driver(self, v: Array, out: Array) -> None:
        """Write ``H_D v`` into another vector."""
        ...

    def product_in_frame(self, frame: ProductFrame, A: float, B: float) -> Product:
        """Return the product ``R^T (A H_D + B H_P) R v`` of a frame."""
        ...

    def to_lab(self, frame: ProductFrame, v: Array) -> Array:
        """Return ``R v``, from the frame to the laboratory; v may be overwritten."""
        ...

    def from_lab(self, frame: ProductFrame, v: Array) -> Array:
        """Return ``R^T v``, from the laboratory to the frame; v may be overwritten."""
        ...


@dataclass(frozen=True, eq=False)
class HostBackend:
    """A backend that computes with numpy and numba on the host.

    Attributes
    ----------
    H : AnnealHamiltonian
        Qubits in a transverse field.
    """

    H: AnnealHamiltonian
    arrays: Arrays = HOST

    @property
    def diagonal(self) -> FloatArray:
        """The diagonal of H_P, shape (2^d,)."""
        return self.H.diagonal

    def require_memory(self, num_bytes: int, purpose: str) -> None:
        """Raise MemoryLimitError unless ``num_bytes`` are free on the host."""
        require_memory(num_bytes, purpose)

    def frame_diagonal(self, frame: ProductFrame) -> FloatArray:
        """Return the diagonal of the Hamiltonian in the frame, shape (2^d,)."""
        return frame.diagonal()

    def apply_driver(self, v: Array, out: Array) -> None:
        """Write ``H_D v`` into another vector."""
        matvec(self.H.diagonal, 0.0, self.H.driver_weights, v, out)

    def product_in_frame(self, frame: ProductFrame, A: float, B: float) -> Product:
        """Return the product ``R^T (A H_D + B H_P) R v`` of a frame; it keeps one work vector."""
        lab, weights = aligned_empty((self.H.dimension,)), A * self.H.driver_weights

        def multiply(v: Array, out: Array) -> None:
            frame.from_lab(
                matvec(self.H.diagonal, B, weights, frame.to_lab(lab, np.ascontiguousarray(v)), out)
            )

        return multiply

    def to_lab(self, frame: ProductFrame, v: Array) -> Array:
        """Return ``R v``, from the frame to the laboratory, in the place of a contiguous v."""
        return frame.to_lab(np.ascontiguousarray(v))

    def from_lab(self, frame: ProductFrame, v: Array) -> Array:
        """Return ``R^T v``, from the laboratory to the frame, in the place of a contiguous v."""
        return frame.from_lab(np.ascontiguousarray(v))


@dataclass(frozen=True, eq=False)
class Backends:
    """The two backends of a solve; they are the same unless the search is in single precision.

    Attributes
    ----------
    search : Backend
        It computes the vectors.
    judge : Backend
        It computes, in double precision, all that is reported of the vectors.
    """

    search: Backend
    judge: Backend
