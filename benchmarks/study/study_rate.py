"""How fast a study of many small problems goes, and whether its memory stays flat.

    python -m benchmarks.study.study_rate [--instances 5000] [--qubits 8] [--workers 0]
        [--results DIR]

Synthetic feature-selection problems through the certified gap (with selections) and the success
probability at tau = 10, 50, 100, by the Study that `qxgap study` runs: worker processes, part
files, final table. Writes results/study_rate.md. With --results the folder is kept, and the same
command goes on in it after an interruption; the rates are then those of the last run alone.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import psutil

from qxgap.study import Outcome, Processes, Study, run_study
from qxgap.testing import random_feature_selection

TAU = (10.0, 50.0, 100.0)
OUTPUT = Path(__file__).parents[1] / "results" / "study_rate.md"
PERIOD = 2.0


@dataclass
class MemoryWatch:
    """Resident memory (MiB) of this process and of its largest child, every ``PERIOD`` seconds."""

    seen: list[tuple[float, float, float]] = field(default_factory=list)
    _end: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> MemoryWatch:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        me, begin = psutil.Process(), time.perf_counter()
        while not self._end.wait(PERIOD):
            children = [_resident(child) for child in me.children()]
            self.seen.append(
                (time.perf_counter() - begin, _resident(me), max(children, default=0.0))
            )

    def by_fifths(self) -> pd.DataFrame:
        """Largest memory in each fifth of the run."""
        table = pd.DataFrame(self.seen, columns=["seconds", "parent", "worker"])
        fifth = pd.cut(table.seconds, 5, labels=["1st", "2nd", "3rd", "4th", "5th"])
        return table.groupby(fifth, observed=True)[["parent", "worker"]].max()


def _resident(process: psutil.Process) -> float:
    try:
        return process.memory_info().rss / 2**20
    except psutil.NoSuchProcess:
        return 0.0


def study(number: int, qubits: int) -> Study:
    problems = [random_feature_selection(qubits, seed) for seed in range(number)]
    return Study(instances=problems, tasks=("gap", "success"), tau=TAU, lz_slope=False)


def report(done: Outcome, workers: int, wall: float, cpu: float, watch: MemoryWatch) -> str:
    frame, computed = done.frame, done.num_computed
    number, qubits = frame.instance.nunique(), frame.num_qubits.max()
    instances = computed / (1 + len(TAU))
    parts = list((done.results / "parts").glob("*.parquet"))
    size = sum(path.stat().st_size for path in parts) / 2**20
    statuses = ", ".join(f"{name} {count}" for name, count in frame.status.value_counts().items())
    lines = [
        f"# A study of {number} problems of {qubits} qubits",
        "",
        f"`python -m benchmarks.study.study_rate --instances {number} --qubits {qubits} --workers "
        f"{workers}`: certified minimum gap (0.1 %) with selections, and success probability "
        "(1e-6) with the product null model at tau = 10, 50, 100.",
        "",
        "| | |",
        "|---|---|",
        f"| rows computed in this run, and kept from one before | {computed}, {done.num_kept} |",
        f"| statuses | {statuses} |",
        f"| wall clock | {wall:.0f} s |",
        f"| instances per second of wall clock | {instances / wall:.2f} |",
        f"| processor time of the workers | {cpu:.0f} s |",
        f"| instances per second of processor time | {instances / cpu:.2f} |",
        f"| part files | {len(parts)}, {size:.1f} MiB |",
        "",
        "Wall clock depends on what else the machine does; processor time hardly does.",
        "",
        "Largest resident memory in each fifth of the run, MiB:",
        "",
        "| fifth | parent | worker |",
        "|---|---|---|",
        *(
            f"| {fifth} | {row.parent:.0f} | {row.worker:.0f} |"
            for fifth, row in watch.by_fifths().iterrows()
        ),
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instances", type=int, default=5000)
    parser.add_argument("--qubits", type=int, default=8)
    parser.add_argument("--workers", type=int, default=0, help="processes; 0: one for each core")
    parser.add_argument("--results", type=Path, help="folder to keep; default a temporary one")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    given = parser.parse_args()
    what, pool = study(given.instances, given.qubits), Processes(given.workers)
    with tempfile.TemporaryDirectory() as temporary:
        begin = time.perf_counter()
        with MemoryWatch() as watch:
            done = run_study(what, given.results or Path(temporary), pool)
        wall = time.perf_counter() - begin
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        text = report(done, pool.num_workers, wall, spent.ru_utime + spent.ru_stime, watch)
    given.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
