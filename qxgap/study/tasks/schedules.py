"""The task ``schedules``: an anneal time spent evenly, at the gap, in 12 points, in a pause.

The local schedule has the pace ``ds/dt ~ gap^2``. The one that also divides by the coupling of the
ground state to the next level is annealed beside it: it is fast wherever that one coupling is
small, although the ground state may be coupled to higher levels there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from ...annealing.hamiltonian import AnnealHamiltonian
from ...annealing.schedules import AnnealSchedule, with_fewer_points
from ...dynamics import AnnealResult, AnnealStatus, SplitOperator, anneal_many
from ...spectra import adiabatic_profile, locally_adiabatic, paused_at_gap
from ..cells import ProblemCell, Row
from .base import Column, Kind
from .success import AnnealTask, anneal_columns
from .work import Work

NUM_POINTS = 12
"""Number of points of the reduced schedule: as many as D-Wave's annealers accept."""

PAUSE_SHARE = 0.5
"""Share of the anneal time that the pause takes."""

SCHEDULE_COLUMNS = {
    "local": "local_success",
    "points": "points_success",
    "pause": "pause_success",
    "coupled": "coupled_success",
}
"""The schedules that are compared with the even one, and the columns of their success."""


class Schedules(AnnealTask):
    """Success by several schedules in the same anneal time: even, local, 12 points, paused."""

    name = "schedules"
    summary = "The success probability of gap-informed schedules beside that of the given one."
    axes = ("convention", "schedule", "tau")
    settings: ClassVar[tuple[str, ...]] = ("tol", "rtol")
    references: ClassVar[tuple[str, ...]] = ("roland2002", "marshall2019")
    columns: ClassVar[Mapping[str, Column]] = {
        "even_success": Column(
            Kind.FLOAT, "Success probability by the schedule of the study, taken evenly in time."
        ),
        "local_success": Column(
            Kind.FLOAT,
            "Success probability by the same path taken slowly where the gap is small: "
            "ds/dt proportional to gap^2.",
        ),
        "coupled_success": Column(
            Kind.FLOAT,
            "Success probability by the same path with ds/dt proportional to gap^2 / coupling.",
        ),
        "points_success": Column(
            Kind.FLOAT, f"Success probability by the best {NUM_POINTS} points of that schedule."
        ),
        "pause_success": Column(
            Kind.FLOAT,
            f"Success probability with a pause at the minimum gap for {PAUSE_SHARE:.0%} of the "
            "time; NaN if the gap is smallest at an end of the anneal.",
        ),
        "pause_at": Column(Kind.FLOAT, "Anneal fraction s of the pause: that of the minimum gap."),
        "schedules_error": Column(
            Kind.FLOAT, "Largest estimated error of these success probabilities."
        ),
    }

    def seconds(self, cell: ProblemCell) -> float:
        """Return the time of a gap, a profile, and five anneals."""
        return 0.5 + 2.0**cell.num_qubits * (2e-4 + 5e-7 * (20 + cell.tau))

    def compute(self, cell: ProblemCell, work: Work) -> Row:
        """Anneal by each schedule in the cell's anneal time."""
        H = work.hamiltonian(cell)
        kept = ("schedules", cell.subject, cell.convention, cell.schedule)
        place, made = work.once(kept, lambda: _made(H, cell, work))
        even = work.anneal(cell)
        method = SplitOperator(cell.settings.tol)
        hamiltonians = [H.with_schedule(schedule) for schedule in made.values()]
        others = [row[0] for row in anneal_many(hamiltonians, [cell.tau], method, throw=False)]
        runs = dict(zip(made, others, strict=True))
        every = [even, *others]
        return {
            **anneal_columns(cell, _worst(every)),
            "even_success": even.success_probability,
            **{
                column: runs[name].success_probability if name in runs else math.nan
                for name, column in SCHEDULE_COLUMNS.items()
            },
            "pause_at": place if "pause" in runs else math.nan,
            "schedules_error": max(run.error_estimate or 0.0 for run in every),
        }


def _made(
    H: AnnealHamiltonian, cell: ProblemCell, work: Work
) -> tuple[float, dict[str, AnnealSchedule]]:
    """Return where the gap is smallest, and the schedules that follow from the gap."""
    place = work.minimum_gap(cell).s_star
    profile = adiabatic_profile(H, seed=cell.seed("schedules"))
    local = locally_adiabatic(H, profile)
    made = {
        "local": local,
        "points": with_fewer_points(local, H.schedule, NUM_POINTS),
        "coupled": locally_adiabatic(H, profile, coupling=True),
    }
    if 0 < place < 1:
        made["pause"] = paused_at_gap(H, place, share=PAUSE_SHARE)
    return place, made


def _worst(runs: list[AnnealResult]) -> AnnealResult:
    """Return a run that did not converge, or else the first one."""
    return next((run for run in runs if run.status is not AnnealStatus.CONVERGED), runs[0])
