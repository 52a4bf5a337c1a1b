"""Exact thermal states as dimod samplers: by all 2^d states, or by tree decomposition."""

from __future__ import annotations

from typing import Any, ClassVar

import dimod
from dwave.samplers import TreeDecompositionSampler

from ..annealing.drivers import Convention
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.schedule import LINEAR, AnnealSchedule
from ..dynamics.equilibrium import MAX_QUANTUM_QUBITS, gibbs
from ..errors import InputError
from ..problem.qubo import QuboProblem
from ..statistics.seeds import Seed, integer_seed
from .base import ProblemSampler, as_schedule, require_positive, sampling_temperature


class GibbsSampler(ProblemSampler):
    """Independent reads of the exact thermal state at a point of the anneal.

    Classical, ``exp(-B(s) E / kT)``, by a sum over all 2^d states, or quantum,
    ``exp(-H(s) / kT)``, by dense diagonalisation.
    """

    PARAMETERS: ClassVar = {
        "num_reads": (),
        "seed": (),
        "temperature": (),
        "s": (),
        "schedule": (),
        "quantum": ("max_quantum_qubits",),
        "convention": ("conventions",),
    }
    PROPERTIES: ClassVar = {
        "max_quantum_qubits": MAX_QUANTUM_QUBITS,
        "conventions": [str(c) for c in Convention],
    }

    def sample(
        self,
        bqm: dimod.BinaryQuadraticModel,
        *,
        num_reads: int = 100,
        seed: Seed = None,
        temperature: float | None = None,
        s: float = 1.0,
        schedule: AnnealSchedule | str = LINEAR,
        quantum: bool = False,
        convention: Convention = Convention.PAPER,
        **kwargs: Any,
    ) -> dimod.SampleSet:
        """Draw from the thermal state; one row per read, in the model's vartype.

        Parameters
        ----------
        bqm : of either vartype.
        num_reads : rows to draw.
        seed : integer in [0, 2^31) or numpy Generator.
        temperature : mK for a schedule in GHz, else an energy; None takes a twentieth of the
            largest energy that one flip can cost (dimensionless schedules only).
        s : anneal fraction of the freeze-out.
        schedule : A(s) and B(s), or the name of a schedule.
        quantum : whether the driver is in.
        convention : Convention, the strength of the driver.
        kwargs : others are ignored with a warning.

        Raises
        ------
        InputError : for fewer than one read, an s, temperature, seed, schedule or convention out
            of range, or quantum at d > 12.
        MemoryLimitError : before anything of size 2^d, or 4^d, is allocated.
        """
        schedule, seed = as_schedule(schedule), integer_seed(seed)

        def draw(problem: QuboProblem) -> dimod.SampleSet:
            driver = Convention(convention).driver(problem.num_qubits)
            H = AnnealHamiltonian(problem, schedule=schedule, driver=driver)
            state = gibbs(H, s, sampling_temperature(problem, temperature, schedule), quantum)
            sampleset = state.sample(num_reads, seed)
            sampleset.info.update(
                seed=seed,
                quantum=quantum,
                convention=convention,
                schedule=schedule.name,
                success_probability=state.success_probability,
            )
            return sampleset

        return self._sampled(bqm, kwargs, draw)


class TreeSampler(ProblemSampler):
    """Independent reads of the exact Boltzmann law ``exp(-E / T)``, for models of small treewidth.

    By dwave-samplers' tree decomposition: any number of variables, treewidth up to 25.
    """

    PARAMETERS: ClassVar = {"num_reads": (), "seed": (), "temperature": ()}
    PROPERTIES: ClassVar = dict(TreeDecompositionSampler.properties)

    def sample(
        self,
        bqm: dimod.BinaryQuadraticModel,
        *,
        num_reads: int = 100,
        seed: Seed = None,
        temperature: float | None = None,
        **kwargs: Any,
    ) -> dimod.SampleSet:
        """Draw from the Boltzmann law; one row per read, in the model's vartype.

        Parameters
        ----------
        bqm : of either vartype.
        num_reads : rows to draw.
        seed : integer in [0, 2^31) or numpy Generator.
        temperature : in the model's energy unit; None takes a twentieth of the largest energy
            that one flip can cost.
        kwargs : others are ignored with a warning.

        Raises
        ------
        InputError : for fewer than one read, a temperature that is not positive, or a treewidth
            above 25.
        """
        require_positive(num_reads=num_reads)
        seed = integer_seed(seed)

        def draw(problem: QuboProblem) -> dimod.SampleSet:
            T = LINEAR.thermal_energy(sampling_temperature(problem, temperature, LINEAR))
            return _tree_reads(problem, num_reads, seed, T)

        return self._sampled(bqm, kwargs, draw)


def _tree_reads(
    problem: QuboProblem, num_reads: int, seed: int, temperature: float
) -> dimod.SampleSet:
    sampler = TreeDecompositionSampler()  # type: ignore[no-untyped-call]
    try:
        sampleset: dimod.SampleSet = sampler.sample(
            problem.to_bqm(),
            num_reads=num_reads,
            seed=seed,
            beta=1 / temperature,
            marginals=False,
        )
    except ValueError as error:
        if "treewidth" not in str(error):
            raise
        raise InputError(
            f"the treewidth of {problem!r} exceeds {sampler.properties['max_treewidth']}; use "
            "another sampler"
        ) from error
    sampleset.info.update(
        sampler="tree",
        seed=seed,
        temperature=temperature,
        log_partition_function=float(sampleset.info["log_partition_function"]),
        instance_hash=problem.content_hash,
    )
    return sampleset
