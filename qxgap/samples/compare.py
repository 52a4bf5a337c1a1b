"""Theory against samples."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import dimod
import numpy as np
from numpy.typing import NDArray

from ..dynamics import AnnealResult
from ..problem.bits import bits_to_index
from ..problem.errors import InputError
from ..problem.qubo import QuboProblem
from .goodness import goodness_of_fit
from .seeds import Seed, integer_seed
from .statistics import (
    effective_inverse_temperature,
    expected_total_variation,
    jeffreys_interval,
    time_to_solution,
    total_variation,
)

ENERGY_RTOL = 1e-6
"""A sample's own energy may differ from the problem's by this fraction of the energy scale."""


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
    p_value : of the prediction; see :func:`~qxgap.samples.goodness_of_fit`.
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
    prediction: AnnealResult,
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
    if sampleset.info.get("sampler") == "exact":
        raise InputError("the samples enumerate all states once; give reads of a sampler instead")
    problem, seed = prediction.problem, integer_seed(seed)
    counts = _state_counts(problem, sampleset, check_energies)
    reads, ground = int(counts.sum()), int(counts[problem.ground_indices].sum())
    interval = jeffreys_interval(ground, reads, level)
    probabilities = prediction.probabilities
    beta = effective_inverse_temperature(*_levels(problem, counts))
    tts99, slow, fast = (time_to_solution(p, prediction.tau) for p in (ground / reads, *interval))
    return Comparison(
        num_reads=reads,
        ground_probability=ground / reads,
        ground_probability_interval=interval,
        predicted=prediction.success_probability,
        tv_distance=total_variation(counts / reads, probabilities),
        tv_expected=expected_total_variation(probabilities, reads),
        p_value=goodness_of_fit(counts, probabilities, num_bootstrap=num_bootstrap, seed=seed),
        effective_temperature=1 / beta if beta else math.inf,
        tts99=tts99,
        tts99_interval=(fast, slow),
        tau=prediction.tau,
        level=level,
        num_bootstrap=num_bootstrap,
        seed=seed,
        instance_hash=prediction.instance_hash,
    )


def _state_counts(
    problem: QuboProblem, sampleset: dimod.SampleSet, check_energies: bool
) -> NDArray[np.int64]:
    """Reads per state, (2^d,)."""
    occupations = _occupations(problem, sampleset)
    if check_energies:
        _check_energies(problem, occupations, sampleset.record.energy)
    multiplicity = sampleset.record.num_occurrences
    if np.any(multiplicity < 0) or multiplicity.sum() < 1:
        raise InputError("the sample set holds no reads (or negative num_occurrences)")
    counts = np.zeros(1 << problem.num_qubits, dtype=np.int64)
    np.add.at(counts, bits_to_index(occupations), multiplicity)
    return counts


def _occupations(problem: QuboProblem, sampleset: dimod.SampleSet) -> NDArray[np.int64]:
    """Rows as occupations n, columns in the problem's order: (rows, d)."""
    if not len(sampleset):
        raise InputError("the sample set holds no reads")
    variables = list(sampleset.variables)
    missing = [label for label in problem.labels if label not in sampleset.variables]
    extra = [label for label in variables if label not in problem.labels]
    if missing or extra:
        raise InputError(
            f"the samples lack the labels {missing} and have {extra} beside the problem's; "
            "relabel them as the problem is (1 and '1' differ)"
        )
    values = sampleset.record.sample[:, [variables.index(label) for label in problem.labels]]
    if sampleset.vartype not in (dimod.BINARY, dimod.SPIN):
        raise InputError(f"samples of vartype {sampleset.vartype}; use BINARY or SPIN")
    if not np.isin(values, list(sampleset.vartype.value)).all():
        raise InputError(f"the samples hold values that are not {sampleset.vartype.name}")
    return (values > 0).astype(np.int64)


def _check_energies(problem: QuboProblem, occupations: NDArray, energies: NDArray) -> None:
    expected = problem.energy(occupations)
    tolerance = ENERGY_RTOL * (problem.energy_scale + abs(problem.offset))
    wrong = np.flatnonzero(~(np.abs(energies - expected) <= tolerance))
    if wrong.size:
        rows = "; ".join(
            f"row {row}: {energies[row]:.8g}, not {expected[row]:.8g}" for row in wrong[:3]
        )
        raise InputError(
            f"{wrong.size} of {len(expected)} sample energies are not the problem's ({rows}); give "
            "samples of this very problem (same couplings, pair weight, offset, unit), or pass "
            "check_energies=False if only the states are to count"
        )


def _levels(problem: QuboProblem, counts: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Energies, degeneracies and reads of the levels; closer than the tolerance is one level."""
    order = np.argsort(problem.diagonal, kind="stable")
    energies = problem.diagonal[order]
    starts = np.flatnonzero(np.diff(energies, prepend=-np.inf) > problem.ground_tolerance)
    degeneracies = np.diff(starts, append=energies.size)
    return energies[starts], degeneracies, np.add.reduceat(counts[order], starts)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
