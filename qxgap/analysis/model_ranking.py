"""The ranking of models by their distance from the reads of each sampler."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..statistics import Estimate, Resampling, Seed, adjusted_p_values
from ..statistics.goodness import SIGNIFICANCE_LEVEL


@dataclass(frozen=True)
class ModelRank:
    """The distance of one model from the reads of one sampler.

    Attributes
    ----------
    sampler, model : str
        Names of the sampler and of the model.
    num_instances : int
        Number of instances that are compared.
    distance : Estimate
        Median total variation distance from the reads, with its interval.
    expected_distance : float
        Median of the distance by chance, which reads of the model itself would show.
    num_rejected : int
        Number of instances that reject the model at 5 %, when all p-values of the sampler are
        adjusted together.
    num_tested : int
        Number of instances with a p-value.
    num_nearest : int
        Number of instances to which this model is the nearest one.
    """

    sampler: str
    model: str
    num_instances: int
    distance: Estimate
    expected_distance: float
    num_rejected: int
    num_tested: int
    num_nearest: int

    @property
    def acceptable(self) -> bool:
        """Whether the model is tested and no instance rejects it."""
        return self.num_tested > 0 and self.num_rejected == 0

    def __str__(self) -> str:
        verdict = "acceptable" if self.acceptable else "not acceptable"
        return (
            f"{self.model} against {self.sampler}: distance {self.distance} "
            f"({self.expected_distance:.3g} by chance), nearest for {self.num_nearest} of "
            f"{self.num_instances}, {verdict}"
        )


def rank_models(rows: pd.DataFrame, *, seed: Seed = None) -> dict[str, list[ModelRank]]:
    """Rank the models of every sampler, the one of least median distance first.

    P-values are adjusted over all instances and models of a sampler by the procedure of Benjamini
    and Yekutieli, since the same reads are compared with every model.

    Parameters
    ----------
    rows : DataFrame
        Comparisons, with columns sampler, model, instance, cluster, tv_distance, tv_expected and
        p_value.
    seed : int, numpy.random.Generator or None
        Seed of the intervals.

    Returns
    -------
    dict
        Sampler -> ranks of its models.
    """
    ranks = {}
    for sampler, part in rows.groupby("sampler", sort=False):
        known = part.p_value.notna()
        adjusted = pd.Series(np.nan, part.index)
        if known.any():
            p = part.p_value[known].to_numpy(dtype=float)
            adjusted[known] = adjusted_p_values(p, independent=False)
        part = part.assign(adjusted=adjusted)
        nearest = part.loc[part.groupby("instance").tv_distance.idxmin()]
        own = [
            ModelRank(
                sampler=str(sampler),
                model=str(model),
                num_instances=len(group),
                distance=Resampling.of(group.cluster, seed=seed).median(group.tv_distance),
                expected_distance=float(group.tv_expected.median()),
                num_rejected=int((group.adjusted < SIGNIFICANCE_LEVEL).sum()),
                num_tested=int(group.adjusted.notna().sum()),
                num_nearest=int((nearest.model == model).sum()),
            )
            for model, group in part.groupby("model", sort=False)
        ]
        ranks[str(sampler)] = sorted(own, key=lambda rank: rank.distance.value)
    return ranks


def distance_difference(
    rows: pd.DataFrame, first: str, second: str, *, seed: Seed = None
) -> Estimate:
    """Return the difference of the distances of two models from the reads.

    Parameters
    ----------
    rows : DataFrame
        Comparisons of one sampler, as for :func:`rank_models`.
    first, second : str
        Names of the models.
    seed : int, numpy.random.Generator or None
        Seed of the interval.

    Returns
    -------
    Estimate
        Median over the instances that both share of the second model's distance minus the first's;
        NaN if they share none.

    Examples
    --------
    >>> import pandas as pd
    >>> from qxgap.analysis import distance_difference
    >>> rows = pd.DataFrame(
    ...     {
    ...         "instance": ["a", "a", "b", "b"],
    ...         "cluster": ["a", "a", "b", "b"],
    ...         "model": ["near", "far"] * 2,
    ...         "tv_distance": [0.1, 0.3, 0.2, 0.4],
    ...     }
    ... )
    >>> round(distance_difference(rows, "near", "far", seed=1).value, 6)
    0.2
    """
    one, other = (
        rows[rows.model == name].drop_duplicates("instance").set_index("instance")
        for name in (first, second)
    )
    shared = one.index.intersection(other.index)
    if shared.empty:
        return Estimate(np.nan, np.nan, np.nan, 0)
    differences = other.tv_distance[shared] - one.tv_distance[shared]
    return Resampling.of(one.cluster[shared], seed=seed).median(differences)
