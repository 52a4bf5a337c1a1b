"""The rows of a study, what names each, and how they are dealt out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from ..annealing.schedule import AnnealSchedule
from ..files import digest
from ..problem.qubo import QuboProblem
from .config import Study
from .sources import Instance

if TYPE_CHECKING:
    from .images import ImageCell

FORMAT = 1
"""Raised when rows of an earlier version must not be taken for answers any more."""
MAX_BATCH = 64
"""Instances in one batch."""
BATCH_SECONDS = 8.0
"""Work in one batch, about, on one slow core: what an interruption costs at most."""


@dataclass(frozen=True)
class Settings:
    """What of a study bears on the value of a row; see :class:`qxgap.study.Study`."""

    rtol: float
    tol: float
    num_reads: int
    lz_slope: bool
    seed: int

    @classmethod
    def of(cls, study: Study) -> Settings:
        """Take them from a study."""
        return cls(study.rtol, study.tol, study.num_reads, study.lz_slope, study.seed)

    def of_task(self, task: str) -> dict[str, Any]:
        """Return those that the rows of ``task`` depend on."""
        names = {
            "gap": ("rtol", "lz_slope"),
            "success": ("tol",),
            "sample": ("num_reads",),
            "compare": ("tol", "num_reads"),
        }[task]
        return {name: getattr(self, name) for name in (*names, "seed")}


@dataclass(frozen=True, eq=False)
class Cell:
    """One row: a task, what it is done to, and where on the grid.

    Attributes
    ----------
    schedule : None for tasks that do not depend on it; ``convention`` and ``sampler`` are "" and
        ``tau`` None then.
    """

    task: str
    problem: QuboProblem
    settings: Settings
    convention: str = ""
    schedule: AnnealSchedule | None = None
    tau: float | None = None
    sampler: str = ""

    @cached_property
    def key(self) -> str:
        """16 hexadecimal digits that name the row by what it answers, whatever file it is in."""
        schedule = self.schedule
        asked = {
            "format": FORMAT,
            "task": self.task,
            "instance": self.problem.content_hash,
            "convention": self.convention,
            "schedule": "" if schedule is None else schedule.content_hash,
            "tau": self.tau,
            "sampler": self.sampler,
            **self.settings.of_task(self.task),
        }
        return digest(json.dumps(asked, sort_keys=True))

    @property
    def num_qubits(self) -> int:
        """Qubits d of the problem."""
        return self.problem.num_qubits

    @property
    def subject(self) -> str:
        """Content hash of what the task is done to."""
        return self.problem.content_hash

    @property
    def instance_hash(self) -> str:
        """Content hash of the problem."""
        return self.problem.content_hash

    def seed(self, purpose: str) -> int:
        """Return a seed below 2^31 of the study's seed, the instance and ``purpose`` alone."""
        return seed_of(self.settings.seed, self.subject, purpose)

    @property
    def seconds(self) -> float:
        """Rough work on one slow core, for ordering, batches and the estimate of a dry run."""
        size = 2.0**self.num_qubits
        if self.task == "gap":
            slope = 0.1 + 1.5e-5 * size if self.settings.lz_slope else 0.0
            return 0.12 + 3e-5 * size + slope
        if self.task == "success":
            return 0.03 + 1e-7 * size * (20 + float(self.tau or 0))
        if self.task == "sample":
            return 1e-5 * self.settings.num_reads * self.num_qubits
        return 0.02 + 3e-6 * size


def seed_of(seed: int, content: str, purpose: str) -> int:
    """Return a seed below 2^31 that neither order nor interruption changes.

    Parameters
    ----------
    seed : the study's. content : 16 hexadecimal digits. purpose : what the seed is for.
    """
    words = np.frombuffer(bytes.fromhex(content), dtype=">u4").tolist()
    entropy = [seed, *words, *purpose.encode()]
    return int(np.random.SeedSequence(entropy).generate_state(1)[0] >> 1)


@dataclass(frozen=True, eq=False)
class PlannedRow:
    """A row of the table: whose it is, and the cell that it reports, or why there is none.

    Without a cell the instance failed, or ``left_out`` says why the row is not computed.
    """

    task: str
    instance: Instance
    cell: Cell | ImageCell | None
    convention: str = ""
    schedule: str = ""
    tau: float | None = None
    sampler: str = ""
    explanation: str = ""
    left_out: str = ""


