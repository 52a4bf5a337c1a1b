"""Annealing by Monte Carlo in the fields of a schedule: path integral and rotors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import dimod
import numpy as np
from dwave.samplers import PathIntegralAnnealingSampler, RotorModelAnnealingSampler
from numpy.typing import NDArray

from ..annealing.drivers import Convention
from ..annealing.schedule import LINEAR, AnnealSchedule
from ..problem.qubo import QuboProblem
from ..statistics.seeds import Seed, integer_seed
from .base import (
    ProblemSampler,
    as_schedule,
    require_positive,
    require_sweeps,
    sampling_temperature,
)


def anneal_fields(
    schedule: AnnealSchedule, temperature: float, num_sweeps: int, driver_weight: float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fields of a Monte Carlo anneal at constant temperature, each (num_sweeps,).

    ``(B(s) / kT, weight A(s) / kT)`` at equidistant s from 0 to 1, one sweep each; what
    dwave-samplers calls ``Hp_field`` and ``Hd_field``. A and B multiply H_D and the energies
    directly; in the A and B of D-Wave's tables these are ``B / 2kT`` and ``A / 2kT``.

    ``temperature`` is in mK for a schedule in GHz, else an energy.
    """
    require_sweeps(num_sweeps)
    kT = schedule.thermal_energy(temperature)
    A, B = schedule(np.linspace(0.0, 1.0, num_sweeps) if num_sweeps > 1 else np.ones(1))
    return B / kT, driver_weight * A / kT


class FieldSampler(ProblemSampler):
    """A Monte Carlo anneal in the fields of a schedule, by a sampler of dwave-samplers."""

    PARAMETERS: ClassVar = {
        "num_reads": (),
        "seed": (),
        "temperature": (),
        "num_sweeps": (),
        "schedule": (),
        "convention": ("conventions",),
    }
    PROPERTIES: ClassVar = {"conventions": [str(c) for c in Convention]}
    NAME: ClassVar[str]
    SAMPLER: ClassVar[type[dimod.Sampler]]  # type: ignore[name-defined]
    OPTIONS: ClassVar[Mapping[str, Any]] = {}

    def sample(
        self,
        bqm: dimod.BinaryQuadraticModel,
        *,
        num_reads: int = 100,
        seed: Seed = None,
        temperature: float | None = None,
        num_sweeps: int = 1000,
        schedule: AnnealSchedule | str = LINEAR,
        convention: Convention = Convention.PAPER,
        **kwargs: Any,
    ) -> dimod.SampleSet:
        """Anneal ``num_reads`` times; one row per read, in the model's vartype.

        Parameters
        ----------
        bqm : of either vartype.
        num_reads : rows to draw.
        seed : integer in [0, 2^31) or numpy Generator.
        temperature : mK for a schedule in GHz, else an energy; None takes a twentieth of the
            largest energy that one flip can cost (dimensionless schedules only).
        num_sweeps : Monte Carlo sweeps, at equidistant s. They are no time: the dynamics is that
            of the algorithm.
        schedule : A(s) and B(s), or the name of a schedule.
        convention : Convention, the strength of the driver.
        kwargs : others are ignored with a warning.

        Raises
        ------
        InputError : for fewer than one read or sweep, or a temperature, seed, schedule or
            convention out of range.
        """
        require_positive(num_reads=num_reads)
        require_sweeps(num_sweeps)
        schedule, seed = as_schedule(schedule), integer_seed(seed)

        def draw(problem: QuboProblem) -> dimod.SampleSet:
            T = sampling_temperature(problem, temperature, schedule)
            driver = Convention(convention).driver(problem.num_qubits)
            weight = float(driver.weights(problem.num_qubits)[0])
            sampleset = self._anneal(
                problem, num_reads, seed, anneal_fields(schedule, T, num_sweeps, weight)
            )
            sampleset.info.update(
                seed=seed,
                temperature=T,
                num_sweeps=num_sweeps,
                schedule=schedule.name,
                convention=convention,
            )
            return sampleset

        return self._sampled(bqm, kwargs, draw)

    def _anneal(
        self,
        problem: QuboProblem,
        num_reads: int,
        seed: int,
        fields: tuple[NDArray[np.float64], NDArray[np.float64]],
    ) -> dimod.SampleSet:
        """Reads with the energies of their states; the sampler's own can be those of rotors."""
        drawn = self.SAMPLER().sample(
            problem.to_bqm(),
            num_reads=num_reads,
            seed=seed,
            beta_schedule_type="custom",
            Hp_field=fields[0],
            Hd_field=fields[1],
            **self.OPTIONS,
        )
        return dimod.SampleSet.from_samples_bqm(  # type: ignore[no-untyped-call]
            drawn,
            problem.to_bqm(),
            info={"sampler": self.NAME, "instance_hash": problem.content_hash},
        )


class PathIntegralSampler(FieldSampler):
    """Path-integral annealing: worldlines in continuous imaginary time, at kT.

    Slow anneals end in the quantum Gibbs state where they freeze out; at constant fields the reads
    are those of that state. Source: King et al., Nature Communications 12, 1113 (2021).
    """

    NAME = "pathintegral"
    SAMPLER = PathIntegralAnnealingSampler


class RotorSampler(FieldSampler):
    """Rotor annealing (spin-vector Monte Carlo): an angle for each qubit, at kT.

    Each qubit is read as n = 1 with probability ``(1 - z) / 2`` from its projection z. Proposals
    are restricted to ``min(1, A/B) pi``, as the transverse field freezes: Albash & Marshall, Phys.
    Rev. Applied 15, 014029 (2021). Model: Shin et al., arXiv 1401.7087.
    """

    NAME = "rotor"
    SAMPLER = RotorModelAnnealingSampler
    OPTIONS: ClassVar = {"proposal_acceptance_criteria": "MetropolisTF", "randomize_order": True}
