"""The run of a study: rows that exist already are used, and the others are computed."""

from __future__ import annotations

import io
import json
import logging
import os
import platform
import re
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError
from ..files import write_whole
from ..progress import Say, logs_beside_bars, progress_bar, silent
from .cells import FAILED, LEFT_OUT, Row
from .config import Study
from .deal import deal
from .executors import Processes, WorkerPool
from .instance import Instance
from .owner import DESCRIPTION, TABLE, clear, described, description, require_own
from .plan import Batch, Plan, plan_study
from .shortfall import failures, left_out
from .sources import Instances
from .store import Store
from .table import make_table
from .tasks.base import left_out_for_size

log = logging.getLogger(__name__)


class StudyFailedError(RuntimeError):
    """A strict study stopped at a failure. The rows that were computed before remain stored."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of a study.

    Attributes
    ----------
    results : Path
        The results folder.
    frame : DataFrame
        The results table.
    num_computed : int
        Number of rows that were computed.
    num_kept : int
        Number of rows that had been computed before.
    """

    results: Path
    frame: pd.DataFrame = field(repr=False)
    num_computed: int
    num_kept: int

    def __str__(self) -> str:
        counts = {"failed": len(self.failures), "left out": len(self.left_out)}
        lacks = "".join(f"; {number} {what}" for what, number in counts.items() if number)
        return (
            f"{len(self.frame)} rows in {self.results / TABLE}: {self.num_computed} "
            f"computed now, {self.num_kept} before{lacks}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return what was computed as plain Python values, without the table.

        Returns
        -------
        dict of str
            The keys results (path of the table), num_rows, num_computed, num_kept, num_failed,
            num_left_out and warnings.
        """
        return {
            "results": str(self.results / TABLE),
            "num_rows": len(self.frame),
            "num_computed": self.num_computed,
            "num_kept": self.num_kept,
            "num_failed": len(self.failures),
            "num_left_out": len(self.left_out),
            "warnings": self.warnings(),
        }

    @property
    def failures(self) -> pd.DataFrame:
        """The rows that failed."""
        return self.frame[self.frame.status == FAILED]

    @property
    def left_out(self) -> pd.DataFrame:
        """The rows of instances that are too large, and of images without a map to select."""
        return self.frame[self.frame.status == LEFT_OUT]

    def warnings(self) -> list[str]:
        """Return a sentence about each group of rows that the table lacks.

        Returns
        -------
        list of str
            Which rows are left out or failed, and why.
        """
        return [*left_out(self.frame), *failures(self.frame)]


def run_study(
    study: Study,
    results: str | Path,
    pool: WorkerPool | None = None,
    *,
    strict: bool = False,
    overwrite: bool = False,
    progress: Say | None = None,
    on_start: Callable[[Sequence[Instance]], None] | None = None,
) -> Outcome:
    """Compute the rows of a study that the folder ``results`` does not hold, and write the table.

    Rows are stored a batch at a time. They remain stored if the study is interrupted, and the same
    call continues from there. Rows that FAILED are tried again.

    Parameters
    ----------
    study : Study
        The study to compute.
    results : str or Path
        Results folder, made if needed.
    pool : WorkerPool, optional
        The workers; by default :class:`Processes`, one for each core. With these, a script needs
        ``if __name__ == "__main__":`` around the call, as multiprocessing does.
    strict : bool
        Whether to stop at the first failure.
    overwrite : bool
        Whether to delete the results of this or another study in the folder, and begin anew.
    progress : callable, optional
        Called with a line of text about what is going on, and with an empty one before the bar of
        the computation appears.
    on_start : callable, optional
        Called with the instances when everything is checked, before the first row is computed.

    Returns
    -------
    Outcome
        The table, and how many rows were computed.

    Raises
    ------
    InputError
        If instances or networks do not exist, if no instance can be read (with ``strict``: if one
        cannot), and for a folder that another study writes to or has written to.
    WriteError
        If the folder cannot be written to.
    StudyFailedError
        If ``strict`` and a row fails.
    """
    say = progress or silent
    plan = plan_study(study, say)
    if strict:
        _refuse_unreadable(plan.instances)
    store = Store(results)
    with store.lock():
        if overwrite:
            clear(store.folder)
        else:
            require_own(store, study, plan)
        write_description(store.folder, study, plan)
        kept = store.finished() & plan.cells.keys()
        if on_start:
            on_start(plan.instances.items)
        say("")
        start = time.monotonic()
        with logs_beside_bars():
            _fill(store, plan.batches(kept), pool or Processes(), strict)
        if len(kept) < len(plan.cells):
            _write_run(store.folder, time.monotonic() - start, is_continued=bool(kept))
        say("writing the table")
        frame = make_table(plan.rows, store.rows())
        write_whole(store.folder / TABLE, _parquet(frame))
    return Outcome(store.folder, frame, len(plan.cells) - len(kept), len(kept))


def collect(study: Study, results: str | Path) -> pd.DataFrame:
    """Return the table of a study from the rows that are computed so far; the rest is MISSING.

    Parameters
    ----------
    study : Study
        The study.
    results : str or Path
        Its results folder. The study may still run, and the folder need not exist.

    Returns
    -------
    DataFrame
        The results table.

    Raises
    ------
    InputError
        For instances or networks that do not exist.
    """
    plan = plan_study(study)
    has_parts = (Path(results) / "parts").is_dir()
    return make_table(plan.rows, Store(results).rows() if has_parts else {})


def write_description(folder: Path, study: Study, plan: Plan) -> None:
    """Write ``study.toml`` for a study from a file, ``study.json``, and images of the networks."""
    if study.text:
        write_whole(folder / "study.toml", study.text.encode())
    else:  # a study file from an earlier study would not belong to this table
        (folder / "study.toml").unlink(missing_ok=True)
    instances = plan.instances
    content = {
        "study": description(folder, study, plan),
        "run": described(folder, "run"),
        "settings": study.to_dict(),
        "networks": instances.facts,
        "num_instances": len(instances.items),
        "num_left_out": sum(
            any(left_out_for_size(task, study, item) for task in study.tasks)
            for item in instances.items
        ),
        "num_unreadable": sum(item.failed for item in instances.items),
    }
    write_whole(folder / DESCRIPTION, json.dumps(content, indent=1).encode())
    for group, arrays in instances.shown.items():
        sink = io.BytesIO()
        np.savez_compressed(sink, **arrays)
        write_whole(folder / f"explanations-{file_name(group)}.npz", sink.getvalue())


def _write_run(folder: Path, seconds: float, *, is_continued: bool) -> None:
    """Add to ``study.json`` when, for how long and on what the rows were computed."""
    before = float(described(folder, "run").get("seconds", 0.0)) if is_continued else 0.0
    content = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    content["run"] = {
        "date": datetime.now(UTC).date().isoformat(),
        "seconds": round(before + seconds, 1),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
    }
    write_whole(folder / DESCRIPTION, json.dumps(content, indent=1).encode())


def file_name(group: str) -> str:
    """Turn the name of a group into a valid file name."""
    return re.sub(r"[^\w.-]", "_", group)


def _refuse_unreadable(instances: Instances) -> None:
    for item in instances.items:
        if item.failed:
            raise InputError(item.reason)


def _fill(store: Store, batches: Sequence[Batch], pool: WorkerPool, strict: bool) -> None:
    """Compute the batches and store their rows, with a progress bar."""
    if not batches:
        return
    number = sum(len(batch.cells) for batch in batches)
    done = num_failed = 0
    with (
        progress_bar(sum(batch.seconds for batch in batches)) as bar,
        closing(deal(pool, batches)) as computed,
    ):
        for batch, rows in computed:
            store.add(rows)
            done += len(rows)
            for row in rows:
                if row["status"] == FAILED:
                    num_failed += 1
                    _report(row, strict)
            failed = f", {num_failed} failed" if num_failed else ""
            bar.set_description_str(f"{done} of {number} rows{failed}", refresh=False)
            bar.update(batch.seconds)


def _report(row: Row, strict: bool) -> None:
    text = f"{row['task']} of {row['instance_hash']} ({row['num_qubits']} qubits): {row['reason']}"
    if strict:
        raise StudyFailedError(text)
    log.info("failed: %s", text)


def _parquet(frame: pd.DataFrame) -> bytes:
    sink = io.BytesIO()
    frame.to_parquet(sink, index=False)
    return sink.getvalue()
