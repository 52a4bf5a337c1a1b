"""The success probability of an anneal to 1e-6, against what else integrates it.

    make bench          counts and two peers at small sizes, under a minute
    make bench-peers    everything; hours. Writes benchmarks/results/dynamics.csv, dynamics.md

Identical random feature-selection instances, linear schedule, driver of the paper, tau = 50. Each
cell (one solver on one instance) is a process of its own with a time limit; see dynamics_cell.py
for how an anneal that would exceed it is sampled, and dynamics_peers.py for the solvers, which are
left out where they are not installed. With --resume the rows already in the CSV are kept: only do
that with the same code. Exit status 1 if a gate of dynamics_table.py fails.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.common.cells import Benchmark, Cell, add_arguments, checked, collect

DYNAMICS = Benchmark(
    name="dynamics",
    script="benchmarks.dynamics.dynamics_cell",
    columns=(
        "d",
        "seed",
        "solver",
        "status",
        "steps",
        "applications",
        "last",
        "seconds",
        "peak_mib",
        "growth_mib",
        "success",
        "estimate",
        "deviation",
        "knob",
        "bytes",
        "two_copies",
    ),
    packages=(
        "qxgap",
        "numpy",
        "scipy",
        "numba",
        "qutip",
        "quspin",
        "dynamiqs",
        "jax",
        "qokit",
        "emu-sv",
        "torch",
    ),
    shown=("steps", "applications", "seconds"),
)
PEERS = (
    "qutip-vern7",
    "qutip-dop853",
    "quspin",
    "dynamiqs",
    "emu-sv",
    "qokit",
    "cfm4-krylov",
    "authors",
)
QUICK = ("qutip-vern7", "cfm4-krylov")
ONE_SEED_FROM = 14
"""At so many qubits peers get one instance; ours gets all."""


def plan(arguments: argparse.Namespace) -> list[Cell]:
    """Cells in order: all solvers of one size close together in time, then ours alone."""
    cells = []
    for d in arguments.sizes:
        for seed in range(arguments.seeds):
            cells += [Cell(d, seed, solver) for solver in ("ours", "fixed", "reference")]
            if seed == 0 or d < ONE_SEED_FROM:
                cells += [Cell(d, seed, solver) for solver in arguments.solvers]
    for d in (d for d in arguments.scaling if d not in arguments.sizes):
        cells += [Cell(d, 0, solver) for solver in ("ours", "fixed")]
        if d <= arguments.reference_up_to:
            cells.append(Cell(d, 0, "reference"))
    layers = ("layer", "qokit-layer") if "qokit" in arguments.solvers else ("layer",)
    cells += [Cell(d, 0, solver) for d in arguments.layers for solver in layers]
    return cells


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser)
    parser.add_argument("--sizes", type=int, nargs="+", default=[8, 10, 12, 14, 16])
    parser.add_argument(
        "--scaling", type=int, nargs="*", default=[18, 20, 22, 24], help="sizes for ours alone"
    )
    parser.add_argument(
        "--layers", type=int, nargs="*", default=[20, 22, 24], help="sizes to time layers at"
    )
    parser.add_argument("--solvers", nargs="*", default=list(PEERS), help="peers, by name")
    parser.add_argument(
        "--reference-up-to", type=int, default=20, help="beyond, errors stay unknown"
    )
    arguments = checked(parser, argv)
    if arguments.quick:
        arguments.sizes, arguments.scaling, arguments.layers = [8, 12], [], [16]
        arguments.solvers, arguments.seeds, arguments.limit = list(QUICK), 1, 10.0
    return arguments


def main(argv: list[str] | None = None) -> int:
    arguments = parse(argv)
    return collect(DYNAMICS, plan(arguments), arguments)


if __name__ == "__main__":
    sys.exit(main())
