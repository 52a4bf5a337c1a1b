"""The results table of a study: one row for each instance, task and point on the grid.

``results.parquet`` holds the columns of every row (``SHARED``), then those of the tasks, as
:func:`describe_columns` lists them. A column that a task does not have is NaN, None or "" in its
rows. The rows stand in the order of the study: by instance, task, convention, schedule, tau,
sampler. Nothing in the table depends on the clock, so that an interrupted study and an
uninterrupted one give identical tables.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError, MissingExtraError
from .cells import FAILED, LEFT_OUT, MISSING
from .plan import PlannedRow
from .tasks import TASKS, Column, Kind, Task
from .tasks.base import axis_label, joined

if TYPE_CHECKING:
    import xarray as xr

SHARED: dict[str, Column] = {
    "task": Column(Kind.TEXT, "Name of the task."),
    "instance": Column(Kind.TEXT, "File stem, image name, or instance-0000."),
    "source": Column(Kind.TEXT, "File or image set."),
    "group": Column(Kind.TEXT, "Name of the folder or network, for pooling and color."),
    "instance_hash": Column(
        Kind.TEXT, "Content hash of the problem, empty without one; for xai, of the image."
    ),
    "num_qubits": Column(Kind.INTEGER, "Number of qubits d; missing without a problem."),
    "num_maps": Column(Kind.INTEGER, "Number of feature maps; missing if unknown."),
    "label": Column(Kind.INTEGER, "True class; missing if unknown."),
    "pred": Column(
        Kind.INTEGER, "Class explained, which is the predicted one by default; missing if unknown."
    ),
    "tradeoff": Column(Kind.FLOAT, "Tradeoff of the problem (the paper's beta); NaN if unknown."),
    "convention": Column(
        Kind.TEXT, 'Convention of the driver: "paper", "authors-code", or "" for tasks without.'
    ),
    "schedule": Column(Kind.TEXT, "Name of the anneal schedule, or empty."),
    "tau": Column(Kind.FLOAT, "Anneal time, or NaN."),
    "sampler": Column(Kind.TEXT, "Name of the sampler, or empty."),
    "seed": Column(Kind.INTEGER, "Seed of the computation of this row."),
    "method": Column(Kind.TEXT, "Method with its parameters."),
    "tolerance": Column(Kind.FLOAT, "Tolerance that the method was to reach."),
    "status": Column(
        Kind.TEXT,
        "Status of the method (BRACKETED, CONVERGED, ...) or DONE; FAILED after an exception and "
        "for files that cannot be read; LEFT_OUT if the study leaves the row out (too many qubits, "
        "no selectable map); MISSING if it is not computed yet.",
    ),
    "reason": Column(Kind.TEXT, "Why the status is not that of success; else empty."),
    "versions": Column(Kind.TEXT, "Versions of qxgap, numpy, scipy, numba and qutip."),
    "key": Column(Kind.TEXT, "16 hexadecimal digits that name the question the row answers."),
}
"""The columns of every row, which come first."""
LAST: dict[str, Column] = {
    "references": Column(Kind.TEXT, "BibTeX keys of what the row rests on, separated by spaces."),
}
"""The columns of every row that come last."""
ALONG = ("group", "source", "label", "pred", "num_qubits", "num_maps")
"""Columns that xarray's dataset has along the axis of instances."""
NO_VALUE = {"convention": "", "schedule": "", "tau": math.nan, "sampler": ""}
"""Values in the table for an axis that a task does not have."""


def columns_of(tasks: Iterable[Task[Any]]) -> dict[str, Column]:
    """Return name -> column of every row and of the tasks, in the order of the table."""
    own = {name: column for task in tasks for name, column in task.columns.items()}
    return {**SHARED, **own, **LAST}


def describe_columns() -> pd.DataFrame:
    """Return a description of every column of a results table.

    Returns
    -------
    DataFrame
        Columns task ("" for columns of every row), column, dtype (as pandas names it) and
        meaning, a sentence.

    Examples
    --------
    >>> from qxgap.study import describe_columns
    >>> table = describe_columns()
    >>> table[table.column == "tts99"].meaning.item()
    'Time to solution at 99 % from the measured ground probability.'
    """

    def rows() -> Iterator[tuple[str, str, str, str]]:
        parts = [("", {**SHARED, **LAST}), *((task.name, task.columns) for task in TASKS.values())]
        for task, columns in parts:
            for name, column in columns.items():
                yield task, name, column.kind.value.partition(":")[0], column.text

    return pd.DataFrame(rows(), columns=["task", "column", "dtype", "meaning"])


