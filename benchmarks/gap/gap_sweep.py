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
import sys

from benchmarks.common.cells import Benchmark, Cell, add_arguments, checked, collect

GAP = Benchmark(
    name="gap",
    script="benchmarks.gap.gap_cell",
    columns=(
        "d",
        "seed",
        "solver",
        "status",
        "points",
        "seconds",
        "matvecs",
        "peak_mib",
        "growth_mib",
        "gap",
        "lower",
        "s_star",
        "unconverged",
        "method",
    ),
    packages=("qxgap", "numpy", "scipy", "numba", "qutip", "quspin"),
    shown=("points", "matvecs", "seconds"),
)
PEERS = ("authors", "qutip", "quspin", "csr", "free", "free-equal", "lobpcg-equal")
LOOSE_PEERS = ("free-loose", "lobpcg-loose")
QUICK = ("free", "free-equal", "lobpcg-equal", *LOOSE_PEERS)
ONE_SEED_FROM = 16
"""At so many qubits peers get one instance; ours gets all."""


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


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser)
    parser.add_argument("--sizes", type=int, nargs="+", default=[8, 10, 12, 14, 16, 18, 20])
    parser.add_argument(
        "--scaling", type=int, nargs="*", default=[22, 24], help="sizes for ours alone"
    )
    parser.add_argument(
        "--solvers", nargs="*", default=[*PEERS, *LOOSE_PEERS], help="peers, by name"
    )
    parser.add_argument("--no-reference", action="store_true", help="leave the errors unknown")
    arguments = checked(parser, argv)
    if arguments.quick:
        arguments.sizes, arguments.scaling, arguments.seeds = [8, 10, 12], [], 1
        arguments.solvers, arguments.limit, arguments.no_reference = list(QUICK), 4.0, True
    return arguments


def main() -> int:
    arguments = parse()
    return collect(GAP, plan(arguments), arguments)


if __name__ == "__main__":
    sys.exit(main())
