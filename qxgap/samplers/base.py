"""The base class of the samplers of this package, which are dimod samplers of a QuboProblem.

dimod passes everything but the model by keyword, and its composites pass keywords on unchanged. So
the keywords take Python objects here, a ``schedule`` an :class:`~qxgap.annealing.AnnealSchedule`
and a ``convention`` a :class:`~qxgap.annealing.Convention`. Names of schedules and samplers belong
to the command line and to study files, which look the objects up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import dimod
import numpy as np

from ..annealing.schedules import AnnealSchedule
from ..checks import kind_of, require_number, require_whole
from ..errors import InputError
from ..memory import require_memory
from ..problem.accept import ProblemLike, as_problem
from ..problem.optimum import steepest_descent
from ..problem.proven_levels import MOST_ENUMERATED
from ..problem.qubo import QuboProblem


class ProblemSampler(dimod.Sampler):  # type: ignore[name-defined, misc]
    """Base class of the samplers: declared parameters, and answers in the model's own vartype.

    A subclass sets the class attributes and defines ``sample``, which checks its arguments and then
    calls :meth:`_answer`. That method does the work that all samplers share: a model without
    variables gets an empty sample set, as from ``dimod.ExactSolver``; arguments that are not
    declared are ignored with dimod's warning; ``info`` names the sampler, the seed and the
    instance.

    Attributes
    ----------
    NAME : str
        Name of the sampler on the command line, in study files and in ``info``.
    PARAMETERS : mapping of str
        Keyword arguments of ``sample``, each with the properties that bear on it.
    PROPERTIES : mapping of str
        Limits of the sampler, and the values that its parameters take.
    references : tuple of str
        Keys of the works to cite (``qxgap cite``).
    """

    NAME: ClassVar[str]
    PARAMETERS: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    PROPERTIES: ClassVar[Mapping[str, Any]] = {}
    references: ClassVar[tuple[str, ...]] = ()

    @property
    def parameters(self) -> dict[str, list[str]]:
        """Keyword arguments of ``sample``, each with the properties that bear on it."""
        return {name: list(related) for name, related in self.PARAMETERS.items()}

    @property
    def properties(self) -> dict[str, Any]:
        """Limits of the sampler, and the values that its parameters take."""
        return dict(self.PROPERTIES)

    def _answer(
        self,
        bqm: dimod.BinaryQuadraticModel,
        draw: Callable[[QuboProblem], dimod.SampleSet],
        seed: int | None,
        undeclared: Mapping[str, Any],
    ) -> dimod.SampleSet:
        """Draw reads of the model as a problem, and return them in the vartype of the model.

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            The model, of either vartype.
        draw : callable
            Draws the reads of the problem; it is not called for a model without variables.
        seed : int or None
            The seed that ``draw`` uses, to be recorded; None for a sampler without randomness.
        undeclared : mapping of str
            Arguments that ``sample`` did not recognize.
        """
        self.remove_unknown_kwargs(**undeclared)
        if bqm.num_variables == 0:
            return dimod.SampleSet.from_samples(  # type: ignore[no-untyped-call]
                [], bqm.vartype, energy=[]
            )
        problem = QuboProblem.from_bqm(bqm)
        sampleset = draw(problem)
        record = {"sampler": self.NAME, "instance_hash": problem.content_hash, "seed": seed}
        details = {name: entry for name, entry in sampleset.info.items() if name not in record}
        sampleset.info.clear()
        sampleset.info.update(**record, **details)
        return sampleset.change_vartype(  # type: ignore[no-untyped-call]
            bqm.vartype, inplace=False
        )


def require_sweeps(num_sweeps: int) -> None:
    """Raise an error unless this is a number of sweeps whose fields fit into memory."""
    require_positive(num_sweeps=num_sweeps)
    require_memory(32 * num_sweeps, f"{num_sweeps} sweeps", "give fewer sweeps")


def require_positive(**counts: int) -> None:
    """Raise InputError for a count below 1, or one that is no whole number."""
    for name, number in counts.items():
        require_whole(number, name, "a whole number of at least 1")
    if any(number < 1 for number in counts.values()):
        listing = ", ".join(f"{name} = {number}" for name, number in counts.items())
        raise InputError(f"{listing}; give at least one")


def require_schedule(schedule: Any) -> None:
    """Raise InputError unless this is a schedule object."""
    if not isinstance(schedule, AnnealSchedule):
        name = schedule if isinstance(schedule, str) else "linear"
        raise InputError(
            f"schedule is {kind_of(schedule)}; give an AnnealSchedule, such as "
            f"qx.schedule_named({name!r})"
        )


RELATIVE_TEMPERATURE = 0.05
"""Default temperature, as a fraction of the largest energy that one flip can cost."""


def flip_scale(problem: ProblemLike) -> float:
    """Return the largest energy that flipping one variable can cost, over all states.

    It is ``max_p |h_p + sum_q J_pq n_q|``, the scale to which default temperatures refer.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.

    Returns
    -------
    float
        In the unit of the problem's energies; 0 if every coefficient is zero.

    Examples
    --------
    >>> import qxgap as qx
    >>> qx.samplers.flip_scale(qx.QuboProblem([-1.0, -2.0], [[0.0, 1.5], [0.0, 0.0]]))
    2.0
    """
    problem = as_problem(problem)
    couplings = problem.J + problem.J.T
    upward = problem.h + np.maximum(couplings, 0.0).sum(axis=1)
    downward = problem.h + np.minimum(couplings, 0.0).sum(axis=1)
    return float(np.maximum(np.abs(upward), np.abs(downward)).max())


def local_flip_scale(problem: QuboProblem) -> float:
    """Return the largest energy that one flip costs in the local minimum next to the empty state.

    Over all states the largest cost grows with the number of variables, although no state of low
    energy has it: at 150 variables of feature selection it is twenty times the cost here.
    """
    empty = np.zeros((1, problem.num_qubits), dtype=np.int64)
    state = steepest_descent(problem, empty)[0].astype(np.float64)
    fields = problem.h + (problem.J + problem.J.T) @ state
    return float(np.abs(fields).max())


def sampling_temperature(
    problem: QuboProblem, temperature: float | None, schedule: AnnealSchedule
) -> float:
    """Return ``temperature`` itself, or for None a default that follows the energy scale.

    The default is a twentieth of :func:`flip_scale`, beyond 24 variables of
    :func:`local_flip_scale`, or 1 if that is 0. A schedule in GHz has none, and raises InputError:
    its temperatures are in mK and belong to the machine.
    """
    if temperature is not None:
        require_number(temperature, "temperature", "one number, in mK for a schedule in GHz")
        return float(temperature)
    if schedule.unit == "GHz":
        raise InputError(
            f"schedule {schedule.name!r} is in GHz and has no default temperature; give "
            "temperature in mK"
        )
    wide = problem.num_qubits > MOST_ENUMERATED
    scale = local_flip_scale(problem) if wide else flip_scale(problem)
    return RELATIVE_TEMPERATURE * scale or 1.0
