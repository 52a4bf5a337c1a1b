"""The master equation of an open anneal, by products of matrices with the density matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.linalg
import scipy.sparse as sp
from numpy.typing import NDArray

from ...annealing.hamiltonian import AnnealHamiltonian
from ...problem.bits import index_to_bits
from .baths import Bath, OhmicBath

Density = NDArray[np.complex128]
"""A density matrix, shape (2^d, 2^d)."""


class MasterEquation:
    """Derivative ``d rho / dt`` of a Hermitian density matrix rho, shape (2^d, 2^d).

    It is the sum of the von Neumann, Lindblad and Bloch-Redfield terms. For A = sigma_z of a qubit
    and ``S = sum_ab |a><a| A |b><b| gamma(E_b - E_a) / 2`` over the eigenstates of H(s), the term
    of an ohmic bath is ``S rho A - A S rho`` plus its Hermitian conjugate (Breuer and Petruccione,
    The Theory of Open Quantum Systems (2002), section 3.3, before the secular approximation and
    without Lamb shift). Because A is diagonal, this takes five products of 2^d x 2^d matrices for
    each qubit, where the tensor of ``qutip.brmesolve`` has up to 16^d elements.

    Parameters
    ----------
    H : AnnealHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    baths : sequence of OhmicBath, Dephasing or Relaxation
        Baths that each qubit is coupled to.
    """

    def __init__(self, H: AnnealHamiltonian, tau: float, baths: Sequence[Bath]) -> None:
        self.H, self.tau = H, tau
        self._driver, self._problem = H.driver_matrix(), H.diagonal[:, None]
        d = H.num_qubits
        self._ohmic = [bath for bath in baths if isinstance(bath, OhmicBath)]
        operators = [L for b in baths if not isinstance(b, OhmicBath) for L in b.operators(d)]
        self._lindblad = lindbladian(operators, H.dimension) if operators else None
        z = 1.0 - 2.0 * index_to_bits(np.arange(H.dimension), d)
        self._z = z.T  # the diagonal of sigma_z of each qubit, shape (d, 2^d)
        self._differences = self._z[:, None, :] - self._z[:, :, None]

    def __call__(self, t: float, rho: Density) -> Density:
        """Return ``d rho / dt`` at time t of [0, tau]."""
        schedule = self.H.schedule
        A, B = (float(x) for x in schedule(min(max(t / self.tau, 0.0), 1.0)))
        product = schedule.angular * (A * (self._driver @ rho) + B * (self._problem * rho))
        # Every term is an operator plus its Hermitian conjugate; half of them is computed.
        half = -1j * product
        if self._ohmic:
            half += self._redfield(A, B, rho)
        out = half + half.conj().T
        if self._lindblad is not None:
            out += (self._lindblad @ rho.ravel()).reshape(rho.shape)
        return out

    def _redfield(self, A: float, B: float, rho: Density) -> Density:
        """``sum_q S rho A - A S rho``, to which the caller adds the Hermitian conjugate."""
        energies, vectors = scipy.linalg.eigh(self.H.to_dense(A, B), overwrite_a=True, driver="evd")
        w = self.H.schedule.angular * (energies[None, :] - energies[:, None])
        rates = sum(bath.rate(w, self.H.schedule) for bath in self._ohmic) / 2
        out, rotated = np.zeros_like(rho), vectors.T @ rho
        for z, difference in zip(self._z, self._differences, strict=True):
            S = ((vectors.T * z) @ vectors) * rates
            out += difference * (vectors @ (S @ rotated))
        return out


def lindbladian(operators: Sequence[sp.csr_array], dimension: int) -> sp.csr_array:
    """Return the superoperator ``sum L rho L^T - (L^T L rho + rho L^T L) / 2`` of real L.

    Parameters
    ----------
    operators : sequence of scipy.sparse.csr_array
        Lindblad operators L, shape (n, n) each.
    dimension : int
        Dimension n = 2^d.

    Returns
    -------
    scipy.sparse.csr_array
        Matrix of shape (n^2, n^2), which acts on the rows of rho one after the other.
    """
    identity = sp.eye_array(dimension)
    total = sp.csr_array((dimension**2,) * 2)
    for L in operators:
        loss = L.T @ L / 2
        total = total + sp.kron(L, L) - sp.kron(loss, identity) - sp.kron(identity, loss)
    return sp.csr_array(total, dtype=np.complex128)
