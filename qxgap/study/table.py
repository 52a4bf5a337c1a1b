"""The results table of a study: one row per instance, task and place on the grid.

``results.parquet`` holds these columns, NaN, None or "" where a task has none; rows in the order of
the study (by instance, task, convention, schedule, tau, sampler). Nothing in it depends on the
clock, so that an interrupted and an uninterrupted study give identical tables.

Every row
    task : "gap", "success", "sample", "compare" or "xai".
    instance : file stem, image name, or ``instance-0000``; source : file or image set; group : the
        folder's name or the network's, for pooling and colour.
    instance_hash : content hash of the problem ("" without one); of an image for xai.
    num_qubits, num_maps, label, pred : nullable integers; tradeoff : NaN if unknown.
    convention : "paper" or "authors-code", schedule : its name; "" for tasks without.
    tau, sampler : NaN and "" for tasks without.
    seed : what the task's own call took; method, tolerance : as the library names them.
    status : name of the library's status (BRACKETED, CONVERGED, ...), DONE for tasks without one,
        FAILED if an exception stopped it or the file cannot be read, LEFT_OUT if it is not asked
        for (too many qubits, no map to select), MISSING if not computed yet; reason : "" if all is
        well.
    versions : of qxgap, numpy, scipy, numba, qutip. key : what the row answers, hashed.
gap
    gap, gap_lower, s_star, unit, classical_gap, degeneracy, ground_energy, interior_gap,
    interior_s, eigensolves, matvecs : of :class:`qxgap.MinimumGap`.
    lz_slope : Landau-Zener slope at s_star; NaN at an end, or if no crossing fits.
    curve_s, curve_gap : lists, where the gap is known.
    selected, top_k, greedy, random_k, all_positive : lists of labels (integers if all labels of the
        table are, else text); top_k_is_optimal and so on; num_fixed : by reduction.
    num_couplings, mean_coupling, mean_gain, mean_field : of h and J as they stand in the energy;
        couplings : list of J_pq, p < q.
success (a row for each tau)
    success_probability, error_estimate, null_product, random_guess, residual_energy, norm_error,
    steps.
sample (a row for each sampler)
    num_reads, ground_probability, ground_probability_interval (list of 2), best_energy;
    sampler_info : what the sampler reports, as JSON. The first two are empty for "exact".
compare (a row for each sampler and tau)
    num_reads, ground_probability, ground_probability_interval, predicted, tv_distance,
    tv_expected, p_value, effective_temperature, tts99, tts99_interval (list of 2).
xai (a row for each image and method of explanation)
    explanation, confidence, selected (list of channel numbers, None for Grad-CAM and Grad-CAM++)
    and the metrics of :func:`qxgap.explain.score`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError, MissingExtraError
from .plan import PlannedRow

if TYPE_CHECKING:
    import xarray as xr

LABELS = ("selected", "top_k", "greedy", "random_k", "all_positive")
_TEXT = (
    *("task", "instance", "source", "group", "instance_hash", "convention", "schedule", "sampler"),
    *("unit", "method", "status", "reason", "versions", "key", "sampler_info", "explanation"),
)
_INTEGERS = (
    *("num_qubits", "num_maps", "label", "pred", "seed", "degeneracy", "eigensolves", "matvecs"),
    *("num_fixed", "num_couplings", "steps", "num_reads"),
)
_TRUTHS = tuple(f"{name}_is_optimal" for name in LABELS[1:])
_LISTS = (
    *("curve_s", "curve_gap", *LABELS, "couplings", "ground_probability_interval"),
    "tts99_interval",
)
SHARED = (
    *("task", "instance", "source", "group", "instance_hash", "num_qubits", "num_maps", "label"),
    *("pred", "tradeoff", "convention", "schedule", "tau", "sampler", "seed", "method"),
    *("tolerance", "status", "reason", "versions", "key"),
)
"""The columns of every row."""
COLUMNS: dict[str, tuple[str, ...]] = {
    "gap": (
        *("gap", "gap_lower", "s_star", "unit", "classical_gap", "degeneracy", "ground_energy"),
        *("interior_gap", "interior_s", "eigensolves", "matvecs", "lz_slope", "curve_s"),
        *("curve_gap", "num_fixed", *LABELS, *_TRUTHS, "num_couplings", "mean_coupling"),
        *("mean_gain", "mean_field", "couplings"),
    ),
    "success": (
        *("success_probability", "error_estimate", "null_product", "random_guess"),
        *("residual_energy", "norm_error", "steps"),
    ),
    "sample": (
        *("num_reads", "ground_probability", "ground_probability_interval", "best_energy"),
        "sampler_info",
    ),
    "compare": (
        *("num_reads", "ground_probability", "ground_probability_interval", "predicted"),
        *("tv_distance", "tv_expected", "p_value", "effective_temperature", "tts99"),
        "tts99_interval",
    ),
    "xai": ("explanation", "confidence", "selected"),
}
"""The columns of each task besides ``SHARED``; metrics of xai follow those named here."""
FAILED = "FAILED"
"""Status of a row whose computation was stopped by an exception, or whose file is unreadable."""
LEFT_OUT = "LEFT_OUT"
"""Status of a row that the study leaves out on purpose: its reason says why."""
MISSING = "MISSING"
"""Status of a row that is not computed yet."""
UNDONE = (FAILED, LEFT_OUT, MISSING)
"""Every status of a row that holds no result."""
AXES = {
    "gap": ("instance", "tradeoff", "convention", "schedule"),
    "success": ("instance", "tradeoff", "convention", "schedule", "tau"),
    "sample": ("instance", "tradeoff", "sampler"),
    "compare": ("instance", "tradeoff", "convention", "schedule", "tau", "sampler"),
    "xai": ("instance", "tradeoff", "explanation"),
}
"""Axes of the dataset of a task."""
ALONG = ("group", "source", "label", "pred", "num_qubits", "num_maps")
"""What goes along the axis of instances."""


def make_table(plan: Sequence[PlannedRow], known: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return the table of the module's text from a plan and the rows known by their keys."""
    rows = [_row(planned, known) for planned in plan]
    tasks = dict.fromkeys(planned.task for planned in plan)
    columns = dict.fromkeys([*SHARED, *(name for task in tasks for name in COLUMNS[task])])
    columns |= dict.fromkeys(name for row in rows for name in row)
    labels_are_integers = all(
        isinstance(json.loads(label), int)
        for row in rows
        for name in LABELS
        for label in row.get(name) or ()
    )
    data = {}
    for name in columns:
        values = [row.get(name) for row in rows]
        if name in LABELS:
            values = [None if v is None else _labels(v, labels_are_integers) for v in values]
        data[name] = _series(name, values)
    return pd.DataFrame(data)


