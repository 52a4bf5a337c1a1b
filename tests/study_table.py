"""Tables of a study for the tests of the report, from real instances under the real methods."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import qxgap as qx
from qxgap.dynamics import anneal, product_success, random_guess
from qxgap.problem import selections
from qxgap.problem.provenance import versions
from qxgap.samples import compare, sample
from qxgap.spectrum import landau_zener, minimum_gap
from qxgap.study import mean_field_size
from qxgap.testing import random_feature_selection

CONVENTIONS = ("paper", "authors-code")


@cache
def random_table(count: int = 12, tradeoffs: tuple[float, ...] = (0.7,)) -> pd.DataFrame:
    """Instances of 3 to 6 qubits in two groups and four classes, every task but xai."""
    rows: list[dict[str, Any]] = []
    for number in range(count):
        size, label = 3 + number % 4, number % 4 if number % 5 else (number + 1) % 4
        for tradeoff in tradeoffs:
            problem = random_feature_selection(size, seed=number, tradeoff=tradeoff)
            key = {
                "instance": f"random-{number:02d}",
                "source": "random",
                "group": f"group {number % 2}",
                "label": label,
                "pred": label,
                "tradeoff": tradeoff,
            }
            rows += rows_of(problem, key)
    return pd.DataFrame(rows)


def rows_of(problem: qx.QuboProblem, key: dict[str, Any], seed: int = 1) -> list[dict[str, Any]]:
    """All rows of an instance but those of explanations."""
    common = {
        **key,
        "instance_hash": problem.content_hash,
        "num_qubits": problem.num_qubits,
        "seed": seed,
        "reason": "",
        "versions": ", ".join(f"{k} {v}" for k, v in versions().items()),
    }
    rows: list[dict[str, Any]] = []
    drawn = sample(problem, "sa", num_reads=100, seed=seed)
    free = {"convention": "", "schedule": "", "status": "DONE", "sampler": "sa", "num_reads": 100}
    for convention in CONVENTIONS:
        driver = qx.TransverseField.of_convention(convention, problem.num_qubits)
        H = qx.AnnealHamiltonian(problem, driver=driver)
        own = {**common, "convention": convention, "schedule": "linear"}
        rows.append({"task": "gap", **own, **gap_columns(H, problem)})
        for tau in (10.0, 50.0):
            run = anneal(H, tau, throw=False)
            rows.append({"task": "success", **own, **success_columns(H, run, tau)})
            told = compare(run, drawn, seed=seed, num_bootstrap=200).to_dict()
            rows.append({"task": "compare", **own, "status": "DONE", "sampler": "sa", **told})
    share = told["ground_probability"]
    rows.append({"task": "sample", **common, **free, "ground_probability": share})
    return rows


def gap_columns(H: qx.AnnealHamiltonian, problem: qx.QuboProblem) -> dict[str, Any]:
    gap, found = minimum_gap(H, throw=False), selections(problem, seed=1)
    slope = np.nan
    if gap.status.name == "BRACKETED" and 0 < gap.s_star < 1:
        try:
            slope = landau_zener(H, gap.s_star).slope
        except qx.InputError:  # a minimum too flat for the form; the column says so by NaN
            slope = np.nan
    pairs = problem.J[np.triu_indices(problem.num_qubits, 1)]
    return {
        "gap": gap.value,
        "gap_lower": gap.lower,
        "s_star": gap.s_star,
        "unit": gap.unit,
        "classical_gap": gap.classical_gap,
        "degeneracy": gap.degeneracy,
        "interior_gap": gap.interior_gap,
        "interior_s": gap.interior_s,
        "status": gap.status.name,
        "lz_slope": slope,
        "selected": list(found.exact),
        "num_fixed": found.optimum.num_fixed,
        **{f"{k}_is_optimal": found.is_optimal(getattr(found, k)) for k in BASELINES},
        "couplings": pairs.tolist(),
        "mean_coupling": float(pairs.mean()),
        "mean_field": mean_field_size(problem),
    }


BASELINES = ("top_k", "greedy", "random_k", "all_positive")


def success_columns(H: qx.AnnealHamiltonian, run: Any, tau: float) -> dict[str, Any]:
    return {
        "tau": tau,
        "success_probability": run.success_probability,
        "error_estimate": run.error_estimate,
        "null_product": product_success(H, tau),
        "random_guess": random_guess(H.problem),
        "status": run.status.name,
    }
