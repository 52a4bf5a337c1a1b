"""Everything the toolkit says of one problem under one driver convention, as a row of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..anneal.hamiltonian import AnnealHamiltonian, TransverseField
from ..dynamics import anneal, product_success, random_guess
from ..problem import selections
from ..problem.provenance import versions
from ..problem.qubo import QuboProblem
from ..samples import compare, sample
from ..spectrum import minimum_gap


def analyse(
    problem: QuboProblem,
    *,
    convention: str,
    tau: Sequence[float],
    num_reads: int,
    seed: int,
    compare_at: float,
) -> dict[str, Any]:
    """Gap, success probabilities, simulated annealing, their comparison, and trivial baselines.

    Parameters
    ----------
    convention : ``"paper"`` or ``"authors-code"``.
    tau : anneal times; success probabilities are lists in this order.
    num_reads, seed : of simulated annealing.
    compare_at : the anneal time, one of ``tau``, that the samples are compared with.
    """
    driver = TransverseField.of_convention(convention, problem.num_qubits)
    H = AnnealHamiltonian(problem, driver=driver)
    runs = [anneal(H, t, throw=False) for t in tau]
    sampled = sample(problem, "sa", num_reads=num_reads, seed=seed)
    agreement = compare(runs[list(tau).index(compare_at)], sampled, seed=seed)
    return {
        "instance_hash": problem.content_hash,
        "num_qubits": problem.num_qubits,
        "convention": convention,
        **_gap_columns(H, seed),
        "tau": list(tau),
        "success_probability": [run.success_probability for run in runs],
        "error_estimate": [run.error_estimate for run in runs],
        "anneal_status": [run.status.name for run in runs],
        "null_product": [product_success(H, t) for t in tau],
        "random_guess": random_guess(problem),
        "compared_at_tau": float(compare_at),
        **{f"sa_{key}": value for key, value in agreement.to_dict().items()},
        **_selection_columns(problem, seed),
        "seed": seed,
        **{f"version_{name}": version for name, version in versions().items()},
    }


def _gap_columns(H: AnnealHamiltonian, seed: int) -> dict[str, Any]:
    gap = minimum_gap(H, seed=seed, throw=False)
    return {
        "gap": gap.value,
        "gap_lower": gap.lower,
        "s_star": gap.s_star,
        "classical_gap": gap.classical_gap,
        "degeneracy": gap.degeneracy,
        "ground_energy": gap.ground_energy,
        "gap_status": gap.status.name,
        "eigensolves": gap.eigensolves,
        "matvecs": gap.matvecs,
    }


def _selection_columns(problem: QuboProblem, seed: int) -> dict[str, Any]:
    """The exact selection, how far reduction alone gets, and the baselines beside it."""
    found = selections(problem, seed=seed)
    columns: dict[str, Any] = {
        "selected": list(found.exact),
        "num_fixed": found.optimum.num_fixed,
    }
    for name in ("top_k", "greedy", "random_k", "all_positive"):
        labels = getattr(found, name)
        columns |= {name: list(labels), f"{name}_is_optimal": found.is_optimal(labels)}
    return columns
