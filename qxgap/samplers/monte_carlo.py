"""Annealing by Monte Carlo in the fields of a schedule: path integrals and rotors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import dimod
import numpy as np
from dwave.samplers import PathIntegralAnnealingSampler, RotorModelAnnealingSampler
from numpy.typing import NDArray

from ..annealing.drivers import Convention
from ..annealing.schedules import LINEAR, AnnealSchedule
from ..problem.qubo import QuboProblem
from ..statistics.seeds import Seed, integer_seed
from .base import (
    ProblemSampler,
    require_positive,
    require_schedule,
    require_sweeps,
    sampling_temperature,
)


def anneal_fields(
    schedule: AnnealSchedule, temperature: float, num_sweeps: int, driver_weight: float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the fields of a Monte Carlo anneal at constant temperature, one of each per sweep.

    They are ``B(s) / kT`` and ``driver_weight A(s) / kT`` at equidistant s from 0 to 1, which
    dwave-samplers calls ``Hp_field`` and ``Hd_field``. A and B multiply H_D and the energies
    directly; in the A and B of D-Wave's tables these fields are ``B / 2kT`` and ``A / 2kT``.

    Parameters
    ----------
    schedule : AnnealSchedule
        A(s) and B(s).
    temperature : float
        In mK for a schedule in GHz, else an energy.
    num_sweeps : int
        Number of Monte Carlo sweeps.
    driver_weight : float
        Factor of the driver, which is 1 or 1/d depending on the convention.

    Returns
    -------
    tuple of ndarray of float, shape (num_sweeps,)
        The field of the problem and that of the driver.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem_field, driver_field = qx.samplers.anneal_fields(qx.LINEAR, 0.5, 3)
    >>> problem_field.tolist(), driver_field.tolist()
    ([0.0, 1.0, 2.0], [2.0, 1.0, 0.0])
    """
    require_sweeps(num_sweeps)
    kT = schedule.thermal_energy(temperature)
    A, B = schedule(np.linspace(0.0, 1.0, num_sweeps) if num_sweeps > 1 else np.ones(1))
    return B / kT, driver_weight * A / kT


class FieldSampler(ProblemSampler):
    """A Monte Carlo anneal in the fields of a schedule, by a sampler of dwave-samplers.

    A subclass names the sampler and its options.

    Attributes
    ----------
    SAMPLER : type
        The class of dwave-samplers.
    OPTIONS : mapping of str
        Further arguments of its ``sample``.
    """

    PARAMETERS: ClassVar = {
        "num_reads": (),
        "seed": (),
        "temperature": (),
        "num_sweeps": (),
        "schedule": (),
        "convention": ("conventions",),
    }
    PROPERTIES: ClassVar = {"conventions": [convention.value for convention in Convention]}
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
        schedule: AnnealSchedule = LINEAR,
        convention: Convention = Convention.PAPER,
        **kwargs: Any,
    ) -> dimod.SampleSet:
        """Anneal a model ``num_reads`` times.

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            The model, of either vartype.
        num_reads : int
            Number of reads.
        seed : int, numpy.random.Generator or None
            Seed of the reads, in [0, 2^31) if it is a number.
        temperature : float or None
            In mK for a schedule in GHz, else an energy; None takes a twentieth of the largest
            energy that one flip can cost (dimensionless schedules only), beyond 24 variables of
            the largest that one costs in a local minimum.
        num_sweeps : int
            Number of Monte Carlo sweeps, at equidistant s. A sweep is no physical time: the
            dynamics is that of the algorithm.
        schedule : AnnealSchedule
            A(s) and B(s).
        convention : Convention
            Strength of the driver.
        **kwargs : object
            Other arguments are ignored with a warning.

        Returns
        -------
        dimod.SampleSet
            One row per read, in the model's vartype.

        Raises
        ------
        InputError
            For fewer than one read or sweep, or a temperature, seed, schedule or convention out of
            range.
        """
        require_positive(num_reads=num_reads)
        require_sweeps(num_sweeps)
        require_schedule(schedule)
        convention, seed = Convention(convention), integer_seed(seed)

        def draw(problem: QuboProblem) -> dimod.SampleSet:
            T = sampling_temperature(problem, temperature, schedule)
            driver = convention.driver(problem.num_qubits)
            weight = float(driver.weights(problem.num_qubits)[0])
            fields = anneal_fields(schedule, T, num_sweeps, weight)
            sampleset = self._anneal(problem, num_reads, seed, fields)
            sampleset.info.update(
                temperature=T,
                num_sweeps=num_sweeps,
                schedule=schedule.name,
                convention=convention.value,
            )
            return sampleset

        return self._answer(bqm, draw, seed, kwargs)

    def _anneal(
        self,
        problem: QuboProblem,
        num_reads: int,
        seed: int,
        fields: tuple[NDArray[np.float64], NDArray[np.float64]],
    ) -> dimod.SampleSet:
        """Return reads with the energies of their states; the sampler's own may be of rotors."""
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
            drawn, problem.to_bqm(), info={}
        )


class PathIntegralSampler(FieldSampler):
    """Path-integral annealing: worldlines in continuous imaginary time, at temperature kT.

    Slow anneals end in the quantum Gibbs state where they freeze out; at constant fields the reads
    are those of that state. Source: King et al., Nature Communications 12, 1113 (2021).

    Attributes
    ----------
    references : tuple of str
        Keys of the works to cite (``qxgap cite``).

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(6, 1)
    >>> sampler = qx.samplers.PathIntegralSampler()
    >>> sampleset = qx.sample(problem, sampler, num_reads=10, seed=1, num_sweeps=200)
    >>> len(sampleset), sampleset.info["sampler"]
    (10, 'pathintegral')
    """

    NAME: ClassVar = "pathintegral"
    SAMPLER: ClassVar = PathIntegralAnnealingSampler
    references: ClassVar = ("dwavesamplers", "king2021")


class RotorSampler(FieldSampler):
    """Rotor annealing (spin-vector Monte Carlo): an angle for each qubit, at temperature kT.

    Each qubit is read as n = 1 with probability ``(1 - z) / 2`` from its projection z. Proposals
    are restricted to ``min(1, A/B) pi``, as the transverse field freezes: Albash & Marshall, Phys.
    Rev. Applied 15, 014029 (2021). Model: Shin et al., arXiv 1401.7087.

    Attributes
    ----------
    references : tuple of str
        Keys of the works to cite (``qxgap cite``).

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(6, 1)
    >>> sampler = qx.samplers.RotorSampler()
    >>> sampleset = qx.sample(problem, sampler, num_reads=10, seed=1, num_sweeps=200)
    >>> len(sampleset), sampleset.info["sampler"]
    (10, 'rotor')
    """

    NAME: ClassVar = "rotor"
    SAMPLER: ClassVar = RotorModelAnnealingSampler
    OPTIONS: ClassVar = {"proposal_acceptance_criteria": "MetropolisTF", "randomize_order": True}
    references: ClassVar = ("dwavesamplers", "shin2014", "albash2021")
