"""What a worker does with a batch: cells in, one plain row per cell out."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from ..analysis.couplings import mean_field_size
from ..annealing.hamiltonian import AnnealHamiltonian
from ..dynamics import AnnealResult, random_guess
from ..errors import InputError
from ..problem import OptimumStatus, Selections
from ..samples import compare
from ..samples.alignment import align
from ..spectra import MinimumGap, landau_zener, minimum_gap
from ..statistics import jeffreys_interval
from ..version import versions
from .images import ImageCell, explained, explanation_row
from .plan import Batch, Cell
from .table import FAILED
from .work import AnyCell, Work

log = logging.getLogger(__name__)

DONE = "DONE"
"""Status of a row whose computation has no status of its own."""
COMPARED = (
    *("num_reads", "ground_probability", "predicted", "tv_distance", "tv_expected", "p_value"),
    *("effective_temperature", "tts99"),
)
"""What a comparison row takes from a Comparison as it is."""
ENUMERATED = 20
"""Qubits up to which the ground energy is read from all 2^d energies."""
WALL_CLOCK = ("timing",)
"""What samplers report that differs from run to run; the table leaves it out."""

Row = dict[str, Any]


def compute(batch: Batch) -> list[Row]:
    """Return one row per cell, in order; a cell that fails has status FAILED and the reason."""
    work = Work(batch.cells)
    return [_attempt(cell, work) for cell in batch.cells]


def provenance(cell: AnyCell) -> Row:
    """Return the columns that every row carries and that do not depend on how it went."""
    return {
        "key": cell.key,
        "task": cell.task,
        "instance_hash": cell.instance_hash,
        "num_qubits": cell.num_qubits,
        "seed": cell.seed(cell.sampler or cell.task),
        "method": "",
        "tolerance": math.nan,
        "status": DONE,
        "reason": "",
        "versions": " ".join(f"{name} {version}" for name, version in versions().items()),
    }


def failed(cell: AnyCell, error: BaseException | str) -> Row:
    """Return the row of a cell that could not be computed."""
    text = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    return {**provenance(cell), "status": FAILED, "reason": " ".join(text.split())}


def _attempt(cell: AnyCell, work: Work) -> Row:
    try:
        return {**provenance(cell), **_ROWS[cell.task](cell, work)}
    except Exception as error:
        log.debug("%s of %s failed", cell.task, cell.instance_hash, exc_info=True)
        return failed(cell, error)


def _gap(cell: Cell, work: Work) -> Row:
    H, problem = work.hamiltonian(cell), work.problem(cell)
    found = minimum_gap(H, cell.settings.rtol, seed=cell.seed("gap"), throw=False)
    pairs = problem.J[np.triu_indices(problem.num_qubits, 1)]
    return {
        "gap": found.value,
        "gap_lower": found.lower,
        "s_star": found.s_star,
        "unit": found.unit,
        "classical_gap": found.classical_gap,
        "degeneracy": found.degeneracy,
        "ground_energy": found.ground_energy,
        "interior_gap": found.interior_gap,
        "interior_s": found.interior_s,
        "eigensolves": found.eigensolves,
        "matvecs": found.matvecs,
        "lz_slope": _slope(H, found) if cell.settings.lz_slope else math.nan,
        "curve_s": found.s.tolist(),
        "curve_gap": found.gaps.tolist(),
        **_selection_columns(work.selections(cell)),
        "num_couplings": pairs.size,
        "mean_coupling": float(pairs.mean()) if pairs.size else math.nan,
        "mean_gain": -float(problem.h.mean()),
        "mean_field": mean_field_size(problem),
        "couplings": pairs.tolist(),
        "method": found.method,
        "tolerance": found.rtol,
        "status": found.status.name,
        "reason": "" if found.status.name == "BRACKETED" else found.status.value,
    }


def _slope(H: AnnealHamiltonian, found: MinimumGap) -> float:
    """Slope of the diabatic levels at the minimum; NaN at an end and where no crossing fits."""
    try:
        return landau_zener(H, found.s_star, seed=found.seed).slope
    except InputError:
        return math.nan


def _selection_columns(found: Selections) -> Row:
    columns: Row = {"selected": _labels(found.exact), "num_fixed": found.optimum.num_fixed}
    for name in ("top_k", "greedy", "random_k", "all_positive"):
        labels = getattr(found, name)
        columns |= {name: _labels(labels), f"{name}_is_optimal": found.is_optimal(labels)}
    return columns


def _labels(labels: Sequence[Hashable]) -> list[str]:
    """Labels as JSON texts, which tell 3 from "3"; the table turns them back."""
    return [json.dumps(label, default=repr) for label in labels]


def _success(cell: Cell, work: Work) -> Row:
    run = work.run(cell)
    return {
        "success_probability": run.success_probability,
        "error_estimate": run.error_estimate,
        "null_product": work.null(cell),
        "random_guess": random_guess(work.problem(cell)),
        "residual_energy": run.residual_energy,
        "norm_error": run.norm_error,
        "steps": run.steps,
        **_of_run(cell, run),
    }


def _of_run(cell: Cell, run: AnnealResult) -> Row:
    reason = "" if run.status.name == "CONVERGED" else run.status.value
    return {
        "method": run.method,
        "tolerance": cell.settings.tol,
        "status": run.status.name,
        "reason": reason,
    }


def _sample(cell: Cell, work: Work) -> Row:
    problem, drawn = work.problem(cell), work.reads(cell)
    told = {key: value for key, value in drawn.info.items() if key not in WALL_CLOCK}
    columns: Row = {
        "num_reads": int(drawn.record.num_occurrences.sum()),
        "best_energy": float(drawn.record.energy.min()),
        "method": cell.sampler,
        "sampler_info": json.dumps(told, sort_keys=True, default=_plain),
    }
    if cell.sampler == "exact":  # it lists every state once: no probabilities
        return columns
    lowest = None
    if cell.num_qubits > ENUMERATED:
        optimum = work.selections(cell).optimum
        if optimum.status is not OptimumStatus.OPTIMAL:
            return {**columns, "reason": "the ground energy is not known"}
        lowest = optimum.energy
    reads = align(problem, drawn)
    ground, number = reads.ground_reads(lowest), reads.num_reads
    return columns | {
        "ground_probability": ground / number,
        "ground_probability_interval": list(jeffreys_interval(ground, number)),
    }


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else repr(value)


def _compare(cell: Cell, work: Work) -> Row:
    run = work.run(cell)
    found = compare(run, work.reads(cell), seed=cell.seed(f"compare {cell.sampler}"))
    return {
        **{name: getattr(found, name) for name in COMPARED},
        "ground_probability_interval": list(found.ground_probability_interval),
        "tts99_interval": list(found.tts99_interval),
        **_of_run(cell, run),
    }


def _xai(cell: ImageCell, work: Work) -> Row:
    key = ("xai", cell.subject, cell.network.weights, cell.tradeoff)
    return explanation_row(cell, work.once(key, lambda: explained(cell)))


_ROWS: dict[str, Callable[[Any, Work], Row]] = {
    "gap": _gap,
    "success": _success,
    "sample": _sample,
    "compare": _compare,
    "xai": _xai,
}
