"""The task ``compare``: reads of each sampler against the predicted final state.

Above ``max_qubits`` no final state is predicted. There the reads are compared with what is known at
any size: the proven optimum, and the share of it that independent qubits predict.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...errors import InputError
from ...problem import LevelStatus, QuboProblem
from ...samplers import ExactSampler
from ...samples import GroundComparison
from ..cells import ProblemCell, Row, Settings
from .base import Column, Grid, Kind, Memory, references_of
from .sample import INTERVAL, READS
from .select import REDUCTION
from .success import AnnealTask, Success, anneal_columns
from .work import Work

OF_STATES = ("davison1997", "diaconis1991", "raymond2016")
"""BibTeX keys of the p-value, the expected distance and the temperature over all states."""

OF_FLIPS = ("besag1975", "raymond2016")
"""BibTeX keys of the temperature of single flips."""

NOT_PROVEN = (
    "the lowest energy known is not proven to be the lowest, so that the share of ground states is "
    "not known"
)
"""Why a row has no share of ground states."""

NO_NULL = (
    "not all ground states are known, so that independent qubits predict no share of ground states"
)
"""Why a row has no share to compare with."""

SHARE_COLUMNS: Mapping[str, Column] = {
    "null_product": Success.columns["null_product"],
    "null_p_value": Column(
        Kind.FLOAT,
        "P-value of the share of ground states if it were that of independent qubits, by the "
        "binomial law; above max_qubits only.",
    ),
    "residual_energy": Success.columns["residual_energy"],
    "residual_energy_interval": Column(
        Kind.LIST,
        "The 95 % interval of the mean energy of the reads above the ground energy, low and high.",
    ),
    "flip_temperature": Column(
        Kind.FLOAT,
        "Temperature of single flips in the reads, by pseudo-likelihood; above max_qubits only.",
    ),
    "flip_temperature_interval": Column(
        Kind.LIST,
        "The 95 % interval of that temperature; low > high if it may be infinite or negative.",
    ),
}
"""Columns of a problem above ``max_qubits``, which are empty for the others."""


SHARE_SECONDS = 0.002
"""Approximate time of a short anneal of one qubit, in seconds on one slow core."""

READ_BYTES = 100
"""Approximate memory of a row of a large problem for each read and qubit, in bytes."""


class Compare(AnnealTask):
    """Reads of each sampler against a closed anneal, or beyond 2^d against the proven optimum."""

    name = "compare"
    summary = (
        "Reads of each sampler against the prediction of a closed anneal up to max_qubits, and "
        "above against the proven optimum and independent qubits."
    )
    any_size = True
    axes = ("convention", "schedule", "tau", "sampler")
    settings = ("tol", "num_reads")
    references = (*INTERVAL, "ronnow2014")
    columns: ClassVar[Mapping[str, Column]] = {
        **READS,
        "predicted": Column(Kind.FLOAT, "Success probability of the predicted final state."),
        "tv_distance": Column(
            Kind.FLOAT, "Total variation distance between reads and prediction, over all states."
        ),
        "tv_expected": Column(
            Kind.FLOAT, "Mean of that distance if the reads followed the prediction."
        ),
        "p_value": Column(Kind.FLOAT, "P-value of the prediction, by Monte Carlo."),
        "effective_temperature": Column(
            Kind.FLOAT, "Temperature of the Boltzmann law that is nearest to the reads."
        ),
        "tts99": Column(
            Kind.FLOAT, "Time to solution at 99 % from the measured ground probability."
        ),
        "tts99_interval": Column(
            Kind.LIST, "Time to solution at both ends of the interval of that probability."
        ),
        **SHARE_COLUMNS,
    }

    def validate(self, study: Grid) -> None:
        """Raise InputError for the exact sampler, because an enumeration is no sample."""
        if any(isinstance(sampler, ExactSampler) for sampler in study.samplers):
            raise InputError("sampler 'exact' enumerates; leave it out of a study that compares")

    def seconds(self, cell: ProblemCell) -> float:
        """Return the time of the p-value over all 2^d states, or of independent qubits."""
        if not self.takes_all_states(cell):
            of_each = SHARE_SECONDS * (1 + 0.01 * cell.tau) + 1e-6 * cell.settings.num_reads
            return of_each * cell.num_qubits
        return 0.02 + 3e-6 * 2.0**cell.num_qubits

    def memory(self, cell: ProblemCell) -> Memory:
        """Return the workspace of 2^d amplitudes, or that of the reads."""
        if not self.takes_all_states(cell):
            return Memory(READ_BYTES * cell.settings.num_reads * cell.num_qubits, 0)
        return super().memory(cell)

    def identity(self, problem: QuboProblem, settings: Settings) -> Mapping[str, Any]:
        """Return what a large problem is compared by, which tells its row from that of a small."""
        large = problem.num_qubits > settings.max_qubits
        return {"method": "proven optimum"} if large else {}

    def compute(self, cell: ProblemCell, work: Work) -> Row:
        """Compare reads and prediction, or above ``max_qubits`` reads and proven optimum."""
        if not self.takes_all_states(cell):
            return _shares(cell, work.ground_comparison(cell))
        run, comparison = work.anneal(cell), work.comparison(cell)
        names = [name for name in self.columns if name not in SHARE_COLUMNS]
        return {
            **{name: getattr(comparison, name) for name in names},
            "ground_probability_interval": list(comparison.ground_probability_interval),
            "tts99_interval": list(comparison.tts99_interval),
            **anneal_columns(cell, run),
            "references": (*OF_STATES, *references_of(run.method, cell.sampler)),
        }


def _shares(cell: ProblemCell, comparison: GroundComparison) -> Row:
    """Return the columns of a problem above ``max_qubits``.

    What rests on the optimum stays empty if that is not proven.
    """
    measured, flips = comparison.measured, comparison.temperature
    columns: Row = {
        "num_reads": measured.num_reads,
        "flip_temperature": flips.value,
        "flip_temperature_interval": list(flips.interval),
        "method": "branch and bound",
        "references": (*REDUCTION, *OF_FLIPS, *references_of(cell.sampler)),
        "tolerance": cell.problem.ground_tolerance,
        "status": measured.ground.name,
        "reason": "",
    }
    if measured.ground is LevelStatus.BEST_KNOWN:
        return {**columns, "reason": NOT_PROVEN}
    return {
        **columns,
        "ground_probability": measured.value,
        "ground_probability_interval": list(measured.interval),
        "tts99": comparison.time.anneal_time,
        "tts99_interval": list(comparison.time.anneal_interval),
        "null_product": comparison.predicted,
        "null_p_value": comparison.p_value,
        "residual_energy": comparison.residual.value,
        "residual_energy_interval": list(comparison.residual.interval),
        "reason": NO_NULL if comparison.predicted is None else "",
    }
