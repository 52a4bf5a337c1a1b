"""All samplers by name, and one call for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import dimod
import dwave.samplers

from ..checks import kind_of
from ..errors import InputError
from ..problem.accept import ProblemLike, as_problem
from ..statistics.seeds import Seed, integer_seed
from .base import require_positive
from .dwave.sampler import DWaveAnnealer
from .exact import ExactSampler
from .monte_carlo import PathIntegralSampler, RotorSampler
from .schrodinger import SchrodingerSampler
from .simulated_annealing import SimulatedAnnealingSampler
from .tabu import TabuSampler
from .thermal import GibbsSampler, TreeSampler

SAMPLERS: Mapping[str, Callable[[], dimod.Sampler]] = MappingProxyType(  # type: ignore[name-defined]
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
"""What :func:`sample` knows by name: calls that make a dimod sampler."""


def sampler_named(name: str) -> dimod.Sampler:  # type: ignore[name-defined]
    """Make the sampler of that name; InputError lists the names."""
    if name not in SAMPLERS:
        raise InputError(f"unknown sampler {name!r}; known: {', '.join(SAMPLERS)}")
    return SAMPLERS[name]()


def sample(
    problem: ProblemLike,
    sampler: str | dimod.Sampler = "sa",  # type: ignore[name-defined]
    *,
    num_reads: int = 1000,
    seed: Seed = None,
    **options: Any,
) -> dimod.SampleSet:
    """Sample ``problem``; BINARY rows, with ``sampler``, ``seed``, ``instance_hash`` in ``info``.

    Parameters
    ----------
    sampler : any dimod sampler, or a key of ``SAMPLERS``: ``"sa"`` (simulated annealing),
        ``"pathintegral"``, ``"rotor"`` (Monte Carlo in the fields of a schedule),
        ``"schrodinger"`` (final state of a closed anneal), ``"gibbs"``, ``"tree"`` (exact thermal
        states), ``"tabu"``, ``"greedy"`` (searches), ``"dwave"`` (an annealer, or a mock of one),
        or ``"exact"``, which lists every state once whatever ``num_reads`` and ``seed``.
    num_reads : rows to draw.
    seed : integer in [0, 2^31) or numpy Generator. Hardware cannot be seeded.
    options : other parameters that the sampler declares, such as ``tau``, ``schedule``,
        ``temperature``, ``num_sweeps``.

    Raises
    ------
    InputError : for an unknown sampler, an option that it does not take, and what the sampler
        itself refuses.
    MemoryLimitError : before anything of size 2^d is allocated.
    """
    problem = as_problem(problem)
    drawer = sampler_named(sampler) if isinstance(sampler, str) else sampler
    if not isinstance(drawer, dimod.Sampler):  # type: ignore[attr-defined]
        raise InputError(
            f"sampler is {kind_of(drawer)}; give one of {', '.join(SAMPLERS)}, or a dimod sampler"
        )
    require_positive(num_reads=num_reads)
    unknown = [name for name in options if name not in drawer.parameters]
    if unknown:
        raise InputError(
            f"sampler {sampler_name(drawer)!r} takes no {', '.join(unknown)}; it takes "
            f"{', '.join(drawer.parameters) or 'no parameter'}"
        )
    wanted = {"num_reads": num_reads, "seed": integer_seed(seed)}
    taken = {name: value for name, value in wanted.items() if name in drawer.parameters}
    sampleset: dimod.SampleSet = drawer.sample(problem.to_bqm(), **taken, **options)
    sampleset.info.update(
        sampler=sampler_name(drawer), seed=taken.get("seed"), instance_hash=problem.content_hash
    )
    return sampleset


def sampler_name(sampler: dimod.Sampler) -> str:  # type: ignore[name-defined]
    """Name of a sampler in the registry, else that of its class."""
    kind = type(sampler)
    return next((name for name, made in SAMPLERS.items() if made is kind), kind.__name__)
