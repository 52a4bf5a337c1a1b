"""Which model explains the reads? All of them against one source, on its energy levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dimod
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..problem.accept import ProblemLike, as_problem
from ..samplers.sampleset import require_runs
from ..statistics.bootstrap import frequency_draws
from ..statistics.distances import measured_distance, total_variation
from ..statistics.goodness import adjusted_p_values, goodness_of_fit, same_distribution
from ..statistics.seeds import Seed, integer_seed
from .alignment import Reads, align
from .boltzmann import boltzmann_fit
from .energies import Levels, energy_levels, level_counts
from .models import Model, boltzmann_model
from .temperature import level_temperature

if TYPE_CHECKING:
    import pandas as pd

FITTED = "classical Gibbs, fitted"
REJECTED = 0.05


@dataclass(frozen=True, eq=False)
class Ladder:
    """Models of one source of reads, the nearest first.

    Attributes
    ----------
    source : its name.
    num_reads, num_runs : reads, and the runs they come in.
    counts : (k,) reads per energy level, all runs.
    energies : (k,) of the levels, above the lowest.
    table : a row per model: model, ground_probability (predicted), tv (total variation from the
        reads, over levels), tv_low and tv_high (bootstrap interval, over runs if there are
        several), tv_by_chance (what so many reads of the model itself would show), p_value (the
        least of the runs, adjusted), rejected_runs, acceptable, nearest_share, log_likelihood (mean
        of a read, over states, in nats; NaN for a model known by its reads, -inf if it rules a
        read out), fitted, note.
    laws : model -> (k,) probabilities of the levels.

    A model is acceptable if no run rejects it at 5 %, all runs and models of the source counted
    (Benjamini-Yekutieli). ``nearest_share`` is how often the model is the nearest when runs (or the
    reads of a single one) are drawn anew; the fitted one, which has seen the reads, does not take
    part and is last.
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
        """The model of least total variation."""
        return str(self.table.model.iloc[0])

    @property
    def acceptable(self) -> list[str]:
        """Models that no run rejects."""
        return list(self.table.model[self.table.acceptable])

    def __str__(self) -> str:
        share = self.table.nearest_share.iloc[0]
        accepted = ", ".join(self.acceptable) or "none"
        shown = self.table.drop(columns=["note", "fitted"])
        return (
            f"{self.source}: {self.num_reads} reads in {self.num_runs} runs\n"
            f"{shown.to_string(index=False, float_format=lambda x: f'{x:.3g}')}\n"
            f"nearest: {self.nearest} (in {share:.0%} of resamplings); acceptable: {accepted}"
        )


def model_ladder(
    problem: ProblemLike,
    runs: Sequence[dimod.SampleSet] | Sequence[Reads],
    models: Sequence[Model],
    *,
    source: str = "reads",
    level: float = 0.95,
    num_bootstrap: int = 500,
    seed: Seed = 0,
) -> Ladder:
    """Hold reads against models, and against a Boltzmann law fitted to them.

    Parameters
    ----------
    runs : sample sets of one source, each a run of its own.
    models : see :mod:`qxgap.samples.models`; names must differ.
    level : of the intervals.
    num_bootstrap : resamplings for intervals and ``nearest_share``, and simulated experiments (or
        permutations) behind each p-value.

    Raises
    ------
    InputError : for no runs or models, or names used twice.
    MemoryLimitError : if 2^d energies do not fit.
    """
    problem = as_problem(problem)
    require_runs(runs)
    import pandas as pd

    names = [model.name for model in models]
    if not runs or not models or len({*names, FITTED}) <= len(models):
        raise InputError(f"give runs, and models of different names; these are {names}")
    aligned = [run if isinstance(run, Reads) else align(problem, run) for run in runs]
    levels, rng = energy_levels(problem), np.random.default_rng(integer_seed(seed))
    counts = np.array([level_counts(levels, run) for run in aligned])
    fit = level_temperature(levels, counts.sum(axis=0)).value
    every = [*models, boltzmann_model(problem, fit, FITTED)]
    trial = _Trial(levels, counts, num_bootstrap, rng)
    p_values = adjusted_p_values(
        np.ravel([trial.p_values(model) for model in every]), independent=False
    ).reshape(len(every), -1)
    rows = [
        {
            "model": model.name,
            "ground_probability": model.ground_probability,
            **trial.distance(model, level),
            "p_value": float(p.min()),
            "rejected_runs": int((p < REJECTED).sum()),
            "acceptable": bool(p.min() >= REJECTED),
            "nearest_share": share,
            "log_likelihood": _log_likelihood(model, aligned),
            "fitted": model.name == FITTED,
            "note": model.note,
        }
        for model, p, share in zip(every, p_values, trial.nearest_shares(models), strict=True)
    ]
    table = pd.DataFrame(rows).sort_values(["fitted", "tv"], kind="stable").reset_index(drop=True)
    return Ladder(
        source=source,
        num_reads=int(counts.sum()),
        num_runs=len(counts),
        counts=counts.sum(axis=0),
        energies=levels.energies - levels.energies[0],
        table=table,
        laws={model.name: model.law for model in every},
    )


@dataclass(frozen=True, eq=False)
class _Trial:
    levels: Levels
    counts: NDArray[np.int64]
    num_bootstrap: int
    rng: np.random.Generator

    def p_values(self, model: Model) -> list[float]:
        """One for each run."""
        number, rng = self.num_bootstrap, self.rng
        if model.name == FITTED:
            fits = (
                boltzmann_fit(self.levels, run, num_bootstrap=number, seed=rng)
                for run in self.counts
            )
            return [fit.p_value for fit in fits]
        if model.counts is not None:
            return [
                same_distribution(run, model.counts, num_resamples=number, seed=rng)
                for run in self.counts
            ]
        return [
            goodness_of_fit(run, model.law, num_resamples=number, seed=rng) for run in self.counts
        ]

    def distance(self, model: Model, level: float) -> dict[str, float]:
        counts = self.counts if len(self.counts) > 1 else self.counts[0]
        found = measured_distance(
            counts,
            model.law,
            confidence_level=level,
            num_resamples=self.num_bootstrap,
            seed=self.rng,
        )
        low, high = found.interval
        return {"tv": found.value, "tv_low": low, "tv_high": high, "tv_by_chance": found.by_chance}

    def nearest_shares(self, models: Sequence[Model]) -> list[float]:
        """How often each model is the nearest, and NaN for the fitted one."""
        nearest = np.zeros(len(models))
        counts = self.counts if len(self.counts) > 1 else self.counts[0]
        for frequencies in frequency_draws(counts, self.num_bootstrap, self.rng):
            nearest[np.argmin([total_variation(frequencies, model.law) for model in models])] += 1
        return [*(nearest / self.num_bootstrap).tolist(), np.nan]


def _log_likelihood(model: Model, runs: Sequence[Reads]) -> float:
    """Mean log probability of the reads' states."""
    if model.probabilities is None:
        return np.nan
    index = np.concatenate([run.indices for run in runs])
    weight = np.concatenate([run.multiplicity for run in runs])
    with np.errstate(divide="ignore"):
        logs = np.log(np.maximum(model.probabilities[index], 0.0))
    return float(logs @ weight / weight.sum())
