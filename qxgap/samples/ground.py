"""The ground states in reads, or the states near them: how often they are read."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

import dimod
import numpy as np

from ..digits import percent
from ..errors import InputError
from ..observables import NearOptimum
from ..problem.accept import ProblemLike, as_problem
from ..problem.proven_levels import LevelStatus
from ..results import Result, plain
from ..statistics.dispersion import (
    Overdispersion,
    effective_sample_size,
    outlier_runs,
    overdispersion,
)
from ..statistics.intervals import cluster_interval, jeffreys_interval
from ..statistics.seeds import Seed
from .alignment import Ground, Reads, aligned_runs, ground_levels

if TYPE_CHECKING:
    import pandas as pd

FEW_CLUSTERS = 5
"""With fewer clusters than this the bootstrap interval covers the truth noticeably less often than
its confidence level says; see :func:`~qxgap.statistics.cluster_interval`."""


class GroundStatus(Enum):
    """What a ground probability and its interval are worth; the value is the message."""

    NOT_PROVEN = (
        "the lowest energy known is not proven to be the lowest: the true ground probability may "
        "be smaller; give ground=BranchAndBound(max_nodes=...) with more nodes"
    )
    MEASURED = "the interval includes how much the runs differ"
    SINGLE_RUN = (
        "there is a single run: the interval includes the chance of independent reads, but not how "
        "much runs differ; measure several runs"
    )
    FEW_RUNS = (
        "there are fewer than five independent runs: their spread is uncertain and the interval is "
        "too short; measure more runs"
    )
    OUTLIERS = (
        "some runs differ from the others by far more than chance; find out what is wrong with "
        "them before you quote the pooled value"
    )


@dataclass(frozen=True, repr=False)
class GroundProbability(Result):
    """The fraction of reads in the ground subspace, or near it, and how certain it is.

    Attributes
    ----------
    value : float
        Ground reads over all reads of all runs; with ``near``, reads that are nearly as good too.
    interval : tuple of float
        The interval to quote: from the lower of the two low ends of ``jeffreys`` and ``clustered``
        to the higher of the two high ends.
    jeffreys : tuple of float
        The interval if all reads were independent.
    clustered : tuple of float or None
        The bootstrap interval over the clusters; None for a single cluster.
    num_reads : int
        Number of all reads.
    clusters : tuple of hashable
        Names of the clusters: the groups of runs that are independent of each other.
    values : tuple of float
        Ground probability of each cluster.
    reads : tuple of int
        Number of reads of each cluster.
    overdispersion : Overdispersion or None
        Spread of the clusters beyond the binomial; None for a single cluster.
    outliers : tuple of hashable
        Names of the clusters that are far from the bulk; see
        :func:`~qxgap.statistics.outlier_runs`. They are included in all numbers here.
    effective_sample_size : float
        Number of independent reads that would be as informative.
    confidence_level : float
        Confidence level of the intervals.
    ground_energy : float
        The ground energy, or the lowest energy known, with the problem's offset.
    ground : LevelStatus
        How it is known.
    near : NearOptimum or None
        What counts beside the ground states; None if only they count.
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
    confidence_level: float
    ground_energy: float = field(compare=False)
    ground: LevelStatus
    near: NearOptimum | None = None

    @property
    def status(self) -> GroundStatus:
        """What the interval includes, or that the ground energy is not proven."""
        if not self.ground.is_proven:
            return GroundStatus.NOT_PROVEN
        if self.outliers:
            return GroundStatus.OUTLIERS
        if len(self.clusters) == 1:
            return GroundStatus.SINGLE_RUN
        few = len(self.clusters) < FEW_CLUSTERS
        return GroundStatus.FEW_RUNS if few else GroundStatus.MEASURED

    def to_dict(self) -> dict[str, Any]:
        """Return the ground probability as plain Python values.

        Returns
        -------
        dict
            The keys of ``qxgap compare --json`` for the value and its interval, the number of
            reads, the clusters with their values, the ground energy with how it is known, and the
            status. With ``near`` the value has the key ``near_probability``, and its definition
            stands beside it.
        """
        spread = None if self.overdispersion is None else self.overdispersion.factor
        name = "ground_probability" if self.near is None else "near_probability"
        return {
            name: self.value,
            f"{name}_interval": list(self.interval),
            **({} if self.near is None else {"near": repr(self.near)}),
            "num_reads": self.num_reads,
            "clusters": plain(self.clusters),
            "values": list(self.values),
            "reads": list(self.reads),
            "overdispersion": spread,
            "outliers": plain(self.outliers),
            "effective_sample_size": self.effective_sample_size,
            "confidence_level": self.confidence_level,
            "ground_energy": self.ground_energy,
            "ground_status": self.ground.name,
            "status": self.status.name,
        }

    def plot(self, ax: Any = None) -> Any:
        """Draw the ground probability of each cluster, beside the pooled one and its interval.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import group_values  # loads matplotlib

        outliers = [i for i, name in enumerate(self.clusters) if name in set(self.outliers)]
        return group_values(
            self.clusters,
            self.values,
            self.value,
            self.interval,
            "run",
            "share of ground states" if self.near is None else f"share {self.near.in_words()}",
            outliers=outliers,
            ax=ax,
        )

    def to_dataframe(self) -> pd.DataFrame:
        """Return the ground probability of each cluster as a table.

        Returns
        -------
        pandas.DataFrame
            The columns cluster, ground_probability (with ``near``, near_probability), reads and
            outlier, a row for each cluster.
        """
        import pandas as pd

        outliers = set(self.outliers)
        return pd.DataFrame(
            {
                "cluster": list(self.clusters),
                "ground_probability" if self.near is None else "near_probability": self.values,
                "reads": self.reads,
                "outlier": [cluster in outliers for cluster in self.clusters],
            }
        )

    def __str__(self) -> str:
        low, high = self.interval
        what = "are ground states" if self.near is None else f"lie {self.near.in_words()}"
        if not self.ground.is_proven:
            known = "known, which is not proven to be the lowest"
            what = f"have the lowest energy {known}" if self.near is None else f"{what} {known}"
        text = (
            f"{percent(self.value)} % of the {self.num_reads} reads {what} "
            f"({percent(self.confidence_level)} % interval {percent(low)} to {percent(high)} %)."
        )
        if self.ground is LevelStatus.PROVEN:
            text += f" The ground energy {self.ground_energy:.4g} is proven by branch and bound."
        if self.overdispersion is not None:
            spread = self.overdispersion.factor**0.5
            extent = f"{spread:.2g} times as much as" if spread > 1 else "no more than"
            text += f" The {len(self.clusters)} runs differ {extent} independent reads would."
        if self.outliers:
            text += f" Far from the other runs: {', '.join(map(str, self.outliers))}."
        return text


def ground_probability(
    problem: ProblemLike,
    samplesets: Sequence[dimod.SampleSet] | Sequence[Reads],
    *,
    clusters: Sequence[Hashable] | None = None,
    ground: Ground = None,
    near: NearOptimum | None = None,
    confidence_level: float = 0.95,
    false_alarm: float = 0.01,
    seed: Seed = None,
) -> GroundProbability:
    """Measure the probability of reading a ground state, from one run of a problem or more.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem that was sampled.
    samplesets : sequence of dimod.SampleSet or of Reads
        The reads of each run. Sample sets are aligned here, and their energies are checked.
    clusters : sequence of hashable or None
        The name of the cluster of each run. Runs that are not independent of each other, for
        instance because they share an embedding or a gauge, have the same name. None makes every
        run its own cluster, named by ``info["run"]`` or by its position.
    ground : KnownLevels, AllStates, BranchAndBound, float or None
        The ground energy with the problem's offset, or the method that finds it. None takes all
        2^d states up to 24 qubits, and branch and bound beyond.
    near : NearOptimum, optional
        What counts beside the ground states, for the time to epsilon; by default nothing.
    confidence_level : float
        Confidence level of the intervals, in (0, 1).
    false_alarm : float
        Probability that any cluster is called an outlier if there is none.
    seed : int, numpy.random.Generator or None
        Seed of the bootstrap over clusters.

    Returns
    -------
    GroundProbability
        The pooled value, its intervals, and how much the clusters differ.

    Raises
    ------
    InputError
        If there are no runs, if ``clusters`` has not one name for each run, or if ``align``
        refuses a sample set.
    MemoryLimitError
        If all states are asked for and do not fit into memory.

    Examples
    --------
    >>> import qxgap as qx
    >>> recorded = qx.samples.iitis()
    >>> runs = recorded.select("Advantage2_system1.4", annealing_time_us=500)
    >>> measured = qx.samples.ground_probability(recorded.problem, runs, seed=0)
    >>> round(measured.value, 3), measured.num_reads
    (0.899, 5000)
    >>> near = qx.observables.NearOptimum(0.05)
    >>> close = qx.samples.ground_probability(recorded.problem, runs, near=near, seed=0)
    >>> round(close.value, 3)
    0.996
    """
    problem = as_problem(problem)
    aligned = aligned_runs(problem, samplesets, "samplesets")
    names = list(clusters) if clusters is not None else _run_names(samplesets)
    if not aligned or len(names) != len(aligned):
        raise InputError(f"{len(names)} clusters for {len(aligned)} runs; name one for each run")
    levels = ground_levels(aligned, ground)
    unique = tuple(dict.fromkeys(names))
    successes = np.zeros(len(unique), dtype=np.int64)
    reads = np.zeros(len(unique), dtype=np.int64)
    for name, run in zip(names, aligned, strict=True):
        successes[unique.index(name)] += run.ground_reads(levels, near)
        reads[unique.index(name)] += run.num_reads
    several = len(unique) > 1
    jeffreys = jeffreys_interval(int(successes.sum()), int(reads.sum()), confidence_level)
    clustered = (
        cluster_interval(successes, reads, confidence_level=confidence_level, seed=seed)
        if several
        else None
    )
    ends = [jeffreys, clustered or jeffreys]
    return GroundProbability(
        value=float(successes.sum() / reads.sum()),
        interval=(min(low for low, _ in ends), max(high for _, high in ends)),
        jeffreys=jeffreys,
        clustered=clustered,
        num_reads=int(reads.sum()),
        clusters=unique,
        values=tuple((successes / reads).tolist()),
        reads=tuple(reads.tolist()),
        overdispersion=overdispersion(successes, reads) if several else None,
        outliers=tuple(unique[i] for i in outlier_runs(successes, reads, false_alarm=false_alarm)),
        effective_sample_size=(
            effective_sample_size(successes, reads) if several else float(reads.sum())
        ),
        confidence_level=confidence_level,
        ground_energy=levels.lowest_energy,
        ground=levels.status,
        near=near,
    )


def _run_names(samplesets: Sequence[dimod.SampleSet] | Sequence[Reads]) -> list[Hashable]:
    """Return the run names that the sample sets carry, or their positions if not all differ."""
    names = [getattr(sampleset, "info", {}).get("run") for sampleset in samplesets]
    named = all(isinstance(name, int | str) for name in names) and len(set(names)) == len(names)
    return list(names) if named else list(range(len(names)))
