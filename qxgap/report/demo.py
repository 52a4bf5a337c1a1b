"""The whole chain on the embedded digits: images in, a results folder and a report out."""

from __future__ import annotations

from pathlib import Path

from ..annealing.drivers import Convention
from ..errors import InputError
from ..study.config import Network, Study
from ..study.executors import WorkerPool
from ..study.run import run_study
from ..study.tasks import TASKS
from .study_page import Report, write_report


def run_demo(
    out: str | Path,
    *,
    per_class: int = 6,
    num_reads: int = 1000,
    seed: int = 1,
    pool: WorkerPool | None = None,
    overwrite: bool = False,
) -> Report:
    """Study the embedded network's digits with every task; return the report.

    Parameters
    ----------
    out : results folder, made if needed.
    per_class : correctly classified images taken of each digit, in the order of the test set.
    num_reads : of simulated annealing, per instance.
    seed : of all that is random.
    pool : where to compute, as in :func:`run_study`.
    overwrite : delete the results of another study in ``out``, as in :func:`run_study`.
    """
    if per_class < 1:
        raise InputError(f"per_class = {per_class}; take at least one image of each digit")
    study = Study(
        networks=[Network("digits", per_class=per_class)],
        tasks=tuple(TASKS),
        conventions=tuple(Convention),
        num_reads=num_reads,
        seed=seed,
    )
    run_study(study, out, pool, overwrite=overwrite)
    return write_report(out, seed=seed)