def plan_rows(study: Study, instances: Sequence[Instance]) -> list[PlannedRow]:
    """Rows of a study in the order of its table: by instance, task, and the axes of the grid.

    Every instance has a row of each kind. Those of gap, success and compare are left out above
    ``max_qubits``; so are all but those of xai for an image without a problem.
    """
    settings, schedules = Settings.of(study), study.anneal_schedules
    return [
        row
        for instance in instances
        for task in study.tasks
        for row in _rows_of(study, settings, schedules, task, instance)
    ]


def left_out(study: Study, instance: Instance) -> bool:
    """Whether the instance is too large for what takes 2^d amplitudes."""
    return instance.problem is not None and instance.problem.num_qubits > study.max_qubits


def _why_left_out(study: Study, task: str, instance: Instance) -> str:
    """Why a task is not done to an instance that can be read; empty if it is done."""
    if instance.problem is None:
        return "" if instance.failed else instance.reason
    if task != "sample" and left_out(study, instance):
        return f"more qubits than the study's max_qubits = {study.max_qubits}"
    return ""


def _rows_of(
    study: Study,
    settings: Settings,
    schedules: Sequence[AnnealSchedule],
    task: str,
    instance: Instance,
) -> Iterator[PlannedRow]:
    if task == "xai":
        yield from _image_rows(settings, instance)
        return
    why = _why_left_out(study, task, instance)
    problem = None if why else instance.problem
    samplers = study.samplers if task in ("sample", "compare") else ("",)
    taus = study.tau if task in ("success", "compare") else (None,)
    for convention in ("",) if task == "sample" else study.conventions:
        for schedule in (None,) if task == "sample" else schedules:
            for tau in taus:
                for sampler in samplers:
                    place = (convention, schedule, tau, sampler)
                    cell = Cell(task, problem, settings, *place) if problem else None
                    axes = (convention, schedule.name if schedule else "", tau, sampler)
                    yield PlannedRow(task, instance, cell, *axes, left_out=why)


def _image_rows(settings: Settings, instance: Instance) -> Iterator[PlannedRow]:
    if instance.picture is None or instance.network is None:
        return
    from ..explain.explainer import METHODS
    from .images import ImageCell

    size = instance.problem.num_qubits if instance.problem else 0
    for method in METHODS:
        place = (instance.picture, instance.network, instance.tradeoff, size, settings, method)
        yield PlannedRow("xai", instance, ImageCell(*place), explanation=method)


@dataclass(frozen=True, eq=False)
class Batch:
    """Cells that one worker computes in one go, and that one part file answers."""

    cells: Sequence[Cell | ImageCell] = field(repr=False)

    @property
    def num_qubits(self) -> int:
        """Qubits of the largest problem."""
        return max(cell.num_qubits for cell in self.cells)

    @property
    def seconds(self) -> float:
        """Rough work on one slow core."""
        return sum(cell.seconds for cell in self.cells)


def plan_batches(rows: Sequence[PlannedRow]) -> list[Batch]:
    """Deal the cells of ``rows`` out, each once, the largest problems first.

    A batch holds problems of one size and one kind of task: the gaps, or all that anneals and
    samples, which share states and reads; images come last. A large problem may fill several.
    """
    distinct: dict[str, Cell | ImageCell] = {}
    for row in rows:
        if row.cell:
            distinct.setdefault(row.cell.key, row.cell)

    def kind(cell: Cell | ImageCell) -> tuple[bool, int, bool]:
        images = cell.task == "xai"
        return images, 0 if images else -cell.num_qubits, cell.task != "gap"

    ordered = sorted(distinct.values(), key=kind)
    return [batch for _, same in groupby(ordered, key=kind) for batch in _cut(list(same))]


def _cut(cells: Sequence[Cell | ImageCell]) -> Iterator[Batch]:
    """Cut cells of one kind, in order, into batches."""
    batch: list[Cell | ImageCell] = []
    seconds, subjects = 0.0, set[str]()
    for cell in cells:
        full = seconds + cell.seconds > BATCH_SECONDS
        crowded = len(subjects) == MAX_BATCH and cell.subject not in subjects
        if batch and (full or crowded):
            yield Batch(batch)
            batch, seconds, subjects = [], 0.0, set()
        batch.append(cell)
        seconds += cell.seconds
        subjects.add(cell.subject)
    if batch:
        yield Batch(batch)
