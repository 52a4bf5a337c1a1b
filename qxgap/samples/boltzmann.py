"""Fit and test of a Boltzmann law: whether one temperature explains the reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from ..errors import InputError
from ..results import Result, plain
from ..statistics.bootstrap import histogram_draws, require_resamples
from ..statistics.distances import expected_total_variation, total_variation
from ..statistics.goodness import (
    ROUNDING,
    SIGNIFICANCE_LEVEL,
    Statistic,
    likelihood_ratio,
    pool_cells,
)
from ..statistics.seeds import Seed, random_generator
from .energies import Levels
from .temperature import inverse_temperature, level_temperature


class BoltzmannStatus(Enum):
    """Whether reads are Boltzmann distributed; the value is the message."""

    CONSISTENT = "a Boltzmann law of one temperature describes the reads, as far as they can tell"
    REJECTED = (
        "no Boltzmann law of a single temperature describes the reads (p < 5 %): do not quote the "
        "fitted temperature without saying so"
    )


@dataclass(frozen=True, repr=False)
class BoltzmannFit(Result):
    """The Boltzmann law of one fitted temperature, and its agreement with reads.

    Attributes
    ----------
    temperature : float
        The fitted temperature, in the unit of the energies.
    p_value : float
        Probability, under the fitted law, of a misfit as large as observed. A small value is
        evidence against every single temperature. The test assumes independent reads; pooled runs
        of different temperatures are rejected, as they should be.
    tv_distance : float
        Total variation, over the levels, between the reads and the fitted law.
    tv_by_chance : float
        Mean of ``tv_distance`` if the law held: it shows how large the misfit is, whatever its
        significance.
    num_reads : int
        Number of reads.
    """

    temperature: float
    p_value: float
    tv_distance: float
    tv_by_chance: float
    num_reads: int

    @property
    def status(self) -> BoltzmannStatus:
        """Whether the law is rejected at a significance level of 5 %."""
        rejected = self.p_value < SIGNIFICANCE_LEVEL
        return BoltzmannStatus.REJECTED if rejected else BoltzmannStatus.CONSISTENT

    def to_dict(self) -> dict[str, Any]:
        """Return the fit as plain Python values.

        Returns
        -------
        dict
            The temperature as ``effective_temperature``, the test, and the status.
        """
        values = {
            "effective_temperature": self.temperature,
            "p_value": self.p_value,
            "tv_distance": self.tv_distance,
            "tv_by_chance": self.tv_by_chance,
            "num_reads": self.num_reads,
            "status": self.status,
        }
        return {name: plain(value) for name, value in values.items()}

    def __str__(self) -> str:
        rejected = self.status is BoltzmannStatus.REJECTED
        verdict = "No single temperature describes" if rejected else "One temperature describes"
        return (
            f"{verdict} the {self.num_reads} reads"
            f"{'' if rejected else ', as far as so many can tell'}: the nearest is "
            f"{self.temperature:.3g}, at a distance (total variation) of {self.tv_distance:.2g} "
            f"where chance alone gives {self.tv_by_chance:.2g}; a misfit like this has the "
            f"probability {self.p_value:.2g} if the law holds."
        )


def boltzmann_fit(
    levels: Levels,
    counts: ArrayLike,
    *,
    statistic: Statistic = likelihood_ratio,
    num_resamples: int = 999,
    seed: Seed = None,
    min_expected: float = 5.0,
) -> BoltzmannFit:
    """Fit one temperature to reads and test, by parametric bootstrap, whether the law then holds.

    Reads are drawn from the fitted law and *fitted again*, because a fitted law lies closer to its
    reads than the true one. Cells are pooled as in :func:`~qxgap.statistics.goodness_of_fit`. If
    all reads are in one level, or only two pools are left, nothing can be tested: the p-value is 1.

    Parameters
    ----------
    levels : Levels
        The energy levels of the problem. Levels that are single states test the full histogram.
    counts : array_like of int, shape (k,)
        Number of reads of each level.
    statistic : callable
        The measure of misfit: :func:`~qxgap.statistics.likelihood_ratio` or
        :func:`~qxgap.statistics.pearson`.
    num_resamples : int
        Number of simulated experiments behind the p-value.
    seed : int, numpy.random.Generator or None
        Seed of these experiments.
    min_expected : float
        Cells are pooled until each expects so many reads.

    Returns
    -------
    BoltzmannFit
        The temperature, the p-value, and the size of the misfit.

    Raises
    ------
    InputError
        If the shapes differ, there are no reads, or ``num_resamples`` is below 1.

    References
    ----------
    Davison & Hinkley, Bootstrap Methods and their Application (1997), section 4.2.
    """
    observed = np.asarray(counts, dtype=np.float64)
    if observed.shape != levels.energies.shape:
        raise InputError(
            f"counts have the shape {observed.shape}; give one for each of "
            f"{levels.energies.size} levels"
        )
    require_resamples(num_resamples)
    temperature = level_temperature(levels, observed).value
    reads, law = int(observed.sum()), levels.boltzmann(temperature)
    p_value = 1.0
    if np.count_nonzero(observed) > 1 and np.ptp(levels.energies) > 0:
        order, starts = pool_cells(reads * law, min_expected)
        if starts.size > 2:  # with two pools the fitted temperature always fits
            rng = random_generator(seed)
            cells = _Pools(levels, order, starts, reads, statistic)
            exceeding = cells.exceedances(observed, law, num_resamples, rng)
            p_value = (1 + exceeding) / (1 + num_resamples)
    return BoltzmannFit(
        temperature=temperature,
        p_value=p_value,
        tv_distance=total_variation(observed / reads, law),
        tv_by_chance=expected_total_variation(law, reads),
        num_reads=reads,
    )


@dataclass(frozen=True, eq=False)
class _Pools:
    """The pooled cells of a Boltzmann test, and the statistic on them."""

    levels: Levels
    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    reads: int
    statistic: Statistic

    def exceedances(
        self, observed: NDArray, law: NDArray, num_resamples: int, rng: np.random.Generator
    ) -> int:
        """Count the simulated sets of reads that fit at least as badly as the observed ones."""
        misfit = float(self._misfit(observed[None, :])[0])
        draws = histogram_draws(self.reads, law, num_resamples, rng)
        return sum(
            int((self._misfit(drawn.astype(np.float64)) >= misfit - ROUNDING).sum())
            for drawn in draws
        )

    def _misfit(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the statistic of counts, shape (n, k), each against its own fit, shape (n,)."""
        energies = self.levels.energies - self.levels.energies[0]
        beta = inverse_temperature(self.levels, counts @ energies / self.reads)
        steps = np.diff(energies)
        limit = 1000 / float(steps[steps > 0].min())
        # All reads in one level give beta = inf; the clipped beta gives that limit law to rounding.
        beta = np.clip(beta, -limit, limit)
        exponents = np.log(self.levels.degeneracies) - beta[:, None] * energies
        law = np.exp(exponents - logsumexp(exponents, axis=1, keepdims=True))
        pooled = [
            np.add.reduceat(a[:, self.order], self.starts, axis=1)
            for a in (counts, self.reads * law)
        ]
        return self.statistic(pooled[0], np.maximum(pooled[1], 1e-300))
