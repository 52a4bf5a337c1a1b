"""Certify the minimum gap of every instance in a folder and check it against full diagonalisation.

    python -m benchmarks.gap.certify_folder DIRECTORY_OR_FILE... [--dense-up-to 12] [--csv FILE]

Both conventions, linear schedule. Up to ``--dense-up-to`` qubits the gap at s* is compared with
numpy's eigvalsh of the whole matrix, and the bracket with a minimum over a dense grid that is
polished by a bounded search around the best of its points. Exit status 1 if any bracket does not
hold, any value is off by more than 1e-6, or any search ends otherwise than bracketed (an instance
all of whose states are ground states has no gap, and passes).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.optimize

import qxgap as qx
from qxgap import Convention
from qxgap.errors import InputError

COARSE = np.unique([*np.linspace(0.0, 1.0, 11), *(1.0 - np.geomspace(1e-3, 0.3, 6))])
FINE = np.unique([*np.linspace(0.0, 1.0, 101), *(1.0 - np.geomspace(1e-4, 0.1, 20))])
FINE_UP_TO = 9
"""Qubits up to which the fine grid is affordable."""
TOLERANCE = 1e-6
PASSED = (qx.GapStatus.BRACKETED, qx.GapStatus.NO_EXCITED_LEVEL)


def dense_gap(H: qx.AnnealHamiltonian) -> Callable[[float], float]:
    """s -> E_g - E_0 by LAPACK, g being the degeneracy of the problem."""
    driver, problem = (
        H.to_sparse(*H.schedule(0.0)).toarray(),
        H.to_sparse(*H.schedule(1.0)).toarray(),
    )

    def gap(s: float) -> float:
        levels = np.linalg.eigvalsh((1.0 - s) * driver + s * problem)
        return float(levels[H.degeneracy] - levels[0])

    return gap


def dense_minimum(gap: Callable[[float], float], grid: np.ndarray) -> float:
    """The smallest gap on the grid, polished between the neighbours of its best point."""
    gaps = [gap(float(s)) for s in grid]
    best = int(np.argmin(gaps))
    bounds = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, grid.size - 1)])
    found = scipy.optimize.minimize_scalar(
        gap, bounds=bounds, method="bounded", options={"xatol": 1e-6}
    )
    return min(gaps[best], float(found.fun))


def examine(path: Path, convention: str, rtol: float, dense_up_to: int) -> dict[str, object]:
    """One row; ``failure`` says what is wrong, if anything."""
    problem = qx.load(path)
    d = problem.num_qubits
    driver = qx.Convention(convention).driver(d)
    H = qx.AnnealHamiltonian(problem, driver=driver)
    begin = time.perf_counter()
    found = qx.minimum_gap(H, rtol=rtol, throw=False)
    row: dict[str, object] = {
        "instance": path.name,
        "d": d,
        "convention": convention,
        "gap": found.value,
        "lower": found.lower,
        "s_star": found.s_star,
        "interior_gap": found.interior_gap,
        "classical_gap": found.classical_gap,
        "degeneracy": found.degeneracy,
        "status": found.status.name,
        "eigensolves": found.eigensolves,
        "matvecs": found.matvecs,
        "seconds": time.perf_counter() - begin,
    }
    failures = [] if found.status in PASSED else [found.status.value]
    if found.status is qx.GapStatus.BRACKETED and found.lower < found.value * (1.0 - rtol) - 1e-12:
        failures.append("the bracket is wider than rtol")
    if d <= dense_up_to and found.status is not qx.GapStatus.NO_EXCITED_LEVEL:
        gap = dense_gap(H)
        row["deviation"] = abs(gap(found.s_star) - found.value)
        row["dense"] = dense_minimum(gap, FINE if d <= FINE_UP_TO else COARSE)
        failures += dense_failures(row)
    return row | {"failure": "; ".join(failures)}


def dense_failures(row: dict[str, object]) -> list[str]:
    """The upper end must be right where it was found; no dense gap may lie below the lower one.

    A dense minimum *above* the bracket convicts the dense grid, which may miss a minimum, unless
    the value is wrong at s*, which is tested.
    """
    failures = []
    if row["deviation"] > TOLERANCE:
        failures.append(f"off by {row['deviation']:.1e} at s*")
    if row["dense"] < row["lower"] - TOLERANCE:
        failures.append(f"the dense minimum {row['dense']:.8g} is below the lower bound")
    return failures


def instances(paths: list[Path]) -> list[Path]:
    """The files named, and of folders the .npz files below, in order."""
    if absent := [str(path) for path in paths if not path.exists()]:
        raise InputError(f"{', '.join(absent)}: no such file or folder")
    found = [
        file
        for path in paths
        for file in (sorted(path.rglob("*.npz")) if path.is_dir() else [path])
    ]
    if not found:
        raise InputError("no .npz files there; give a folder of instances or files")
    return found


def summarise(table: pd.DataFrame) -> str:
    compared = table.dropna(subset="deviation") if "deviation" in table else table.iloc[:0]
    missed = int((compared.dense - compared.gap > TOLERANCE).sum()) if len(compared) else 0
    held = f"all {len(compared)} brackets hold" if not any(table.failure) else "FAILURES above"
    lines = [
        f"{len(table)} searches, {table.instance.nunique()} instances, "
        f"d = {table.d.min()} to {table.d.max()}; statuses "
        + ", ".join(f"{name} {count}" for name, count in table.status.value_counts().items()),
        f"minimum at s > 0.995 in {int((table.s_star > 0.995).sum())} of {len(table)}; "
        f"{table.matvecs.sum()} products, {table.seconds.sum():.3g} s",
    ]
    if len(compared):
        lines.append(
            f"against dense: {held}, largest deviation at s* {compared.deviation.max():.1e}, "
            f"in {missed} the dense grid overlooked the minimum"
        )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", type=Path, nargs="+", help="folders of .npz files, or files")
    parser.add_argument("--rtol", type=float, default=1e-3)
    parser.add_argument("--dense-up-to", type=int, default=12, help="qubits; 12 takes minutes each")
    parser.add_argument("--max-qubits", type=int, default=24, help="skip larger instances")
    parser.add_argument("--csv", type=Path, help="file for the rows")
    arguments = parser.parse_args()
    rows = []
    for path in instances(arguments.paths):
        if (d := qx.load(path).num_qubits) > arguments.max_qubits:
            print(f"{path.name}: {d} qubits, skipped")
            continue
        for convention in Convention:
            row = examine(path, convention, arguments.rtol, arguments.dense_up_to)
            rows.append(row)
            dense = f" dense {row['dense']:.8g} ({row['deviation']:.0e})" if "dense" in row else ""
            print(
                f"{path.name} d={row['d']} {convention}: [{row['lower']:.8g}, {row['gap']:.8g}] at "
                f"{row['s_star']:.5f}, {row['matvecs']} products, {row['status']}{dense}"
                + (f"  FAILED: {row['failure']}" if row["failure"] else ""),
                flush=True,
            )
    if not rows:
        raise SystemExit("every instance was skipped; raise --max-qubits")
    table = pd.DataFrame(rows)
    if arguments.csv:
        table.to_csv(arguments.csv, index=False)
    print(summarise(table))
    return int(any(table.failure))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except InputError as error:
        sys.exit(f"certify_folder: {error}")
