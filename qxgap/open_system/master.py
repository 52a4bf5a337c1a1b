"""The master equation of an open anneal, by products of matrices with the density matrix."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import scipy.integrate
import scipy.linalg
import scipy.sparse as sp
from numpy.typing import NDArray

from ..annealing.schedules import AnnealSchedule
from ..dynamics.methods import DensityODE, IntegrationError
from ..progress import Say
from .baths import OhmicBath
from .stages import Outcome, Stage, breakpoints
from .systems import Density, System

MAX_RESTARTS = 16
"""Largest number of linear pieces of a schedule that is integrated piece by piece."""


class MasterEquation:
    """Derivative ``d rho / dt`` of a Hermitian density matrix rho, shape (n, n).

    It is the sum of the von Neumann, Lindblad and Bloch-Redfield terms. For z = sigma_z of a qubit
    and ``S = sum_ab |a><a| z |b><b| gamma(E_b - E_a) / 2`` over the eigenstates of H(s), the term
    of an ohmic bath is ``S rho z - z S rho`` plus its Hermitian conjugate (Breuer and Petruccione,
    The Theory of Open Quantum Systems (2002), section 3.3, before the secular approximation and
    without Lamb shift). This takes five to seven products of n x n matrices for each qubit, where
    the tensor of ``qutip.brmesolve`` has up to n^4 elements.

    Parameters
    ----------
    system : FullSystem or ReducedSystem
        The matrices, in the whole space or in a few vectors.
    schedule : AnnealSchedule
        Schedule of the anneal.
    tau : float
        Anneal time.
    ohmic : sequence of OhmicBath
        Baths that each qubit is coupled to.
    lindblad : scipy.sparse.csr_array, optional
        Superoperator of other baths, see :func:`lindbladian`.
    """

    def __init__(
        self,
        system: System,
        schedule: AnnealSchedule,
        tau: float,
        ohmic: Sequence[OhmicBath],
        lindblad: sp.csr_array | None = None,
    ) -> None:
        self.system, self.schedule, self.tau = system, schedule, tau
        self._ohmic, self._lindblad = ohmic, lindblad

    def __call__(self, t: float, rho: Density) -> Density:
        """Return ``d rho / dt`` at time t of [0, tau]."""
        A, B = (float(x) for x in self.schedule(min(max(t / self.tau, 0.0), 1.0)))
        # Every term is an operator plus its Hermitian conjugate; half of them is computed.
        half = -1j * (self.schedule.angular * self.system.apply(A, B, rho))
        if self._ohmic:
            half += self._redfield(A, B, rho)
        out = half + half.conj().T
        if self._lindblad is not None:
            out += (self._lindblad @ rho.ravel()).reshape(rho.shape)
        return out

    def _redfield(self, A: float, B: float, rho: Density) -> Density:
        """``sum_q S rho z - z S rho``, to which the caller adds the Hermitian conjugate."""
        matrix = self.system.matrices(np.asarray(A), np.asarray(B))
        energies, vectors = scipy.linalg.eigh(matrix, overwrite_a=True, driver="evd")
        w = self.schedule.angular * (energies[None, :] - energies[:, None])
        rates = sum(bath.rate(w, self.schedule) for bath in self._ohmic) / 2
        return self.system.redfield(vectors, np.asarray(rates), rho)


def integrate(
    stages: Sequence[Stage],
    schedule: AnnealSchedule,
    tau: float,
    density: Density,
    ohmic: Sequence[OhmicBath],
    method: DensityODE,
    say: Say,
    lindblad: sp.csr_array | None = None,
) -> Outcome:
    """Integrate the master equation through all stages.

    Parameters
    ----------
    stages : sequence of Stage
        Stages, one after another.
    schedule : AnnealSchedule
        Schedule of the anneal.
    tau : float
        Anneal time; for 0 the state is only projected.
    density : ndarray of complex, shape (n, n)
        Initial density matrix in the basis of the first stage.
    ohmic : sequence of OhmicBath
        Baths that each qubit is coupled to.
    method : DensityODE
        Method of integration.
    say : callable
        It is called with a line of text after each step.
    lindblad : scipy.sparse.csr_array, optional
        Superoperator of other baths.

    Returns
    -------
    Outcome
        The final density matrix, and what was lost on the way.

    Raises
    ------
    IntegrationError
        If the integrator fails, or does not reach its tolerance within ``max_steps``.
    """
    # The order of the integrator would be lost at the breakpoints of the schedule, so it restarts
    # there if they are few. A table of a thousand rows has many breakpoints, but no sharp corner.
    bends = schedule.s if schedule.s.size <= MAX_RESTARTS + 1 else np.empty(0)
    steps, lost, top = 0, 0.0, 0.0
    for stage in stages:
        equation = MasterEquation(stage.system, schedule, tau, ohmic, lindblad)
        before = float(np.trace(density).real)
        density = stage.enter(density)
        shape = density.shape
        lost += max(0.0, before - float(np.trace(density).real))
        if method.levels is not None:
            top = max(top, _top(stage, schedule, stage.low, density, method.levels))

        def derivative(
            t: float,
            y: NDArray,
            equation: MasterEquation = equation,
            shape: tuple[int, ...] = shape,
        ) -> NDArray:
            return equation(t, y.reshape(shape)).ravel()

        marks = breakpoints(stage, bends) if tau else []
        for low, high in itertools.pairwise(marks):
            solver = scipy.integrate.DOP853(
                derivative,
                tau * low,
                density.ravel(),
                tau * high,
                rtol=method.rtol,
                atol=method.atol,
            )
            while solver.status == "running":
                message, steps = solver.step(), steps + 1
                say(f"s = {solver.t / tau:.3f}, {steps} steps")
                if solver.status == "failed" or steps >= method.max_steps:
                    raise IntegrationError(
                        f"open anneal stopped at s = {solver.t / tau:.3g} after {steps} steps: "
                        f"{message or 'max_steps reached; raise it or shorten tau'}"
                    )
                if method.levels is not None:
                    here = solver.y.reshape(shape)
                    top = max(top, _top(stage, schedule, solver.t / tau, here, method.levels))
            density = solver.y.reshape(shape)
    return Outcome(density, steps, lost, top)


def _top(stage: Stage, schedule: AnnealSchedule, s: float, density: Density, levels: int) -> float:
    """Return the weight in the levels of H(s) from number ``levels`` upwards."""
    A, B = schedule(min(max(s, 0.0), 1.0))
    vectors = np.linalg.eigh(stage.system.matrices(A, B))[1][:, levels - 1 :]
    return float(np.sum(vectors * (density.real @ vectors)))


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
