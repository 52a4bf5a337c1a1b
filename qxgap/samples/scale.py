"""Energy scales that samplers take their temperatures and schedules from."""

from __future__ import annotations

import numpy as np

from ..anneal.schedule import AnnealSchedule, schedule_named
from ..problem.accept import ProblemLike, as_problem, require_number
from ..problem.errors import InputError
from ..problem.qubo import QuboProblem

RELATIVE_TEMPERATURE = 0.05
"""Default temperature, as a fraction of the largest energy that one flip can cost."""


def flip_scale(problem: ProblemLike) -> float:
    """Largest energy that one flip can cost, ``max_p |h_p + sum_q J_pq n_q|`` over all states."""
    problem = as_problem(problem)
    couplings = problem.J + problem.J.T
    upward = problem.h + np.maximum(couplings, 0.0).sum(axis=1)
    downward = problem.h + np.minimum(couplings, 0.0).sum(axis=1)
    return float(np.maximum(np.abs(upward), np.abs(downward)).max())


def sampling_temperature(
    problem: QuboProblem, temperature: float | None, schedule: AnnealSchedule
) -> float:
    """``temperature`` itself; for None a twentieth of :func:`flip_scale`, or 1 if that is 0.

    Raises InputError for None with a schedule in GHz, where temperatures are in mK and belong to
    the solver.
    """
    if temperature is not None:
        require_number(temperature, "temperature", "one number, in mK for a schedule in GHz")
        return float(temperature)
    if schedule.unit == "GHz":
        raise InputError(
            f"schedule {schedule.name!r} is in GHz and has no default temperature; give "
            "temperature in mK"
        )
    return RELATIVE_TEMPERATURE * flip_scale(problem) or 1.0


def as_schedule(schedule: AnnealSchedule | str) -> AnnealSchedule:
    """Return a schedule itself, or the one of that name (InputError for an unknown name)."""
    return schedule if isinstance(schedule, AnnealSchedule) else schedule_named(schedule)
