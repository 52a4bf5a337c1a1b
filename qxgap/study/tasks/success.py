"""The task ``success``: success probability of a closed anneal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ...dynamics import AnnealResult, AnnealStatus, random_guess
from ..cells import ProblemCell, Row
from .base import AMPLITUDE, Column, Kind, Memory, ProblemTask, references_of
from .work import Work


class AnnealTask(ProblemTask):
    """A task that anneals: the states of a batch are propagated together."""

    settings: ClassVar[tuple[str, ...]] = ("tol",)
    batch_order = 1

    def memory(self, cell: ProblemCell) -> Memory:
        """Return the workspace, and three states for each anneal of the batch."""
        peak = super().memory(cell).peak
        return Memory(peak, 3 * AMPLITUDE << cell.num_qubits)


def anneal_columns(cell: ProblemCell, run: AnnealResult) -> Row:
    """Return the columns that say how an anneal was computed."""
    return {
        "method": repr(run.method),
        "references": references_of(run.method),
        "tolerance": cell.settings.tol,
        "status": run.status.name,
        "reason": "" if run.status is AnnealStatus.CONVERGED else run.status.value,
    }


class Success(AnnealTask):
    """Success probability at each anneal time, beside that of independent qubits."""

    name = "success"
    summary = "The success probability of a closed anneal at each anneal time."
    axes = ("convention", "schedule", "tau")
    columns: ClassVar[Mapping[str, Column]] = {
        "success_probability": Column(
            Kind.FLOAT, "Probability of the ground subspace at the end of the anneal."
        ),
        "error_estimate": Column(Kind.FLOAT, "Estimated error of the success probability."),
        "null_product": Column(
            Kind.FLOAT, "Success probability of independent qubits in their mean fields."
        ),
        "random_guess": Column(Kind.FLOAT, "Success probability of a uniform guess."),
        "residual_energy": Column(Kind.FLOAT, "Mean energy above the ground energy."),
        "norm_error": Column(Kind.FLOAT, "Deviation of the norm of the final state from 1."),
        "steps": Column(Kind.INTEGER, "Number of time steps."),
    }

    def seconds(self, cell: ProblemCell) -> float:
        """Return the time of an anneal, which grows with 2^d and the anneal time."""
        return 0.03 + 1e-7 * 2.0**cell.num_qubits * (20 + cell.tau)

    def compute(self, cell: ProblemCell, work: Work) -> Row:
        """Anneal, and compare with independent qubits and with guessing."""
        run = work.anneal(cell)
        return {
            "success_probability": run.success_probability,
            "error_estimate": run.error_estimate,
            "null_product": work.null_product(cell),
            "random_guess": random_guess(work.problem(cell)),
            "residual_energy": run.residual_energy,
            "norm_error": run.norm_error,
            "steps": run.steps,
            **anneal_columns(cell, run),
        }
