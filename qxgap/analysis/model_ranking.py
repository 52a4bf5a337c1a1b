"""Which model is nearest to the reads of each sampler, and is any acceptable?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..statistics import adjusted_p_values
from ..statistics.bootstrap import Estimate, Resampling
from ..statistics.goodness import SIGNIFICANCE_LEVEL


@dataclass(frozen=True)
class Rung:
    """A model of one sampler.

    Attributes
    ----------
    sampler, model : names.
    num_instances : compared.
    distance : median total variation from the reads, with its interval.
    by_chance : median of what the model's own reads would show.
    rejected : instances that reject it at 5 %, all p-values of the sampler adjusted together.
    tested : instances with a p-value.
    nearest : instances to which it is the nearest model.
    """

    sampler: str
    model: str
    num_instances: int
    distance: Estimate
    by_chance: float
    rejected: int
    tested: int
    nearest: int

    @property
    def acceptable(self) -> bool:
        """Whether it was tested and no instance rejects it."""
        return self.tested > 0 and self.rejected == 0


def ladder(rows: pd.DataFrame, *, seed: int) -> dict[str, list[Rung]]:
    """Models of every sampler, the one of least median distance first.

    P-values are adjusted over all instances and models of a sampler by Benjamini and Yekutieli's
    procedure, since the same reads are held against every model.

    Parameters
    ----------
    rows : comparisons: sampler, model, instance, cluster, tv_distance, tv_expected, p_value.
    """
    found = {}
    for sampler, part in rows.groupby("sampler", sort=False):
        known = part.p_value.notna()
        adjusted = pd.Series(np.nan, part.index)
        if known.any():
            p = part.p_value[known].to_numpy(dtype=float)
            adjusted[known] = adjusted_p_values(p, independent=False)
        part = part.assign(adjusted=adjusted)
        least = part.loc[part.groupby("instance").tv_distance.idxmin()]
        rungs = [
            Rung(
                sampler=str(sampler),
                model=str(model),
                num_instances=len(own),
                distance=Resampling.of(own.cluster, seed=seed).median(own.tv_distance),
                by_chance=float(own.tv_expected.median()),
                rejected=int((own.adjusted < SIGNIFICANCE_LEVEL).sum()),
                tested=int(own.adjusted.notna().sum()),
                nearest=int((least.model == model).sum()),
            )
            for model, own in part.groupby("model", sort=False)
        ]
        found[str(sampler)] = sorted(rungs, key=lambda rung: rung.distance.value)
    return found


def lead(rows: pd.DataFrame, first: str, second: str, *, seed: int) -> Estimate:
    """Median over shared instances of the second model's distance minus the first's.

    Parameters
    ----------
    rows : comparisons of one sampler.
    """
    one, other = (
        rows[rows.model == name].drop_duplicates("instance").set_index("instance")
        for name in (first, second)
    )
    shared = one.index.intersection(other.index)
    if shared.empty:
        return Estimate(np.nan, np.nan, np.nan, 0)
    apart = other.tv_distance[shared] - one.tv_distance[shared]
    return Resampling.of(one.cluster[shared], seed=seed).median(apart)
