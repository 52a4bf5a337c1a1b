"""Summarise a finished study.

    python -m benchmarks.study.paper_study_table RESULTS [--note TEXT]

RESULTS is what ``qxgap study benchmarks/study/paper_study.toml -o RESULTS`` made. Writes
``results/paper_study.md``, medians by group, size and driver and the findings of the report, and
``results/paper_study.csv.gz``, the gap, success and comparison rows without their lists.
"""

import argparse
import tempfile
from pathlib import Path

import pandas as pd

from qxgap.report import write_report
from qxgap.report.results_table import load_results

OUTPUT = Path(__file__).parents[1] / "results"
KEYS = ["group", "num_qubits", "convention"]
KEPT = (
    "task",
    "instance",
    "group",
    "num_qubits",
    "label",
    "pred",
    "convention",
    "status",
    "gap",
    "gap_lower",
    "s_star",
    "classical_gap",
    "degeneracy",
    "interior_gap",
    "eigensolves",
    "matvecs",
    "top_k_is_optimal",
    "greedy_is_optimal",
    "tau",
    "success_probability",
    "error_estimate",
    "null_product",
    "sampler",
    "num_reads",
    "ground_probability",
    "predicted",
    "tv_distance",
    "p_value",
)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--note", default="", help="how long it took, on what")
    arguments = parser.parse_args()
    frame = load_results(arguments.results).frame
    rows = frame[frame.task.isin(["gap", "success", "compare"])]
    rows[[name for name in KEPT if name in rows]].to_csv(
        OUTPUT / "paper_study.csv.gz", index=False, float_format="%.6g", compression="gzip"
    )
    with tempfile.TemporaryDirectory() as out:
        findings = write_report(arguments.results, out).findings
    text = "\n".join(markdown(frame, findings, arguments.note))
    (OUTPUT / "paper_study.md").write_text(text + "\n", encoding="utf-8")
    print(text)


def markdown(frame, findings, note):
    yield "# The paper's study"
    yield ""
    yield "* command: qxgap study benchmarks/study/paper_study.toml -o RESULTS --instances FOLDERS"
    yield "* then: python -m benchmarks.study.paper_study_table RESULTS"
    if note:
        yield f"* {note}"
    yield f"* versions: {frame.versions.dropna().iloc[0]}"
    counts = ", ".join(f"{name} {count}" for name, count in frame.groupby("task").size().items())
    states = ", ".join(f"{name} {count}" for name, count in frame.status.value_counts().items())
    yield f"* {frame.instance_hash.nunique()} problems; rows: {counts}; statuses: {states}"
    yield ""
    yield "Medians. gap / classical: of the ratios. P: success probability; null: product of"
    yield "independent single-qubit sweeps at the same tau."
    yield ""
    yield from table(frame)
    for question, lines in findings.items():
        yield ""
        yield f"## {question}"
        yield ""
        yield from (f"{'  ' * line.minor}* {line}" for line in lines)


def table(frame):
    gaps, runs = frame[frame.task == "gap"], frame[frame.task == "success"]
    groups = gaps.assign(ratio=gaps.gap / gaps.classical_gap).groupby(KEYS)
    medians = groups[["gap", "classical_gap", "ratio", "s_star"]].median()
    medians.insert(0, "instances", groups.size())
    for tau, part in runs.groupby("tau"):
        by = part.groupby(KEYS)
        medians[f"P({tau:g})"] = by.success_probability.median()
        medians[f"null({tau:g})"] = by.null_product.median()
    medians = medians.rename(columns={"ratio": "gap / classical", "s_star": "s*"})
    yield f"| {' | '.join([*KEYS, *medians.columns])} |".replace("num_qubits", "d")
    yield "|---" * (len(KEYS) + medians.shape[1]) + "|"
    for keys, row in medians.iterrows():
        cells = [f"{value:.3g}" if pd.notna(value) else "" for value in row[1:]]
        yield f"| {' | '.join([*map(str, keys), f'{row.iloc[0]:.0f}', *cells])} |"


if __name__ == "__main__":
    main()
