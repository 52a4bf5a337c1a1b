"""The tasks of a study: each is one object that describes its rows, their cost and computation.

A new task is a subclass of :class:`ProblemTask` (or of :class:`Task`) in its own file, and a
line in ``qxgap/study/tasks/__init__.py``. Planning, batches, the table, the forecast and the report
take all that they need from the object.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from enum import Enum
from itertools import product
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar

import dimod

from ...annealing.drivers import Convention
from ...annealing.schedules import AnnealSchedule
from ...files import digest
from ...problem.qubo import QuboProblem
from ...samplers.registry import sampler_name
from ..cells import FORMAT, Cell, Position, ProblemCell, Row, Settings
from ..instance import Instance
from .work import Work, is_large

AnyCell = TypeVar("AnyCell", bound=Cell)

AMPLITUDE = 16
"""Bytes of one complex amplitude."""
WORKSPACE = 48
"""Approximate largest number of vectors of 2^d doubles that a certified gap or an anneal holds."""


class Kind(Enum):
    """Type of a column of the results table; the value is the type that pandas gives it."""

    FLOAT = "float64"
    INTEGER = "Int64"
    BOOLEAN = "boolean"
    TEXT = "str"
    LIST = "object"
    LABELS = "object: labels"


class Column(NamedTuple):
    """A column of the results table: its type, and a sentence that says what it holds.

    Attributes
    ----------
    kind : Kind
        The type of its values.
    text : str
        A sentence that says what it holds.
    """

    kind: Kind
    text: str


class Memory(NamedTuple):
    """The approximate memory of a cell, in bytes.

    Attributes
    ----------
    peak : int
        Bytes that the cell needs while it is computed.
    kept : int
        Bytes that stay until its batch is done.
    """

    peak: int
    kept: int


class Grid(Protocol):
    """The part of a study that a task reads; see :class:`qxgap.study.Study`."""

    @property
    def conventions(self) -> Sequence[Convention]:
        """Conventions of the driver."""

    @property
    def schedules(self) -> Sequence[AnnealSchedule]:
        """Anneal schedules."""

    @property
    def tau(self) -> Sequence[float]:
        """Anneal times."""

    @property
    def samplers(self) -> Sequence[dimod.Sampler]:  # type: ignore[name-defined]
        """Samplers."""

    @property
    def max_qubits(self) -> int:
        """Largest number of qubits of a problem that takes 2^d amplitudes."""

    @property
    def settings(self) -> Settings:
        """Tolerances, numbers of reads, and the seed."""


_ATTRIBUTES = {
    "convention": "conventions",
    "schedule": "schedules",
    "tau": "tau",
    "sampler": "samplers",
}
"""Axis -> attribute of the study that lists its values."""


class Task(ABC, Generic[AnyCell]):
    """One kind of computation on the instances of a study.

    A task that is a dataclass may have parameters; they become part of the keys of its rows.
    """

    name: ClassVar[str]
    """Name in study files, and in the column ``task`` of the table."""
    summary: ClassVar[str]
    """A sentence about the results of the task."""
    columns: ClassVar[Mapping[str, Column]]
    """Columns that its rows have besides those of every row."""
    axes: ClassVar[tuple[str, ...]] = ()
    """Axes of the grid, besides instance and tradeoff: an instance has a row for every point."""
    settings: ClassVar[tuple[str, ...]] = ()
    """Fields of :class:`~qxgap.study.cells.Settings` on which its rows depend, besides the seed."""
    references: ClassVar[tuple[str, ...]] = ()
    """BibTeX keys of the sources of what it computes, besides those of the methods that it uses."""
    further_columns: ClassVar[str] = ""
    """A sentence about columns of numbers that are not in ``columns``; empty without any."""
    exponential: ClassVar[bool] = True
    """Whether the task takes 2^d amplitudes, so that instances above ``max_qubits`` are left
    out, unless it has another way for them."""
    any_size: ClassVar[bool] = False
    """Whether a task that is ``exponential`` has another way for instances above ``max_qubits``."""
    needs_images: ClassVar[bool] = False
    """Whether the task works on images of networks, and not on problems."""
    batch_order: ClassVar[int] = 3
    """Tasks with the same number share intermediate results, so they share batches; low first."""

    def validate(self, study: Grid) -> None:
        """Raise InputError if the task cannot be done with the study's grid.

        Parameters
        ----------
        study : Grid
            The study.
        """

    def reason_left_out(self, study: Grid, instance: Instance) -> str:
        """Return why the task leaves out an instance that can be read; empty if it does not.

        Parameters
        ----------
        study : Grid
            The study.
        instance : Instance
            The instance.
        """
        return ""

    def positions(self, study: Grid) -> list[Position]:
        """Return the points of the task's grid, in the order of the table.

        Parameters
        ----------
        study : Grid
            The study.
        """
        values = [getattr(study, _ATTRIBUTES[axis]) for axis in self.axes]
        return [dict(zip(self.axes, point, strict=True)) for point in product(*values)]

    @abstractmethod
    def cell(self, instance: Instance, position: Position, settings: Settings) -> AnyCell | None:
        """Return the cell that a worker computes at one point; None if there is none.

        Parameters
        ----------
        instance : Instance
            The instance.
        position : mapping
            The point of the grid: a value for each axis of the task.
        settings : Settings
            Tolerances, numbers of reads, and the seed.
        """

    def takes_all_states(self, cell: Cell) -> bool:
        """Whether a cell takes 2^d amplitudes.

        Parameters
        ----------
        cell : Cell
            The cell of one row.
        """
        return self.exponential and not is_large(cell)

    @abstractmethod
    def seconds(self, cell: AnyCell) -> float:
        """Return the approximate time on one slow core, in seconds, for batches and forecasts.

        Parameters
        ----------
        cell : Cell
            The cell of one row.
        """

    def memory(self, cell: AnyCell) -> Memory:
        """Return the approximate memory of a cell, for forecasts.

        Parameters
        ----------
        cell : Cell
            The cell of one row.
        """
        return Memory(0, 0)

    @abstractmethod
    def compute(self, cell: AnyCell, work: Work) -> Row:
        """Return the columns of the row, and of ``method``, ``tolerance``, ``status``, ``reason``.

        The values must be plain Python values. ``references`` holds the BibTeX keys of the methods
        that were used, besides those of the task. An exception makes the row FAILED.

        Parameters
        ----------
        cell : Cell
            The cell of one row.
        work : Work
            Intermediate results that the cells of its batch share.
        """

    def purpose(self, cell: Cell) -> str:
        """Return the purpose of the seed of a row: the sampler if there is one, else the task.

        Parameters
        ----------
        cell : Cell
            The cell of one row.
        """
        sampler = cell.position.get("sampler")
        return self.name if sampler is None else sampler_name(sampler)

    def key(self, question: Mapping[str, Any], settings: Settings) -> str:
        """Return the key of the row for ``question`` and the settings of the task.

        Parameters
        ----------
        question : mapping
            What identifies the row: the instance and a value for each axis.
        settings : Settings
            Tolerances, numbers of reads, and the seed.
        """
        names = (*self.settings, "seed")
        parameters: dict[str, Any] = asdict(self) if is_dataclass(self) else {}
        full = {
            "format": FORMAT,
            "task": self.name,
            **question,
            **{name: getattr(settings, name) for name in names},
            **parameters,
        }
        return digest(json.dumps(full, sort_keys=True))


class ProblemTask(Task[ProblemCell]):
    """A task that works on problems."""

    def reason_left_out(self, study: Grid, instance: Instance) -> str:
        """Return why an instance is left out: it has no problem, or it is too large.

        Parameters
        ----------
        study : Grid
            The study.
        instance : Instance
            The instance.
        """
        if instance.problem is None:
            return "" if instance.failed else instance.reason
        if left_out_for_size(self, study, instance):
            return (
                "it takes the 2^d amplitudes of a state, and d is above the study's max_qubits = "
                f"{study.max_qubits}"
            )
        return ""

    def identity(self, problem: QuboProblem, settings: Settings) -> Mapping[str, Any]:
        """Return what identifies a row of a problem besides its position; by default nothing.

        Parameters
        ----------
        problem : QuboProblem
            The problem.
        settings : Settings
            Tolerances, limits, and the seed.
        """
        return {}

    def cell(
        self, instance: Instance, position: Position, settings: Settings
    ) -> ProblemCell | None:
        """Return the cell of a problem; None for an instance that could not be read.

        Parameters
        ----------
        instance : Instance
            The instance.
        position : mapping
            The point of the grid: a value for each axis of the task.
        settings : Settings
            Tolerances, numbers of reads, and the seed.
        """
        problem = instance.problem
        if problem is None:
            return None
        schedule = position.get("schedule")
        question = {
            **{axis: axis_label(value) for axis, value in position.items()},
            "instance": problem.content_hash,
            "convention": axis_label(position.get("convention", "")),
            "schedule": "" if schedule is None else schedule.content_hash,
            "tau": position.get("tau"),
            "sampler": axis_label(position.get("sampler", "")),
            **self.identity(problem, settings),
        }
        return ProblemCell(
            task=self.name,
            key=self.key(question, settings),
            subject=problem.content_hash,
            num_qubits=problem.num_qubits,
            position=position,
            settings=settings,
            problem=problem,
        )

    def memory(self, cell: ProblemCell) -> Memory:
        """Return the workspace of 2^d amplitudes, if the task takes one.

        Parameters
        ----------
        cell : ProblemCell
            The cell of one row.
        """
        return Memory(WORKSPACE * 8 << cell.num_qubits if self.takes_all_states(cell) else 0, 0)


def left_out_for_size(task: Task[Any], study: Grid, instance: Instance) -> bool:
    """Whether a task leaves out an instance because it has too many qubits for 2^d amplitudes."""
    problem = instance.problem
    is_large = problem is not None and problem.num_qubits > study.max_qubits
    return is_large and task.exponential and not task.any_size


def axis_label(value: Any) -> Any:
    """Return the entry of the table for a value of an axis: a name or a number."""
    if isinstance(value, Convention):
        return value.value
    if isinstance(value, AnnealSchedule):
        return value.name
    if isinstance(value, dimod.Sampler):  # type: ignore[attr-defined]
        return sampler_name(value)
    return value


def references_of(*methods: object) -> tuple[str, ...]:
    """Return the BibTeX keys of method and sampler objects; none for objects of other packages."""
    return tuple(key for method in methods for key in getattr(method, "references", ()))


def joined(keys: Iterable[str]) -> str:
    """Return BibTeX keys, each once, separated by spaces."""
    return " ".join(dict.fromkeys(keys))
