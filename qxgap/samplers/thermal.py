"""Exact thermal states as dimod samplers: by all 2^d states, or by tree decomposition."""

from __future__ import annotations

from typing import Any, ClassVar

import dimod
from dwave.samplers import TreeDecompositionSampler

from ..annealing.drivers import Convention
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.schedules import LINEAR, AnnealSchedule
from ..dynamics.equilibrium import MAX_QUANTUM_QUBITS, gibbs
from ..errors import InputError
from ..problem.qubo import QuboProblem
from ..statistics.seeds import Seed, integer_seed
from .base import ProblemSampler, require_positive, require_schedule, sampling_temperature


class GibbsSampler(ProblemSampler):
    """Independent reads of the exact thermal state at one point of the anneal.

    The state is classical, ``exp(-B(s) E / kT)`` by a sum over all 2^d states, or quantum,
    ``exp(-H(s) / kT)`` by dense diagonalization.

    Attributes
    ----------
    references : tuple of str
        Keys of the works to cite (``qxgap cite``).

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0], [[0.0]])
    >>> sampler = qx.samplers.GibbsSampler()
    >>> sampleset = qx.sample(problem, sampler, num_reads=10, seed=1, temperature=1.0)
    >>> round(sampleset.info["success_probability"], 4)  # e / (1 + e)
    0.7311
    """

    NAME: ClassVar = "gibbs"
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
        "conventions": [convention.value for convention in Convention],
    }
    references: ClassVar = ("amin2015", "marshall2017")

    def sample(
        self,
        bqm: dimod.BinaryQuadraticModel,
        *,
        num_reads: int = 100,
        seed: Seed = None,
        temperature: float | None = None,
        s: float = 1.0,
        schedule: AnnealSchedule = LINEAR,
        quantum: bool = False,
        convention: Convention = Convention.PAPER,
        **kwargs: Any,
    ) -> dimod.SampleSet:
        """Draw reads from the thermal state of a model.

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
            energy that one flip can cost (dimensionless schedules only).
        s : float
            Anneal fraction at which the reads freeze out.
        schedule : AnnealSchedule
            A(s) and B(s).
        quantum : bool
            True for the state of H(s) with its driver, False for that of ``B(s) H_P``.
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
            For fewer than one read; an s, temperature, seed, schedule or convention out of range;
            or ``quantum`` with more than 12 variables.
        MemoryLimitError
            Before anything of size 2^d, or 4^d, is allocated.
        """
        require_schedule(schedule)
        convention, seed = Convention(convention), integer_seed(seed)

        def draw(problem: QuboProblem) -> dimod.SampleSet:
            driver = convention.driver(problem.num_qubits)
            H = AnnealHamiltonian(problem, schedule=schedule, driver=driver)
            state = gibbs(H, s, sampling_temperature(problem, temperature, schedule), quantum)
            sampleset = state.sample(num_reads, seed)
            sampleset.info.update(
                quantum=quantum,
                convention=convention.value,
                schedule=schedule.name,
                success_probability=state.success_probability,
            )
            return sampleset

        return self._answer(bqm, draw, seed, kwargs)


class TreeSampler(ProblemSampler):
    """Independent reads of the exact Boltzmann law ``exp(-E / T)``, for models of small treewidth.

    The law is summed by dwave-samplers' tree decomposition: any number of variables, but a
    treewidth of 25 at most.

    Attributes
    ----------
    references : tuple of str
        Keys of the works to cite (``qxgap cite``).

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -2.0], [[0.0, 1.5], [0.0, 0.0]])
    >>> sampler = qx.samplers.TreeSampler()
    >>> sampleset = qx.sample(problem, sampler, num_reads=10, seed=1, temperature=0.5)
    >>> round(sampleset.info["log_partition_function"], 3)
    4.42
    """

    NAME: ClassVar = "tree"
    PARAMETERS: ClassVar = {"num_reads": (), "seed": (), "temperature": ()}
    PROPERTIES: ClassVar = dict(TreeDecompositionSampler.properties)
    references: ClassVar = ("dwavesamplers",)

    def sample(
        self,
        bqm: dimod.BinaryQuadraticModel,
        *,
        num_reads: int = 100,
        seed: Seed = None,
        temperature: float | None = None,
        **kwargs: Any,
    ) -> dimod.SampleSet:
        """Draw reads from the Boltzmann law of a model.

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            The model, of either vartype.
        num_reads : int
            Number of reads.
        seed : int, numpy.random.Generator or None
            Seed of the reads, in [0, 2^31) if it is a number.
        temperature : float or None
            In the model's energy unit; None takes a twentieth of the largest energy that one flip
            can cost.
        **kwargs : object
            Other arguments are ignored with a warning.

        Returns
        -------
        dimod.SampleSet
            One row per read, in the model's vartype.

        Raises
        ------
        InputError
            For fewer than one read, a temperature that is not positive, or a treewidth above 25.
        """
        require_positive(num_reads=num_reads)
        seed = integer_seed(seed)

        def draw(problem: QuboProblem) -> dimod.SampleSet:
            T = LINEAR.thermal_energy(sampling_temperature(problem, temperature, LINEAR))
            return _tree_reads(problem, num_reads, seed, T)

        return self._answer(bqm, draw, seed, kwargs)


def _tree_reads(
    problem: QuboProblem, num_reads: int, seed: int, temperature: float
) -> dimod.SampleSet:
    """Draw reads of the Boltzmann law, or refuse a treewidth that is too large."""
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
        temperature=temperature,
        log_partition_function=float(sampleset.info["log_partition_function"]),
    )
    return sampleset
