"""Tables of studies with a known truth, made without computing anything.

``TABLES`` has one for each situation in which a reader may meet a report; ``made`` makes others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

import qxgap as qx
from qxgap import samples
from qxgap.report.findings import (
    Answer,
    Finding,
    Question,
    Story,
    share_findings,
    source_findings,
    unpredicted_answer,
    with_independent_qubits,
)
from qxgap.statistics import jeffreys_interval
from qxgap.testing import random_feature_selection

COLUMNS = ("task", "instance", "num_qubits", "convention", "schedule", "tradeoff", "status")
READS = 200


def made(
    *,
    problems: int = 12,
    classes: int = 4,
    sizes: Sequence[int] = (4, 6, 8),
    drivers: Sequence[str] = ("paper",),
    taus: Sequence[float] = (10, 100),
    ratio: Mapping[str, float] | float = 0.9,
    bracket: float = 1e-3,
    success: Callable[[int, float, str], float] = lambda i, tau, driver: 0.4 + 0.01 * (i % 5),
    null: float = 1.0,
    reads: Callable[[float], float] | None = lambda predicted: 0.95,
    p_value: float = 1e-4,
    sampler: str = "sa",
    solver: str = "",
    greedy: bool = True,
    degeneracy: int = 1,
    spread: float = 0.02,
) -> pd.DataFrame:
    """Return the table of a study.

    ``ratio`` is the minimum gap over the classical gap, for each driver; ``success`` gives the
    success probability of a problem by its number, tau and driver; ``reads`` the share of solutions
    among the reads by the prediction; ``spread`` is how much problems differ.
    """
    rng, rows = np.random.default_rng(1), []
    for i in range(problems):
        size = sizes[i % len(sizes)]
        one = {
            **{"instance": f"p{i:02d}", "source": f"p{i:02d}.npz", "group": "made"},
            **{"num_qubits": size, "label": i % classes, "pred": i % classes, "tradeoff": 0.7},
            **{"reason": "", "schedule": "linear", "convention": "", "versions": "qxgap 0"},
        }
        classical = 0.1 * (1 + (i % 3)) / size
        for driver in drivers:
            share = (ratio[driver] if isinstance(ratio, Mapping) else ratio) * (
                1 - spread * rng.random()
            )
            gap = min(share, 1.0) * classical
            rows.append(
                {
                    **one,
                    **{"task": "gap", "convention": driver, "status": "BRACKETED"},
                    **{"gap": gap, "gap_lower": gap * (1 - bracket), "classical_gap": classical},
                    **{"unit": "dimensionless", "s_star": 1.0 if share == 1 else 0.97},
                    **{"degeneracy": degeneracy, "interior_gap": np.inf, "lz_slope": np.nan},
                    **{"num_fixed": size, "selected": [0, 1], "top_k_is_optimal": i % 2 == 0},
                    **{"greedy_is_optimal": greedy, "mean_field": 2.0 + 0.1 * (i % 4)},
                    **{"mean_coupling": 0.05 + 0.01 * (i % 3), "couplings": [0.01 * i, 0.1, 0.3]},
                }
            )
            for tau in taus:
                predicted = success(i, tau, driver)
                rows.append(
                    {
                        **one,
                        **{"task": "success", "convention": driver, "status": "CONVERGED"},
                        **{"tau": tau, "success_probability": predicted, "error_estimate": 1e-7},
                        **{"null_product": null * predicted, "random_guess": 2.0**-size},
                    }
                )
                if reads is not None:
                    hits = round(READS * reads(predicted))
                    interval = list(jeffreys_interval(hits, READS))
                    rows.append(
                        {
                            **one,
                            **{"task": "compare", "convention": driver, "status": "CONVERGED"},
                            **{"tau": tau, "sampler": sampler, "num_reads": READS},
                            **{"ground_probability": hits / READS, "predicted": predicted},
                            **{"ground_probability_interval": interval, "p_value": p_value},
                            **{"tv_distance": abs(hits / READS - predicted), "tv_expected": 0.01},
                        }
                    )
        if reads is not None:
            rows.append(
                {
                    **one,
                    **{"task": "sample", "status": "DONE", "sampler": sampler, "schedule": ""},
                    **{"num_reads": READS, "ground_probability": 0.9},
                    "sampler_info": json.dumps({"solver": solver} if solver else {}),
                }
            )
    return pd.DataFrame(rows)


def explained(methods: Mapping[str, float], images: int = 12) -> pd.DataFrame:
    """Return rows of the task xai: an Average Drop of about 10 %, and what each method adds."""
    rng, rows = np.random.default_rng(2), []
    for image in range(images):
        base = 10 + 3 * (image % 4) + rng.normal()
        for method, shift in {"exact": 0.0, **methods}.items():
            noise = rng.normal() if shift else 0.0
            rows.append(
                {
                    **{"task": "xai", "instance": f"image-{image}", "source": "made up"},
                    **{"group": "made", "num_qubits": 6, "pred": image % 4, "label": image % 4},
                    **{"convention": "", "schedule": "", "status": "DONE", "reason": ""},
                    **{"tradeoff": 0.7, "explanation": method, "drop_soft": base + shift + noise},
                }
            )
    return pd.DataFrame(rows)


def _equal() -> pd.DataFrame:
    return made(ratio=1.0, spread=0.0, success=lambda i, tau, driver: 0.5, reads=lambda p: p)


def _different() -> pd.DataFrame:
    table = made(
        drivers=("paper", "authors-code"),
        taus=(10, 50, 100),
        ratio={"paper": 0.98, "authors-code": 0.8},
        success=lambda i, tau, driver: min(
            0.9, (0.002 if driver == "paper" else 0.004) * tau * (1 + 0.02 * (i % 4))
        ),
    )
    methods = {"greedy": 0.0, "top-k": 0.3, "Grad-CAM": 40.0, "Grad-CAM++": -8.0}
    return pd.concat([table, explained(methods)], ignore_index=True)


def _undecided() -> pd.DataFrame:
    return made(classes=1, bracket=0.95, reads=lambda p: p + 0.05, p_value=np.nan)


def _degenerate() -> pd.DataFrame:
    table = made(degeneracy=16, success=lambda i, tau, driver: 1.0, reads=lambda p: 1.0)
    gap = table.task == "gap"
    table.loc[gap, ["gap", "gap_lower", "classical_gap"]] = np.inf
    table.loc[gap, "status"] = "NO_EXCITED_LEVEL"
    return table


def _all_failed() -> pd.DataFrame:
    return made(problems=3).assign(status="FAILED", reason="MemoryLimitError: no memory")


def _left_out() -> pd.DataFrame:
    table = made(problems=10)
    large = table.instance.isin(["p08", "p09"]) & (table.task != "sample")
    reason = "it takes the 2^d amplitudes of a state, and d is above the study's max_qubits = 20"
    table.loc[large, ["status", "reason", "num_qubits"]] = ["LEFT_OUT", reason, 60]
    return table[~(table.instance.isin(["p08", "p09"]) & (table.task == "sample"))]


def estimates(table: pd.DataFrame, proven_from: Sequence[float] = (0.98, 0.99)) -> pd.DataFrame:
    """Return a table with estimated gaps, and no states, in problems of more than 20 qubits."""
    large = table.num_qubits > 20
    gap = large & (table.task == "gap")
    value, number = table.gap[gap], int(gap.sum())
    columns = {
        **{"status": "BRACKETED_ABOVE", "gap_lower": 0.0, "gap_standard_error": 0.005 * value},
        **{"gap_upper": 1.01 * value, "proven_lower": 0.9 * value, "method": "Selected"},
        **{"num_configurations": 5000, "selected_is_optimal": True},
        "proven_from": [proven_from[i % len(proven_from)] for i in range(number)],
        "reason": "estimated; proven from both sides late in the anneal",
    }
    changed = table.assign(**{name: np.nan for name in columns if name not in table})
    changed = changed.astype({"method": object, "selected_is_optimal": object})
    for name, values in columns.items():
        changed.loc[gap, name] = values
    ends = [[0.98 * one, 1.01 * one] for one in value]
    intervals = pd.Series(ends, index=table.index[gap], dtype=object)
    states = large & table.task.isin(["success", "compare"])
    return changed.assign(gap_interval=intervals.reindex(table.index))[~states]


def beside_optimum(
    table: pd.DataFrame, null: float = 0.001, p_value: float = 1e-9, unproven: Sequence[str] = ()
) -> pd.DataFrame:
    """Return a table whose problems of more than 20 qubits have no predictions.

    Their reads stand beside the proven optimum and independent qubits, which give the share
    ``null``; ``unproven`` are the instances whose optimum is not proven.
    """
    reads = table[(table.num_qubits > 20) & (table.task == "compare")]
    reads = reads.assign(
        **{"status": "PROVEN", "predicted": np.nan, "tv_distance": np.nan, "tv_expected": np.nan},
        **{"p_value": np.nan, "null_product": null, "null_p_value": p_value},
        **{"residual_energy": 0.004, "flip_temperature": 0.02},
        residual_energy_interval=[[0.003, 0.005]] * len(reads),
        flip_temperature_interval=[[0.01, 0.03]] * len(reads),
    )
    known = [name for name in reads if name.startswith(("ground_prob", "null", "residual"))]
    for name in known:
        reads[name] = reads[name].where(~reads.instance.isin(unproven), None)
    reads = reads.astype({name: float for name in known if not name.endswith("interval")})
    reads.loc[reads.instance.isin(unproven), "status"] = "BEST_KNOWN"
    drawn = (table.task == "sample") & table.instance.isin(unproven)
    changed = table.assign(ground_probability=table.ground_probability.where(~drawn))
    changed = estimates(changed)
    gap = (changed.task == "gap") & changed.instance.isin(unproven)
    changed.loc[gap, "selected_is_optimal"] = False
    return pd.concat([changed, reads], ignore_index=True)


def _some_estimated() -> pd.DataFrame:
    return estimates(made(sizes=(8, 60, 160), drivers=("paper", "authors-code")))


def _one_estimated(ratio: float = 0.9, **changes: Any) -> pd.DataFrame:
    return estimates(made(problems=1, sizes=(160,), ratio=ratio)).assign(**changes)


def _mixed() -> pd.DataFrame:
    ratio = {"paper": 0.95, "authors-code": 0.2}
    return made(drivers=("paper", "authors-code"), ratio=ratio, reads=None)


def _hardware(agrees: bool) -> pd.DataFrame:
    solver, p_value = "Advantage_system4.1", 0.5 if agrees else 1e-6
    reads: Callable[[float], float] = (lambda p: p) if agrees else (lambda p: p / 3)
    return made(sampler="dwave", solver=solver, p_value=p_value, reads=reads)


TABLES: Mapping[str, Callable[[], pd.DataFrame]] = {
    "equal": _equal,
    "different": _different,
    "undecided": _undecided,
    "degenerate": _degenerate,
    "one instance": lambda: made(problems=1),
    "all failed": _all_failed,
    "no samples": lambda: made(reads=None),
    "hardware agrees": lambda: _hardware(True),
    "hardware disagrees": lambda: _hardware(False),
    "greedy never optimal": lambda: made(greedy=False),
    "truly narrower gaps": lambda: made(ratio=0.1),
    "mixed drivers": _mixed,
    "large problems left out": _left_out,
    "some gaps estimated": _some_estimated,
    "some reads without prediction": lambda: beside_optimum(made(sizes=(8, 60, 160))),
    "no reads with prediction": lambda: beside_optimum(made(sizes=(60, 160))),
    "one large problem": lambda: beside_optimum(made(problems=1, sizes=(160,), taus=(50,))),
    "no optimum proven": lambda: beside_optimum(
        made(problems=2, sizes=(60,)), unproven=("p00", "p01")
    ),
    "one gap estimated": _one_estimated,
    "empty": lambda: pd.DataFrame(columns=list(COLUMNS)),
}
"""Name of the situation -> the function that makes its table."""


def with_unknown(table: pd.DataFrame, column: str, value: Any) -> pd.DataFrame:
    """Return a table with every second value of a column replaced."""
    changed = table.copy()
    known = changed.index[changed[column].notna()][::2]
    changed.loc[known, column] = value
    return changed


def _signed() -> pd.DataFrame:
    table = made(classes=3, drivers=("paper",), ratio=0.4, null=0.8)
    gap = table.task == "gap"
    signed = [[-0.2, 0.1, 0.05 * i] for i in range(int(gap.sum()))]
    table.loc[gap, "couplings"] = pd.Series(signed, index=table.index[gap])
    table.loc[gap, "mean_coupling"] = -0.05 + 0.05 * (np.arange(gap.sum()) % 3)
    table.loc[gap, "mean_field"] = 1.5 + 0.1 * (np.arange(gap.sum()) % 4)
    return table


def _crossings() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    table = made(
        problems=24,
        drivers=("paper", "authors-code"),
        taus=(10, 20, 50, 100),
        ratio={"paper": 0.4, "authors-code": 0.7},
        success=lambda i, tau, driver: min(0.99, 0.004 * tau * (1 + i % 6)),
        null=1.3,
        reads=lambda p: 0.2,
        spread=0.5,
    )
    gap = table.task == "gap"
    table.loc[gap, "lz_slope"] = table.gap[gap] ** 2 * rng.uniform(20, 40, int(gap.sum()))
    table.loc[gap, "interior_gap"] = table.gap[gap]
    return with_unknown(table, "error_estimate", np.inf)


def _trends() -> pd.DataFrame:
    """Gap and success fall steeply with d; few rows are still missing."""
    table = made(
        problems=24,
        sizes=(3, 6, 12),
        taus=(10, 100),
        ratio=0.9,
        success=lambda i, tau, driver: 0.5 ** (3, 6, 12)[i % 3] if tau == 10 else 0.3,
        reads=lambda p: p + 0.02,
        spread=0.3,
    )
    gap = table.task == "gap"
    falling = table.num_qubits[gap].astype(float) ** -2
    scale = falling / table.classical_gap[gap]
    for column in ("gap", "gap_lower", "classical_gap"):
        table.loc[gap, column] *= scale
    waiting = table[gap].iloc[:2].assign(status="MISSING", instance="p99")
    return pd.concat([table, waiting], ignore_index=True)


def _no_anneal_succeeds() -> pd.DataFrame:
    return made(success=lambda i, tau, driver: 0.0, reads=None)


def _several_unsettled() -> pd.DataFrame:
    """Two classes, of which each result differs, and a second network."""
    table = made(
        classes=2, spread=0.0, ratio=0.9, success=lambda i, tau, driver: 0.1 + 0.8 * (i % 2)
    )
    other = table.assign(group="another", source="elsewhere")
    return pd.concat([table, other, explained({"top-k": 0.3}, images=2)], ignore_index=True)


def _degenerate_levels() -> pd.DataFrame:
    return made(degeneracy=2, drivers=("paper", "authors-code"), classes=1, taus=(10,))


MORE_TABLES: Mapping[str, Callable[[], pd.DataFrame]] = {
    "couplings of both signs": _signed,
    "avoided crossings": _crossings,
    "trends": _trends,
    "no anneal succeeds": _no_anneal_succeeds,
    "two classes": _several_unsettled,
    "several ground states": _degenerate_levels,
    "estimates below a bottleneck": lambda: estimates(made(sizes=(60, 160), ratio=0.3)),
    "some optima not proven": lambda: beside_optimum(
        made(sizes=(60, 160), drivers=("paper", "authors-code")), unproven=("p03",)
    ),
    "reads as of independent qubits": lambda: beside_optimum(
        made(sizes=(60,), reads=lambda p: 0.3, taus=(10, 50)), 0.3, 0.9
    ),
    "reads below independent qubits": lambda: beside_optimum(made(sizes=(60,)), 0.99),
    "reads about as of independent qubits": lambda: beside_optimum(
        made(problems=1, sizes=(60,), reads=lambda p: 0.3), 0.31, 0.9
    ),
    "large problems of one class": lambda: beside_optimum(made(sizes=(60,), classes=1)),
    "no independent qubits": lambda: beside_optimum(made(sizes=(60,)), np.nan, np.nan),
    "an annealer at large d": lambda: beside_optimum(
        made(sizes=(60,), sampler="dwave", solver="Advantage_system4.1")
    ),
    "an estimate that proves nothing": lambda: _one_estimated(proven_from=np.nan),
    "an estimate that is proven everywhere": lambda: _one_estimated(
        proven_from=0.0, gap_lower=lambda table: table.proven_lower
    ),
    "mock": lambda: made(sampler="dwave", solver="mock-pegasus", reads=lambda p: p / 3),
}
"""Further tables, for kinds of sentences that the others do not have."""


def source_examples() -> list[Finding]:
    """Return findings about reads of three sources: of a model, of none, and of too few reads."""
    problem = random_feature_selection(4, 3)
    closed = samples.closed_model(problem, qx.LINEAR, 20.0)
    cold = samples.boltzmann_model(problem, 0.03, "cold classical Gibbs")
    warm = samples.boltzmann_model(problem, 0.15, "warm classical Gibbs")
    findings: list[Finding] = []
    for sampler, reads, models in (
        (qx.SchrodingerSampler(), 400, [closed, warm]),
        (qx.samplers.TabuSampler(), 400, [closed, warm]),
        (qx.SchrodingerSampler(), 8, [cold, warm]),
    ):
        runs = [qx.sample(problem, sampler, num_reads=reads, seed=seed) for seed in (1, 2)]
        ladder = samples.model_ladder(problem, runs, models, source="made", seed=1)
        measured = samples.ground_probability(problem, runs, seed=1)
        findings += source_findings(ladder, measured)
    return findings + share_examples()


def share_examples() -> list[Finding]:
    """Return findings about reads whose ground states alone are compared."""
    rng, wide = np.random.default_rng(3), random_feature_selection(100, 3)
    hard = qx.QuboProblem(rng.normal(size=40), np.triu(rng.normal(size=(40, 40)), 1))
    few = qx.problem.BranchAndBound(max_nodes=1)
    findings: list[Finding] = []
    for problem, share, ground in ((wide, 0.9, None), (wide, 0.1, None), (hard, 0.5, few)):
        runs = [qx.sample(problem, num_reads=50, seed=1, num_sweeps=200)]
        models = [samples.GroundPrediction(problem, "model of the anneal", share, tau=50.0)]
        found = samples.compare_ground_shares(problem, runs, models, ground=ground, seed=1)
        findings += share_findings(found)
        if found.status is not samples.ShareStatus.NOT_PROVEN:
            findings += unpredicted_answer({"simulated annealing": found}).findings
    unknown = Answer(Question.SUCCESS, "", "", "", Story("", "", "", "", ""), known=False)
    return [*findings, *with_independent_qubits(unknown, {10.0: 2e-9, 100.0: 0.035}).findings]
