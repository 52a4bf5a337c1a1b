"""How often does a schedule made from the gap help? Summarise a finished study of schedules.

    python -m benchmarks.study.gap_schedules_table RESULTS [--note TEXT]

RESULTS is what ``qxgap study benchmarks/study/gap_schedules.toml -o RESULTS`` made. Writes
``results/gap_schedules.md``, ``.csv`` (the rows of the task), ``.png`` and ``.svg``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from qxgap import plotting
from qxgap.analysis import ScheduleGain, schedule_gains
from qxgap.report import Results, read_results
from qxgap.report.sections.schedules import REFERENCE_NAMES, SCHEDULE_NAMES
from qxgap.statistics import jeffreys_interval

OUTPUT = Path(__file__).parents[1] / "results"
KEPT = (
    "instance",
    "group",
    "instance_hash",
    "num_qubits",
    "label",
    "pred",
    "convention",
    "tau",
    "even_success",
    "local_success",
    "points_success",
    "coupled_success",
    "pause_success",
    "pause_at",
    "schedules_error",
)
INTRODUCTION = """Every problem is annealed five times in the same time tau, without noise: with s
rising evenly; slowly where the gap is small (ds/dt proportional to gap squared, Roland and Cerf);
by the best 12 points of that schedule; with a pace that is also divided by the coupling of the
ground state to the next level (gap and coupling); and with a pause at the smallest gap for half of
the time. Better and worse count differences beyond the error of the integration. The interval of a
share takes problems as independent; that of the mean change resamples classes, whose images share
the importance of the maps. Both are 95 %."""
LITERATURE = (44, 60)
"""Instances in which a local schedule was better, and all, in the figure that is quoted."""


def share(hits: int, number: int) -> str:
    """Return a share in percent with its Jeffreys interval."""
    low, high = jeffreys_interval(hits, number)
    return f"{100 * hits / number:.0f} % [{100 * low:.0f}, {100 * high:.0f}]"


def gain_table(gains: list[ScheduleGain]) -> Iterator[str]:
    """Yield the lines of the table of all gains."""
    yield "| driver | tau | schedule | than | better | worse | share better | mean change |"
    yield "|---|---|---|---|---|---|---|---|"
    for gain in gains:
        change = gain.difference
        cells = [
            gain.setting,
            f"{gain.tau:g}",
            SCHEDULE_NAMES[gain.schedule],
            REFERENCE_NAMES[gain.reference],
            f"{gain.num_better} of {gain.num_problems}",
            str(gain.num_worse),
            share(gain.num_better, gain.num_problems),
            f"{change.value:+.3f} [{change.low:+.3f}, {change.high:+.3f}]",
        ]
        yield f"| {' | '.join(cells)} |"


def where_table(rows: pd.DataFrame) -> Iterator[str]:
    """Yield how often the slow schedule is better, by the place of the smallest gap."""
    yield "| smallest gap at | problems | slow at the gap better | median change |"
    yield "|---|---|---|---|"
    place = rows.s_star
    for name, part in (
        ("s < 0.9", rows[place < 0.9]),
        ("0.9 to 0.99", rows[(place >= 0.9) & (place < 0.99)]),
        ("0.99 to 0.999", rows[(place >= 0.99) & (place < 0.999)]),
        ("s = 0.999 to 1", rows[place >= 0.999]),
    ):
        if part.empty:
            continue
        change = part.local_success - part.even_success
        hits = int((change > 2 * part.schedules_error).sum())
        yield f"| {name} | {len(part)} | {share(hits, len(part))} | {change.median():+.3f} |"


def points_words(rows: pd.DataFrame) -> str:
    """Return how far 12 points stay from their schedule, over all rows."""
    change = (rows.points_success - rows.local_success).abs()
    return (
        f"Over all {len(rows)} problems, drivers and times the success probability of the 12 "
        f"points differs from that of their schedule by {change.median():.2g} in the median and by "
        f"{change.max():.2g} at most"
    )


def markdown(frame: pd.DataFrame, note: str) -> Iterator[str]:
    """Yield the lines of the page."""
    results = Results(frame)
    rows = results.schedules
    gaps = results.gap[["instance_hash", "convention", "s_star"]].drop_duplicates()
    rows = rows.drop(columns="s_star").merge(gaps, on=["instance_hash", "convention"], how="left")
    gains = schedule_gains(rows, seed=1)
    yield "# How often does a schedule made from the gap help?"
    yield ""
    yield "* command: qxgap study benchmarks/study/gap_schedules.toml -o RESULTS"
    yield "* then: python -m benchmarks.study.gap_schedules_table RESULTS"
    if note:
        yield f"* {note}"
    yield f"* versions: {frame.versions.dropna().iloc[0]}"
    sizes = np.unique(rows.num_qubits)
    yield (
        f"* {rows.instance_hash.nunique()} problems of {sizes.min()} to {sizes.max()} qubits, two "
        "correctly classified images of each digit through networks of 16, 24 and 32 maps; those "
        "with more than 12 qubits are left out"
    )
    yield (
        f"* largest error estimate of a success probability {rows.schedules_error.max():.1e}; "
        f"statuses: {', '.join(sorted(set(rows.status)))}"
    )
    yield ""
    yield from INTRODUCTION.splitlines()
    yield ""
    yield "![success by each schedule](gap_schedules.png)"
    yield ""
    yield from gain_table(gains)
    yield ""
    yield "## Beside the literature"
    yield ""
    hits, number = LITERATURE
    yield (
        f"The figure that is quoted, {hits} of {number} instances better, is a share of "
        f"{share(hits, number)}. Here, slow at the gap against an even anneal:"
    )
    yield ""
    for gain in gains:
        if (gain.schedule, gain.reference) == ("local", "even"):
            own = share(gain.num_better, gain.num_problems)
            yield f"* {gain.setting}, tau = {gain.tau:g}: {own}"
    yield ""
    yield "## Where it helps"
    yield ""
    longest = rows[rows.tau == rows.tau.max()]
    for setting, part in longest.groupby("setting", sort=False):
        yield f"At tau = {rows.tau.max():g}, {setting}:"
        yield ""
        yield from where_table(part)
        yield ""
    yield "## What 12 points lose"
    yield ""
    yield f"{points_words(rows)}."


def main() -> None:
    """Write page, table and figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--note", default="", help="how long it took, on what")
    arguments = parser.parse_args()
    frame = read_results(arguments.results)
    rows = Results(frame).schedules
    rows[list(KEPT)].to_csv(OUTPUT / "gap_schedules.csv", index=False, float_format="%.6g")
    plotting.save(plotting.schedule_gains(rows, SCHEDULE_NAMES), OUTPUT / "gap_schedules")
    text = "\n".join(markdown(frame, arguments.note)) + "\n"
    (OUTPUT / "gap_schedules.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
