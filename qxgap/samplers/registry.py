"""One call for every sampler, and the names that the command line and study files use."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import dimod
import dwave.samplers

from ..checks import kind_of
from ..errors import InputError
from ..problem.accept import ProblemLike, as_problem
from ..statistics.seeds import Seed, integer_seed
from .base import ProblemSampler, require_positive
from .dwave import DWaveAnnealer
from .given import GivenReads
from .monte_carlo import PathIntegralSampler, RotorSampler
from .schrodinger import SchrodingerSampler
from .searches import ExactSampler, TabuSampler
from .simulated_annealing import SimulatedAnnealingSampler
from .thermal import GibbsSampler, TreeSampler

SAMPLERS: Mapping[str, type[dimod.Sampler]] = MappingProxyType(  # type: ignore[name-defined]
    {
        "sa": SimulatedAnnealingSampler,
        "exact": ExactSampler,
        "schrodinger": SchrodingerSampler,
        "gibbs": GibbsSampler,
        "pathintegral": PathIntegralSampler,
        "rotor": RotorSampler,
        "tree": TreeSampler,
        "tabu": TabuSampler,
        "greedy": dwave.samplers.SteepestDescentSampler,
        "dwave": DWaveAnnealer,
    }
)
"""Classes of samplers by the names that the command line and study files use."""


def sampler_named(name: str) -> dimod.Sampler:  # type: ignore[name-defined]
    """Make the sampler that a command line or a study file names.

    Parameters
    ----------
    name : str
        A key of ``SAMPLERS``: ``"sa"`` (simulated annealing), ``"pathintegral"``, ``"rotor"``
        (Monte Carlo in the fields of a schedule), ``"schrodinger"`` (final state of a closed
        anneal), ``"gibbs"``, ``"tree"`` (exact thermal states), ``"tabu"``, ``"greedy"``
        (searches), ``"exact"`` (every state once), or ``"dwave"`` (an annealer, or a mock of one).

    Returns
    -------
    dimod.Sampler
        The sampler with its default settings.

    Raises
    ------
    InputError
        For an unknown name; the message lists the known ones.

    Examples
    --------
    >>> import qxgap as qx
    >>> type(qx.samplers.sampler_named("gibbs")).__name__
    'GibbsSampler'
    """
    if name not in SAMPLERS:
        raise InputError(f"unknown sampler {name!r}; known: {', '.join(SAMPLERS)}")
    return SAMPLERS[name]()


def sample(
    problem: ProblemLike,
    sampler: dimod.Sampler | type[dimod.Sampler] = SimulatedAnnealingSampler,  # type: ignore[name-defined]
    *,
    num_reads: int = 1000,
    seed: Seed = None,
    **options: Any,
) -> dimod.SampleSet:
    """Draw samples of a problem with any dimod sampler.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.
    sampler : dimod.Sampler or a class of them
        The sampler, such as ``qx.samplers.GibbsSampler()``; a class is called without arguments.
        By default, simulated annealing. :mod:`qxgap.samplers` has the samplers of this package,
        and any other sampler with dimod's interface is accepted.
    num_reads : int
        Number of reads.
    seed : int, numpy.random.Generator or None
        Seed of the reads, in [0, 2^31) if it is a number. Hardware cannot be seeded.
    **options : object
        Other parameters that the sampler declares, such as ``tau``, ``schedule``, ``temperature``
        or ``num_sweeps``.

    Returns
    -------
    dimod.SampleSet
        BINARY rows. ``info`` has ``sampler``, ``seed`` and ``instance_hash``.

    Raises
    ------
    InputError
        For an object that is no sampler, an option that the sampler does not take, and values that
        it refuses.
    MemoryLimitError
        Before anything of size 2^d is allocated.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -2.0], [[0.0, 1.5], [0.0, 0.0]])
    >>> print(qx.sample(problem, num_reads=10, seed=1).first.energy)
    -2.0
    >>> sampleset = qx.sample(problem, qx.SchrodingerSampler(), num_reads=10, seed=1, tau=5.0)
    >>> sampleset.info["sampler"], sampleset.info["seed"]
    ('schrodinger', 1)
    """
    problem = as_problem(problem)
    chosen = _as_sampler(sampler)
    require_positive(num_reads=num_reads)
    undeclared = [name for name in options if name not in chosen.parameters]
    if undeclared:
        raise InputError(
            f"sampler {sampler_name(chosen)!r} takes no {', '.join(undeclared)}; it takes "
            f"{', '.join(chosen.parameters) or 'no parameter'}"
        )
    common = {"num_reads": num_reads, "seed": integer_seed(seed)}
    common = {name: value for name, value in common.items() if name in chosen.parameters}
    sampleset: dimod.SampleSet = chosen.sample(problem.to_bqm(), **common, **options)
    if not isinstance(chosen, ProblemSampler):  # which records these itself
        sampleset.info.update(
            sampler=sampler_name(chosen),
            seed=common.get("seed"),
            instance_hash=problem.content_hash,
        )
    return sampleset


def _as_sampler(sampler: Any) -> dimod.Sampler:  # type: ignore[name-defined]
    """Return a sampler itself, or one of its class; InputError for anything else."""
    interface = dimod.Sampler  # type: ignore[attr-defined]
    if isinstance(sampler, type) and issubclass(sampler, interface):
        return sampler()
    if isinstance(sampler, interface):
        return sampler
    if isinstance(sampler, str) and sampler in SAMPLERS:
        remedy = f"give qx.samplers.{SAMPLERS[sampler].__name__}()"
        if sampler == "greedy":
            remedy = "give dwave.samplers.SteepestDescentSampler()"
    else:
        remedy = "give a dimod sampler, such as qx.samplers.SimulatedAnnealingSampler()"
    raise InputError(f"sampler is {kind_of(sampler)}; {remedy}")


def sampler_name(sampler: dimod.Sampler) -> str:  # type: ignore[name-defined]
    """Return the name of a sampler in ``SAMPLERS``, of given reads, or else of its class."""
    if isinstance(sampler, GivenReads):
        return sampler.name
    kind = type(sampler)
    return next((name for name, known in SAMPLERS.items() if known is kind), kind.__name__)
