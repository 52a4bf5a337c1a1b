"""Success probability against d of given instances, beside the points that arXiv 2604.25649 shows.

    python -m benchmarks.success.success_trend DIRECTORY... --output DIR
        [--max-qubits 14] [--tol 1e-7]

Every instance is annealed in both conventions (driver weight 1, "paper", and 1/d, "authors-code")
for tau = 10, 50 and 100, linear schedule; what counts is the final weight on the ground space of
H_P. Writes success_trend.csv (a row per instance, convention and tau), .md, .png and .svg.
"""

from __future__ import annotations

import argparse
import platform
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import scipy

import qxgap as qx
from benchmarks.gap.certify_folder import instances
from benchmarks.success.success_trend_figure import save_figure
from benchmarks.success.success_trend_table import markdown
from qxgap import Convention

TAUS = (10.0, 50.0, 100.0)
"""Those of the published points."""
PUBLISHED = Path(__file__).parent / "data" / "published_success.csv"
KEYS = ["folder", "instance", "num_maps", "label", "d", "degeneracy"]


def load_all(paths: list[Path], max_qubits: int) -> tuple[pd.DataFrame, list[qx.QuboProblem]]:
    """What is known of every instance of at most ``max_qubits``, and the problems themselves.

    One without a label gets one of its own, below 0.
    """
    rows, problems = [], []
    for path in instances(paths):
        problem = qx.load(path)
        if problem.num_qubits <= max_qubits:
            num_maps = getattr(problem.source, "num_maps", None)
            label = getattr(problem.source, "label", None)
            about = [problem.num_qubits if num_maps is None else num_maps]
            about.append(-1 - len(problems) if label is None else label)
            sizes = [problem.num_qubits, problem.degeneracy]
            rows.append([path.parent.name, path.stem, *about, *sizes])
            problems.append(problem)
    if not problems:
        raise SystemExit("every instance was skipped; raise --max-qubits")
    return pd.DataFrame(rows, columns=KEYS), problems


def measure(known: pd.DataFrame, problems: list[qx.QuboProblem], tol: float) -> pd.DataFrame:
    """A row per instance, convention and tau."""
    method, parts = qx.SplitOperator(tol), []
    for convention in Convention:
        drivers = [qx.Convention(convention).driver(p.num_qubits) for p in problems]
        hamiltonians = [
            qx.AnnealHamiltonian(problem, driver=driver)
            for problem, driver in zip(problems, drivers, strict=True)
        ]
        table = qx.anneal_many(hamiltonians, TAUS, method)
        for j, tau in enumerate(TAUS):
            runs = [row[j] for row in table]
            part = known.assign(convention=convention, tau=tau)
            part["success"] = [run.success_probability for run in runs]
            part["error_estimate"] = [run.error_estimate for run in runs]
            part["product"] = [qx.product_success(H, tau, method) for H in hamiltonians]
            part["random_guess"] = [qx.random_guess(problem) for problem in problems]
            parts.append(part)
    return pd.concat(parts, ignore_index=True)


def provenance(arguments: argparse.Namespace, rows: pd.DataFrame) -> dict[str, str]:
    folders = [path.name for path in arguments.paths]
    found, used = len(instances(arguments.paths)), len(rows[KEYS].drop_duplicates())
    worst, share = rows.error_estimate.max(), (rows.error_estimate / rows.success).max()
    return {
        "command": shlex.join(["python", "benchmarks/success/success_trend.py", *folders]),
        "instances": f"{used} of {found} in {', '.join(folders)}; the others have more than "
        f"{arguments.max_qubits} qubits",
        "method": f"{qx.SplitOperator(arguments.tol)!r}; largest error estimate {worst:.1e}, and "
        f"over the probability itself {share:.1e}",
        "versions": f"Python {platform.python_version()}, qxgap {qx.__version__}, "
        f"numpy {np.__version__}, scipy {scipy.__version__}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", type=Path, nargs="+", help="folders of .npz files, or files")
    parser.add_argument("--output", type=Path, required=True, help="folder for the results")
    parser.add_argument("--max-qubits", type=int, default=14, help="skip larger instances")
    parser.add_argument("--tol", type=float, default=1e-7)
    parser.add_argument("--seed", type=int, default=1, help="of the bootstrap")
    arguments = parser.parse_args()
    known, problems = load_all(arguments.paths, arguments.max_qubits)
    rows = measure(known, problems, arguments.tol)
    published = pd.read_csv(PUBLISHED, comment="#")
    text = markdown(rows, published, provenance(arguments, rows), arguments.seed)
    arguments.output.mkdir(parents=True, exist_ok=True)
    rows.to_csv(arguments.output / "success_trend.csv", index=False, float_format="%.7g")
    (arguments.output / "success_trend.md").write_text(text)
    save_figure(rows, published, arguments.output / "success_trend")
    print(text)


if __name__ == "__main__":
    main()
