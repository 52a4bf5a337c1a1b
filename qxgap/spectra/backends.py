"""The Hamiltonian of an anneal where the vectors of an eigen-solve live: the host or a device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..annealing.frame import ProductFrame
from ..annealing.hamiltonian import AnnealHamiltonian
from ..linalg.arrays import HOST, Array, Arrays, FloatArray
from ..memory import require_memory


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

    def apply(self, A: float, B: float, v: Array) -> Array:
        """Return ``(A H_D + B H_P) v`` as a new vector."""
        ...

    def to_lab(self, frame: ProductFrame, v: Array) -> Array:
        """Return ``R v``, from the frame to the laboratory, as a new vector."""
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

    def apply(self, A: float, B: float, v: Array) -> Array:
        """Return ``(A H_D + B H_P) v`` as a new vector."""
        return self.H.apply(A, B, v)

    def to_lab(self, frame: ProductFrame, v: Array) -> Array:
        """Return ``R v``, from the frame to the laboratory, as a new vector."""
        return frame.to_lab(self.arrays.copy(v))

    def from_lab(self, frame: ProductFrame, v: Array) -> Array:
        """Return ``R^T v``, from the laboratory to the frame; a contiguous v is overwritten."""
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
