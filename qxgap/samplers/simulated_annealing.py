"""Simulated annealing with temperatures that suit the problem.

The annealer is dwave-neal's. Since its version 0.6, dwave-neal hands out the class of
dwave-samplers, so that it is imported from there.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import dimod
import dwave.samplers

from ..errors import InputError
from ..problem.accept import ProblemLike, as_problem
from ..problem.qubo import QuboProblem
from ..statistics.seeds import Seed, integer_seed
from .base import ProblemSampler, flip_scale, require_positive, require_sweeps

RESOLUTION = 1e-3
"""Energy that the end of the annealing resolves, as a fraction of the largest flip."""


def beta_range(problem: ProblemLike) -> tuple[float, float]:
    """Inverse temperatures (hot, cold) for simulated annealing, in the problem's energy unit.

    Hot: the largest energy that one flip can cost, ``L = max_p |h_p + sum_q J_pq n_q|``, is
    accepted with probability 1/2. Cold: of d flips that cost ``L / 1000`` each, fewer than 1 in
    100 sweeps accepts any. So ``(ln 2 / L, 1000 ln(100 d) / L)``, and (1, 1) if every coefficient
    is zero. The range follows the energy scale and no single coefficient: where fields cancel,
    levels lie much closer than the smallest coefficient.
    """
    problem = as_problem(problem)
    largest = flip_scale(problem)
    if largest == 0.0:
        return 1.0, 1.0
    return math.log(2) / largest, math.log(100 * problem.num_qubits) / (RESOLUTION * largest)


def simulated_annealing(
    problem: ProblemLike, num_reads: int, seed: Seed = None, *, num_sweeps: int = 1000
) -> dimod.SampleSet:
    """``num_reads`` runs of dwave-neal's simulated annealing, one BINARY row per run.

    The inverse temperature grows geometrically over :func:`beta_range` in ``num_sweeps`` sweeps
    of Metropolis updates in fixed order; ``info`` tells all of these.

    Raises InputError for fewer than one read or sweep.
    """
    problem = as_problem(problem)
    return SimulatedAnnealingSampler().sample(
        problem.to_bqm(), num_reads=num_reads, seed=seed, num_sweeps=num_sweeps
    )


class SimulatedAnnealingSampler(ProblemSampler):
    """dwave-neal's simulated annealing, over a range of temperatures that suits the model."""

    PARAMETERS: ClassVar = {"num_reads": (), "seed": (), "num_sweeps": (), "beta_range": ()}

    def sample(
        self,
        bqm: dimod.BinaryQuadraticModel,
        *,
        num_reads: int = 100,
        seed: Seed = None,
        num_sweeps: int = 1000,
        beta_range: tuple[float, float] | None = None,
        **kwargs: Any,
    ) -> dimod.SampleSet:
        """Anneal ``num_reads`` times; one row per run, in the model's vartype.

        Parameters
        ----------
        bqm : of either vartype.
        num_reads : runs.
        seed : integer in [0, 2^31) or numpy Generator.
        num_sweeps : Metropolis sweeps of a run.
        beta_range : inverse temperatures (hot, cold); None takes :func:`beta_range`. ``info``
            tells it.
        kwargs : others are ignored with a warning.

        Raises
        ------
        InputError : for fewer than one read or sweep, or a range that is not positive.
        """
        require_positive(num_reads=num_reads)
        require_sweeps(num_sweeps)
        if beta_range is not None and not (len(beta_range) == 2 and min(beta_range) > 0):
            raise InputError(f"beta_range = {beta_range}; give two positive numbers (hot, cold)")
        seed = integer_seed(seed)
        return self._sampled(
            bqm, kwargs, lambda problem: _anneal(problem, num_reads, seed, num_sweeps, beta_range)
        )


def _anneal(
    problem: QuboProblem,
    num_reads: int,
    seed: int,
    num_sweeps: int,
    betas: tuple[float, float] | None,
) -> dimod.SampleSet:
    sampleset: dimod.SampleSet = dwave.samplers.SimulatedAnnealingSampler().sample(  # type: ignore[no-untyped-call]
        problem.to_bqm(),
        num_reads=num_reads,
        seed=seed,
        num_sweeps=num_sweeps,
        beta_range=list(betas or beta_range(problem)),
        beta_schedule_type="geometric",
    )
    sampleset.info.update(
        sampler="sa", seed=seed, num_sweeps=num_sweeps, instance_hash=problem.content_hash
    )
    return sampleset
