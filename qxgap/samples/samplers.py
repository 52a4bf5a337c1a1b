"""Samplers: the Schrödinger anneal as a dimod sampler, and all samplers by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import dimod

from ..anneal.hamiltonian import CONVENTIONS, AnnealHamiltonian, TransverseField
from ..dynamics import SplitOperator, anneal
from ..problem.errors import InputError
from ..problem.qubo import QuboProblem
from .classical import exact, simulated_annealing
from .seeds import Seed, integer_seed


@dataclass(frozen=True)
class ReadRequest:
    """What is asked of a sampler; ``tau``, ``convention``, ``tol`` concern the anneal only."""

    num_reads: int
    seed: int
    tau: float
    convention: str
    tol: float = 1e-6


class SchrodingerSampler(dimod.Sampler):  # type: ignore[name-defined, misc]
    """Reads of the final state of a closed-system anneal, for any binary quadratic model.

    The schedule is linear and the driver a transverse field; 2^d amplitudes are held.
    """

    @property
    def parameters(self) -> dict[str, Any]:
        """Keyword arguments of :meth:`sample`, each with the properties that bear on it."""
        return {
            "tau": [],
            "num_reads": [],
            "seed": [],
            "convention": ["conventions"],
            "tol": [],
        }

    @property
    def properties(self) -> dict[str, Any]:
        """``conventions``: the names that ``convention`` takes."""
        return {"conventions": list(CONVENTIONS)}

    def sample(
        self,
        bqm: dimod.BinaryQuadraticModel,
        *,
        tau: float = 50.0,
        num_reads: int = 100,
        seed: Seed = None,
        convention: str = "paper",
        tol: float = 1e-6,
        **kwargs: Any,
    ) -> dimod.SampleSet:
        """Anneal ``bqm`` and read the final state out; one row per read, in the model's vartype.

        Parameters
        ----------
        bqm : of either vartype. One without variables gives an empty sample set, as
            ``dimod.ExactSolver`` does.
        tau : anneal time; hbar = 1 in the model's energy unit.
        num_reads : rows to draw.
        seed : integer in [0, 2^31) or numpy Generator.
        convention : ``"paper"`` or ``"authors-code"``, the strength of the driver.
        tol : error allowed in the success probability.
        kwargs : others are ignored with a warning.

        Raises
        ------
        InputError : for fewer than one read, or a tau, seed, tol or convention out of range.
        MemoryLimitError : before anything of size 2^d is allocated.
        """
        self.remove_unknown_kwargs(**kwargs)
        if bqm.num_variables == 0:
            return dimod.SampleSet.from_samples(  # type: ignore[no-untyped-call]
                [], bqm.vartype, energy=[]
            )
        reads = ReadRequest(num_reads, integer_seed(seed), tau, convention, tol)
        sampleset = _schrodinger(QuboProblem.from_bqm(bqm), reads)
        return sampleset.change_vartype(  # type: ignore[no-untyped-call]
            bqm.vartype, inplace=False
        )


def _schrodinger(problem: QuboProblem, reads: ReadRequest) -> dimod.SampleSet:
    driver = TransverseField.of_convention(reads.convention, problem.num_qubits)
    H = AnnealHamiltonian(problem, driver=driver)
    run = anneal(H, reads.tau, SplitOperator(reads.tol))
    sampleset = run.sample(reads.num_reads, reads.seed)
    sampleset.info.update(
        seed=reads.seed,
        convention=reads.convention,
        success_probability=run.success_probability,
        error_estimate=run.error_estimate,
        method=run.method,
        schedule=run.schedule,
    )
    return sampleset


SAMPLERS: Mapping[str, Callable[[QuboProblem, ReadRequest], dimod.SampleSet]] = MappingProxyType(
    {
        "sa": lambda problem, reads: simulated_annealing(problem, reads.num_reads, reads.seed),
        "exact": lambda problem, reads: exact(problem),
        "schrodinger": _schrodinger,
    }
)
"""The samplers that :func:`sample` knows by name."""


def sample(
    problem: QuboProblem,
    sampler: str,
    *,
    num_reads: int,
    seed: Seed = None,
    tau: float = 50.0,
    convention: str = "paper",
) -> dimod.SampleSet:
    """Sample ``problem``; BINARY rows, with ``sampler``, ``seed``, ``instance_hash`` in ``info``.

    Parameters
    ----------
    sampler : ``"sa"`` (simulated annealing), ``"schrodinger"`` (reads of the final state of an
        anneal) or ``"exact"``, which lists every state once whatever ``num_reads`` and ``seed``.
    num_reads : rows to draw.
    seed : integer in [0, 2^31) or numpy Generator.
    tau, convention : of ``"schrodinger"``; see :class:`SchrodingerSampler`.

    Raises
    ------
    InputError : for an unknown sampler, and what the sampler itself refuses.
    MemoryLimitError : before anything of size 2^d is allocated.
    """
    if sampler not in SAMPLERS:
        raise InputError(f"unknown sampler {sampler!r}; known: {', '.join(SAMPLERS)}")
    if num_reads < 1:
        raise InputError(f"num_reads = {num_reads}; ask for at least one")
    return SAMPLERS[sampler](problem, ReadRequest(num_reads, integer_seed(seed), tau, convention))
