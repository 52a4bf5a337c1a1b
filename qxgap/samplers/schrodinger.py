"""The closed-system anneal as a dimod sampler."""

from __future__ import annotations

from typing import Any, ClassVar

import dimod

from ..annealing.drivers import Convention
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.schedules import LINEAR, AnnealSchedule
from ..dynamics import SplitOperator, anneal
from ..problem.qubo import QuboProblem
from ..results import plain
from ..statistics.seeds import Seed, integer_seed
from .base import ProblemSampler, require_schedule


class SchrodingerSampler(ProblemSampler):
    """Reads of the final state of a closed-system anneal, for any binary quadratic model.

    The Schrödinger equation is integrated with 2^d amplitudes. The driver is a transverse field.

    Attributes
    ----------
    references : tuple of str
        Keys of the works to cite (``qxgap cite``).

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -2.0], [[0.0, 1.5], [0.0, 0.0]])
    >>> sampleset = qx.sample(problem, qx.SchrodingerSampler(), num_reads=10, seed=1, tau=5.0)
    >>> round(sampleset.info["success_probability"], 3)
    0.556
    """

    NAME: ClassVar = "schrodinger"
    PARAMETERS: ClassVar = {
        "tau": (),
        "num_reads": (),
        "seed": (),
        "schedule": (),
        "convention": ("conventions",),
        "tol": (),
    }
    PROPERTIES: ClassVar = {"conventions": [convention.value for convention in Convention]}
    references: ClassVar = SplitOperator().references

    def sample(
        self,
        bqm: dimod.BinaryQuadraticModel,
        *,
        tau: float = 50.0,
        num_reads: int = 100,
        seed: Seed = None,
        schedule: AnnealSchedule = LINEAR,
        convention: Convention = Convention.PAPER,
        tol: float = 1e-6,
        **kwargs: Any,
    ) -> dimod.SampleSet:
        """Anneal a model and read the final state out ``num_reads`` times.

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            The model, of either vartype.
        tau : float
            Anneal time; hbar = 1 in the model's energy unit, ns for a schedule in GHz.
        num_reads : int
            Number of reads.
        seed : int, numpy.random.Generator or None
            Seed of the reads, in [0, 2^31) if it is a number.
        schedule : AnnealSchedule
            A(s) and B(s).
        convention : Convention
            Strength of the driver.
        tol : float
            Error allowed in the success probability.
        **kwargs : object
            Other arguments are ignored with a warning.

        Returns
        -------
        dimod.SampleSet
            One row per read, in the model's vartype. ``info`` has the success probability and its
            error estimate.

        Raises
        ------
        InputError
            For fewer than one read, or a tau, seed, tol, schedule or convention out of range.
        MemoryLimitError
            Before anything of size 2^d is allocated.
        """
        require_schedule(schedule)
        convention, seed = Convention(convention), integer_seed(seed)

        def draw(problem: QuboProblem) -> dimod.SampleSet:
            driver = convention.driver(problem.num_qubits)
            H = AnnealHamiltonian(problem, schedule=schedule, driver=driver)
            run = anneal(H, tau, SplitOperator(tol))
            sampleset = run.sample(num_reads, seed)
            sampleset.info.update(
                convention=convention.value,
                success_probability=run.success_probability,
                error_estimate=run.error_estimate,
                method=plain(run.method),
                schedule=run.schedule,
            )
            return sampleset

        return self._answer(bqm, draw, seed, kwargs)
