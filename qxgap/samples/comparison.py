"""Comparison of reads with the predicted final state of one anneal."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, cast, overload

import dimod
import numpy as np
from numpy.typing import NDArray

from ..annealing.hamiltonian import AnnealHamiltonian
from ..checks import kind_of
from ..digits import percent, rounded
from ..dynamics import ReadOut
from ..dynamics.tts import time_to_solution
from ..errors import InputError
from ..observables import NearOptimum
from ..observables.near_optimum import WITHIN_ONE_PERCENT
from ..problem.accept import ProblemLike
from ..progress import Progress, followed
from ..results import Result, plain
from ..samplers.sampleset import require_sampleset
from ..statistics.distances import expected_total_variation, total_variation
from ..statistics.goodness import SIGNIFICANCE_LEVEL, goodness_of_fit
from ..statistics.intervals import jeffreys_interval
from ..statistics.seeds import Seed, integer_seed
from .alignment import Ground, Reads, align, require_reads
from .energies import energy_levels, level_counts
from .ground import GroundProbability, ground_probability
from .ground_shares import GroundComparison, compare_ground_shares
from .share_tests import SuccessPrediction
from .solution import near_keys
from .temperature import level_temperature

if TYPE_CHECKING:
    import pandas as pd


class ComparisonStatus(Enum):
    """Whether reads agree with a prediction; the value is the message.

    Examples
    --------
    >>> import qxgap as qx
    >>> run = qx.anneal(qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]])), 5.0)
    >>> qx.compare(run, run.sample(100, seed=1), seed=2).status is qx.ComparisonStatus.CONSISTENT
    True
    """

    CONSISTENT = "the reads agree with the prediction, as far as so many reads can tell"
    REJECTED = (
        "the reads do not follow the prediction (p < 5 %); the total variation beside that by "
        "chance shows by how much"
    )


@dataclass(frozen=True, repr=False)
class Comparison(Result):
    """The comparison of reads with the predicted final state of an anneal.

    Attributes
    ----------
    num_reads : int
        Number of reads, with their multiplicities.
    ground_probability : float
        Fraction of the reads in the ground subspace.
    ground_probability_interval : tuple of float
        Interval (low, high) of the ground probability.
    predicted : float
        Success probability that the prediction gives.
    tv_distance : float
        Total variation between the reads and the prediction: over all 2^d states from
        :func:`compare`, over the energy levels from :func:`compare_with_solver`.
    tv_expected : float
        Mean of ``tv_distance`` if the reads followed the prediction. It is not 0, and near 1 if
        there are fewer reads than states.
    p_value : float
        Probability of a misfit as large as observed if the prediction were right; see
        :func:`~qxgap.statistics.goodness_of_fit`. A small one says that the prediction is wrong,
        and not by how much.
    effective_temperature : float
        Temperature of the Boltzmann law nearest to the reads, in the problem's energy unit; 0 if
        all reads are ground states, inf for uniform reads, negative for reads above uniform ones.
    tts99 : float
        Time to solution at 99 % from the measured probability, in the unit of ``tau``; inf without
        a ground read.
    tts99_interval : tuple of float
        The same from the ends of the probability's interval (low, high).
    tau : float
        Anneal time of the prediction.
    confidence_level : float
        Confidence level of the intervals.
    num_resamples : int
        Number of simulated experiments behind the p-value.
    seed : int
        Seed of these experiments.
    instance_hash : str
        Content hash of the problem.
    energies : ndarray of float, shape (k,)
        Energies of the levels of the problem above the lowest one, ascending.
    counts : ndarray of int, shape (k,)
        Number of reads of each level.
    law : ndarray of float, shape (k,)
        Predicted probability of each level.
    near : GroundProbability
        The share of the reads that are near the optimum, by default within 1 %; its time to
        solution is the time to epsilon.

    Examples
    --------
    >>> import qxgap as qx
    >>> run = qx.anneal(qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]])), 5.0)
    >>> comparison = qx.compare(run, run.sample(100, seed=1), seed=2)
    >>> comparison.num_reads, comparison.status.name
    (100, 'CONSISTENT')
    """

    num_reads: int
    ground_probability: float
    ground_probability_interval: tuple[float, float]
    predicted: float
    tv_distance: float
    tv_expected: float
    p_value: float
    effective_temperature: float
    tts99: float
    tts99_interval: tuple[float, float]
    tau: float
    confidence_level: float
    num_resamples: int
    seed: int
    instance_hash: str
    energies: NDArray[np.float64] = field(compare=False)
    counts: NDArray[np.int64] = field(compare=False)
    law: NDArray[np.float64] = field(compare=False)
    near: GroundProbability = field(compare=False)

    @property
    def status(self) -> ComparisonStatus:
        """Whether the prediction is rejected at a significance level of 5 %."""
        rejected = self.p_value < SIGNIFICANCE_LEVEL
        return ComparisonStatus.REJECTED if rejected else ComparisonStatus.CONSISTENT

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain Python values, with the keys of ``qxgap compare --json``.

        Returns
        -------
        dict
            Intervals are lists, and infinite times are None. ``confidence_level`` has the key
            "level", and ``num_resamples`` the key "num_bootstrap".
        """
        values = {
            "num_reads": self.num_reads,
            "ground_probability": self.ground_probability,
            "ground_probability_interval": self.ground_probability_interval,
            "predicted": self.predicted,
            "tv_distance": self.tv_distance,
            "tv_expected": self.tv_expected,
            "p_value": self.p_value,
            "effective_temperature": self.effective_temperature,
            "tts99": self.tts99,
            "tts99_interval": self.tts99_interval,
            **near_keys(self.near, self.tau),
            "tau": self.tau,
            "level": self.confidence_level,
            "num_bootstrap": self.num_resamples,
            "seed": self.seed,
            "instance_hash": self.instance_hash,
            "status": self.status,
        }
        return {name: plain(value) for name, value in values.items()}

    def __str__(self) -> str:
        low, high = self.ground_probability_interval
        if self.status is ComparisonStatus.REJECTED:
            verdict = "The reads do not follow the prediction"
        else:
            verdict = f"The reads agree with the prediction, as far as {self.num_reads} can tell"
        return (
            f"{verdict}: {percent(self.ground_probability)} % of them are ground states "
            f"({percent(self.confidence_level)} % interval {percent(low)} to {percent(high)} %), "
            f"where {percent(self.predicted)} % are predicted.\n"
            f"{self._details()}"
        )

    def _details(self) -> str:
        """Return distance, temperature and time to solution in sentences."""
        fast, slow = self.tts99_interval
        if math.isfinite(self.tts99):
            time = (
                f"A ground state is read with a probability of 99 % after anneals of "
                f"{rounded(self.tts99)} in all (interval {rounded(fast)} to {rounded(slow)})"
            )
        else:
            time = "No ground state was read"
        return (
            f"The distance from the prediction (total variation) is {self.tv_distance:.2g}, where "
            f"chance alone gives {self.tv_expected:.2g}; a misfit like this has the probability "
            f"{self.p_value:.2g} if the prediction holds. The nearest Boltzmann law has the "
            f"temperature {rounded(self.effective_temperature)}. {time}, with tau = {self.tau:g}."
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw the share of the reads on each energy level with its interval, and the prediction.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import reads_against_prediction  # loads matplotlib

        return reads_against_prediction(
            self.energies, self.counts, self.law, self._intervals(), ax=ax
        )

    def to_dataframe(self) -> pd.DataFrame:
        """Return the energy levels as a table.

        Returns
        -------
        pandas.DataFrame
            A row for each level, with the columns energy (above the lowest), reads, share, low and
            high (the interval of the share for independent reads), and predicted.
        """
        import pandas as pd

        low, high = self._intervals().T
        share = self.counts / self.counts.sum()
        return pd.DataFrame(
            {
                "energy": self.energies,
                "reads": self.counts,
                "share": share,
                "low": low,
                "high": high,
                "predicted": self.law,
            }
        )

    def _intervals(self) -> NDArray[np.float64]:
        """Return the Jeffreys interval of the share of each level, shape (k, 2)."""
        number = int(self.counts.sum())
        pairs = [jeffreys_interval(n, number, self.confidence_level) for n in self.counts.tolist()]
        return np.array(pairs)


@overload
def compare(
    prediction: ReadOut,
    sampleset: dimod.SampleSet,
    *,
    ground: None = None,
    near: NearOptimum = WITHIN_ONE_PERCENT,
    confidence_level: float = 0.95,
    seed: Seed = None,
    num_resamples: int = 2000,
    check_energies: bool = True,
    progress: Progress = None,
) -> Comparison: ...
@overload
def compare(
    prediction: SuccessPrediction,
    sampleset: dimod.SampleSet,
    *,
    ground: Ground = None,
    near: NearOptimum = WITHIN_ONE_PERCENT,
    confidence_level: float = 0.95,
    seed: Seed = None,
    num_resamples: int = 2000,
    check_energies: bool = True,
    progress: Progress = None,
) -> Comparison | GroundComparison: ...
def compare(
    prediction: ReadOut | SuccessPrediction,
    sampleset: dimod.SampleSet,
    *,
    ground: Ground = None,
    near: NearOptimum = WITHIN_ONE_PERCENT,
    confidence_level: float = 0.95,
    seed: Seed = None,
    num_resamples: int = 2000,
    check_energies: bool = True,
    progress: Progress = None,
) -> Comparison | GroundComparison:
    """Compare the reads of any sampler with the prediction of an anneal.

    A predicted final state has a probability for each of the 2^d states, and all of them are
    compared. A prediction of the success probability alone has no such list, and exists at any
    number of qubits; then the share of ground states is compared, and the optimum is proven by
    branch and bound.

    Parameters
    ----------
    prediction : AnnealResult, OpenAnnealResult or GroundPrediction
        The predicted final state, as :func:`~qxgap.anneal` or :func:`~qxgap.open_anneal`
        returns it. Any other read-out with an anneal time ``tau`` is accepted, and any object with
        ``problem``, ``success_probability`` and ``tau``.
    sampleset : dimod.SampleSet
        Reads of the same problem, BINARY or SPIN (``s = 2n - 1``, as in dimod). Columns are matched
        by label, and rows count as often as their ``num_occurrences``.
    ground : KnownLevels, AllStates, BranchAndBound, float or None
        The ground energy with the problem's offset, or the method that finds it. If it is given,
        only the share of ground states is compared.
    near : NearOptimum
        Which states count as near the optimum, for the time to epsilon.
    confidence_level : float
        Confidence level of the intervals, in (0, 1).
    seed : int, numpy.random.Generator or None
        Seed of the simulated experiments behind the p-value.
    num_resamples : int
        Number of these experiments.
    check_energies : bool
        Whether to refuse samples whose own energies are not the problem's (to 1e-6 of its energy
        scale). All results are computed from the states only.
    progress : callable or bool, optional
        A function such as ``print``, which is called with lines of text about what is going on;
        True for a line on stderr, False for nothing. By default the line is shown after two
        seconds, in terminals and notebooks.

    Returns
    -------
    Comparison or GroundComparison
        Measured and predicted ground probability, p-value, temperature, and time to solution. A
        Comparison has the distance over all states too.

    Raises
    ------
    InputError
        If the samples list all states in place of reads, if their labels are not the problem's, if
        values do not belong to the vartype, if there are no reads, or if the energies are those of
        another problem.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]])
    >>> run = qx.anneal(qx.AnnealHamiltonian(problem), 10.0)
    >>> reads = qx.sample(problem, num_reads=500, seed=1)
    >>> comparison = qx.compare(run, reads, seed=2)
    >>> round(comparison.predicted, 3), comparison.ground_probability
    (0.652, 1.0)
    """
    _require_arguments(prediction, sampleset)
    require_reads(sampleset)
    reads = align(prediction.problem, sampleset, check_energies=check_energies)
    with followed(progress, "comparison") as say:
        if ground is not None or not isinstance(prediction, ReadOut):
            say(f"share of ground states in {reads.num_reads} reads")
            return compare_ground_shares(
                prediction.problem,
                [reads],
                [cast(SuccessPrediction, prediction)],
                ground=ground,
                near=near,
                confidence_level=confidence_level,
                seed=seed,
            )
        say(f"{reads.num_reads} reads with {num_resamples} simulated experiments")
        return compare_reads(
            prediction,
            reads,
            near=near,
            confidence_level=confidence_level,
            seed=integer_seed(seed),
            num_resamples=num_resamples,
        )


def compare_reads(
    prediction: ReadOut,
    reads: Reads,
    *,
    near: NearOptimum = WITHIN_ONE_PERCENT,
    confidence_level: float = 0.95,
    seed: int,
    num_resamples: int = 2000,
) -> Comparison:
    """Compare aligned reads with the predicted final state of an anneal; see :func:`compare`."""
    problem, probabilities = prediction.problem, prediction.probabilities
    counts, levels = reads.state_counts(), energy_levels(problem)
    on_levels, law = level_counts(levels, reads), np.zeros(levels.energies.size)
    np.add.at(law, levels.index(problem.diagonal, problem.ground_tolerance), probabilities)
    number, ground = reads.num_reads, reads.ground_reads()
    low, high = jeffreys_interval(ground, number, confidence_level)
    tau = anneal_time_of(prediction)
    tts99, slow, fast = (time_to_solution(p, tau) for p in (ground / number, low, high))
    return Comparison(
        num_reads=number,
        ground_probability=ground / number,
        ground_probability_interval=(low, high),
        predicted=prediction.success_probability,
        tv_distance=total_variation(counts / number, probabilities),
        tv_expected=expected_total_variation(probabilities, number),
        p_value=goodness_of_fit(counts, probabilities, num_resamples=num_resamples, seed=seed),
        effective_temperature=level_temperature(levels, on_levels).value,
        tts99=tts99,
        tts99_interval=(fast, slow),
        tau=tau,
        confidence_level=confidence_level,
        num_resamples=num_resamples,
        seed=seed,
        instance_hash=prediction.instance_hash,
        energies=levels.energies - levels.energies[0],
        counts=on_levels,
        law=law,
        near=ground_probability(
            problem, [reads], near=near, confidence_level=confidence_level, seed=seed
        ),
    )


def anneal_time_of(prediction: Any) -> float:
    """Return the anneal time of a prediction; raise InputError if it predicts no success."""
    tau = getattr(prediction, "tau", None)
    predicts = isinstance(getattr(prediction, "success_probability", None), float | int)
    if (
        not predicts
        or tau is None
        or not isinstance(getattr(prediction, "problem", None), ProblemLike)
    ):
        raise InputError(
            f"prediction is {kind_of(prediction)}; give a result of anneal or open_anneal"
        )
    return float(tau)


def _require_arguments(prediction: Any, sampleset: Any) -> None:
    """Raise InputError for arguments that are no prediction or no sample set, with the remedy."""
    if isinstance(prediction, dimod.SampleSet):
        raise InputError("the prediction comes first and the samples second: compare(run, samples)")
    if isinstance(prediction, AnnealHamiltonian | ProblemLike):
        raise InputError(
            f"prediction is {kind_of(prediction)}, which predicts nothing before it is annealed; "
            "give qx.anneal(H, tau), with an anneal time tau"
        )
    anneal_time_of(prediction)
    require_sampleset(sampleset)
