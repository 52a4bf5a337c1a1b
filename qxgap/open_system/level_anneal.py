"""Open anneals in the lowest levels: basis, integration, and a second run of fewer levels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from ..annealing.hamiltonian import AnnealHamiltonian
from ..dynamics.methods import DensityODE, PauliMaster
from ..dynamics.reach import MAX_OPEN_QUBITS, PHASE_PER_STEP
from ..dynamics.readout import expectations
from ..dynamics.states import initial_state
from ..errors import InputError
from ..linalg.methods import Davidson
from ..memory import require_memory
from ..observables import Populations
from ..progress import Say
from ..spectra.low_levels import require_levels
from ..statistics.seeds import Seed
from ..version import versions
from .baths import OhmicBath
from .level_result import LevelAnnealResult
from .master import integrate
from .moving_basis import MovingBasis, moving_basis
from .pauli import relax
from .stages import Outcome, Stage
from .systems import Real

LARGEST_BASIS = 1 << MAX_OPEN_QUBITS
"""Largest number of vectors of a basis: as many as the states of the largest full equation."""

PENDING = 10
"""Number of snapshots that may be in memory at a time, for a basis of the whole anneal."""


@dataclass(frozen=True, eq=False)
class _End:
    """The end of an anneal in one basis.

    Attributes
    ----------
    basis : MovingBasis
        Bases of the intervals.
    stages : tuple of Stage
        Stages of the anneal.
    outcome : Outcome
        Final density matrix and weights.
    weights : ndarray of float, shape (2^d,)
        Read-out probabilities.
    """

    basis: MovingBasis
    stages: tuple[Stage, ...]
    outcome: Outcome
    weights: Real


def anneal_in_levels(
    H: AnnealHamiltonian,
    tau: float,
    baths: Sequence[OhmicBath],
    method: DensityODE | PauliMaster,
    seed: Seed,
    say: Say,
) -> LevelAnnealResult:
    """Integrate a master equation in the lowest levels, from the ground state of H(0).

    Parameters
    ----------
    H : AnnealHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    baths : sequence of OhmicBath
        Baths that each qubit is coupled to.
    method : DensityODE or PauliMaster
        Method of integration, with a number of levels.
    seed : int, numpy.random.Generator or None
        Seed of the eigensolver.
    say : callable
        It is called with lines of text about what is going on.

    Returns
    -------
    LevelAnnealResult
        The end of the anneal, and how much the other levels matter.

    Raises
    ------
    InputError
        For more levels than there are or than can be followed, and for an anneal time that is out
        of reach.
    ConvergenceError
        If an eigen-solve fails.
    IntegrationError
        If the integrator fails, or does not reach its tolerance within ``max_steps``.
    """
    levels = method.levels
    assert levels is not None
    count = _require_size(H, levels)
    fewer = max(1, 2 * levels // 3)
    start = initial_state(H, seed).real
    bases, snapshots = moving_basis(
        H, start, (levels, fewer), (count, max(2, 2 * count // 3)), seed, say
    )
    ends = [_run(basis, start, tau, baths, method, say) for basis in bases]
    end, check = ends
    problem, trace = H.problem, float(np.trace(end.outcome.density).real)
    success, energy, residual = expectations(problem, end.weights)
    end.weights.flags.writeable = False
    return LevelAnnealResult(
        problem=problem,
        tau=tau,
        levels=levels,
        weights=end.weights,
        populations=_populations(H, end, levels),
        success_probability=success,
        energy=energy,
        residual_energy=residual,
        truncation=float(np.abs(end.weights - check.weights).sum() / 2),
        fewer_levels=fewer,
        top_weight=end.outcome.top,
        lost_weight=end.outcome.lost,
        trace_error=abs(trace + end.outcome.lost - 1.0) if isinstance(method, DensityODE) else 0.0,
        lowest_eigenvalue=float(np.linalg.eigvalsh(end.outcome.density)[0]),
        basis_residual=end.basis.residual,
        basis_size=max(one.system.dimension for one in end.basis.intervals),
        intervals=len(end.basis.intervals),
        eigensolves=snapshots.solves,
        matvecs=snapshots.products,
        steps=end.outcome.steps,
        method=method,
        bath=tuple(baths),
        schedule=H.schedule.name,
        driver=repr(H.driver),
        versions=versions(),
    )


def _require_size(H: AnnealHamiltonian, levels: int) -> int:
    """Return the number of vectors of each snapshot, which are more than the levels.

    A level that crosses the highest of them somewhere in an interval is then still in the basis.
    Raises InputError for too many levels, and MemoryLimitError if the vectors do not fit.
    """
    require_levels(H, levels)
    n = H.dimension
    count = min(n, levels + max(2, math.ceil(levels / 4)))
    if min(n, 2 * count) > LARGEST_BASIS:
        most = max(m for m in range(2, levels) if 2 * (m + math.ceil(m / 4)) <= LARGEST_BASIS)
        raise InputError(
            f"levels = {levels} needs matrices of more than {LARGEST_BASIS} rows, whose products "
            f"would take hours; follow at most {most} levels"
        )
    num_bytes = 8 * n * count * (PENDING + 12) + Davidson().num_bytes(n, count)
    require_memory(num_bytes, f"the vectors of {levels} levels of {H.num_qubits} qubits")
    return count


def _run(
    basis: MovingBasis,
    start: Real,
    tau: float,
    baths: Sequence[OhmicBath],
    method: DensityODE | PauliMaster,
    say: Say,
) -> _End:
    """Integrate the equation in one basis."""
    schedule, stages = basis.H.schedule, basis.stages()
    inside = (basis.basis_at(stages[0]).T @ start).astype(np.complex128)
    inside /= np.linalg.norm(inside)
    last = basis.basis_at(stages[-1])
    if isinstance(method, PauliMaster) and tau:
        outcome = relax(
            stages, schedule, tau, inside, baths, method, lambda vectors: last @ vectors
        )
    else:
        ode = method if isinstance(method, DensityODE) else DensityODE(levels=method.levels)
        _require_steps(basis, stages, tau, ode)
        density = np.outer(inside, inside.conj())
        outcome = integrate(stages, schedule, tau, density, baths, ode, say)
    weights = np.maximum(np.einsum("ia,ia->i", last @ outcome.density.real, last), 0.0)
    return _End(basis, stages, outcome, weights / weights.sum())


def _require_steps(
    basis: MovingBasis, stages: Sequence[Stage], tau: float, method: DensityODE
) -> None:
    """Refuse an anneal by a Runge-Kutta method that cannot be stable in ``max_steps``."""
    schedule, phase = basis.H.schedule, 0.0
    for stage in stages:
        A, B = schedule((stage.low + stage.high) / 2)
        energies = scipy.linalg.eigvalsh(stage.system.matrices(A, B))
        phase += schedule.angular * tau * (stage.high - stage.low) * float(np.ptp(energies))
    steps = phase / PHASE_PER_STEP
    if steps > method.max_steps:
        raise InputError(
            f"tau = {tau:g} needs at least {steps:.3g} time steps; max_steps = {method.max_steps} "
            "allows fewer. Shorten tau or raise max_steps; or describe a long anneal by "
            f"PauliMaster(levels={method.levels}), which takes as long for any tau"
        )


def _populations(H: AnnealHamiltonian, end: _End, levels: int) -> Populations:
    """Return energies and weights of the lowest levels at the end."""
    A, B = H.schedule(1.0)
    energies, vectors = np.linalg.eigh(end.stages[-1].system.matrices(A, B))
    density = end.outcome.density.real / float(np.trace(end.outcome.density).real)
    weights = np.einsum("ij,ij->j", vectors, density @ vectors)
    return Populations(1.0, energies[:levels], weights[:levels])
