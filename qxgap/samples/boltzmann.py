"""Does one temperature explain the reads at all? The Boltzmann law, fitted and tested."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from ..errors import InputError
from ..statistics.distances import expected_total_variation, total_variation
from ..statistics.goodness import Statistic, likelihood_ratio, pool_cells
from ..statistics.seeds import Seed, random_generator
from .energies import Levels
from .temperature import inverse_temperature, level_temperature

CELLS = 1 << 21
"""Probabilities that the bootstrap holds at a time."""


@dataclass(frozen=True)
class BoltzmannFit:
    """How well a Boltzmann law of one, fitted, temperature describes reads.

    Attributes
    ----------
    temperature : the fitted one, in the unit of the energies.
    p_value : probability, under the law, of a misfit as large; small values speak against every
        single temperature. Reads must be independent: pooled runs of different temperatures
        are refused by it, rightly.
    tv_distance, tv_by_chance : total variation over the levels between reads and law, and its
        mean if the law held: how large the misfit is, whatever its significance.
    num_reads : reads.
    """

    temperature: float
    p_value: float
    tv_distance: float
    tv_by_chance: float
    num_reads: int


def boltzmann_fit(
    levels: Levels,
    counts: ArrayLike,
    *,
    statistic: Statistic = likelihood_ratio,
    num_bootstrap: int = 999,
    seed: Seed = 0,
    min_expected: float = 5.0,
) -> BoltzmannFit:
    """Fit one temperature and test whether the law then holds, by parametric bootstrap.

    Reads are drawn from the fitted law and *fitted again*, since a fitted law lies closer to
    its reads than the true one. Cells are pooled as in :func:`~qxgap.statistics.goodness_of_fit`.
    All reads in one level, or two pools, leave nothing to test: p-value 1.

    Parameters
    ----------
    counts : (k,) reads per level. Levels of single states test the full histogram.

    Raises InputError for shapes that differ, no reads, or num_bootstrap < 1.

    Source: Davison & Hinkley, Bootstrap Methods and their Application (1997), section 4.2.
    """
    observed = np.asarray(counts, dtype=np.float64)
    if observed.shape != levels.energies.shape or num_bootstrap < 1:
        raise InputError(f"counts {observed.shape}; one for each of {levels.energies.size} levels")
    temperature = level_temperature(levels, observed).value
    reads, law = int(observed.sum()), levels.boltzmann(temperature)
    near = total_variation(observed / reads, law), expected_total_variation(law, reads)
    p_value = 1.0
    if np.count_nonzero(observed) > 1 and np.ptp(levels.energies) > 0:
        order, starts = pool_cells(reads * law, min_expected)
        if starts.size > 2:
            rng = random_generator(seed)
            cells = _Pools(levels, order, starts, reads, statistic)
            exceeding = cells.exceedances(observed, law, num_bootstrap, rng)
            p_value = (1 + exceeding) / (1 + num_bootstrap)
    return BoltzmannFit(temperature, p_value, *near, reads)


@dataclass(frozen=True, eq=False)
class _Pools:
    levels: Levels
    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    reads: int
    statistic: Statistic

    def exceedances(
        self, observed: NDArray, law: NDArray, num_bootstrap: int, rng: np.random.Generator
    ) -> int:
        """How many sets of reads drawn from the law lie as far from their own fit as these."""
        threshold = float(self._misfit(observed[None, :])[0]) - 1e-9
        exceeding, batch = 0, max(1, CELLS // law.size)
        for start in range(0, num_bootstrap, batch):
            size = min(batch, num_bootstrap - start)
            drawn = rng.multinomial(self.reads, law, size=size).astype(np.float64)
            exceeding += int((self._misfit(drawn) >= threshold).sum())
        return exceeding

    def _misfit(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Statistic of counts (n, k), each against its own fit: (n,)."""
        energies = self.levels.energies - self.levels.energies[0]
        beta = inverse_temperature(self.levels, counts @ energies / self.reads)
        steps = np.diff(energies)
        limit = 1000 / float(steps[steps > 0].min())
        beta = np.clip(beta, -limit, limit)  # all reads in one level: the limit law, to rounding
        exponents = np.log(self.levels.degeneracies) - beta[:, None] * energies
        law = np.exp(exponents - logsumexp(exponents, axis=1, keepdims=True))
        pooled = [
            np.add.reduceat(a[:, self.order], self.starts, axis=1)
            for a in (counts, self.reads * law)
        ]
        return self.statistic(pooled[0], np.maximum(pooled[1], 1e-300))