def make_table(plan: Sequence[PlannedRow], known: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return the results table.

    Parameters
    ----------
    plan : sequence of PlannedRow
        All rows, in the order of the table.
    known : mapping
        Key -> row that is computed.
    """
    rows = [_row(planned, known) for planned in plan]
    tasks = {planned.task.name: planned.task for planned in plan}
    columns = columns_of(tasks.values())
    further = dict.fromkeys(name for row in rows for name in row if name not in columns)
    order = [*(name for name in columns if name not in LAST), *further, *LAST]
    labels = [name for name in order if _kind(name, columns) is Kind.LABELS]
    labels_are_integers = all(
        isinstance(json.loads(label), int)
        for row in rows
        for name in labels
        for label in row.get(name) or ()
    )
    data = {}
    for name in order:
        values = [row.get(name) for row in rows]
        if name in labels:
            values = [None if v is None else _labels(v, labels_are_integers) for v in values]
        data[name] = _series(_kind(name, columns), values)
    return pd.DataFrame(data)


def _row(planned: PlannedRow, known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return one row: its instance and position come from the plan, results from the worker."""
    item, problem = planned.instance, planned.instance.problem
    subject = {
        "task": planned.task.name,
        "instance": item.name,
        "source": item.source,
        "group": item.group,
        "instance_hash": problem.content_hash if problem else "",
        "num_qubits": problem.num_qubits if problem else None,
        "num_maps": item.num_maps,
        "label": item.label,
        "pred": item.pred,
        "tradeoff": item.tradeoff,
        **NO_VALUE,
        **{axis: axis_label(value) for axis, value in planned.position.items()},
        "status": MISSING if planned.cell else LEFT_OUT if planned.reason_left_out else FAILED,
        "reason": planned.reason_left_out or item.reason,
    }
    result = known.get(planned.cell.key, {}) if planned.cell else {}
    state = {name: result[name] for name in ("status", "reason") if name in result}
    if result.get("references") and item.network:
        state["references"] = joined([*result["references"].split(), *item.network.references])
    return {**subject, **{k: v for k, v in result.items() if k not in subject}, **state}


def _labels(texts: Iterable[str], integers: bool) -> list[Any]:
    labels = [json.loads(text) for text in texts]
    return labels if integers else [str(label) for label in labels]


def _kind(name: str, columns: Mapping[str, Column]) -> Kind:
    """Return the type of a column; columns that no task declares hold numbers."""
    return columns[name].kind if name in columns else Kind.FLOAT


def _series(kind: Kind, values: list[Any]) -> pd.Series:
    if kind in (Kind.LIST, Kind.LABELS):
        return pd.Series(values, dtype=object)
    if kind is Kind.TEXT:
        return pd.Series(["" if value is None else value for value in values], dtype=kind.value)
    if kind in (Kind.INTEGER, Kind.BOOLEAN):
        return pd.Series(values, dtype=kind.value)
    return pd.Series([np.nan if value is None else value for value in values], dtype=np.float64)


def to_xarray(frame: pd.DataFrame, task: str) -> xr.Dataset:
    """Put the rows of one task on the axes of its grid.

    The instance axis reads ``group/instance``; group, source, label, pred, num_qubits and num_maps
    go along it, and so does the tradeoff if no instance has several. Columns of lists are left out;
    of the columns of every row, only the status becomes a variable.

    Parameters
    ----------
    frame : DataFrame
        A results table.
    task : str
        Name of the task.

    Returns
    -------
    xarray.Dataset
        One variable for each column of numbers of the task.

    Raises
    ------
    MissingExtraError
        Without xarray.
    InputError
        For a task without rows, and for instances with names that are not unique.
    """
    try:
        import xarray as xr
    except ImportError:
        raise MissingExtraError(
            "to_xarray needs xarray, which is not installed; install it with: pip install xarray"
        ) from None
    if task not in TASKS or not (frame.task == task).any():
        raise InputError(f"no rows of task {task!r}; there are {sorted(set(frame.task))}")
    rows = frame[frame.task == task]
    rows = rows.assign(instance=rows.group + "/" + rows.instance).reset_index(drop=True)
    axes, along = ["instance", "tradeoff", *TASKS[task].axes], list(ALONG)
    if rows.groupby("instance").tradeoff.nunique(dropna=False).max() == 1:
        axes.remove("tradeoff")
        along.append("tradeoff")
    if rows.duplicated(axes).any():
        twice = rows.instance[rows.duplicated(axes)].iloc[0]
        raise InputError(f"instance {twice!r} is not unique; rename it or its folder")
    variables = _variables(rows, TASKS[task], axes)
    data = xr.Dataset.from_dataframe(_without_nullable(rows.set_index(axes)[variables]))
    instances = rows.drop_duplicates("instance").set_index("instance")[along]
    instances = _without_nullable(instances).reindex(data.instance.values)
    return data.assign_coords({name: ("instance", instances[name].values) for name in along})


def _variables(rows: pd.DataFrame, task: Task[Any], axes: Sequence[str]) -> list[str]:
    """Return the columns that become variables: those of the task but its lists, and the status."""
    lists = (Kind.LIST, Kind.LABELS)
    own = [name for name, column in task.columns.items() if column.kind not in lists]
    known = columns_of(TASKS.values())
    further = [name for name in rows if name not in known] if task.further_columns else []
    return [*(name for name in own if name not in axes), *further, "status"]


def _without_nullable(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn nullable columns into floats with NaN, and texts into objects, which xarray takes."""
    columns = columns_of(TASKS.values())
    types = {
        Kind.INTEGER: np.float64,
        Kind.BOOLEAN: np.float64,
        Kind.TEXT: object,
    }
    kinds = {name: _kind(name, columns) for name in frame.columns}
    return frame.astype({name: types[kind] for name, kind in kinds.items() if kind in types})
