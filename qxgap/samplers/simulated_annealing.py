"""Simulated annealing with temperatures that suit the problem.

The annealer is that of dwave-neal. Since version 0.6 dwave-neal only exports the class of
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
"""Energy that the end of the annealing resolves, as a fraction of the largest energy of a flip."""


def beta_range(problem: ProblemLike) -> tuple[float, float]:
    """Return the inverse temperatures at which simulated annealing begins and ends.

    With L the largest energy that one flip can cost (:func:`flip_scale`): at the hot end such a
    flip is accepted with probability 1/2; at the cold end, fewer than 1 in 100 sweeps accepts any
    of d flips that cost ``L / 1000`` each. The range follows the energy scale and no single
    coefficient: where fields cancel, levels lie much closer than the smallest coefficient.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem, of d variables.

    Returns
    -------
    tuple of float
        ``(ln 2 / L, 1000 ln(100 d) / L)``, hot and cold, in the inverse of the problem's energy
        unit; (1, 1) if every coefficient is zero.

    Examples
    --------
    >>> import qxgap as qx
    >>> hot, cold = qx.samplers.beta_range(qx.QuboProblem([-1.0], [[0.0]]))
    >>> round(hot, 4), round(cold, 1)
    (0.6931, 4605.2)
    """
    problem = as_problem(problem)
    largest = flip_scale(problem)
    if largest == 0.0:
        return 1.0, 1.0
    return math.log(2) / largest, math.log(100 * problem.num_qubits) / (RESOLUTION * largest)


class SimulatedAnnealingSampler(ProblemSampler):
    """Simulated annealing by dwave-neal, over a range of temperatures that suits the model.

    The inverse temperature grows geometrically, in sweeps of Metropolis updates in fixed order.

    Attributes
    ----------
    references : tuple of str
        Keys of the works to cite (``qxgap cite``).

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(6, 1)
    >>> sampler = qx.samplers.SimulatedAnnealingSampler()
    >>> sampleset = qx.sample(problem, sampler, num_reads=10, seed=1)
    >>> len(sampleset), sampleset.info["sampler"], sampleset.info["num_sweeps"]
    (10, 'sa', 1000)
    """

    NAME: ClassVar = "sa"
    PARAMETERS: ClassVar = {"num_reads": (), "seed": (), "num_sweeps": (), "beta_range": ()}
    references: ClassVar = ("dwavesamplers",)

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
        """Anneal a model ``num_reads`` times.

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            The model, of either vartype.
        num_reads : int
            Number of runs.
        seed : int, numpy.random.Generator or None
            Seed of the runs, in [0, 2^31) if it is a number.
        num_sweeps : int
            Metropolis sweeps of a run.
        beta_range : tuple of float or None
            Inverse temperatures (hot, cold); None takes :func:`beta_range`. ``info`` records it.
        **kwargs : object
            Other arguments are ignored with a warning.

        Returns
        -------
        dimod.SampleSet
            One row per run, in the model's vartype.

        Raises
        ------
        InputError
            For fewer than one read or sweep, or a range that is not positive.
        """
        require_positive(num_reads=num_reads)
        require_sweeps(num_sweeps)
        if beta_range is not None and not (len(beta_range) == 2 and min(beta_range) > 0):
            raise InputError(f"beta_range = {beta_range}; give two positive numbers (hot, cold)")
        seed = integer_seed(seed)

        def draw(problem: QuboProblem) -> dimod.SampleSet:
            return _anneal(problem, num_reads, seed, num_sweeps, beta_range)

        return self._answer(bqm, draw, seed, kwargs)


def _anneal(
    problem: QuboProblem,
    num_reads: int,
    seed: int,
    num_sweeps: int,
    betas: tuple[float, float] | None,
) -> dimod.SampleSet:
    """Anneal the problem between two inverse temperatures, or over those that suit it."""
    sampler = dwave.samplers.SimulatedAnnealingSampler()  # type: ignore[no-untyped-call]
    sampleset: dimod.SampleSet = sampler.sample(
        problem.to_bqm(),
        num_reads=num_reads,
        seed=seed,
        num_sweeps=num_sweeps,
        beta_range=list(betas or beta_range(problem)),
        beta_schedule_type="geometric",
    )
    sampleset.info["num_sweeps"] = num_sweeps
    return sampleset
