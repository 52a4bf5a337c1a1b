"""What the samplers of this package share: they are dimod samplers that see a QuboProblem."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import dimod

from ..problem.accept import require_whole
from ..problem.errors import InputError, require_memory
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
