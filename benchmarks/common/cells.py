"""What the benchmarks share: each cell, one solver on one instance, is a process of its own.

A cell's script prints a JSON object for each stage that it finishes; of a cell that was stopped at
its time limit the last one counts. Nothing but the standard library is imported: the process that
starts the cells stays small.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
"""The folder from which ``python -m benchmarks...`` runs."""
START_UP = 60.0
"""Seconds beyond its limit that a cell may take for imports and a last stage."""
NOT_PEERS = ("ours", "fixed", "reference", "layer")
Row = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """One solver on one instance."""

    d: int
    seed: int
    solver: str

    @property
    def is_peer(self) -> bool:
        """Whether the time limit applies and larger sizes are left out once it is exceeded."""
        return self.solver not in NOT_PEERS

    @property
    def identity(self) -> Row:
        """The columns that tell its row from others."""
        return {"d": self.d, "seed": self.seed, "solver": self.solver}


@dataclass(frozen=True)
class Benchmark:
    """What a benchmark has of its own.

    Attributes
    ----------
    name : of the CSV.
    script : module ``X_cell``, run with SOLVER NUM_QUBITS SEED LIMIT for each cell; then the module
        ``X_table`` with the CSV writes the table and judges. ``X_sweep`` is what one calls.
    columns : of the CSV, in order.
    packages : whose versions the numbers depend on.
    shown : columns to print as the rows come.
    """

    name: str
    script: str
    columns: Sequence[str]
    packages: Sequence[str]
    shown: Sequence[str]


def run_cell(script: str, cell: Cell, limit: float, threads: int) -> Row:
    """Run one cell; of what it printed before it was stopped, if it was, the last line counts."""
    names = ("OMP", "OPENBLAS", "MKL", "NUMBA")
    environment = os.environ | {f"{name}_NUM_THREADS": str(threads) for name in names}
    command = [sys.executable, "-m", script, cell.solver]
    command += [str(cell.d), str(cell.seed), str(limit)]
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=output, stderr=errors, env=environment, cwd=ROOT)
        try:
            code = process.wait(timeout=limit + START_UP)
            reason = f"exit status {code}" if code else ""
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            reason = "over the limit"
        output.seek(0)
        lines = output.read().splitlines()
        errors.seek(0)
        complaints = errors.read().splitlines()
    if lines:
        return cell.identity | json.loads(lines[-1])
    if reason.startswith("exit") and complaints:
        reason = complaints[-1][:120]
    return cell.identity | {"status": f"left out: {reason}"}


def run(
    benchmark: Benchmark, cells: Sequence[Cell], arguments: argparse.Namespace, known: list[Row]
) -> Iterator[Row]:
    """Rows of all ``cells`` that are not ``known``."""
    done = {(int(row["d"]), int(row["seed"]), row["solver"]) for row in known}
    failed_at: dict[str, int] = {}
    for row in known:
        if row["status"].startswith("left out"):
            failed_at.setdefault(row["solver"], int(row["d"]))
    cells = [c for c in cells if (c.d, c.seed, c.solver) not in done]
    for number, cell in enumerate(cells, start=1):
        begin = time.perf_counter()
        at = failed_at.get(cell.solver)
        if cell.is_peer and at is not None:
            row = cell.identity | {"status": f"left out: as at d = {at}"}
        else:
            limit = arguments.limit if cell.is_peer else arguments.own_limit
            row = run_cell(benchmark.script, cell, limit, arguments.threads)
        if row["status"].startswith("left out"):
            failed_at.setdefault(cell.solver, cell.d)
        counts = {key: row[key] for key in benchmark.shown if row.get(key) is not None}
        counts = ", ".join(f"{key} {value:.4g}" for key, value in counts.items())
        print(
            f"[{number}/{len(cells)}] d={cell.d} seed={cell.seed} {cell.solver}: {row['status']}, "
            f"{counts} (cell {time.perf_counter() - begin:.0f} s)",
            file=sys.stderr,
        )
        yield row


def describe(benchmark: Benchmark, arguments: argparse.Namespace) -> dict[str, str]:
    """What the numbers depend on besides the code."""

    def installed(name: str) -> str:
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            return f"{name} not installed"

    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    versions = ", ".join(map(installed, benchmark.packages))
    return {
        "command": " ".join(
            ["python -m", benchmark.script.replace("_cell", "_sweep"), *sys.argv[1:]]
        ),
        "machine": f"{models[0] if models else platform.processor()}, {os.cpu_count()} cores",
        "versions": f"Python {platform.python_version()}, {versions}",
        "threads": f"{arguments.threads} (OpenMP, OpenBLAS, MKL and numba)",
        "limit": f"{arguments.limit:g} s for a peer's cell",
        "date": time.strftime("%Y-%m-%d"),
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of every benchmark."""
    parser.add_argument("--quick", action="store_true", help="small sizes, few peers")
    parser.add_argument("--seeds", type=int, default=3, help="instances of each size")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds for a peer's cell")
    parser.add_argument("--own-limit", type=float, default=7200.0, help="seconds for one of ours")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--output", type=Path, help="CSV to write, .md beside it")
    parser.add_argument("--resume", action="store_true", help="keep the rows of --output")


def checked(
    parser: argparse.ArgumentParser, argv: Sequence[str] | None = None
) -> argparse.Namespace:
    """The arguments; ends the program if they contradict each other."""
    arguments = parser.parse_args(argv)
    if arguments.resume and not arguments.output:
        parser.error("--resume needs --output")
    return arguments


def collect(benchmark: Benchmark, cells: Sequence[Cell], arguments: argparse.Namespace) -> int:
    """Run the cells, write the CSV row by row, then the table. Returns 1 if a gate fails."""
    with tempfile.TemporaryDirectory() as scratch:
        path = arguments.output or Path(scratch) / f"{benchmark.name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        known: list[Row] = []
        if arguments.resume and path.exists():
            with path.open() as file:
                known = list(csv.DictReader(line for line in file if not line.startswith("#")))
        else:
            head = describe(benchmark, arguments).items()
            header = [f"# {key}: {value}\n" for key, value in head]
            path.write_text("".join(header) + ",".join(benchmark.columns) + "\n")
        for row in run(benchmark, cells, arguments, known):
            with path.open("a", newline="") as file:
                csv.DictWriter(file, benchmark.columns, lineterminator="\n").writerow(row)
        table = benchmark.script.replace("_cell", "_table")
        command = [sys.executable, "-m", table, str(path.resolve())]
        return subprocess.run(command, cwd=ROOT, check=False).returncode


def peak_bytes() -> int:
    """Largest resident memory of this process (since ``forget_peak``, on Linux)."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would include the parent's memory at the fork
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return 1024 * int(line.split()[1])
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def forget_peak() -> None:
    """Let ``peak_bytes`` begin anew, on Linux."""
    forget = Path("/proc/self/clear_refs")
    if forget.exists():
        forget.write_text("5")


class Growth:
    """Peak memory, and by how much it grew since this was made."""

    def __init__(self) -> None:
        forget_peak()
        self.before = peak_bytes()

    def row(self) -> Row:
        """The two columns, in MiB."""
        peak = peak_bytes()
        return {"peak_mib": peak / 2**20, "growth_mib": (peak - self.before) / 2**20}
