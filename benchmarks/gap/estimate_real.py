"""Hold estimated minimum gaps of ten real problems of 18 to 24 qubits against exact ones.

    python -m benchmarks.gap.estimate_real run FILE.csv [--up-to 22]
    python -m benchmarks.gap.estimate_real table FILE.csv

``run``: both drivers, the linear schedule. Up to ``--up-to`` qubits the exact minimum gap is
bracketed in the whole space; beyond, only the gap at the estimated s* is computed there. A second
run continues. ``table`` writes a table in Markdown beside the file. Exit status 1 if an interval
does not hold the exact gap, or if a proven bound is violated. PyTorch is needed for the problems.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

import qxgap as qx
from benchmarks.common.machine import machine
from benchmarks.common.real_problems import real_problems
from qxgap.spectra.minimum import certified_gap

ROUNDING = 1e-9
"""What rounding may change, relative to the gap."""

EXACT_RTOL = 0.005
"""Relative width of the exact bracket, a quarter of that of an estimate."""


def estimated(H: qx.AnnealHamiltonian) -> dict[str, object]:
    """What an estimate says, and how long it takes."""
    begin = time.perf_counter()
    gap = qx.minimum_gap(H, method=qx.SelectedConfigurations(), throw=False)
    low, high = gap.interval
    return {
        **{"gap": gap.value, "standard_error": gap.standard_error, "low": low, "high": high},
        **{"s_star": gap.s_star, "upper": gap.upper, "status": gap.status.name},
        **{"proven_from": gap.proven_from, "proven_lower": gap.proven_lower},
        **{"configurations": gap.num_configurations, "seconds": time.perf_counter() - begin},
    }


def exact(H: qx.AnnealHamiltonian, row: dict[str, object], whole: bool) -> dict[str, object]:
    """The exact minimum gap, or the exact gap at the estimated s*."""
    begin = time.perf_counter()
    if whole:
        gap = certified_gap(H, EXACT_RTOL, throw=False)
        late = gap.gaps[gap.s >= row["proven_from"]]
        found = {
            **{"exact_lower": gap.lower, "exact": gap.value, "exact_s": gap.s_star},
            **{"exact_late": late.min() if late.size else np.nan},
        }
    else:
        levels = qx.spectrum(H, [row["s_star"]], levels=2, method=qx.Davidson()).energies[0]
        found = {"exact_at_s": levels[1] - levels[0]}
    return found | {"exact_seconds": time.perf_counter() - begin}


COLUMNS = [
    "problem",
    "d",
    "convention",
    "gap",
    "standard_error",
    "low",
    "high",
    "s_star",
    "upper",
    "status",
    "proven_from",
    "proven_lower",
    "configurations",
    "seconds",
    "exact_lower",
    "exact",
    "exact_s",
    "exact_late",
    "exact_at_s",
    "exact_seconds",
]


def run(path: Path, up_to: int) -> None:
    """Append the rows that are missing, the smallest problems first."""
    done = set()
    if path.exists():
        done = set(pd.read_csv(path)[["problem", "convention"]].itertuples(index=False, name=None))
    for name, problem in real_problems().items():
        for convention in qx.Convention:
            if (name, convention.value) in done:
                continue
            d = problem.num_qubits
            H = qx.AnnealHamiltonian(problem, driver=convention.driver(d))
            row = {"problem": name, "d": d, "convention": convention.value} | estimated(H)
            row |= exact(H, row, d <= up_to)
            print(pd.Series(row).to_string(), flush=True)
            rows = pd.DataFrame([row], columns=COLUMNS)
            rows.to_csv(path, mode="a", header=not path.exists(), index=False, float_format="%.10g")


def judged(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with what is to be counted of them."""
    rows = rows.copy()
    upper, lower = rows.exact.fillna(rows.exact_at_s), rows.exact_lower.fillna(rows.exact_at_s)
    rows["holds"] = (rows.low <= upper * (1 + ROUNDING)) & (rows.high >= lower * (1 - ROUNDING))
    late = rows.exact_late.fillna(rows.exact_at_s.where(rows.s_star >= rows.proven_from))
    rows["violated"] = (rows.upper < lower * (1 - ROUNDING)) & rows.exact.notna()
    rows["violated"] |= rows.proven_lower > late * (1 + ROUNDING)
    return rows


def table(rows: pd.DataFrame) -> list[str]:
    """A line in Markdown for each problem and driver."""
    lines = [
        "| problem | driver | estimate | interval of 95 % | s* | proven | exact minimum "
        "| exact at s* | inside | configurations | s, estimate | s, exact |",
        "|---" * 12 + "|",
    ]
    for row in rows.itertuples():
        proven = f"at most {row.upper:.4g}"
        if np.isfinite(row.proven_from):
            proven += f"; at least {row.proven_lower:.4g} from {row.proven_from:.4g} on"
        whole = "" if np.isnan(row.exact) else f"{row.exact_lower:.5g} to {row.exact:.5g}"
        at_s = "" if np.isnan(row.exact_at_s) else f"{row.exact_at_s:.5g}"
        lines.append(
            f"| {row.problem} | {row.convention} | {row.gap:.5g} | {row.low:.5g} to {row.high:.5g} "
            f"| {row.s_star:.4g} | {proven} | {whole} | {at_s} | {'yes' if row.holds else 'NO'} "
            f"| {row.configurations} | {row.seconds:.0f} | {row.exact_seconds:.0f} |"
        )
    return lines


def report(rows: pd.DataFrame, path: Path) -> str:
    """The page of the rows."""
    whole = rows[rows.exact.notna()]
    parts = [
        "# Estimated minimum gaps of real problems against exact ones",
        f"* command: `python -m benchmarks.gap.estimate_real run {path.name} "
        f"--up-to {whole.d.max()}`, then `... table`\n"
        f"* machine: {machine()}, shared with other work, so that the seconds are upper bounds\n"
        f"* versions: qxgap {qx.__version__}",
        "Digits as the embedded network `digits-32` sees them, under the linear schedule. The\n"
        "estimate is that of `SelectedConfigurations` with the default settings. The exact\n"
        f"minimum is bracketed in the whole space of $2^d$ states to {EXACT_RTOL}. Where there is\n"
        "none, the gap at the estimated s* was computed in the whole space instead, which says\n"
        "nothing of other s.",
        "\n".join(table(rows)),
        f"{rows.holds.sum()} of {len(rows)} intervals hold the exact gap, {whole.holds.sum()} of "
        f"{len(whole)} against the exact minimum over the whole anneal. Proven bounds that the "
        f"exact gaps violate: {rows.violated.sum()}.",
    ]
    return "\n\n".join(parts) + "\n"


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["run", "table"])
    parser.add_argument("path", type=Path, help="the rows, as CSV")
    parser.add_argument("--up-to", type=int, default=22, help="qubits of exact minimum gaps")
    arguments = parser.parse_args(argv)
    if arguments.what == "run":
        run(arguments.path, arguments.up_to)
    rows = judged(pd.read_csv(arguments.path))
    text = report(rows, arguments.path)
    if arguments.what == "table":
        arguments.path.with_suffix(".md").write_text(text)
    print(text)
    return int(rows.violated.any() or not rows.holds.all())


if __name__ == "__main__":
    sys.exit(main())
