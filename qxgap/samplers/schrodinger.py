"""The closed-system anneal as a dimod sampler."""

from __future__ import annotations

from typing import Any, ClassVar

import dimod

from ..annealing.drivers import Convention
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.schedule import LINEAR, AnnealSchedule
from ..dynamics import SplitOperator, anneal
from ..problem.qubo import QuboProblem
from ..statistics.seeds import Seed, integer_seed
from .base import ProblemSampler, as_schedule


class SchrodingerSampler(ProblemSampler):
    """Reads of the final state of a closed-system anneal, for any binary quadratic model.

    The driver is a transverse field; 2^d amplitudes are held.
    """

    PARAMETERS: ClassVar = {
        "tau": (),
        "num_reads": (),
        "seed": (),
        "schedule": (),
        "convention": ("conventions",),
        "tol": (),
    }
    PROPERTIES: ClassVar = {"conventions": [str(c) for c in Convention]}

    def sample(
        self,
        bqm: dimod.BinaryQuadraticModel,
        *,
        tau: float = 50.0,
        num_reads: int = 100,
        seed: Seed = None,
        schedule: AnnealSchedule | str = LINEAR,
        convention: Convention = Convention.PAPER,
        tol: float = 1e-6,
        **kwargs: Any,
    ) -> dimod.SampleSet:
        """Anneal ``bqm`` and read the final state out; one row per read, in the model's vartype.

        Parameters
        ----------
        bqm : of either vartype.
        tau : anneal time; hbar = 1 in the model's energy unit, ns for a schedule in GHz.
        num_reads : rows to draw.
        seed : integer in [0, 2^31) or numpy Generator.
        schedule : A(s) and B(s), or the name of a schedule.
        convention : Convention, the strength of the driver.
        tol : error allowed in the success probability.
        kwargs : others are ignored with a warning.

        Raises
        ------
        InputError : for fewer than one read, or a tau, seed, tol, schedule or convention out of
            range.
        MemoryLimitError : before anything of size 2^d is allocated.
        """
        schedule, seed = as_schedule(schedule), integer_seed(seed)

        def draw(problem: QuboProblem) -> dimod.SampleSet:
            driver = Convention(convention).driver(problem.num_qubits)
            H = AnnealHamiltonian(problem, schedule=schedule, driver=driver)
            run = anneal(H, tau, SplitOperator(tol))
            sampleset = run.sample(num_reads, seed)
            sampleset.info.update(
                seed=seed,
                convention=convention,
                success_probability=run.success_probability,
                error_estimate=run.error_estimate,
                method=run.method,
                schedule=run.schedule,
            )
            return sampleset

        return self._sampled(bqm, kwargs, draw)
