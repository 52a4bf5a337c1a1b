"""The work of a worker: it turns the cells of a batch into rows of plain Python values."""

from __future__ import annotations

import logging
import math
from typing import Any

from ..progress import quiet
from ..version import versions
from .cells import DONE, FAILED, Cell, Row
from .plan import Batch
from .tasks.base import Task, joined
from .tasks.work import Work

log = logging.getLogger(__name__)

REFERENCES = ("qxgap", "venturelli2026", "dimod")
"""BibTeX keys that every computed row rests on."""


def compute(batch: Batch, work: Work | None = None) -> list[Row]:
    """Return one row for each cell, in order; a cell that fails has status FAILED and a reason.

    Parameters
    ----------
    batch : Batch
        The cells.
    work : Work, optional
        The intermediate results that the cells share with others; by default with each other only.
    """
    work = work or Work(batch.cells)
    with quiet():  # the study has a bar of its own
        return [_computed(batch.tasks[cell.task], cell, work) for cell in batch.cells]


def failed(batch: Batch, cell: Cell, error: BaseException | str) -> Row:
    """Return the row of a cell that could not be computed."""
    return _failed(batch.tasks[cell.task], cell, error)


def _computed(task: Task[Any], cell: Cell, work: Work) -> Row:
    row = _provenance(task, cell)
    try:
        row |= task.compute(cell, work)
    except Exception as error:
        log.debug("%s of %s failed", cell.task, cell.subject, exc_info=True)
        return _failed(task, cell, error)
    keys = [*REFERENCES, *task.references, *row["references"]]
    return {**row, "references": joined(keys)}


def _failed(task: Task[Any], cell: Cell, error: BaseException | str) -> Row:
    text = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    row = _provenance(task, cell)
    return {**row, "status": FAILED, "reason": " ".join(text.split()), "references": ""}


def _provenance(task: Task[Any], cell: Cell) -> Row:
    """Return the columns that every row has, whether or not its computation succeeds."""
    return {
        "key": cell.key,
        "task": cell.task,
        "instance_hash": cell.subject,
        "num_qubits": cell.num_qubits,
        "seed": cell.seed(task.purpose(cell)),
        "method": "",
        "tolerance": math.nan,
        "status": DONE,
        "reason": "",
        "versions": " ".join(f"{name} {version}" for name, version in versions().items()),
        "references": (),
    }
