"""Count eigen-solves and matrix-vector products: certified minimum gap against a 101-point grid.

    make bench        (or: python benchmarks/gap.py [--output FILE.csv])

Both use the same eigensolver on the same random feature-selection instances, median over seeds.
Counts do not depend on the machine. The grid certifies nothing: ``grid_excess`` is how far its
minimum lies above the certified one. Exit status 1 if the certified search ever needs more
eigen-solves than the gate allows.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
import pandas as pd
from tqdm import tqdm

import qxgap as qx
from qxgap.anneal.hamiltonian import CONVENTIONS
from qxgap.testing import random_feature_selection

GRID = np.linspace(0.0, 1.0, 101)
SIZES = (4, 6, 8, 10, 12)
SEEDS = range(5)
GATE = 50
"""Eigen-solves that a 0.1 % bracket may take on these instances."""


def measure(num_qubits: int, convention: str, seed: int) -> dict[str, float | str]:
    driver = qx.TransverseField.of_convention(convention, num_qubits)
    H = qx.AnnealHamiltonian(random_feature_selection(num_qubits, seed=seed), driver=driver)
    gap = qx.minimum_gap(H, rtol=1e-3)
    grid = qx.spectrum(H, GRID, levels=2)
    least = float((grid.energies[:, 1] - grid.energies[:, 0]).min())
    return {
        "d": num_qubits,
        "convention": convention,
        "eigensolves": gap.eigensolves,
        "matvecs": gap.matvecs,
        "grid_matvecs": grid.matvecs,
        "matvec_ratio": grid.matvecs / gap.matvecs,
        "grid_excess": least / gap.value - 1.0,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", help="CSV to write")
    arguments = parser.parse_args()
    cases = [(d, c, seed) for d in SIZES for c in CONVENTIONS for seed in SEEDS]
    table = pd.DataFrame([measure(*case) for case in tqdm(cases, unit="instance")])
    groups = table.groupby(["d", "convention"])
    summary = groups.median().assign(
        most_eigensolves=groups.eigensolves.max(), largest_excess=groups.grid_excess.max()
    )
    print(summary.reset_index().to_string(index=False, float_format="%.4g"))
    if arguments.output:
        summary.to_csv(arguments.output)
    return int(table.eigensolves.max() > GATE)


if __name__ == "__main__":
    sys.exit(main())
