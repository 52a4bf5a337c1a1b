"""How often are ground states read? Over runs that may not agree."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import dimod
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..problem.accept import ProblemLike, as_problem
from ..samplers.sampleset import require_runs
from ..statistics.dispersion import (
    Overdispersion,
    effective_sample_size,
    outlier_runs,
    overdispersion,
)
from ..statistics.intervals import cluster_interval, jeffreys_interval
from ..statistics.seeds import Seed
from .alignment import Reads, align


@dataclass(frozen=True)
class GroundProbability:
    """Fraction of the reads that are in the ground space, and how sure it is.

    Attributes
    ----------
    value : pooled over all reads.
    interval : the wider hull of ``jeffreys`` and ``clustered``: what to quote.
    jeffreys : interval for independent reads.
    clustered : bootstrap interval over the clusters; None for a single one.
    num_reads : all of them.
    clusters : their names, with ``values``, the probability in each, and ``reads`` of each.
    overdispersion : spread of the clusters beyond the binomial; None for a single one.
    outliers : names of clusters far from the bulk; see :func:`~qxgap.statistics.outlier_runs`.
        They are *not* left out of anything here.
    effective_sample_size : independent reads of equal worth.
    level : of the intervals.
    """

    value: float
    interval: tuple[float, float]
    jeffreys: tuple[float, float]
    clustered: tuple[float, float] | None
    num_reads: int
    clusters: tuple[Hashable, ...]
    values: tuple[float, ...]
    reads: tuple[int, ...]
    overdispersion: Overdispersion | None
    outliers: tuple[Hashable, ...]
    effective_sample_size: float
    level: float

    def __str__(self) -> str:
        low, high = self.interval
        text = (
            f"ground probability {self.value:.4g} [{low:.4g}, {high:.4g}], {self.num_reads} reads"
        )
        if self.overdispersion is not None:
            spread = self.overdispersion.factor**0.5
            text += f" in {len(self.clusters)} clusters, spread {spread:.2g} times binomial"
        if self.outliers:
            text += f"; outliers: {', '.join(map(str, self.outliers))}"
        return text


def ground_probability(
    problem: ProblemLike,
    samplesets: Sequence[dimod.SampleSet] | Sequence[Reads],
    *,
    clusters: Sequence[Hashable] | None = None,
    ground_energy: float | None = None,
    level: float = 0.95,
    false_alarm: float = 0.01,
    seed: Seed = 0,
) -> GroundProbability:
    """Probability of reading a ground state, from one or more runs of a problem.

    Parameters
    ----------
    samplesets : of each run; aligned here, energies checked.
    clusters : for each run, what it shares with others that are not independent of it: an
        embedding, a gauge. None: every run is a cluster, named by ``info["run"]`` or position.
    ground_energy : offset included; None computes it from all 2^d states.
    level, seed : of the intervals.
    false_alarm : chance of naming any outlier among clusters without one.

    Raises
    ------
    InputError : for no runs, names that are not one for each run, or what ``align`` refuses.
    MemoryLimitError : if ``ground_energy`` is None and 2^d energies do not fit.
    """
    problem = as_problem(problem)
    require_runs(samplesets, "samplesets")
    aligned = [x if isinstance(x, Reads) else align(problem, x) for x in samplesets]
    names = list(clusters) if clusters is not None else _run_names(samplesets)
    if not aligned or len(names) != len(aligned):
        raise InputError(f"{len(names)} clusters for {len(aligned)} runs; name one for each run")
    unique = tuple(dict.fromkeys(names))
    k, n = np.zeros(len(unique), dtype=np.int64), np.zeros(len(unique), dtype=np.int64)
    for name, run in zip(names, aligned, strict=True):
        k[unique.index(name)] += run.ground_reads(ground_energy)
        n[unique.index(name)] += run.num_reads
    return _of_counts(unique, k, n, level, false_alarm, seed)


def _of_counts(
    names: tuple[Hashable, ...],
    k: NDArray[np.int64],
    n: NDArray[np.int64],
    level: float,
    false_alarm: float,
    seed: Seed,
) -> GroundProbability:
    jeffreys = jeffreys_interval(int(k.sum()), int(n.sum()), level)
    clustered = cluster_interval(k, n, confidence_level=level, seed=seed) if k.size > 1 else None
    ends = [jeffreys, clustered or jeffreys]
    return GroundProbability(
        value=float(k.sum() / n.sum()),
        interval=(min(low for low, _ in ends), max(high for _, high in ends)),
        jeffreys=jeffreys,
        clustered=clustered,
        num_reads=int(n.sum()),
        clusters=names,
        values=tuple((k / n).tolist()),
        reads=tuple(n.tolist()),
        overdispersion=overdispersion(k, n) if k.size > 1 else None,
        outliers=tuple(names[i] for i in outlier_runs(k, n, false_alarm=false_alarm)),
        effective_sample_size=effective_sample_size(k, n) if k.size > 1 else float(n.sum()),
        level=level,
    )


def _run_names(samplesets: Sequence[dimod.SampleSet] | Sequence[Reads]) -> list[Hashable]:
    told = [getattr(x, "info", {}).get("run") for x in samplesets]
    named = all(isinstance(name, int | str) for name in told) and len(set(told)) == len(told)
    return list(told) if named else list(range(len(told)))
