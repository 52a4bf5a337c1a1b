"""What the samplers of this package share: they are dimod samplers that see a QuboProblem."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import dimod
import numpy as np

from ..annealing.schedule import AnnealSchedule, schedule_named
from ..checks import require_number, require_whole
from ..errors import InputError
from ..memory import require_memory
from ..problem.accept import ProblemLike, as_problem
from ..problem.qubo import QuboProblem


class ProblemSampler(dimod.Sampler):  # type: ignore[name-defined, misc]
    """A dimod sampler: declared parameters and properties, answers in the model's own vartype.

    A model without variables gives an empty sample set, as ``dimod.ExactSolver`` does. Arguments
    that are not declared are ignored with dimod's warning.
    """

    PARAMETERS: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    PROPERTIES: ClassVar[Mapping[str, Any]] = {}

    @property
    def parameters(self) -> dict[str, list[str]]:
        """Keyword arguments of ``sample``, each with the properties that bear on it."""
        return {name: list(related) for name, related in self.PARAMETERS.items()}

    @property
    def properties(self) -> dict[str, Any]:
        """Limits of the sampler, and the values that its parameters take."""
        return dict(self.PROPERTIES)

    def _sampled(
        self,
        bqm: dimod.BinaryQuadraticModel,
        unknown: Mapping[str, Any],
        draw: Callable[[QuboProblem], dimod.SampleSet],
    ) -> dimod.SampleSet:
        """What ``draw`` says of the model as a problem, in the vartype of the model."""
        self.remove_unknown_kwargs(**unknown)
        if bqm.num_variables == 0:
            return dimod.SampleSet.from_samples(  # type: ignore[no-untyped-call]
                [], bqm.vartype, energy=[]
            )
        sampleset = draw(QuboProblem.from_bqm(bqm))
        return sampleset.change_vartype(  # type: ignore[no-untyped-call]
            bqm.vartype, inplace=False
        )


def require_sweeps(num_sweeps: int) -> None:
    """Raise InputError unless it is a number of sweeps whose temperatures or fields fit."""
    require_positive(num_sweeps=num_sweeps)
    require_memory(32 * num_sweeps, f"{num_sweeps} sweeps", "give fewer sweeps")


def require_positive(**numbers: int) -> None:
    """Raise InputError for a count below 1, or that is no whole number."""
    for name, number in numbers.items():
        require_whole(number, name, "a whole number of at least 1")
    if any(number < 1 for number in numbers.values()):
        told = ", ".join(f"{name} = {number}" for name, number in numbers.items())
        raise InputError(f"{told}; give at least one")


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
