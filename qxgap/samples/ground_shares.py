"""Comparison of reads with predictions by the share of ground states alone, at any size.

A distance over all states, a Boltzmann law and a list of models can be had only while 2^d numbers
fit into memory. The share of ground states needs the proven optimum only, and so do the time to
solution and the mean energy above the optimum. A temperature follows from single flips.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

import dimod
import numpy as np
from numpy.typing import NDArray

from ..digits import counted, percent, rounded
from ..errors import InputError
from ..observables import NearOptimum
from ..observables.near_optimum import WITHIN_ONE_PERCENT
from ..problem.accept import ProblemLike, as_problem
from ..problem.proven_levels import KnownLevels, LevelStatus
from ..results import Result, plain
from ..statistics.goodness import SIGNIFICANCE_LEVEL
from ..statistics.seeds import Seed, integer_seed
from .alignment import Ground, Reads, aligned_runs, ground_levels
from .energies import Levels, ResidualEnergy, residual_energy
from .ground import GroundProbability, ground_probability
from .share_tests import SuccessPrediction, tested_predictions
from .single_flips import pseudolikelihood_temperature
from .solution import TimeToSolution, near_keys, solution_time
from .temperature import EffectiveTemperature, TemperatureStatus

if TYPE_CHECKING:
    import pandas as pd

NEEDS_ALL_STATES = (
    "Only the share of ground states was compared: the distance over all states (total variation) "
    "and models that give each state a probability, such as a Boltzmann law, need all 2^d energies."
)
"""What is left out of a comparison by the share of ground states, and why."""


TINY = 1e-6
"""A smaller p-value is not written out in sentences."""


class ShareStatus(Enum):
    """Whether the share of ground states agrees with a prediction; the value is the message."""

    CONSISTENT = (
        "the share of ground states agrees with the prediction, as far as so many reads can tell; "
        "the other states were not compared"
    )
    UNDECIDED = (
        "the prediction is known less precisely than the share of ground states in the reads, so "
        "that these cannot test it"
    )
    REJECTED = (
        "the share of ground states differs from the prediction by more than chance (p < 5 %)"
    )
    NOT_PROVEN = (
        "the lowest energy known is not proven to be the lowest, so that the share of ground "
        "states is not known; give ground=BranchAndBound(max_nodes=...) with more nodes"
    )
    NO_PREDICTION = "no model predicts a share of ground states for this problem"


@dataclass(frozen=True, eq=False, repr=False)
class GroundComparison(Result):
    """The share of ground states in reads against the shares that models predict.

    It says nothing of the states that are no ground states.

    Attributes
    ----------
    source : str
        Name of the source of the reads.
    measured : GroundProbability
        The share of ground states, with its interval, and how the ground energy is known.
    near : GroundProbability
        The share of the reads that are near the optimum, by default within 1 %; its time to
        solution is the time to epsilon.
    predictions : pandas.DataFrame
        A row for each prediction, the one of the comparison first, with the columns model, note,
        ground_probability, low and high (the bounds between which it is known), p_value (the
        smallest of the runs, adjusted for the number of tests), rejected_runs and acceptable
        (whether no run rejects the prediction at 5 %).
    residual : ResidualEnergy
        The mean energy of the reads above the ground energy.
    temperature : EffectiveTemperature
        The temperature of single flips.
    time : TimeToSolution
        The anneal time until a ground state is read with a probability of 99 %.
    tau : float
        Anneal time of one read.
    energies : ndarray of float, shape (k,)
        Energies of the known levels above the lowest.
    counts : ndarray of int, shape (k,)
        Number of reads of each known level.
    num_higher : int
        Number of reads above all known levels.
    left_out : tuple of str
        A sentence for each thing that could not be compared, with the reason.
    instance_hash : str
        Content hash of the problem.
    seed : int
        Seed of the bootstrap over runs.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(100, seed=1)
    >>> prediction = qx.samples.GroundPrediction(problem, "always", 1.0, tau=1.0)
    >>> reads = qx.sample(problem, num_reads=50, seed=1, num_sweeps=20)
    >>> qx.compare(prediction, reads, seed=1).status.name
    'REJECTED'
    """

    source: str
    measured: GroundProbability
    near: GroundProbability
    predictions: pd.DataFrame
    residual: ResidualEnergy
    temperature: EffectiveTemperature
    time: TimeToSolution
    tau: float
    energies: NDArray[np.float64]
    counts: NDArray[np.int64]
    num_higher: int
    left_out: tuple[str, ...]
    instance_hash: str
    seed: int = field(default=0)

    @property
    def model(self) -> str | None:
        """Name of the prediction that the comparison is about; None if there is none."""
        return None if self.predictions.empty else str(self.predictions.model.iloc[0])

    @property
    def predicted(self) -> float | None:
        """The share of ground states that it predicts."""
        empty = self.predictions.empty
        return None if empty else float(self.predictions.ground_probability.iloc[0])

    @property
    def predicted_interval(self) -> tuple[float, float] | None:
        """The bounds (low, high) between which the prediction is known."""
        if self.predictions.empty:
            return None
        return float(self.predictions.low.iloc[0]), float(self.predictions.high.iloc[0])

    @property
    def p_value(self) -> float | None:
        """Probability of a share as far from the prediction, if the prediction were right.

        It is None if the lowest energy is not proven, or if there is no prediction.
        """
        if self.predictions.empty or not self.measured.ground.is_proven:
            return None
        return float(self.predictions.p_value.iloc[0])

    @property
    def acceptable(self) -> list[str]:
        """Names of the models whose share no run rejects; none if the optimum is not proven."""
        if not self.measured.ground.is_proven:
            return []
        return list(self.predictions.model[self.predictions.acceptable])

    @property
    def nearest(self) -> str | None:
        """Name of the model whose share is the nearest to that of the reads."""
        if self.predictions.empty:
            return None
        distance = (self.predictions.ground_probability - self.measured.value).abs()
        return str(self.predictions.model[distance.idxmin()])

    @property
    def status(self) -> ShareStatus:
        """Whether the share agrees with the prediction at a significance level of 5 %."""
        if not self.measured.ground.is_proven:
            return ShareStatus.NOT_PROVEN
        if self.p_value is None:
            return ShareStatus.NO_PREDICTION
        if self.p_value < SIGNIFICANCE_LEVEL:
            return ShareStatus.REJECTED
        low, high = self.predicted_interval or (0.0, 1.0)
        least, most = self.measured.interval
        wide = low < high and low <= least and most <= high
        return ShareStatus.UNDECIDED if wide else ShareStatus.CONSISTENT

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain Python values: a row of ``qxgap compare --json``.

        Returns
        -------
        dict
            The keys of :class:`SourceComparison`, of which those that need all states are None,
            the ground energy and how it is known, the mean energy above it, the interval of the
            temperature, and what was left out.
        """
        models = [
            {**row, "tv": None, "tv_by_chance": None}
            for row in self.predictions.astype(object).to_dict("records")
        ]
        return plain(
            {
                "source": self.source,
                "num_reads": self.measured.num_reads,
                "ground_probability": self.measured.value,
                "ground_probability_interval": self.measured.interval,
                "predicted": self.predicted,
                "predicted_interval": self.predicted_interval,
                "tv_distance": None,
                "tv_expected": None,
                "p_value": self.p_value,
                "effective_temperature": self.temperature.value,
                "effective_temperature_interval": self.temperature.interval,
                "tts99": self.time.anneal_time,
                "tts99_interval": self.time.anneal_interval,
                **near_keys(self.near, self.tau),
                "tau": self.tau,
                "level": self.measured.confidence_level,
                "num_bootstrap": 0,
                "seed": self.seed,
                "instance_hash": self.instance_hash,
                "status": self.status,
                "ground_energy": self.measured.ground_energy,
                "ground_status": self.measured.ground,
                "residual_energy": self.residual.value,
                "residual_energy_interval": self.residual.interval,
                "num_runs": len(self.measured.clusters),
                "model": self.model,
                "nearest": self.nearest,
                "acceptable": self.acceptable,
                "models": models,
                "left_out": self.left_out,
            }
        )

    def __str__(self) -> str:
        return f"{self._verdict()}\n{self._details()}"

    def _verdict(self) -> str:
        """Return the measured share beside the predicted one, and what that says."""
        low, high = self.measured.interval
        number = counted(self.measured.num_reads, "read")
        share = (
            f"{percent(self.measured.value)} % ({percent(self.measured.confidence_level)} % "
            f"interval {percent(low)} to {percent(high)} %)"
        )
        if self.status is ShareStatus.NOT_PROVEN:
            return (
                f"Whether the reads are ground states is not known: {share} of {number} have the "
                "lowest energy known, which is not proven to be the lowest."
            )
        if self.predicted is None:
            return f"{share} of {number} are ground states; no model predicts their share."
        if self.status is ShareStatus.UNDECIDED:
            return (
                f"The reads cannot test the prediction of {self.model}, which is less precise than "
                f"they are: {share} of {number} are ground states, where {self._prediction()} "
                "predicted."
            )
        agree = self.status is ShareStatus.CONSISTENT
        words = "agrees with" if agree else "does not follow"
        return (
            f"The share of ground states {words} the prediction of {self.model}"
            f"{f', as far as {number} can tell' if agree else ''}: {share} of "
            f"{'them' if agree else number} are ground states, where {self._prediction()} "
            "predicted."
        )

    def _prediction(self) -> str:
        """Return the predicted share with its verb, or the bounds between which it is known."""
        low, high = self.predicted_interval or (0.0, 1.0)
        if low < high:
            return f"between {percent(low)} and {percent(high)} % are"
        return f"{percent(self.predicted or 0.0)} % are"

    def _details(self) -> str:
        """Return p-value, time, energy and temperature in sentences, and what is left out."""
        sentences = []
        if self.p_value is not None:
            tiny = self.p_value < TINY
            sentences.append(
                "If the prediction were right, a share as far from it would have a probability of "
                f"{'less than one in a million' if tiny else f'{self.p_value:.2g}'}."
            )
        if self.measured.ground is LevelStatus.PROVEN:
            sentences.append(
                f"The ground energy {self.measured.ground_energy:.4g} is proven by branch and "
                "bound."
            )
        sentences += [str(self.residual), _temperature(self.temperature), str(self.time)]
        return " ".join([*sentences, *self.left_out])

    def plot(self, ax: Any = None) -> Any:
        """Draw the share of the reads on each known level and above them, beside the prediction.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import reads_on_known_levels  # loads matplotlib

        shares = {} if self.predictions.empty else dict(self._shares())
        ground = self.measured.interval
        return reads_on_known_levels(
            self.energies, self.counts, self.num_higher, shares, ground, ax=ax
        )

    def _shares(self) -> list[tuple[str, float]]:
        """Return the name of each model with the share that it predicts."""
        table = self.predictions
        return list(zip(table.model, table.ground_probability, strict=True))

    def to_dataframe(self) -> pd.DataFrame:
        """Return the table of the predictions.

        Returns
        -------
        pandas.DataFrame
            A copy of ``predictions``.
        """
        return self.predictions.copy()


def compare_ground_shares(
    problem: ProblemLike,
    runs: Sequence[dimod.SampleSet] | Sequence[Reads],
    predictions: Sequence[SuccessPrediction],
    *,
    tau: float | None = None,
    ground: Ground = None,
    near: NearOptimum = WITHIN_ONE_PERCENT,
    source: str = "reads",
    confidence_level: float = 0.95,
    left_out: Sequence[str] = (),
    seed: Seed = None,
) -> GroundComparison:
    """Compare the share of ground states in the reads of one source with predicted shares.

    Each run is tested against each prediction: exactly by the binomial law, or by Fisher's test
    against a prediction that was counted in reads of its own. A prediction with bounds or an error
    estimate is tested at the probability between its bounds that suits the reads best.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem that was sampled.
    runs : sequence of dimod.SampleSet or of Reads
        The runs of one source.
    predictions : sequence of GroundPrediction or of other predictions of a success probability
        The predictions; the first one is that of the comparison. There may be none.
    tau : float or None
        Anneal time of one read; None takes that of the first prediction.
    ground : KnownLevels, AllStates, BranchAndBound, float or None
        The ground energy with the problem's offset, or the method that finds it. None takes all
        2^d states up to 24 qubits, and branch and bound beyond.
    near : NearOptimum
        Which states count as near the optimum, for the time to epsilon.
    source : str
        Name of the source.
    confidence_level : float
        Confidence level of the intervals, in (0, 1).
    left_out : sequence of str
        Sentences about what could not be computed before.
    seed : int, numpy.random.Generator or None
        Seed of the bootstrap over runs.

    Returns
    -------
    GroundComparison
        The measured share, the test of each prediction, temperature, energy and time to solution.

    Raises
    ------
    InputError
        If there are no runs, if neither ``tau`` nor a prediction gives an anneal time, or if
        ``align`` refuses a run.
    """
    problem, seed = as_problem(problem), integer_seed(seed)
    aligned = aligned_runs(problem, runs)
    if not aligned or (tau is None and not predictions):
        raise InputError("give runs, and a prediction or an anneal time tau")
    own = [reads for each in predictions if (reads := getattr(each, "reads", None)) is not None]
    levels = ground_levels([*aligned, *own], ground)
    settings: dict[str, Any] = {"confidence_level": confidence_level, "seed": seed}
    named = aligned if isinstance(runs[0], Reads) else runs
    measured = ground_probability(problem, named, ground=levels, **settings)
    time = predictions[0].tau if tau is None else tau
    counts, higher = _on_known_levels(levels, aligned)
    return GroundComparison(
        source=source,
        measured=measured,
        near=ground_probability(problem, named, ground=levels, near=near, **settings),
        predictions=tested_predictions(predictions, aligned, levels),
        residual=residual_energy(aligned, ground=levels, **settings),
        temperature=pseudolikelihood_temperature(aligned, confidence_level=confidence_level),
        time=solution_time(measured, float(time)),
        tau=float(time),
        energies=levels.energies - levels.energies[0],
        counts=counts,
        num_higher=higher,
        left_out=(*left_out, NEEDS_ALL_STATES),
        instance_hash=problem.content_hash,
        seed=seed,
    )


def _on_known_levels(levels: KnownLevels, runs: Sequence[Reads]) -> tuple[NDArray[np.int64], int]:
    """Return the number of reads of each known level, and of those above all of them."""
    counts = np.zeros(levels.energies.size, dtype=np.int64)
    tolerance = levels.problem.ground_tolerance
    states = Levels(levels.energies, np.maximum(levels.degeneracies, 1))
    for run in runs:
        if counts.size == 1:
            counts[0] += run.ground_reads(levels)
            continue
        known = run.level_energies < levels.ceiling - tolerance
        level = states.index(run.level_energies[known], tolerance)
        np.add.at(counts, level, run.multiplicity[known])
    return counts, sum(run.num_reads for run in runs) - int(counts.sum())


def _temperature(temperature: EffectiveTemperature) -> str:
    """Return the temperature of single flips in a sentence."""
    if temperature.status is TemperatureStatus.INFINITE_POSSIBLE:
        return "By single flips the reads may be no colder than uniformly random ones."
    if temperature.value == 0:
        _, high = temperature.interval
        return (
            "No single flip would lower the energy of any read, as at a temperature of 0 (at most "
            f"{rounded(high, 2)})."
        )
    low, high = temperature.interval
    return (
        f"Single flips show a temperature of {rounded(temperature.value, 2)} (interval "
        f"{rounded(low, 2)} to {rounded(high, 2)})."
    )
