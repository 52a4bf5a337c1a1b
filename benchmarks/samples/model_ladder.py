"""Every model against every source of recorded reads.

    python -m benchmarks.samples.model_ladder

From the packaged reads of one 16-variable QUBO on two annealers and by simulated annealing. Writes
``results/model_ladder.csv`` and ``.md``. Needs no network; some minutes on one core. Exit status 1
if the recorded simulated annealing is not explained by simulated annealing, or any annealer's reads
are by the closed system or by a uniform guess.
"""

import sys
from pathlib import Path

import pandas as pd

from benchmarks.common.machine import machine
from qxgap import samplers, samples
from qxgap.version import versions

RESULTS = Path(__file__).parents[1] / "results"
OUTLIERS = (255, 256)
TIMES = (10.0, 100.0, 200.0, 500.0)
SOLVERS = ("Advantage_system6.4", "Advantage2_system1.4")
REFUSED = ("Schrödinger", "uniform guess")
NOTE = """\
Reads of one 16-variable QUBO, four disconnected complete graphs of four (iitis/dynamics-benchmark,
CC-BY-4.0), without runs 255 and 256 of Advantage2_system1.4 at 200 us. Each component is solved
exactly on its own, with D-Wave's published schedule and temperature of the solver. `P`: predicted
ground probability. `distance`: total variation over the energy levels, with a 95 % bootstrap
interval over runs; `chance`: what so many reads of the model itself would show. `rejected`: runs
that refuse the model at 5 %, all runs and models of the source counted. `nearest`: how often the
model is the nearest when runs are drawn anew. The fitted law has seen the reads: it is apart.
The coupling of the bath is not published; 1e-4 and 1e-3 span what is usual for flux qubits."""


def main():
    recorded = samples.iitis()
    ladders = [annealer(recorded, solver, time) for solver in SOLVERS for time in TIMES]
    ladders.append(annealing(recorded))
    for ladder in ladders:
        print(f"{ladder}\n", flush=True)
    tables = [ladder.table.assign(source=ladder.source) for ladder in ladders]
    pd.concat(tables).to_csv(RESULTS / "model_ladder.csv", index=False, float_format="%.6g")
    (RESULTS / "model_ladder.md").write_text(text(recorded, ladders), encoding="utf-8")
    wrong = [
        f"{ladder.source}: {name} is accepted"
        for ladder in ladders[:-1]
        for name in REFUSED
        if name in ladder.acceptable
    ]
    if "simulated annealing" not in ladders[-1].acceptable:
        wrong.append("simulated annealing does not explain itself")
    print("\n".join(wrong) or "all as it must be")
    return 1 if wrong else 0


def annealer(recorded, solver, time):
    models = samples.solver_models(recorded.problem, solver, 1000 * time, seed=1)
    runs = recorded.select(solver, time, without=OUTLIERS)
    return samples.model_ladder(
        recorded.problem, runs, models, source=f"{solver}, {time:g} us", seed=1
    )


def annealing(recorded):
    """The recorded simulated annealing, against what needs no schedule."""
    models = [samples.default_annealing_model(recorded.problem, 5000, seed=1)]
    for solver in SOLVERS:
        published = samplers.published_temperature(solver).single_qubit_temperature
        models.append(samples.boltzmann_model(recorded.problem, published, f"Gibbs of {solver}"))
    models.append(samples.uniform_model(recorded.problem))
    return samples.model_ladder(
        recorded.problem, recorded.select("neal"), models, source="neal, defaults", seed=1
    )


def text(recorded, ladders):
    made = ", ".join(f"{name} {version}" for name, version in versions().items())
    lines = [
        "# Which model explains recorded reads",
        "",
        "* command: python -m benchmarks.samples.model_ladder",
        f"* machine: {machine()}",
        f"* versions: {made}",
        "",
        NOTE,
        "",
        "## In short",
        "",
        "| source | reads | runs | measured P | nearest model | in resamplings | acceptable |",
        "|---|---|---|---|---|---|---|",
    ]
    for ladder in ladders:
        first, accepted = ladder.table.iloc[0], ", ".join(ladder.acceptable) or "none"
        lines.append(
            f"| {ladder.source} | {ladder.num_reads} | {ladder.num_runs} | "
            f"{ladder.counts[0] / ladder.num_reads:.3f} | {ladder.nearest} | "
            f"{first.nearest_share:.0%} | {accepted} |"
        )
    for ladder in ladders:
        lines += ["", f"## {ladder.source}", "", *rows(ladder)]
    return "\n".join([*lines, ""])


def rows(ladder):
    yield "| model | P | distance | chance | rejected | nearest | log likelihood | with |"
    yield "|---|---|---|---|---|---|---|---|"
    for row in ladder.table.itertuples():
        share = "fitted" if row.fitted else f"{row.nearest_share:.0%}"
        likely = "" if pd.isna(row.log_likelihood) else f"{row.log_likelihood:.3f}"
        yield (
            f"| {row.model} | {row.ground_probability:.3f} | {row.tv:.3f} [{row.tv_low:.3f}, "
            f"{row.tv_high:.3f}] | {row.tv_by_chance:.3f} | {row.rejected_runs} of "
            f"{ladder.num_runs} | {share} | {likely} | {row.note} |"
        )


if __name__ == "__main__":
    sys.exit(main())
