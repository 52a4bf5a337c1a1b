"""Which model explains the reads of a connected problem of 24 variables on two annealers.

    python -m benchmarks.samples.ladder24          # some minutes on one core
    python -m benchmarks.samples.ladder24 --gaps   # the minimum gap too: an hour or two

From the packaged reads. Writes ``results/ladder24.csv`` and ``.md``; with ``--gaps`` also
``results/ladder24_gap.json``, which the page shows. Exit status 1 if the recorded simulated
annealing is not explained by simulated annealing, or an annealer's reads are by a uniform guess.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import qxgap as qx
from benchmarks.common.machine import machine
from benchmarks.samples.model_ladder import rows
from qxgap import samplers, samples
from qxgap.annealing import MILLIKELVIN_PER_GHZ
from qxgap.version import versions

RESULTS = Path(__file__).parents[1] / "results"
GAPS = RESULTS / "ladder24_gap.json"
TIMES = (10.0, 100.0, 200.0, 500.0)
SOLVERS = ("Advantage_system6.4", "Advantage2_system1.4")
SUSCEPTIBLE = "Gibbs with offset and background, fitted"
NOTE = """\
Reads of one QUBO of 24 variables, each coupled to 14 others (iitis/dynamics-benchmark, CC-BY-4.0):
5 runs of 1000 reads at each anneal time. The ground state is not degenerate. The annealers
represent the variables by chains; neither the embedding nor the scale of the programmed problem was
recorded, so that the models take the scale 1. `P`: predicted ground probability. `distance`: total
variation over the energy levels, with a 95 % bootstrap interval over runs; `chance`: what so many
reads of the model itself would show. `rejected`: runs that refuse the model at 5 %, all runs and
models of the source counted. `nearest`: how often the model is the nearest when runs are drawn
anew; a law that was fitted to the reads has seen them and does not compete.
The Schrödinger equation of 24 qubits was not integrated for microseconds: see the gap below."""


def main():
    recorded = samples.iitis24()
    problem = recorded.problem
    if "--gaps" in sys.argv:
        GAPS.write_text(json.dumps(gaps(problem), indent=1) + "\n", encoding="utf-8")
    common = [
        samples.default_annealing_model(problem, 5000, seed=1),
        samples.uniform_model(problem),
    ]
    ladders, laws = [], []
    for solver in SOLVERS:
        models = [*solver_models(problem, solver), *common]
        for time in TIMES:
            runs = recorded.select(solver, time)
            source = f"{solver}, {time:g} us"
            ladders.append(samples.model_ladder(problem, runs, models, source=source, seed=1))
            law = fitted(problem, runs)
            alone = samples.model_ladder(problem, runs, [law_with_terms(problem, law)], seed=1)
            laws.append((source, law, alone.table.set_index("model")))
            print(f"{ladders[-1]}\n", flush=True)
    runs = recorded.select("neal")
    ladders.append(samples.model_ladder(problem, runs, common, source="neal, defaults", seed=1))
    tables = [ladder.table.assign(source=ladder.source) for ladder in ladders]
    pd.concat(tables).to_csv(RESULTS / "ladder24.csv", index=False, float_format="%.6g")
    (RESULTS / "ladder24.md").write_text(text(recorded, ladders, laws), encoding="utf-8")
    wrong = [
        f"{ladder.source}: the uniform guess is accepted"
        for ladder in ladders[:-1]
        if "uniform guess" in ladder.acceptable
    ]
    if "simulated annealing" not in ladders[-1].acceptable:
        wrong.append("simulated annealing does not explain itself")
    print("\n".join(wrong) or "all as it must be")
    return 1 if wrong else 0


def gaps(problem):
    """The minimum gap along the published standard anneal of the newer annealer."""
    found = []
    for solver in SOLVERS[1:]:
        schedule = qx.schedule_named(f"{solver}_standard")
        gap = qx.minimum_gap(qx.AnnealHamiltonian(problem, schedule), progress=print)
        found.append({"solver": solver, **gap.to_dict()})
    return found


def solver_models(problem, solver):
    published = samplers.published_temperature(solver)
    return [
        samples.boltzmann_model(
            problem, published.single_qubit_temperature, "classical Gibbs, published temperature"
        ),
        samples.path_integral_model(
            problem, samplers.solver_schedule(solver), published.temperature, 1000, 1
        ),
    ]


def fitted(problem, runs):
    return samples.boltzmann_terms(problem, runs, terms_of(problem))


def terms_of(problem):
    return {
        "offset": samples.offset_term(problem),
        "background": samples.background_term(problem),
    }


def law_with_terms(problem, law):
    exponent = -law.temperature.inverse * problem.diagonal
    for name, term in terms_of(problem).items():
        exponent -= law[name].coefficient * term.diagonal
    weights = np.exp(exponent - exponent.max())
    return samples.Model.from_probabilities(problem, SUSCEPTIBLE, weights / weights.sum())


def text(recorded, ladders, laws):
    made = ", ".join(f"{name} {version}" for name, version in versions().items())
    lines = [
        "# Which model explains reads of a connected problem of 24 variables",
        "",
        "* command: python -m benchmarks.samples.ladder24",
        f"* machine: {machine()}",
        f"* versions: {made}",
        "",
        NOTE,
        "",
        "## In short",
        "",
        "| source | measured P | variance of runs over chance | nearest model | acceptable |",
        "|---|---|---|---|---|",
    ]
    for ladder in ladders:
        source, _, time = ladder.source.partition(", ")
        runs = recorded.select(source, float(time.split()[0]) if "us" in time else None)
        measured = samples.ground_probability(recorded.problem, runs, seed=0)
        low, high = measured.interval
        accepted = ", ".join(ladder.acceptable) or "none"
        lines.append(
            f"| {ladder.source} | {measured.value:.4f} [{low:.4f}, {high:.4f}] | "
            f"{measured.overdispersion.factor:.1f} | {ladder.nearest} | {accepted} |"
        )
    lines += ["", *terms_table(laws), "", *gap_lines(), "", *chain_lines(recorded)]
    for ladder in ladders:
        lines += ["", f"## {ladder.source}", "", *rows(ladder)]
    return "\n".join([*lines, ""])


def terms_table(laws):
    yield "## A Boltzmann law with three parameters"
    yield ""
    yield (
        "From single flips (pseudo-likelihood); 95 % intervals from the spread of the five runs. "
        "`offset`: the field that all variables have in common, in units of the temperature. "
        "`susceptibility`: share of the second-neighbor terms that is added to the problem. "
        "`distance`: total variation of this law from the reads that it was fitted to."
    )
    yield ""
    yield "Reads of simulated annealing are all local minima: nothing can be fitted to them."
    yield ""
    yield (
        "| source | temperature | offset | susceptibility | distance | of the temperature alone | "
        "by chance | runs that refuse it |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for source, law, table in laws:
        low, high = law.temperature.interval
        row, alone = table.loc[SUSCEPTIBLE], table.loc["classical Gibbs, fitted"]
        offset, background = law["offset"], law["background"]
        yield (
            f"| {source} | {law.temperature.value:.3f} [{low:.3f}, {high:.3f}] | "
            f"{offset.coefficient:.3f} [{offset.interval[0]:.3f}, {offset.interval[1]:.3f}] | "
            f"{background.relative:.4f} [{background.relative_interval[0]:.4f}, "
            f"{background.relative_interval[1]:.4f}] | {row.tv:.3f} [{row.tv_low:.3f}, "
            f"{row.tv_high:.3f}] | {alone.tv:.3f} | {row.tv_by_chance:.3f} | {row.rejected_runs} |"
        )


def gap_lines():
    yield "## The minimum gap"
    yield ""
    if not GAPS.exists():
        yield "Not computed; run with `--gaps`."
        return
    kT = {
        solver: samplers.published_temperature(solver).temperature / MILLIKELVIN_PER_GHZ
        for solver in SOLVERS
    }
    yield "| schedule | gap in GHz | proven at least | s* | kT in GHz | status | products |"
    yield "|---|---|---|---|---|---|---|"
    for gap in json.loads(GAPS.read_text(encoding="utf-8")):
        yield (
            f"| {gap['solver']}, standard | {gap['gap']:.5g} | {gap['gap_lower']:.5g} | "
            f"{gap['s_star']:.4f} | {kT[gap['solver']]:.2f} | {gap['status']} | {gap['matvecs']} |"
        )


def chain_lines(recorded):
    yield "## Chains"
    yield ""
    yield "Mean share of chains whose qubits disagreed, smallest and largest run:"
    yield ""
    yield "| source | smallest | largest |"
    yield "|---|---|---|"
    for source, time in recorded.sources:
        if time is None:
            continue
        broken = [run.info["chain_break_fraction"] for run in recorded.select(source, time)]
        yield f"| {source}, {time:g} us | {min(broken):.5f} | {max(broken):.5f} |"


if __name__ == "__main__":
    sys.exit(main())
