"""The table of all instances of a study, with the choices by which a page can filter it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from .results_table import Results
from .sections.parts import number

MAX_ROWS = 2000
"""A page about a table of more rows is static: its points have no names, and nothing filters."""

MAX_SECTIONS = 100
"""Largest number of instances of which each has a section on the page."""

NUM_HARDEST = 20
"""Number of sections if there are more instances."""


@dataclass(frozen=True)
class Column:
    """A column of numbers in the table of instances.

    Attributes
    ----------
    label : str
        What it holds in words, for its heading.
    kind : str
        What it holds: ``"gap"``, ``"success"``, ``"reads"`` or another quantity.
    setting, tau, sampler : str
        The driver, anneal time and sampler of the numbers; empty where they do not depend on it.
    """

    label: str
    kind: str
    setting: str = ""
    tau: str = ""
    sampler: str = ""

    @property
    def conditions(self) -> list[str]:
        """The conditions of the numbers, for the lines below the heading."""
        tau = f"tau = {self.tau}" if self.tau else ""
        return [text for text in (tau, self.setting, self.sampler) if text]


@dataclass(frozen=True)
class InstanceRow:
    """One instance in the table.

    Attributes
    ----------
    name : str
        The instance, as figures name it.
    number : int
        Its position; the hardest is 1.
    group, class_name, num_qubits : str
        What else it is filtered by.
    selected : str
        The selected maps, such as ``"2, 5, 11"``.
    values : sequence of float
        A number for each column; NaN where there is none.
    has_section : bool
        Whether the page has a section about it.
    """

    name: str
    number: int
    group: str
    class_name: str
    num_qubits: str
    selected: str
    values: Sequence[float]
    has_section: bool

    @property
    def id(self) -> str:
        """The id of the section of the instance."""
        return f"instance-{self.number}"

    @property
    def cells(self) -> list[tuple[str, str]]:
        """The text of each number, and the number itself, empty if there is none."""
        return [(number(v), "" if np.isnan(v) else f"{v:.6g}") for v in self.values]


@dataclass(frozen=True)
class Filter:
    """A choice by which instances or points are filtered.

    Attributes
    ----------
    attribute : str
        The attribute ``data-...`` of rows or points that is compared.
    label : str
        Its name on the page.
    options : sequence of str
        The values that occur.
    """

    attribute: str
    label: str
    options: Sequence[str]


@dataclass(frozen=True)
class InstanceList:
    """The table of instances.

    Attributes
    ----------
    columns : list of Column
        The columns of numbers.
    rows : list of InstanceRow
        The instances, the hardest first.
    filters : list of Filter
        The choices; empty for a static page.
    total : int
        Number of all instances, listed or not.
    """

    columns: list[Column] = field(default_factory=list)
    rows: list[InstanceRow] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    total: int = 0


def list_instances(results: Results) -> InstanceList:
    """Return the table of the instances of a study, the ones with the smallest gap first.

    Parameters
    ----------
    results : Results
        The table of the study.
    """
    tables = {task: results.rows(task) for task in ("gap", "success", "compare", "sample", "xai")}
    known = ["instance", "group", "class_name", "num_qubits"]
    parts = [rows.reindex(columns=known) for rows in tables.values() if len(rows)]
    if not parts:
        return InstanceList()
    single = pd.concat(parts, ignore_index=True).drop_duplicates("instance").set_index("instance")
    numbers = _columns(tables)
    hardness = next((values for column, values in numbers if column.kind == "gap"), None)
    order = list(single.index)
    if hardness is not None:
        gaps = hardness.reindex(order).astype(float)
        order = list(gaps.sort_values(kind="stable", na_position="last").index)
    is_static = len(results.frame) > MAX_ROWS
    total = len(order)
    num_sections = total if total <= MAX_SECTIONS else NUM_HARDEST
    listed = order[:num_sections] if is_static else order
    selected = _selected(tables["gap"])
    values = pd.DataFrame({i: s.reindex(listed) for i, (_, s) in enumerate(numbers)}, index=listed)
    rows = [
        InstanceRow(
            str(name),
            i + 1,
            _text(single.group[name]),
            _text(single.class_name[name]),
            str(int(single.num_qubits[name])),
            selected.get(str(name), ""),
            values.loc[name].to_numpy(dtype=float),
            i < num_sections,
        )
        for i, name in enumerate(listed)
    ]
    columns = [column for column, _ in numbers]
    return InstanceList(columns, rows, [] if is_static else _filters(rows, columns), total)


def _columns(tables: Mapping[str, pd.DataFrame]) -> list[tuple[Column, pd.Series]]:
    """Return every column with its values by instance."""
    columns: list[tuple[Column, pd.Series]] = []
    gap = tables["gap"]
    for setting, part in gap.groupby("setting", sort=False) if len(gap) else ():
        units = [unit for unit in part.unit.dropna().unique() if unit not in ("", "dimensionless")]
        label = "gap" + (f" ({units[0]})" if len(units) == 1 else "")
        columns.append((Column(label, "gap", str(setting)), _by_instance(part, "gap")))
        if len(columns) == 1:
            column = Column("classical gap", "classical")
            columns.append((column, _by_instance(part, "classical_gap")))
    success = tables["success"]
    for (setting, tau), part in (
        success.groupby(["setting", "tau"], sort=False) if len(success) else ()
    ):
        column = Column("success", "success", str(setting), f"{tau:g}")
        columns.append((column, _by_instance(part, "success_probability")))
    drawn = tables["sample"]
    for sampler, part in drawn.groupby("sampler", sort=False) if len(drawn) else ():
        column = Column("ground states read", "reads", sampler=str(sampler))
        columns.append((column, _by_instance(part, "ground_probability")))
    return columns


def _by_instance(rows: pd.DataFrame, column: str) -> pd.Series:
    """Return a column by instance, the first value if there are several."""
    return rows.drop_duplicates("instance").set_index("instance")[column].astype(float)


def _selected(gap: pd.DataFrame) -> dict[str, str]:
    """Return the selected maps of each instance of which they are known."""
    if "selected" not in gap:
        return {}
    known = gap[gap.selected.notna()].drop_duplicates("instance")
    return {
        str(name): ", ".join(str(label) for label in labels) or "none"
        for name, labels in zip(known.instance, known.selected, strict=True)
    }


def _filters(rows: Sequence[InstanceRow], columns: Sequence[Column]) -> list[Filter]:
    """Return the choices that have more than one option."""
    every = [
        Filter("group", "Group", sorted({row.group for row in rows} - {""})),
        Filter("class", "Class", sorted({row.class_name for row in rows} - {""}, key=_order)),
        Filter("d", "Qubits d", sorted({row.num_qubits for row in rows}, key=_order)),
        Filter("setting", "Driver", list(dict.fromkeys(c.setting for c in columns if c.setting))),
        Filter("tau", "Anneal time tau", list(dict.fromkeys(c.tau for c in columns if c.tau))),
    ]
    return [choice for choice in every if len(choice.options) > 1]


def _order(text: str) -> tuple[float, str]:
    """Return the key by which numbers are sorted as numbers, before other words."""
    try:
        return float(text), text
    except ValueError:
        return np.inf, text


def _text(value: object) -> str:
    """Return a name without the spaces around it; empty if it is not known."""
    return "" if value is None or value != value else str(value).strip()
