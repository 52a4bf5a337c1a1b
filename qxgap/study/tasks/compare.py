"""The task ``compare``: reads of each sampler against the predicted final state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ...errors import InputError
from ...samplers import ExactSampler
from ..cells import ProblemCell, Row
from .base import Column, Grid, Kind, references_of
from .sample import INTERVAL, READS
from .success import AnnealTask, anneal_columns
from .work import Work


class Compare(AnnealTask):
    """Reads of each sampler against a closed anneal at each anneal time."""

    name = "compare"
    summary = "Reads of each sampler against the prediction of a closed anneal."
    axes = ("convention", "schedule", "tau", "sampler")
    settings = ("tol", "num_reads")
    references = (*INTERVAL, "ronnow2014", "davison1997", "diaconis1991", "raymond2016")
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
    }

    def validate(self, study: Grid) -> None:
        """Raise InputError for the exact sampler, because an enumeration is no sample."""
        if any(isinstance(sampler, ExactSampler) for sampler in study.samplers):
            raise InputError("sampler 'exact' enumerates; leave it out of a study that compares")

    def seconds(self, cell: ProblemCell) -> float:
        """Return the time of the bootstrap of the p-value over all 2^d states."""
        return 0.02 + 3e-6 * 2.0**cell.num_qubits

    def compute(self, cell: ProblemCell, work: Work) -> Row:
        """Compare reads and prediction."""
        run, comparison = work.anneal(cell), work.comparison(cell)
        return {
            **{name: getattr(comparison, name) for name in self.columns},
            "ground_probability_interval": list(comparison.ground_probability_interval),
            "tts99_interval": list(comparison.tts99_interval),
            **anneal_columns(cell, run),
            "references": references_of(run.method, cell.sampler),
        }
