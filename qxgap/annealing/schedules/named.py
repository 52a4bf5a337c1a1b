"""The schedules that have a name, and those that are read from files."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from ...checks import kind_of
from ...errors import InputError
from .published_tables import shipped_table, table_from_file, table_names, unknown_name
from .schedule import AnnealSchedule

LINEAR = AnnealSchedule(np.array([0.0, 1.0]), np.array([1.0, 0.0]), np.array([0.0, 1.0]), "linear")
"""The schedule A = 1 - s, B = s of arXiv 2604.25649."""


class _Schedules(Mapping[str, AnnealSchedule]):
    """The schedules that have a name; a table is read only when its schedule is looked up."""

    def __getitem__(self, name: str) -> AnnealSchedule:
        if name not in self:
            raise KeyError(name)
        return LINEAR if name == LINEAR.name else _shipped(name)

    def __contains__(self, name: object) -> bool:
        return name == LINEAR.name or name in table_names()

    def __iter__(self) -> Iterator[str]:
        return iter((LINEAR.name, *table_names()))

    def __len__(self) -> int:
        return 1 + len(table_names())


SCHEDULES: Mapping[str, AnnealSchedule] = _Schedules()
"""The schedule ``linear``, and D-Wave's published tables in GHz by solver and protocol."""


@functools.cache
def _shipped(name: str) -> AnnealSchedule:
    """Return the schedule of a table that is part of qxgap."""
    return AnnealSchedule(*shipped_table(name), name, "GHz")


def schedule_named(name: str) -> AnnealSchedule:
    """Return a schedule that is part of qxgap.

    Parameters
    ----------
    name : str
        ``"linear"``, or the name of a table that D-Wave published, which consists of the solver and
        the protocol, such as ``"Advantage2_system1.4_fast"``. ``qxgap.annealing.SCHEDULES`` lists
        all names.

    Returns
    -------
    AnnealSchedule
        The schedule.

    Raises
    ------
    InputError
        If the name is unknown; the message lists all names.

    Examples
    --------
    >>> import qxgap as qx
    >>> schedule = qx.schedule_named("Advantage2_system1.4_fast")
    >>> schedule.unit
    'GHz'
    >>> A, B = schedule(0.5)
    >>> round(float(A), 3), round(float(B), 3)
    (0.193, 2.497)
    """
    if not isinstance(name, str):
        raise InputError(f"name is {kind_of(name)}; give the name of a schedule, such as 'linear'")
    if name not in SCHEDULES:
        raise unknown_name(name, SCHEDULES)
    return SCHEDULES[name]


def load_schedule(path: str | Path) -> AnnealSchedule:
    """Read a schedule from a CSV file, as D-Wave publishes its schedules.

    Parameters
    ----------
    path : str or Path
        A file with the columns s, A, B and optionally C, with D-Wave's headings or without. A and B
        are in GHz and are those of ``H/h = -A/2 sum sigma_x + B/2 (sum h sigma_z + sum J sigma_z
        sigma_z)``; they are halved here.

    Returns
    -------
    AnnealSchedule
        The schedule, with the name of the file.

    Raises
    ------
    InputError
        If the file cannot be read; the message names the file, the line, the value and the remedy.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import qxgap as qx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "mine.csv"
    ...     _ = path.write_text("s,A,B\\n0,10,0\\n0.5,2,4\\n1,0,9\\n")
    ...     schedule = qx.load_schedule(path)
    >>> schedule
    AnnealSchedule('mine', GHz)
    """
    if not isinstance(path, str | Path):
        raise InputError(f"path is {kind_of(path)}; give the name of a CSV file")
    path = Path(path)
    return AnnealSchedule(*table_from_file(path), path.stem, "GHz")
