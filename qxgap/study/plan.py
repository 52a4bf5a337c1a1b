"""The rows of a study in the order of its table, and their division into batches for workers."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any

from ..progress import Say, silent
from .cells import Cell, Position
from .config import Study
from .instance import Instance
from .sources import Instances, open_instances
from .tasks.base import Task

MAX_BATCH = 64
"""Largest number of instances in one batch."""
BATCH_SECONDS = 8.0
"""Approximate work in one batch, in seconds on one slow core. An interruption loses at most
this."""


@dataclass(frozen=True, eq=False)
class PlannedRow:
    """A row of the table: its instance and position, and its cell or the reason against one.

    Attributes
    ----------
    task : Task
        The task.
    instance : Instance
        The instance.
    position : mapping
        Point on the grid of the task: axis -> value.
    cell : Cell or None
        The cell that a worker computes. None if the instance failed, or if ``reason_left_out`` says
        why the row is not computed.
    reason_left_out : str
        Why the study leaves the row out; empty if it does not.
    """

    task: Task[Any]
    instance: Instance
    position: Position
    cell: Cell | None
    reason_left_out: str = ""


@dataclass(frozen=True, eq=False)
class Batch:
    """Cells that one worker computes in one call; one part file stores their rows.

    Attributes
    ----------
    cells : sequence of Cell
        The cells.
    tasks : mapping
        Name -> task, of all tasks of the cells.
    """

    cells: Sequence[Cell] = field(repr=False)
    tasks: Mapping[str, Task[Any]] = field(repr=False)

    @property
    def num_qubits(self) -> int:
        """Number of qubits of the largest problem."""
        return max(cell.num_qubits for cell in self.cells)

    @property
    def seconds(self) -> float:
        """Approximate time that the batch takes on one slow core, in seconds."""
        return sum(self.tasks[cell.task].seconds(cell) for cell in self.cells)

    @property
    def memory(self) -> int:
        """Approximate number of bytes that the batch takes at its peak.

        One cell at a time needs its workspace. The states that are propagated together, and the 2^d
        energies of every problem, stay until the batch is done.
        """
        parts = [self.tasks[cell.task].memory(cell) for cell in self.cells]
        energies = {
            cell.subject: 8 << cell.num_qubits
            for cell in self.cells
            if self.tasks[cell.task].takes_all_states(cell)
        }
        peak = max(part.peak for part in parts)
        return peak + sum(part.kept for part in parts) + sum(energies.values())

    def of_cells(self, cells: Sequence[Cell]) -> Batch:
        """Return a batch of some of the cells."""
        return Batch(cells, self.tasks)

    def without(self, keys: Container[str]) -> Batch | None:
        """Return the batch without the cells of these ``keys``; None if no cell remains."""
        cells = [cell for cell in self.cells if cell.key not in keys]
        return self.of_cells(cells) if cells else None


@dataclass(frozen=True, eq=False)
class Plan:
    """The instances of a study and all rows of its table.

    Attributes
    ----------
    instances : Instances
        The instances, and facts about the networks.
    rows : list of PlannedRow
        The rows, in the order of the table.
    """

    instances: Instances
    rows: list[PlannedRow]

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """The cells by their keys; rows with equal keys share one cell."""
        return {row.cell.key: row.cell for row in self.rows if row.cell}

    def batches(self, done: Container[str] = ()) -> list[Batch]:
        """Return the batches without the cells that are ``done``, which are given by key."""
        parts = (batch.without(done) for batch in plan_batches(self.rows))
        return [batch for batch in parts if batch]


def plan_study(study: Study, say: Say = silent) -> Plan:
    """Open the instances of a study and plan its rows; ``say`` is called with what is going on.

    Raises
    ------
    InputError
        For instances or networks that do not exist.
    """
    instances = open_instances(study, say)
    say("planning the rows")
    return Plan(instances, plan_rows(study, instances.items))


def plan_rows(study: Study, instances: Sequence[Instance]) -> list[PlannedRow]:
    """Return the rows of a study in the order of its table: by instance, task, and axes.

    Every instance has a row at every point of the grid of every task. Rows that the study leaves
    out have no cell. Tasks on images have rows for instances that come from images.
    """
    return [
        row
        for instance in instances
        for task in study.tasks
        if instance.picture is not None or not task.needs_images
        for row in _rows_of(study, task, instance)
    ]


def _rows_of(study: Study, task: Task[Any], instance: Instance) -> Iterator[PlannedRow]:
    reason, settings = task.reason_left_out(study, instance), study.settings
    for position in task.positions(study):
        cell = None if reason else task.cell(instance, position, settings)
        yield PlannedRow(task, instance, position, cell, reason)


def plan_batches(rows: Sequence[PlannedRow]) -> list[Batch]:
    """Divide the cells of ``rows`` into batches, each cell once, the largest problems first.

    A batch holds problems of one size, and tasks that share intermediate results: the gaps, or all
    anneals and samples. Images come last. A large problem may fill several batches.
    """
    distinct: dict[str, Cell] = {}
    tasks: dict[str, Task[Any]] = {}
    for row in rows:
        if row.cell:
            distinct.setdefault(row.cell.key, row.cell)
            tasks.setdefault(row.task.name, row.task)

    def kind(cell: Cell) -> tuple[bool, int, int]:
        task = tasks[cell.task]
        return task.needs_images, 0 if task.needs_images else -cell.num_qubits, task.batch_order

    ordered = sorted(distinct.values(), key=kind)
    return [batch for _, same in groupby(ordered, key=kind) for batch in _cut(list(same), tasks)]


def _cut(cells: Sequence[Cell], tasks: Mapping[str, Task[Any]]) -> Iterator[Batch]:
    """Cut cells of one kind, in order, into batches of limited work and few instances."""
    part: list[Cell] = []
    seconds, subjects = 0.0, set[str]()
    for cell in cells:
        more = tasks[cell.task].seconds(cell)
        too_long = seconds + more > BATCH_SECONDS
        too_many = len(subjects) == MAX_BATCH and cell.subject not in subjects
        if part and (too_long or too_many):
            yield _batch(part, tasks)
            part, seconds, subjects = [], 0.0, set()
        part.append(cell)
        seconds += more
        subjects.add(cell.subject)
    if part:
        yield _batch(part, tasks)


def _batch(cells: Sequence[Cell], tasks: Mapping[str, Task[Any]]) -> Batch:
    """Return a batch with only those tasks that its cells have."""
    names = dict.fromkeys(cell.task for cell in cells)
    return Batch(cells, {name: tasks[name] for name in names})
