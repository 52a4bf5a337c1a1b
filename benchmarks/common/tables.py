"""Reading the benchmarks' results and setting them as Markdown."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

KEYS = ["d", "seed", "solver"]


def read_csv(path: Path, numbers: Sequence[str]) -> tuple[pd.DataFrame, dict[str, str]]:
    """Rows, of each cell the last, with the columns ``numbers`` as such, and the header."""
    head = [line[2:] for line in path.read_text().splitlines() if line.startswith("# ")]
    rows = pd.read_csv(path, comment="#").drop_duplicates(KEYS, keep="last")
    for column in numbers:
        rows[column] = pd.to_numeric(rows[column])
    return rows, dict(line.split(": ", 1) for line in head)


def beside(rows: pd.DataFrame, solver: str, column: str) -> np.ndarray:
    """For each row what ``solver`` has in ``column`` on the same instance; NaN if nothing."""
    at = pd.MultiIndex.from_frame(rows[["d", "seed"]])
    found = rows[rows.solver == solver].set_index(["d", "seed"])[column]
    return found.reindex(at).to_numpy()


def medians(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Medians over instances for each solver and size; ``marked`` if any was extrapolated."""
    groups = rows.groupby(["solver", "d"])
    summary = groups[list(columns)].median()
    summary["marked"] = groups.status.agg(lambda status: bool((status == "extrapolated").any()))
    summary["instances"] = groups.size()
    return summary


def pivot(
    summary: pd.DataFrame,
    sizes: Sequence[int],
    labels: Mapping[str, str],
    cell: Callable[[pd.Series], str],
) -> list[str]:
    """Markdown lines: a row for each solver in the order of ``labels``, a column for each size."""
    lines = [f"| d | {' | '.join(map(str, sizes))} |", "|---" * (len(sizes) + 1) + "|"]
    for solver in (name for name in labels if name in summary.index.get_level_values("solver")):
        known = summary.loc[solver]
        cells = [cell(known.loc[d]) if d in known.index else "" for d in sizes]
        lines.append(f"| {labels[solver]} | {' | '.join(cells)} |")
    return lines


def with_ratio(column: str, spec: str) -> Callable[[pd.Series], str]:
    """``value (ratio to ours) x``."""

    def cell(row: pd.Series) -> str:
        if np.isnan(row[column]):
            return "not counted"
        ratio = row[f"{column}_ratio"]
        text = format(row[column], spec)
        text += "" if ratio == 1.0 or np.isnan(ratio) else f" ({ratio:.3g})"
        return text + (" x" if row.marked else "")

    return cell


def plain(column: str, spec: str) -> Callable[[pd.Series], str]:
    """The value, or nothing."""
    return lambda row: "" if np.isnan(row[column]) else format(row[column], spec)


def left_out(rows: pd.DataFrame) -> list[str]:
    """Markdown lines that say why solvers lack sizes."""
    skipped = rows[rows.status.str.startswith("left out")].drop_duplicates("solver")
    return [f"* {row.solver}, d = {row.d}: {row.status}" for row in skipped.itertuples()]


def path_argument(doc: str) -> Path:
    """The CSV that the command line names."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("csv", type=Path)
    path: Path = parser.parse_args().csv
    return path


def conclude(path: Path, text: str, found: Sequence[str]) -> None:
    """Write the table, print it and what the gates found; exit status 1 if anything."""
    path.with_suffix(".md").write_text(text)
    print(text)
    print("\n".join(["gate FAILED:", *found] if found else ["gate passed"]))
    sys.exit(int(bool(found)))
