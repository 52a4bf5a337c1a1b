"""The results table of a study as the report reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..annealing import Convention
from ..errors import UNREADABLE, InputError
from ..problem import PAPER_TRADEOFF, OptimumStatus
from ..study.cells import UNDONE
from ..study.store import read_parquet
from ..study.tasks import TASKS

REQUIRED_COLUMNS = (
    "task",
    "instance",
    "num_qubits",
    "convention",
    "schedule",
    "tradeoff",
    "status",
)
CONVENTION_NAMES = {
    Convention.PAPER: "driver of the paper",
    Convention.AUTHORS_CODE: "driver of the authors' code",
}
"""Names in figures and findings of the two conventions: driver weight 1, and 1/d for d qubits."""
REMEDY = "give a results folder, as qxgap study STUDY.toml -o RESULTS makes it"


@dataclass(frozen=True, eq=False)
class Results:
    """A results table, one row per instance and task.

    Attributes
    ----------
    frame : DataFrame
        All rows, of every tradeoff.
    tradeoff : float
        The tradeoff that most instances have; if several are equally frequent, the nearest to the
        paper's 0.7. Only the figures against the tradeoff show others. NaN if none is known.
    """

    frame: pd.DataFrame
    tradeoff: float = field(init=False)

    def __post_init__(self) -> None:
        missing = [name for name in REQUIRED_COLUMNS if name not in self.frame.columns]
        if missing:
            raise InputError(f"the table has no column {', '.join(missing)}; is it of a study?")
        unknown = sorted(set(self.frame.task) - set(TASKS))
        if unknown:
            raise InputError(f"tasks {unknown} are unknown; there are {', '.join(TASKS)}")
        object.__setattr__(self, "tradeoff", _main_tradeoff(self.frame))

    def rows(self, task: str, *, every_tradeoff: bool = False) -> pd.DataFrame:
        """Return the rows of a task that have a result, with four additional columns.

        The column ``setting`` names the driver, and the schedule if there are several. ``cluster``
        is the unit that the bootstrap draws: the class within its group, or the instance if it has
        no class. ``class_name`` is the class. ``instance`` begins with the group if there are
        several groups, and ``name`` does not.

        Parameters
        ----------
        task : str
            Name of the task.
        every_tradeoff : bool, optional
            Whether rows of other tradeoffs are returned too.
        """
        rows = self.frame[(self.frame.task == task) & ~self.frame.status.isin(UNDONE)]
        if not every_tradeoff and np.isfinite(self.tradeoff):
            rows = rows[rows.tradeoff.isna() | np.isclose(rows.tradeoff, self.tradeoff)]
        rows = _with_floats(rows.reset_index(drop=True))
        return rows.assign(
            name=rows.instance,
            instance=self._names(rows),
            setting=self._settings(rows),
            cluster=_clusters(rows),
            class_name=_classes(rows),
        )

    @cached_property
    def gap(self) -> pd.DataFrame:
        """The gap rows with a gap and a classical gap that are known, finite and not 0.

        The column ``estimated`` says whether the gap is an estimate. ``low`` and ``high`` are the
        ends of its 95 % interval then, and ``upper`` is its proven upper bound. Of a certified gap
        they are the ends of the bracket.
        """
        rows = self.rows("gap")
        if rows.empty:
            return rows
        both = rows[["gap", "classical_gap"]].astype(float)
        known = rows[(np.isfinite(both) & (both > 0)).all(axis=1)].reset_index(drop=True)
        return with_bounds(known)

    @cached_property
    def instances(self) -> pd.DataFrame:
        """The first gap row of each instance, for columns that do not depend on the driver.

        An instance without one has its row of the task ``select``. Rows whose optimum is not
        proven are left out.
        """
        rows = self.rows("gap")
        if "selected_is_optimal" in rows:
            rows = rows[rows.selected_is_optimal != 0]  # NaN: every state was compared
        parts = [rows]
        if "select" in set(self.frame.task):
            rows = self.rows("select")
            parts.append(rows[rows.status == OptimumStatus.OPTIMAL.name])
        rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
        return rows.drop_duplicates("instance").reset_index(drop=True)

    @cached_property
    def success(self) -> pd.DataFrame:
        """The success rows with a known probability."""
        rows = self.rows("success")
        return rows if rows.empty else rows.dropna(subset=["success_probability"])

    @cached_property
    def schedules(self) -> pd.DataFrame:
        """The rows of the task ``schedules`` with known probabilities."""
        rows = self.rows("schedules")
        return rows if rows.empty else rows.dropna(subset=["even_success", "local_success"])

    @cached_property
    def compare(self) -> pd.DataFrame:
        """The comparisons with a predicted final state.

        The column model names the prediction with its setting and tau.
        """
        rows = self.rows("compare")
        rows = rows if rows.empty else rows.dropna(subset=["predicted"]).reset_index(drop=True)
        if rows.empty:
            return rows
        known = rows["model"] if "model" in rows else pd.Series(np.nan, rows.index)
        models = [
            model if isinstance(model, str) and model else f"Schrödinger, {setting}, tau = {tau:g}"
            for model, setting, tau in zip(known, rows.setting, rows.tau, strict=True)
        ]
        return rows.assign(model=models)

    @cached_property
    def unpredicted(self) -> pd.DataFrame:
        """The comparisons without a predicted final state, of problems above ``max_qubits``.

        The reads stand beside the proven optimum and independent qubits there. The column model
        names these with their setting and tau.
        """
        rows = self.rows("compare")
        if rows.empty or "null_p_value" not in rows:
            return rows.iloc[:0]
        rows = rows[rows.predicted.isna()].reset_index(drop=True)
        pairs = zip(rows.setting, rows.tau, strict=True)
        return rows.assign(model=[f"independent qubits, {name}, tau = {t:g}" for name, t in pairs])

    @cached_property
    def xai(self) -> pd.DataFrame:
        """The explanation rows, of every tradeoff."""
        return self.rows("xai", every_tradeoff=True)

    def _names(self, rows: pd.DataFrame) -> pd.Series:
        """Return names that differ between groups, and between files with the same name."""
        if "group" not in rows:
            return rows.instance.astype(str)
        names = rows.instance.astype(str)
        if "source" in rows:
            files = self.frame[["group", "instance", "source"]].drop_duplicates()
            several = files[files.duplicated(["group", "instance"], keep=False)]
            same = rows.instance.isin(several.instance)
            names = names.where(~same, names + " (" + rows.source.astype(str) + ")")
        return rows.group.astype(str) + "/" + names if self.frame.group.nunique() > 1 else names

    def _settings(self, rows: pd.DataFrame) -> list[str]:
        """Return the name of the driver of every row, with the schedule where there are several."""
        several = self.frame.schedule[self.frame.schedule.fillna("") != ""].nunique() > 1
        return [
            CONVENTION_NAMES.get(convention, convention) + (f", {schedule}" if several else "")
            for convention, schedule in zip(rows.convention, rows.schedule, strict=True)
        ]


def read_results(path: str | Path) -> pd.DataFrame:
    """Read the results table of a study.

    Parameters
    ----------
    path : str or Path
        A Parquet file, or a folder with ``results.parquet`` or ``parts/``.

    Returns
    -------
    DataFrame
        A row for each instance and task.

    Raises
    ------
    InputError
        If there is no table, or it cannot be read.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path}: no such file or folder; {REMEDY}")
    paths = [path]
    if path.is_dir():
        whole = path / "results.parquet"
        paths = [whole] if whole.exists() else sorted((path / "parts").glob("*.parquet"))
    if not paths:
        raise InputError(f"{path}: has neither results.parquet nor parts/*.parquet; {REMEDY}")
    try:
        tables = [read_parquet(file).to_pandas(use_threads=False) for file in paths]
        return pd.concat(tables, ignore_index=True)
    except UNREADABLE as error:
        if path.is_file() and path.suffix != ".parquet":
            raise InputError(f"{path}: is no results table; {REMEDY}") from error
        raise InputError(
            f"{path}: cannot be read as Parquet ({error}); run the study again"
        ) from error


