"""The task ``sample``: reads of each sampler."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

from ...problem import OptimumStatus
from ...results import plain
from ...samplers import ExactSampler
from ...samplers.registry import sampler_name
from ...samples.alignment import align
from ...statistics import jeffreys_interval
from ..cells import ProblemCell, Row
from .base import Column, Kind, ProblemTask, references_of
from .work import Work

ENUMERATED = 20
"""Largest number of qubits at which the ground energy is the minimum of all 2^d energies."""
WALL_CLOCK = ("timing",)
"""Entries of a sampler's report that differ from run to run; the table leaves them out."""

INTERVAL = ("brown2001",)
"""BibTeX keys of the Jeffreys interval."""

READS = {
    "num_reads": Column(Kind.INTEGER, "Number of reads, counted with their multiplicities."),
    "ground_probability": Column(Kind.FLOAT, "Fraction of the reads in the ground subspace."),
    "ground_probability_interval": Column(
        Kind.LIST, "Jeffreys interval of that probability at 95 %, low and high."
    ),
}
"""Columns that are shared by the tasks ``sample`` and ``compare``."""


class Sample(ProblemTask):
    """Reads of each sampler; problems above ``max_qubits`` are sampled too."""

    name = "sample"
    summary = "Reads of each sampler, and the fraction of them in the ground subspace."
    axes = ("sampler",)
    settings = ("num_reads",)
    exponential = False
    batch_order = 1
    columns: ClassVar[Mapping[str, Column]] = {
        **READS,
        "best_energy": Column(Kind.FLOAT, "Lowest energy among the reads."),
        "sampler_info": Column(Kind.TEXT, "Report of the sampler, as JSON, without its timing."),
    }

    def seconds(self, cell: ProblemCell) -> float:
        """Return the time of the reads; each read visits every qubit and all that it couples to."""
        return 1e-5 * cell.settings.num_reads * cell.num_qubits * (1 + 0.01 * cell.num_qubits)

    def compute(self, cell: ProblemCell, work: Work) -> Row:
        """Draw reads, and count those in the ground subspace if the ground energy is known."""
        problem, sampleset = work.problem(cell), work.reads(cell)
        info = {key: value for key, value in sampleset.info.items() if key not in WALL_CLOCK}
        columns: Row = {
            "num_reads": int(sampleset.record.num_occurrences.sum()),
            "best_energy": float(sampleset.record.energy.min()),
            "method": sampler_name(cell.sampler),
            "references": references_of(cell.sampler),
            "sampler_info": json.dumps(info, sort_keys=True, default=plain),
        }
        # An enumeration lists every state once, so that its frequencies are no probabilities.
        if isinstance(cell.sampler, ExactSampler):
            return columns
        lowest = None
        if cell.num_qubits > ENUMERATED:
            optimum = work.selections(cell).optimum
            if optimum.status is not OptimumStatus.OPTIMAL:
                return {**columns, "reason": "the ground energy is not known"}
            lowest = optimum.energy
        reads = align(problem, sampleset)
        ground, number = reads.ground_reads(lowest), reads.num_reads
        return columns | {
            "ground_probability": ground / number,
            "ground_probability_interval": list(jeffreys_interval(ground, number)),
            "references": (*columns["references"], *INTERVAL),
        }
