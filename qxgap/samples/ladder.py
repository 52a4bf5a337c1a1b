"""Comparison of the reads of one source with all models, on the energy levels of the problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import dimod
import numpy as np
from numpy.typing import NDArray

from ..digits import percent
from ..errors import InputError
from ..problem.accept import ProblemLike, as_problem
from ..results import Result, plain
from ..statistics.bootstrap import frequency_draws
from ..statistics.distances import measured_distance, total_variation
from ..statistics.goodness import (
    SIGNIFICANCE_LEVEL,
    adjusted_p_values,
    goodness_of_fit,
    same_distribution,
)
from ..statistics.seeds import Seed, integer_seed
from .alignment import Reads, aligned_runs
from .boltzmann import boltzmann_fit
from .energies import Levels, energy_levels, level_counts
from .models import Model, boltzmann_model
from .temperature import level_temperature

if TYPE_CHECKING:
    import pandas as pd

FITTED = "classical Gibbs, fitted"
"""Name of the Boltzmann law with a temperature that is fitted to the reads."""


class LadderStatus(Enum):
    """Whether any model explains the reads; the value is the message."""

    ACCEPTABLE = "no run rejects the acceptable models, so each of them may explain the reads"
    ONLY_FITTED = (
        "only the Boltzmann law that was fitted to these reads is acceptable: no prediction that "
        "was made without them explains them"
    )
    NONE_ACCEPTABLE = (
        "at least one run rejects each model: none of them explains the reads, the nearest included"
    )


@dataclass(frozen=True, eq=False, repr=False)
class Ladder(Result):
    """The distance of each model from the reads of one source; the nearest model comes first.

    A model is acceptable if no run rejects it at a significance level of 5 %, adjusted by
    Benjamini and Yekutieli over all runs and models of the source.

    Attributes
    ----------
    source : str
        Name of the source of the reads.
    num_reads : int
        Number of reads of all runs.
    num_runs : int
        Number of runs.
    counts : ndarray of int, shape (k,)
        Number of reads of each energy level, all runs together.
    energies : ndarray of float, shape (k,)
        Energies of the levels above the lowest.
    table : pandas.DataFrame
        One row for each model, with the columns:

        * ``model``: its name; ``note``: the numbers that went into it.
        * ``ground_probability``: its predicted ground probability.
        * ``tv``: total variation from the reads, over the levels; ``tv_low`` and ``tv_high``: its
          bootstrap interval, over runs if there are several; ``tv_by_chance``: what so many reads
          of the model itself would show.
        * ``p_value``: the smallest of the runs, adjusted; ``rejected_runs``: how many runs reject
          the model; ``acceptable``: whether none does.
        * ``nearest_share``: how often the model is the nearest one if the runs (or the reads of a
          single run) are drawn again.
        * ``log_likelihood``: mean of a read, over states, in nats; NaN for a model that is known
          by its reads only, -inf if the model rules a read out.
        * ``fitted``: whether the model was fitted to these reads. Such a model has seen them: it
          stands last and has no ``nearest_share``.
    laws : dict of str to ndarray of float
        Probabilities of the levels, shape (k,), of each model by its name.
    """

    source: str
    num_reads: int
    num_runs: int
    counts: NDArray[np.int64]
    energies: NDArray[np.float64]
    table: pd.DataFrame
    laws: dict[str, NDArray[np.float64]]

    @property
    def nearest(self) -> str:
        """Name of the model of least total variation, the fitted one excepted."""
        return str(self.table.model.iloc[0])

    @property
    def acceptable(self) -> list[str]:
        """Names of the models that no run rejects."""
        return list(self.table.model[self.table.acceptable])

    @property
    def status(self) -> LadderStatus:
        """Whether any model explains the reads."""
        if not self.acceptable:
            return LadderStatus.NONE_ACCEPTABLE
        only_fitted = self.acceptable == [FITTED]
        return LadderStatus.ONLY_FITTED if only_fitted else LadderStatus.ACCEPTABLE

    def to_dict(self) -> dict[str, Any]:
        """Return the ladder as plain Python values.

        Returns
        -------
        dict
            The keys ``nearest``, ``acceptable`` and ``models`` (the rows of ``table``) of
            ``qxgap compare --json``, the levels with their counts, and the status.
        """
        values = {
            "source": self.source,
            "num_reads": self.num_reads,
            "num_runs": self.num_runs,
            "nearest": self.nearest,
            "acceptable": self.acceptable,
            "status": self.status,
            "models": self.table.astype(object).to_dict("records"),
            "energies": self.energies,
            "counts": self.counts,
        }
        return {name: plain(value) for name, value in values.items()}

    def plot(self, ax: Any = None) -> Any:
        """Draw the distance of every model from the reads, beside its mean by chance.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import model_distances  # loads matplotlib

        return model_distances(self.table, ax=ax)

    def plot_levels(self, ax: Any = None) -> Any:
        """Draw the share of the reads on each energy level, and the law of every model.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import level_histogram  # loads matplotlib

        return level_histogram(self.counts, self.energies, self.laws, ax=ax)

    def to_dataframe(self) -> pd.DataFrame:
        """Return the table of the models, the nearest first.

        Returns
        -------
        pandas.DataFrame
            A copy of ``table``.
        """
        return self.table.copy()

    def __str__(self) -> str:
        share = self.table.nearest_share.iloc[0]
        accepted = ", ".join(self.acceptable) or "none"
        shown = self.table.drop(columns=["note", "fitted"])
        return (
            f"The {self.num_reads} reads of {self.source} are nearest to the model "
            f"{self.nearest}; not rejected: {accepted}.\n"
            f"{shown.to_string(index=False, float_format=lambda x: f'{x:.3g}')}\n"
            f"{self.nearest} is the nearest in {percent(share)} % of resamplings."
        )


def model_ladder(
    problem: ProblemLike,
    runs: Sequence[dimod.SampleSet] | Sequence[Reads],
    models: Sequence[Model],
    *,
    source: str = "reads",
    confidence_level: float = 0.95,
    num_resamples: int = 500,
    seed: Seed = None,
) -> Ladder:
    """Compare the reads of one source with models, and with a Boltzmann law fitted to the reads.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem that was sampled.
    runs : sequence of dimod.SampleSet or of Reads
        The runs of one source.
    models : sequence of Model
        The models, with different names; :func:`solver_models` and :func:`schedule_models` make
        them.
    source : str
        Name of the source.
    confidence_level : float
        Confidence level of the intervals, in (0, 1).
    num_resamples : int
        Number of resamples behind the intervals and ``nearest_share``, and of simulated
        experiments (or permutations) behind each p-value.
    seed : int, numpy.random.Generator or None
        Seed of all of these.

    Returns
    -------
    Ladder
        One row for each model, the nearest first.

    Raises
    ------
    InputError
        If there are no runs or no models, or if a name is used twice.
    MemoryLimitError
        If the energies of all 2^d states do not fit into memory.
    """
    problem = as_problem(problem)
    aligned = aligned_runs(problem, runs)
    import pandas as pd

    names = [model.name for model in models]
    if not runs or not models or len({*names, FITTED}) <= len(models):
        raise InputError(f"give runs, and models of different names; these are {names}")
    levels, rng = energy_levels(problem), np.random.default_rng(integer_seed(seed))
    counts = np.array([level_counts(levels, run) for run in aligned])
    fit = level_temperature(levels, counts.sum(axis=0)).value
    all_models = [*models, boltzmann_model(problem, fit, FITTED)]
    tests = _LevelTests(levels, counts, num_resamples, rng)
    p_values = adjusted_p_values(
        np.ravel([tests.p_values(model) for model in all_models]), independent=False
    ).reshape(len(all_models), -1)
    rows = [
        {
            "model": model.name,
            "ground_probability": model.ground_probability,
            **tests.distance(model, confidence_level),
            "p_value": float(p.min()),
            "rejected_runs": int((p < SIGNIFICANCE_LEVEL).sum()),
            "acceptable": bool(p.min() >= SIGNIFICANCE_LEVEL),
            "nearest_share": share,
            "log_likelihood": _log_likelihood(model, aligned),
            "fitted": model.name == FITTED,
            "note": model.note,
        }
        for model, p, share in zip(all_models, p_values, tests.nearest_shares(models), strict=True)
    ]
    table = pd.DataFrame(rows).sort_values(["fitted", "tv"], kind="stable").reset_index(drop=True)
    return Ladder(
        source=source,
        num_reads=int(counts.sum()),
        num_runs=len(counts),
        counts=counts.sum(axis=0),
        energies=levels.energies - levels.energies[0],
        table=table,
        laws={model.name: model.law for model in all_models},
    )


@dataclass(frozen=True, eq=False)
class _LevelTests:
    """Tests and distances of models, from the reads per level of each run, shape (m, k)."""

    levels: Levels
    counts: NDArray[np.int64]
    num_resamples: int
    rng: np.random.Generator

    def p_values(self, model: Model) -> list[float]:
        """Return the p-value of the model for each run, by the test that suits the model."""
        number, rng = self.num_resamples, self.rng
        # a law that was fitted to the reads is fitted again to each simulated experiment
        if model.name == FITTED:
            fits = (
                boltzmann_fit(self.levels, run, num_resamples=number, seed=rng)
                for run in self.counts
            )
            return [fit.p_value for fit in fits]
        # a law that was estimated from reads is uncertain itself: two samples are compared
        if model.counts is not None:
            return [
                same_distribution(run, model.counts, num_resamples=number, seed=rng)
                for run in self.counts
            ]
        return [
            goodness_of_fit(run, model.law, num_resamples=number, seed=rng) for run in self.counts
        ]

    def distance(self, model: Model, confidence_level: float) -> dict[str, float]:
        """Return the columns of the total variation from the reads of all runs."""
        counts = self.counts if len(self.counts) > 1 else self.counts[0]
        distance = measured_distance(
            counts,
            model.law,
            confidence_level=confidence_level,
            num_resamples=self.num_resamples,
            seed=self.rng,
        )
        low, high = distance.interval
        return {
            "tv": distance.value,
            "tv_low": low,
            "tv_high": high,
            "tv_by_chance": distance.by_chance,
        }

    def nearest_shares(self, models: Sequence[Model]) -> list[float]:
        """Return how often each model is the nearest, and NaN for the fitted one."""
        nearest = np.zeros(len(models))
        counts = self.counts if len(self.counts) > 1 else self.counts[0]
        for frequencies in frequency_draws(counts, self.num_resamples, self.rng):
            nearest[np.argmin([total_variation(frequencies, model.law) for model in models])] += 1
        return [*(nearest / self.num_resamples).tolist(), np.nan]


def _log_likelihood(model: Model, runs: Sequence[Reads]) -> float:
    """Return the mean log probability of the states that were read."""
    if model.probabilities is None:
        return np.nan
    index = np.concatenate([run.indices for run in runs])
    weight = np.concatenate([run.multiplicity for run in runs])
    with np.errstate(divide="ignore"):
        logs = np.log(np.maximum(model.probabilities[index], 0.0))
    return float(logs @ weight / weight.sum())
