"""The matrices that a master equation needs, in the whole space or in a few vectors of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from ..annealing.hamiltonian import AnnealHamiltonian
from ..problem.bits import index_to_bits

Density = NDArray[np.complex128]
"""A density matrix, shape (n, n); n = 2^d in the whole space."""

Real = NDArray[np.float64]
"""An array of real numbers."""


class System(Protocol):
    """What a master equation needs of ``A H_D + B H_P`` and of sigma_z of each qubit.

    All matrices are real and symmetric and have the shape (n, n).
    """

    @property
    def dimension(self) -> int:
        """The dimension n of the space."""
        ...

    def matrices(self, A: Real, B: Real) -> Real:
        """Return ``A H_D + B H_P`` for strengths of any shape, as new arrays of (..., n, n)."""
        ...

    def apply(self, A: float, B: float, rho: Density) -> Density:
        """Return ``(A H_D + B H_P) rho``."""
        ...

    def redfield(self, vectors: Real, rates: Real, rho: Density) -> Density:
        """Return ``sum_q S rho z - z S rho`` with ``S = sum_ab |a><a| z |b><b| rates_ab``.

        z is sigma_z of qubit q, and the columns of ``vectors`` are the states a.
        """
        ...

    def couplings(self, vectors: Real) -> Real:
        """Return ``sum_q <a|z|b>^2`` for the columns a, b of m matrices, shape (m, n, n)."""
        ...


@dataclass(frozen=True, eq=False)
class FullSystem:
    """The matrices in the computational basis of all 2^d states, where sigma_z is diagonal.

    Attributes
    ----------
    H : AnnealHamiltonian
        Hamiltonian of the anneal.
    """

    H: AnnealHamiltonian

    @property
    def dimension(self) -> int:
        """The number of basis states 2^d."""
        return self.H.dimension

    @cached_property
    def _driver(self) -> sp.csr_array:
        """H_D as a sparse matrix."""
        return self.H.driver_matrix()

    @cached_property
    def _dense_driver(self) -> Real:
        """H_D as a full matrix."""
        return np.asarray(self._driver.toarray())

    @cached_property
    def _z(self) -> Real:
        """The diagonal of sigma_z of each qubit, shape (d, 2^d)."""
        bits = index_to_bits(np.arange(self.dimension), self.H.num_qubits)
        return np.ascontiguousarray(1.0 - 2.0 * bits.T)

    @cached_property
    def _differences(self) -> Real:
        """The differences of these diagonals between column and row, shape (d, 2^d, 2^d)."""
        return self._z[:, None, :] - self._z[:, :, None]

    def matrices(self, A: Real, B: Real) -> Real:
        """Return ``A H_D + B H_P``; see :class:`System`."""
        matrices = np.asarray(A)[..., None, None] * self._dense_driver
        diagonal = np.arange(self.dimension)
        matrices[..., diagonal, diagonal] += np.asarray(B)[..., None] * self.H.diagonal
        return np.asarray(matrices)

    def apply(self, A: float, B: float, rho: Density) -> Density:
        """Return ``(A H_D + B H_P) rho``; see :class:`System`."""
        return np.asarray(A * (self._driver @ rho) + B * (self.H.diagonal[:, None] * rho))

    def redfield(self, vectors: Real, rates: Real, rho: Density) -> Density:
        """Return the terms of a bath; see :class:`System`."""
        out, rotated = np.zeros_like(rho), vectors.T @ rho
        for z, difference in zip(self._z, self._differences, strict=True):
            S = ((vectors.T * z) @ vectors) * rates
            out += difference * (vectors @ (S @ rotated))
        return out

    def couplings(self, vectors: Real) -> Real:
        """Return the squared matrix elements of sigma_z; see :class:`System`."""
        transposed = np.swapaxes(vectors, 1, 2)
        return np.asarray(sum(np.square(transposed @ (z[:, None] * vectors)) for z in self._z))


@dataclass(frozen=True, eq=False)
class ReducedSystem:
    """The matrices in the space of r orthonormal vectors, where no matrix is diagonal or sparse.

    Attributes
    ----------
    driver, problem : ndarray of float, shape (r, r)
        H_D and H_P between these vectors.
    z : ndarray of float, shape (d, r, r)
        sigma_z of each qubit between these vectors.
    """

    driver: Real
    problem: Real
    z: Real

    @property
    def dimension(self) -> int:
        """The number of vectors r."""
        return len(self.driver)

    def matrices(self, A: Real, B: Real) -> Real:
        """Return ``A H_D + B H_P``; see :class:`System`."""
        A, B = (np.asarray(x)[..., None, None] for x in (A, B))
        return np.asarray(A * self.driver + B * self.problem)

    def apply(self, A: float, B: float, rho: Density) -> Density:
        """Return ``(A H_D + B H_P) rho``; see :class:`System`."""
        return _product(A * self.driver + B * self.problem, rho)

    def redfield(self, vectors: Real, rates: Real, rho: Density) -> Density:
        """Return the terms of a bath; see :class:`System`.

        Everything is rotated into the columns of ``vectors``. Real matrices multiply the real and
        the imaginary part of rho at once, as if these were more columns.
        """
        r = self.dimension
        z = vectors.T @ self.z @ vectors
        S = z * rates
        columns = _columns(_rotated(vectors.T, rho))
        moved = (S @ columns).reshape(len(z), r, r, 2)
        gained = np.tensordot(moved, z, axes=([0, 2], [0, 1]))  # row, part, column
        lost = np.tensordot(z, S, axes=([0, 2], [0, 1])) @ columns
        out = gained[:, 0] + 1j * gained[:, 1] - lost.reshape(r, r, 2).view(np.complex128)[..., 0]
        return _rotated(vectors, out)

    def couplings(self, vectors: Real) -> Real:
        """Return the squared matrix elements of sigma_z; see :class:`System`."""
        transposed = np.swapaxes(vectors, 1, 2)
        return np.asarray(sum(np.square(transposed @ z @ vectors) for z in self.z))


def _columns(matrix: Density) -> Real:
    """Return a complex matrix (r, r) as a real one (r, 2 r), where both parts are columns."""
    return np.ascontiguousarray(matrix).view(np.float64)


def _product(real: Real, matrix: Density) -> Density:
    """Return the product of a real and a complex matrix, without making the real one complex."""
    return np.asarray((real @ _columns(matrix)).view(np.complex128))


def _rotated(real: Real, matrix: Density) -> Density:
    """Return ``R M R^T`` of a real matrix R and a complex matrix M."""
    return _product(real, _product(real, matrix).conj().T).conj().T