def load_results(folder: str | Path) -> Results:
    """Read ``results.parquet`` of a results folder.

    Parameters
    ----------
    folder : str or Path
        The results folder of a study.

    Returns
    -------
    Results
        The table, as the report reads it.

    Raises
    ------
    InputError
        If ``folder`` is no results folder, or the table is not one of a study.
    """
    path = Path(folder) / "results.parquet"
    if Path(folder).is_file():
        raise InputError(f"{folder}: is a file; {REMEDY}")
    if not path.is_file():
        raise InputError(
            f"{folder}: no results.parquet there; make it with qxgap study -o {folder}"
        )
    frame = read_results(path)
    return Results(frame)


def is_estimated(rows: pd.DataFrame) -> pd.Series:
    """Return which gap rows hold an estimate rather than a certified gap.

    Parameters
    ----------
    rows : DataFrame
        Rows of the task ``gap``.
    """
    unknown = pd.Series(np.nan, rows.index)
    return (rows.gap_standard_error if "gap_standard_error" in rows else unknown).notna()


def with_bounds(rows: pd.DataFrame) -> pd.DataFrame:
    """Return gap rows with the columns estimated, low, high and upper; see :attr:`Results.gap`.

    Parameters
    ----------
    rows : DataFrame
        Rows of the task ``gap``.
    """
    estimated = is_estimated(rows)
    bounds = {
        "low": rows.gap_lower if "gap_lower" in rows else pd.Series(np.nan, rows.index),
        "high": rows.gap,
        "upper": rows.gap,
    }
    if estimated.any():
        ends = rows.gap_interval.where(estimated)
        bounds = {
            "low": ends.str[0].where(estimated, bounds["low"]),
            "high": ends.str[1].where(estimated, bounds["high"]),
            "upper": rows.gap_upper.where(estimated, bounds["upper"]),
        }
    return rows.assign(
        estimated=estimated, **{name: part.astype(float) for name, part in bounds.items()}
    )