def _row(planned: PlannedRow, known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    item, problem = planned.instance, planned.instance.problem
    whose = {
        "task": planned.task,
        "instance": item.name,
        "source": item.source,
        "group": item.group,
        "instance_hash": problem.content_hash if problem else "",
        "num_qubits": problem.num_qubits if problem else None,
        "num_maps": item.num_maps,
        "label": item.label,
        "pred": item.pred,
        "tradeoff": item.tradeoff,
        "convention": planned.convention,
        "schedule": planned.schedule,
        "tau": math.nan if planned.tau is None else planned.tau,
        "sampler": planned.sampler,
        **({"explanation": planned.explanation} if planned.explanation else {}),
        "status": MISSING if planned.cell else LEFT_OUT if planned.left_out else FAILED,
        "reason": planned.left_out or item.reason,
    }
    found = known.get(planned.cell.key, {}) if planned.cell else {}
    return {**whose, **{name: value for name, value in found.items() if name not in whose}} | {
        name: found[name] for name in ("status", "reason") if name in found
    }


def _labels(texts: Iterable[str], integers: bool) -> list[Any]:
    labels = [json.loads(text) for text in texts]
    return labels if integers else [str(label) for label in labels]


def _series(name: str, values: list[Any]) -> pd.Series:
    if name in _LISTS:
        return pd.Series(values, dtype=object)
    if name in _TEXT:
        return pd.Series(["" if value is None else value for value in values], dtype="str")
    if name in _INTEGERS:
        return pd.Series(values, dtype="Int64")
    if name in _TRUTHS:
        return pd.Series(values, dtype="boolean")
    return pd.Series([np.nan if value is None else value for value in values], dtype=np.float64)


def to_xarray(frame: pd.DataFrame, task: str) -> xr.Dataset:
    """Put the rows of one task on its ``AXES``; list columns and texts but the status are left out.

    The instance axis reads ``group/instance``; group, source, label, pred, num_qubits and num_maps
    go along it, and so does the tradeoff if no instance has several.

    Raises
    ------
    InputError : without xarray, for tasks without rows, and for names that are not unique.
    """
    try:
        import xarray as xr
    except ImportError:
        raise MissingExtraError(
            "to_xarray needs xarray, which is not installed; install it with: pip install xarray"
        ) from None
    if task not in AXES or not (frame.task == task).any():
        raise InputError(f"no rows of task {task!r}; there are {sorted(set(frame.task))}")
    rows = frame[frame.task == task]
    rows = rows.assign(instance=rows.group + "/" + rows.instance).reset_index(drop=True)
    axes, along = list(AXES[task]), list(ALONG)
    if rows.groupby("instance").tradeoff.nunique(dropna=False).max() == 1:
        axes.remove("tradeoff")
        along.append("tradeoff")
    if rows.duplicated(axes).any():
        twice = rows.instance[rows.duplicated(axes)].iloc[0]
        raise InputError(f"instance {twice!r} is not unique; rename it or its folder")
    data = xr.Dataset.from_dataframe(_plain(rows.set_index(axes)[_values(rows, task, axes)]))
    whose = rows.drop_duplicates("instance").set_index("instance")[along]
    whose = _plain(whose).reindex(data.instance.values)
    return data.assign_coords({name: ("instance", whose[name].values) for name in along})


def _values(rows: pd.DataFrame, task: str, axes: Sequence[str]) -> list[str]:
    """The columns that become variables: those of the task, metrics of xai, the status."""
    known = {name for names in COLUMNS.values() for name in names}.union(SHARED)
    metrics = [name for name in rows if name not in known] if task == "xai" else []
    own = [name for name in COLUMNS[task] if name not in (*_LISTS, *axes)]
    return [*own, *metrics, "status"]


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Nullable columns as floats with NaN, texts as objects, which xarray takes."""
    return frame.astype(
        {
            name: np.float64 if name in _INTEGERS + _TRUTHS else object
            for name in frame.columns
            if name in _INTEGERS + _TRUTHS + _TEXT
        }
    )
