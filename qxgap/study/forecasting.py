"""Counts, memory and time of a study before it is computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..memory import format_bytes
from ..progress import Say, silent
from .config import Study
from .executors import Processes
from .owner import require_own
from .plan import plan_study
from .store import Store
from .tasks.base import left_out_for_size

BASE = 250 << 20
"""Approximate number of bytes of a worker that has not computed anything yet."""


@dataclass(frozen=True)
class Forecast:
    """Counts, memory and time of a study.

    Attributes
    ----------
    num_instances : int
        Number of instances, counted at every tradeoff.
    num_unreadable : int
        Number of instances with a file that cannot be read.
    num_empty : int
        Number of images without a selectable map.
    num_left_out : int
        Number of instances above ``max_qubits`` that a task leaves out.
    qubits : tuple of int
        Numbers of qubits of the smallest and of the largest problem that is computed.
    rows : mapping
        Task -> number of rows of the table, without those that are left out.
    num_estimated : int
        Number of rows above ``max_qubits``: estimated gaps, and reads beside the proven optimum.
    num_kept : int
        Number of rows that the results folder holds already.
    num_batches : int
        Number of batches that remain; each gives one part file.
    memory : int
        Approximate number of bytes that one worker takes at its peak.
    seconds : float
        Time on one slow core, within a factor of three.
    longest : float
        Time of the longest batch, in seconds; more workers do not make the study shorter.
    num_workers : int
        Number of workers that share this time, one for each core of this machine.
    """

    num_instances: int
    num_unreadable: int
    num_empty: int
    num_left_out: int
    qubits: tuple[int, int]
    rows: Mapping[str, int]
    num_estimated: int
    num_kept: int
    num_batches: int
    memory: int
    seconds: float
    longest: float
    num_workers: int

    def __str__(self) -> str:
        low, high = self.qubits
        shared = _duration(max(self.seconds / self.num_workers, self.longest))
        large = (
            f" {self.num_estimated} of them without 2^d amplitudes," if self.num_estimated else ""
        )
        rows = ", ".join(f"{task} {number}" for task, number in self.rows.items())
        return (
            f"{self.num_instances} instances, {low} to {high} qubits; {self.num_unreadable} "
            f"unreadable, {self.num_empty} without a problem, "
            f"{self.num_left_out} left out in part (above max_qubits)\n"
            f"{sum(self.rows.values())} rows ({rows}),{large} {self.num_kept} of them computed "
            f"already, the rest in {self.num_batches} batches\n"
            f"about {format_bytes(self.memory)} of memory for each worker, and "
            f"{_duration(self.seconds)} on one core, {shared} on {self.num_workers} "
            "(within a factor of three)"
        )


def forecast(
    study: Study,
    results: str | Path | None = None,
    *,
    overwrite: bool = False,
    progress: Say | None = None,
) -> Forecast:
    """Estimate what :func:`run_study` would compute, and write nothing.

    Parameters
    ----------
    study : Study
        The study.
    results : str or Path, optional
        Its results folder; the rows in it need not be computed again.
    overwrite : bool
        Whether the rows of the folder would be deleted.
    progress : callable, optional
        Called with a line of text about what is going on.

    Returns
    -------
    Forecast
        Counts, memory and time.

    Raises
    ------
    InputError
        For instances or networks that do not exist, and for a folder that holds the results of
        another study.

    Examples
    --------
    >>> from qxgap.study import Study, forecast
    >>> from qxgap.testing import random_feature_selection
    >>> study = Study([random_feature_selection(d, seed=d) for d in (3, 4)], tasks="gap")
    >>> expected = forecast(study)
    >>> expected.qubits, dict(expected.rows)
    ((3, 4), {'gap': 2})
    """
    plan = plan_study(study, progress or silent)
    kept: set[str] = set()
    if results is not None and not overwrite and (Path(results) / "parts").is_dir():
        store = Store(results)
        require_own(store, study, plan)
        kept = store.finished() & plan.cells.keys()
    batches, items = plan.batches(kept), plan.instances.items
    sizes = [cell.num_qubits for cell in plan.cells.values()]
    return Forecast(
        num_instances=len(items),
        num_unreadable=sum(item.failed for item in items),
        num_empty=sum(item.problem is None and not item.failed for item in items),
        num_left_out=sum(
            any(left_out_for_size(task, study, item) for task in study.tasks) for item in items
        ),
        qubits=(min(sizes, default=0), max(sizes, default=0)),
        rows=Counter(row.task.name for row in plan.rows if not row.reason_left_out),
        num_estimated=sum(
            cell.num_qubits > study.max_qubits and row.task.any_size
            for row in plan.rows
            if (cell := row.cell) is not None
        ),
        num_kept=len(kept),
        num_batches=len(batches),
        memory=BASE + max((batch.memory for batch in batches), default=0),
        seconds=sum(batch.seconds for batch in batches),
        longest=max((batch.seconds for batch in batches), default=0.0),
        num_workers=Processes().num_workers,
    )


def _duration(seconds: float) -> str:
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
