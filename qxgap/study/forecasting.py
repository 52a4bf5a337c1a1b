"""What a study would compute, before it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..memory import format_bytes
from .config import Study
from .executor import Processes
from .owner import require_own
from .plan import Batch, left_out, plan_batches, plan_rows
from .sources import open_instances
from .store import Store
from .table import FAILED

EIGENVECTORS = 48
"""Vectors of 2^d doubles that a certified gap holds at most, about."""
NETWORK = 500 << 20
"""Bytes of PyTorch and a small network."""
BASE = 250 << 20
"""Bytes of a worker that has done nothing yet, about."""


@dataclass(frozen=True)
class Forecast:
    """Counts, memory and time of a study.

    Attributes
    ----------
    num_instances : at all tradeoffs; ``num_unreadable``, ``num_empty`` (images without a map to
        select) and ``num_left_out`` (above max_qubits) of them.
    qubits : smallest and largest problem that is computed.
    rows : task -> rows of the table, without those that are left out.
    num_kept : rows that the results folder holds already.
    num_batches : part files to come.
    memory : bytes of one worker at its peak, about.
    seconds : on one slow core, about: within a factor of three. ``workers`` share it.
    """

    num_instances: int
    num_unreadable: int
    num_empty: int
    num_left_out: int
    qubits: tuple[int, int]
    rows: Mapping[str, int]
    num_kept: int
    num_batches: int
    memory: int
    seconds: float
    workers: int

    def __str__(self) -> str:
        low, high = self.qubits
        rows = ", ".join(f"{task} {number}" for task, number in self.rows.items())
        return (
            f"{self.num_instances} instances, {low} to {high} qubits; {self.num_unreadable} "
            f"unreadable, {self.num_empty} without a problem, "
            f"{self.num_left_out} above max_qubits\n"
            f"{sum(self.rows.values())} rows ({rows}), {self.num_kept} of them computed already, "
            f"the rest in {self.num_batches} batches\n"
            f"about {format_bytes(self.memory)} of memory for each worker, and "
            f"{_duration(self.seconds)} on one core, {_duration(self.seconds / self.workers)} on "
            f"{self.workers} (within a factor of three)"
        )


def forecast(
    study: Study, results: str | Path | None = None, *, overwrite: bool = False
) -> Forecast:
    """Say what ``study.run(results, overwrite=overwrite)`` would do; nothing is written.

    Raises InputError for instances or networks that are not there, and for a folder that holds the
    results of another study.
    """
    items = open_instances(study).items
    plan = plan_rows(study, items)
    kept: set[str] = set()
    if results is not None and not overwrite and (Path(results) / "parts").is_dir():
        store = Store(results)
        require_own(store, study, plan)
        found = store.statuses()
        kept = {key for key, status in found.items() if status != FAILED}
    wanted = {row.cell.key: row.cell for row in plan if row.cell}
    missing = [cell for key, cell in wanted.items() if key not in kept]
    batches = plan_batches([row for row in plan if row.cell and row.cell.key not in kept])
    sizes = [cell.num_qubits for cell in wanted.values()]
    return Forecast(
        num_instances=len(items),
        num_unreadable=sum(item.failed for item in items),
        num_empty=sum(item.problem is None and not item.failed for item in items),
        num_left_out=sum(left_out(study, item) for item in items),
        qubits=(min(sizes, default=0), max(sizes, default=0)),
        rows=Counter(row.task for row in plan if not row.left_out),
        num_kept=len(wanted) - len(missing),
        num_batches=len(batches),
        memory=BASE + max((_memory(batch) for batch in batches), default=0),
        seconds=sum(cell.seconds for cell in missing),
        workers=Processes().workers,
    )


def _memory(batch: Batch) -> int:
    """Bytes that a batch needs: its eigenvectors, or its states, three copies of each."""
    if batch.cells[0].task == "xai":
        return NETWORK
    dense = [cell for cell in batch.cells if cell.task != "sample"]
    size = 1 << max((cell.num_qubits for cell in dense), default=0)
    anneals = sum(cell.tau is not None for cell in batch.cells)
    diagonals = len({cell.subject for cell in dense})
    return size * (8 * EIGENVECTORS + 3 * 16 * anneals + 8 * diagonals)


def _duration(seconds: float) -> str:
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