def _with_floats(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with nullable columns as floats with NaN, and d as integers, 0 if unknown."""
    numbers = {
        name: np.float64
        for name, dtype in rows.dtypes.items()
        if isinstance(dtype, pd.Int64Dtype | pd.BooleanDtype | pd.Float64Dtype)
    }
    rows = rows.astype(numbers)
    return rows.assign(num_qubits=rows.num_qubits.fillna(0).astype(int))


def _main_tradeoff(frame: pd.DataFrame) -> float:
    """Return the most frequent tradeoff; if several are, the nearest to the paper's."""
    known = frame[(frame.task != "xai") & frame.tradeoff.notna()]
    known = known if len(known) else frame[frame.tradeoff.notna()]
    if known.empty:
        return np.nan
    counts = known.groupby("tradeoff").instance.nunique()
    most = counts[counts == counts.max()].index.to_numpy(dtype=float)
    return float(most[np.argmin(abs(most - PAPER_TRADEOFF))])


def _column(rows: pd.DataFrame, name: str) -> list[Any]:
    """Return the values of a column, or None for every row if there is no such column."""
    return list(rows[name]) if name in rows else [None] * len(rows)


def _classes(rows: pd.DataFrame) -> list[str]:
    """Return the class that is explained: the predicted one, else the label, else nothing."""
    pairs = zip(_column(rows, "pred"), _column(rows, "label"), strict=True)
    known = [next((c for c in pair if c is not None and not pd.isna(c)), None) for pair in pairs]
    width = max((len(str(int(c))) for c in known if c is not None), default=1)
    return ["" if c is None else f"{int(c):>{width}}" for c in known]


def _clusters(rows: pd.DataFrame) -> list[str]:
    """Return the units that the bootstrap draws: the class in its group, or else the instance."""
    triples = zip(_column(rows, "group"), _classes(rows), rows.instance, strict=True)
    return [f"{group}/{name}" if name else f"{group}//{one}" for group, name, one in triples]
