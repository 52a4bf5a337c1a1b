"""Theory against samples."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import dimod

from ..annealing.hamiltonian import AnnealHamiltonian
from ..checks import kind_of
from ..dynamics import AnnealResult, OpenAnnealResult
from ..dynamics.tts import time_to_solution
from ..errors import InputError
from ..problem.accept import ProblemLike
from ..samplers.sampleset import require_sampleset
from ..statistics.distances import expected_total_variation, total_variation
from ..statistics.goodness import goodness_of_fit
from ..statistics.intervals import jeffreys_interval
from ..statistics.seeds import Seed, integer_seed
from .alignment import align
from .energies import energy_levels, level_counts
from .temperature import level_temperature


@dataclass(frozen=True)
class Comparison:
    """How reads compare with the predicted final state of an anneal.

    Attributes
    ----------
    num_reads : reads, with their multiplicities.
    ground_probability : fraction of the reads in the ground subspace.
    ground_probability_interval : Jeffreys interval of it at ``level``.
    predicted : success probability of the prediction.
    tv_distance : total variation between the reads and the prediction, over all 2^d states.
    tv_expected : what it would be on average if the reads followed the prediction. It is not 0,
        and for fewer reads than states it is near 1.
    p_value : of the prediction; see :func:`~qxgap.statistics.goodness_of_fit`.
    effective_temperature : of the Boltzmann law nearest to the reads, in the problem's energy
        unit; 0 if all are ground states, negative above uniform, inf for uniform ones.
    tts99, tts99_interval : time to solution at 99 % from the measured probability, and from the
        ends of its interval (low, high), in the unit of ``tau``; inf without a ground read.
    tau : anneal time of the prediction.
    level, num_bootstrap, seed, instance_hash : provenance.
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
    level: float
    num_bootstrap: int
    seed: int
    instance_hash: str

    def to_dict(self) -> dict[str, Any]:
        """Fields as JSON takes them: intervals as lists, what is not finite as None."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    def __str__(self) -> str:
        low, high = self.ground_probability_interval
        fast, slow = self.tts99_interval
        return (
            f"ground probability {self.ground_probability:.4g} [{low:.4g}, {high:.4g}] in "
            f"{self.num_reads} reads, predicted {self.predicted:.4g}; total variation "
            f"{self.tv_distance:.3g} ({self.tv_expected:.3g} by chance), p = {self.p_value:.3g}\n"
            f"effective temperature {self.effective_temperature:.4g}, "
            f"TTS99 {self.tts99:.4g} [{fast:.4g}, {slow:.4g}] at tau = {self.tau:g}"
        )


def compare(
    prediction: AnnealResult | OpenAnnealResult,
    sampleset: dimod.SampleSet,
    *,
    level: float = 0.95,
    seed: Seed = 0,
    num_bootstrap: int = 2000,
    check_energies: bool = True,
) -> Comparison:
    """Compare reads, from whatever sampler, with the predicted final state of an anneal.

    Parameters
    ----------
    prediction : what ``anneal`` returned.
    sampleset : reads of the same problem, BINARY or SPIN (``s = 2n - 1``, as in dimod); columns
        are matched by label and rows count as often as their ``num_occurrences``.
    level : of the intervals.
    seed, num_bootstrap : of the p-value.
    check_energies : refuse samples whose own energies are not the problem's (to 1e-6 of its
        energy scale). Every number here rests on the states alone.

    Raises
    ------
    InputError : for an enumeration in place of reads, labels that are not the problem's, values
        that are not of the vartype, no reads, or energies of another problem.
    """
    _require_arguments(prediction, sampleset)
    if sampleset.info.get("sampler") == "exact":
        raise InputError("the samples enumerate all states once; give reads of a sampler instead")
    problem, seed = prediction.problem, integer_seed(seed)
    aligned = align(problem, sampleset, check_energies=check_energies)
    counts, levels = aligned.state_counts(), energy_levels(problem)
    reads, ground = aligned.num_reads, aligned.ground_reads()
    interval = jeffreys_interval(ground, reads, level)
    probabilities = prediction.probabilities
    tts99, slow, fast = (time_to_solution(p, prediction.tau) for p in (ground / reads, *interval))
    return Comparison(
        num_reads=reads,
        ground_probability=ground / reads,
        ground_probability_interval=interval,
        predicted=prediction.success_probability,
        tv_distance=total_variation(counts / reads, probabilities),
        tv_expected=expected_total_variation(probabilities, reads),
        p_value=goodness_of_fit(counts, probabilities, num_resamples=num_bootstrap, seed=seed),
        effective_temperature=level_temperature(levels, level_counts(levels, aligned)).value,
        tts99=tts99,
        tts99_interval=(fast, slow),
        tau=prediction.tau,
        level=level,
        num_bootstrap=num_bootstrap,
        seed=seed,
        instance_hash=prediction.instance_hash,
    )


def _require_arguments(prediction: Any, sampleset: Any) -> None:
    """Refuse what is no prediction and no sample set, and say what to write instead."""
    if isinstance(prediction, dimod.SampleSet):
        raise InputError("the prediction comes first and the samples second: compare(run, samples)")
    if isinstance(prediction, AnnealHamiltonian | ProblemLike):
        raise InputError(
            f"prediction is {kind_of(prediction)}, which predicts nothing before it is annealed; "
            "give qx.anneal(H, tau), with an anneal time tau"
        )
    if not isinstance(prediction, AnnealResult | OpenAnnealResult):
        raise InputError(f"prediction is {kind_of(prediction)}; give what anneal returned")
    require_sampleset(sampleset)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
