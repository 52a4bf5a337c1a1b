"""The certified minimum gap against what else finds two levels on a 101-point grid.

    make bench          counts and a few peers at small sizes, under two minutes
    make bench-peers    everything; hours. Writes benchmarks/results/gap.csv, gap.md and figures

Identical random feature-selection instances, linear schedule, driver of the paper. Each cell (one
solver on one instance) is a process of its own with a time limit; see gap_cell.py for how a grid
that would exceed it is sampled, and gap_peers.py for the solvers. QuSpin is a peer where it is
installed (``pip install quspin``). With --resume the rows already in the CSV are kept: only do that
with the same code. Exit status 1 if a gate of gap_table.py fails.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

# This process stays small; what a cell imports it imports itself.
HERE = Path(__file__).parent
COLUMNS = (
    *("d", "seed", "solver", "status", "points", "seconds", "matvecs", "peak_mib", "growth_mib"),
    *("gap", "lower", "s_star", "unconverged", "method"),
)
PEERS = ("authors", "qutip", "quspin", "csr", "free", "free-equal", "lobpcg-equal")
LOOSE_PEERS = ("free-loose", "lobpcg-loose")
QUICK = ("free", "free-equal", "lobpcg-equal", *LOOSE_PEERS)
ONE_SEED_FROM = 16
"""At so many qubits peers get one instance; ours gets all."""
START_UP = 60.0
"""Seconds beyond its limit that a cell may take for imports and a last stage."""
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
        return self.solver not in ("ours", "reference")


def plan(arguments: argparse.Namespace) -> list[Cell]:
    """Cells in order: all solvers of one size close together in time, ours alone at the end."""
    cells = []
    for d in arguments.sizes:
        for seed in range(arguments.seeds):
            cells.append(Cell(d, seed, "ours"))
            if not arguments.no_reference:
                cells.append(Cell(d, seed, "reference"))
            if seed == 0 or d < ONE_SEED_FROM:
                cells += [Cell(d, seed, solver) for solver in arguments.solvers]
    return cells + [Cell(d, 0, "ours") for d in arguments.scaling if d not in arguments.sizes]


def run_cell(cell: Cell, limit: float, threads: int) -> Row:
    """Run one cell; of what it printed before it was stopped, if it was, the last line counts."""
    names = ("OMP", "OPENBLAS", "MKL", "NUMBA")
    environment = os.environ | {f"{name}_NUM_THREADS": str(threads) for name in names}
    script = [sys.executable, str(HERE / "gap_cell.py"), cell.solver]
    script += [str(cell.d), str(cell.seed), str(limit)]
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(script, stdout=output, stderr=errors, env=environment)
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
    row = {"d": cell.d, "seed": cell.seed, "solver": cell.solver}
    if lines:
        return row | json.loads(lines[-1])
    if reason.startswith("exit") and complaints:
        reason = complaints[-1][:120]
    return row | {"status": f"left out: {reason}"}


def run(arguments: argparse.Namespace, known: list[Row]) -> Iterator[Row]:
    """Rows of all planned cells that are not ``known``."""
    done = {(int(row["d"]), int(row["seed"]), row["solver"]) for row in known}
    failed_at: dict[str, int] = {}
    for row in known:
        if row["status"].startswith("left out"):
            failed_at.setdefault(row["solver"], int(row["d"]))
    cells = [c for c in plan(arguments) if (c.d, c.seed, c.solver) not in done]
    for number, cell in enumerate(cells, start=1):
        begin = time.perf_counter()
        at = failed_at.get(cell.solver)
        if cell.is_peer and at is not None:
            identity = {"d": cell.d, "seed": cell.seed, "solver": cell.solver}
            row = identity | {"status": f"left out: as at d = {at}"}
        else:
            limit = arguments.limit if cell.is_peer else arguments.own_limit
            row = run_cell(cell, limit, arguments.threads)
        if row["status"].startswith("left out"):
            failed_at.setdefault(cell.solver, cell.d)
        seconds = time.perf_counter() - begin
        print(
            f"[{number}/{len(cells)}] d={cell.d} seed={cell.seed} {cell.solver}: {row['status']}, "
            f"{row.get('points', 0)} solves, {row.get('matvecs', '-')} products, "
            f"{row.get('seconds', float('nan')):.3g} s (cell {seconds:.0f} s)",
            file=sys.stderr,
        )
        yield row


def describe(arguments: argparse.Namespace) -> dict[str, str]:
    """What the numbers depend on besides the code."""

    def installed(name: str) -> str:
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            return f"{name} not installed"

    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    packages = ("qxgap", "numpy", "scipy", "numba", "qutip", "quspin")
    return {
        "command": " ".join(["python", "benchmarks/gap.py", *sys.argv[1:]]),
        "machine": f"{models[0] if models else platform.processor()}, {os.cpu_count()} cores",
        "versions": f"Python {platform.python_version()}, " + ", ".join(map(installed, packages)),
        "threads": f"{arguments.threads} (OpenMP, OpenBLAS, MKL and numba)",
        "limit": f"{arguments.limit:g} s for a peer's cell",
        "date": time.strftime("%Y-%m-%d"),
    }


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, few peers")
    parser.add_argument("--sizes", type=int, nargs="+", default=[8, 10, 12, 14, 16, 18, 20])
    parser.add_argument(
        "--scaling", type=int, nargs="*", default=[22, 24], help="sizes for ours alone"
    )
    parser.add_argument("--seeds", type=int, default=3, help="instances of each size")
    parser.add_argument(
        "--solvers", nargs="*", default=[*PEERS, *LOOSE_PEERS], help="peers, by name"
    )
    parser.add_argument("--limit", type=float, default=300.0, help="seconds for a peer's cell")
    parser.add_argument("--own-limit", type=float, default=7200.0, help="seconds for one of ours")
    parser.add_argument("--no-reference", action="store_true", help="leave the errors unknown")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--output", type=Path, help="CSV to write, .md beside it")
    parser.add_argument("--resume", action="store_true", help="keep the rows of --output")
    arguments = parser.parse_args(argv)
    if arguments.resume and not arguments.output:
        parser.error("--resume needs --output")
    if arguments.quick:
        arguments.sizes, arguments.scaling, arguments.seeds = [8, 10, 12], [], 1
        arguments.solvers, arguments.limit, arguments.no_reference = list(QUICK), 4.0, True
    return arguments


def main() -> int:
    arguments = parse()
    with tempfile.TemporaryDirectory() as scratch:
        path = arguments.output or Path(scratch) / "gap.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        known: list[Row] = []
        if arguments.resume and path.exists():
            with path.open() as file:
                known = list(csv.DictReader(line for line in file if not line.startswith("#")))
        else:
            header = [f"# {key}: {value}\n" for key, value in describe(arguments).items()]
            path.write_text("".join(header) + ",".join(COLUMNS) + "\n")
        for row in run(arguments, known):
            with path.open("a", newline="") as file:
                csv.DictWriter(file, COLUMNS, lineterminator="\n").writerow(row)
        report = [sys.executable, str(HERE / "gap_table.py"), str(path)]
        return subprocess.run(report, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
