"""The rate equation of a long anneal in contact with a bath, stable for steps of any length."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from ..annealing.schedules import AnnealSchedule
from ..dynamics.methods import PAULI_FIRST_STEPS, IntegrationError, PauliMaster
from ..errors import InputError
from .baths import OhmicBath
from .stages import Outcome, Stage
from .systems import Real, System

MOST_RELAXED = 1e14
"""Largest product of a rate and the duration of a step. Beyond it, double precision leaves too few
digits."""

CHUNK = 1 << 22
"""Matrix elements that are in memory at a time."""


def relax(
    stages: Sequence[Stage],
    schedule: AnnealSchedule,
    tau: float,
    start: NDArray[np.complex128],
    baths: Sequence[OhmicBath],
    method: PauliMaster,
    amplitudes: Callable[[Real], Real],
) -> Outcome:
    """Return the end of an anneal, whose density matrix is diagonal in the levels of H(1).

    Parameters
    ----------
    stages : sequence of Stage
        Stages, one after another.
    schedule : AnnealSchedule
        Schedule of the anneal.
    tau : float
        Anneal time.
    start : ndarray of complex, shape (n,)
        Initial state in the basis of the first stage.
    baths : sequence of OhmicBath
        Baths that each qubit is coupled to.
    method : PauliMaster
        Method of integration.
    amplitudes : callable
        Returns the amplitudes (2^d, k) in the computational basis of states (p, k) of the last
        stage.

    Returns
    -------
    Outcome
        The final density matrix, and what was lost on the way in the last run.

    Raises
    ------
    IntegrationError
        If the tolerance is not reached with the steps that ``method`` allows.
    """
    # Each run has twice the steps of the run before. Two runs give an extrapolation, and two
    # extrapolations a distance, so that the third run is the first that can end the loop.
    steps, distance = PAULI_FIRST_STEPS, np.inf
    coarse: tuple[Real, Real] | None = None
    before: Real | None = None
    while steps <= method.max_steps:
        run = _Run(schedule, tau, baths, method.levels)
        populations, vectors = run.through(stages, start, steps)
        if coarse is not None:
            best = _extrapolated(populations, vectors, *coarse)
            read = np.square(amplitudes(vectors)) @ best
            if before is not None:
                distance = float(np.abs(read - before).sum() / 2)
                if distance <= method.tol:
                    density = ((vectors * best) @ vectors.T).astype(np.complex128)
                    lost = max(0.0, 1.0 - float(populations.sum()))
                    return Outcome(density, run.steps, lost, run.top)
            before = read
        coarse, steps = (populations, vectors), 2 * steps
    raise IntegrationError(
        f"extrapolations of {steps // 2} and {steps // 4} steps differ by {distance:.2g}, "
        f"{method.tol:g} allowed; raise max_steps or tol"
    )


def _extrapolated(fine: Real, vectors: Real, coarse: Real, coarse_vectors: Real) -> Real:
    """Return populations without the error of first order, in the levels of the finer run.

    The populations of the coarser run are first transferred to these levels, ``vectors``. No
    population is reduced to less than its half, so that all stay positive or 0.
    """
    transferred = np.square(vectors.T @ coarse_vectors) @ coarse
    best = np.maximum(2.0 * fine - transferred, fine / 2.0)
    return np.asarray(best / best.sum())


class _Run:
    """A run with one number of steps; it remembers the weight in the highest levels."""

    def __init__(
        self,
        schedule: AnnealSchedule,
        tau: float,
        baths: Sequence[OhmicBath],
        levels: int | None,
    ) -> None:
        self.schedule, self.tau, self.baths, self.levels = schedule, tau, baths, levels
        self.steps, self.top = 0, 0.0

    def through(
        self, stages: Sequence[Stage], start: NDArray[np.complex128], steps: int
    ) -> tuple[Real, Real]:
        """Populations after the last step, and the levels at the middle of that step.

        Each stage takes its share of ``steps``, in such numbers that every run has exactly twice
        the steps of the run before.
        """
        populations, vectors = np.empty(0), np.empty(0)
        for stage in stages:
            if vectors.size:
                vectors = stage.enter_levels(vectors)
            count = _share(stage, steps)
            duration = self.tau * (stage.high - stage.low) / count
            middles = stage.low + (np.arange(count) + 0.5) / count * (stage.high - stage.low)
            chunks = max(1, count * stage.system.dimension**2 // CHUNK)
            for chunk in np.array_split(middles, chunks):
                energies, levels = np.linalg.eigh(stage.system.matrices(*self.schedule(chunk)))
                relaxations = self._relaxations(stage.system, energies, levels, duration)
                for level, relaxation in zip(levels, relaxations, strict=True):
                    if populations.size:  # from the levels of the step before to those of this
                        populations = np.square(level.T @ vectors) @ populations
                    else:
                        populations = np.square(np.abs(level.T @ start))
                    populations, vectors = relaxation @ populations, level
                    if self.levels is not None:
                        self.top = max(self.top, float(populations[self.levels - 1 :].sum()))
            self.steps += count
        return populations, vectors

    def _relaxations(self, system: System, energies: Real, levels: Real, duration: float) -> Real:
        """Transition matrices of the populations in ``duration`` at constant H, (m, n, n)."""
        w = self.schedule.angular * (energies[:, None, :] - energies[:, :, None])
        rates = sum(bath.rate(w, self.schedule) for bath in self.baths)
        generators = system.couplings(levels) * rates * duration
        diagonal = np.arange(system.dimension)
        generators[:, diagonal, diagonal] = 0.0
        generators[:, diagonal, diagonal] = -generators.sum(axis=1)
        if generators.min() < -MOST_RELAXED:
            raise InputError(
                "tau is too long for PauliMaster: the bath relaxes the qubits more than "
                f"{MOST_RELAXED:g} times over in one step, which double precision does not "
                "resolve. Shorten tau, or take the equilibrium, gibbs(H, s, temperature)"
            )
        return np.asarray(scipy.linalg.expm(generators))


def _share(stage: Stage, steps: int) -> int:
    """Return the number of steps of a stage, such that twice as many steps double it."""
    parts = steps // PAULI_FIRST_STEPS
    return parts * math.ceil((stage.high - stage.low) * PAULI_FIRST_STEPS)
