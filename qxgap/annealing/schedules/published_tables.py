"""Tables of A(s) and B(s) as D-Wave publishes them: their format, and those in this package.

D-Wave's tables contain A and B of

    H/h = -A/2 sum sigma_x + B/2 (sum h sigma_z + sum J sigma_z sigma_z)

in GHz. They are halved in one place, :func:`read_table`. The strengths that it returns multiply
``H_D = -sum sigma_x`` and the energies of the problem directly.
"""

from __future__ import annotations

import csv
import difflib
import functools
import math
import re
from collections.abc import Container, Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...checks import kind_of
from ...errors import InputError

Table = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
"""The arrays s, A, B, each of shape (n,), with A and B halved."""

SHARED = {
    "Advantage_system4.1": "Advantage_system4",
    "Advantage_system6.4": "Advantage_system6",
    "Advantage2_system1": "Advantage2_system1.1",
    "Advantage2_system1.4": "Advantage2_system1.1",
    "Advantage2_system1.6": "Advantage2_system1.1",
}
"""Solvers with the same published table, number for number, as another one.

They have names of their own among the tables. A version that is not listed here uses the table of
its series, see :func:`listed_solver`.
"""

PROTOCOLS = ("standard", "fast")
"""The two annealing protocols, which have tables of their own."""

HEADER = (
    re.compile(r"s"),
    re.compile(r"a(\(s\))?([\[(]ghz[\])])?"),
    re.compile(r"b(\(s\))?([\[(]ghz[\])])?"),
    re.compile(r"c(\(s\))?([\[(]normali[sz]ed[\])])?"),
)
"""Patterns of the headings of the columns, in lower case and without blanks."""


@functools.cache
def table_names() -> tuple[str, ...]:
    """Return the names of the tables in this package: solver and protocol, in order."""
    folder = files(__package__) / "data"
    stored = [Path(item.name) for item in folder.iterdir()]
    names = [path.stem for path in stored if path.suffix == ".csv"]
    return tuple(sorted([*names, *(f"{s}_{p}" for s in SHARED for p in PROTOCOLS)]))


def listed_solver(solver: str, listed: Container[str]) -> str | None:
    """Return the solver in a published list that has the data of ``solver``.

    It is ``solver`` itself, or its series: a version such as ``Advantage_system6.5`` that is not
    listed takes the data of ``Advantage_system6``. None if neither is listed.
    """
    series = solver.rpartition(".")[0]
    return next((name for name in (solver, series) if name in listed), None)


def solver_table(solver: str, *, fast: bool = False) -> str:
    """Return the name of the table that D-Wave published for a solver or its series.

    Parameters
    ----------
    solver : str
        Name of the solver, such as ``"Advantage_system6.4"``.
    fast : bool
        Whether it is the table of the fast anneal.

    Returns
    -------
    str
        The name.

    Raises
    ------
    InputError
        For a solver without a table; the message lists those that have one.
    """
    if not isinstance(solver, str):
        raise InputError(
            f"solver is {kind_of(solver)}; give its name, such as 'Advantage2_system1'"
        )
    name = listed_table(solver, fast=fast)
    if name is None:
        known = ", ".join(_solvers(_suffix(fast)))
        raise InputError(f"no table of solver {solver!r} is known; known: {known}")
    return name


def listed_table(solver: str, *, fast: bool = False) -> str | None:
    """Return the name of the table of a solver or its series, or None if there is none."""
    listed = listed_solver(solver, _solvers(_suffix(fast)))
    return None if listed is None else listed + _suffix(fast)


def _suffix(fast: bool) -> str:
    """Return the end of the names of the tables of a protocol."""
    return "_fast" if fast else "_standard"


def _solvers(suffix: str) -> list[str]:
    """Return the solvers that have a table whose name has this end."""
    return [name.removesuffix(suffix) for name in table_names() if name.endswith(suffix)]


def shipped_table(name: str) -> Table:
    """Read a table of this package, in GHz and halved; ``data/NOTICE.txt`` names the sources."""
    file = _shipped_file(name)
    return read_table(file.read_text(encoding="utf-8-sig").splitlines(), file.name)


def _shipped_file(name: str) -> Traversable:
    """Return the file of a table of this package."""
    solver, _, protocol = name.rpartition("_")
    return files(__package__) / "data" / f"{SHARED.get(solver, solver)}_{protocol}.csv"


def control_bias(name: str) -> NDArray[np.float64]:
    """Return the normalized control bias c(s) of a table of this package, at its breakpoints.

    Parameters
    ----------
    name : str
        The name of the table.

    Returns
    -------
    ndarray of float, shape (n,)
        The bias, which rises from 0 to 1.
    """
    lines = _shipped_file(name).read_text(encoding="utf-8-sig").splitlines()
    return np.array([float(row[3]) for row in csv.reader(lines[1:])])


def table_from_file(path: Path) -> Table:
    """Read the table of a file, in GHz and halved; a byte-order mark is skipped."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text; save it as CSV in UTF-8") from error
    return read_table(text.splitlines(), str(path))


def read_table(lines: Iterable[str], source: str) -> Table:
    """Read a table with the columns s, A, B and optionally C, with headings or without.

    Parameters
    ----------
    lines : iterable of str
        The lines of a CSV file; A and B are in GHz.
    source : str
        The name of the file, for messages.

    Returns
    -------
    s : ndarray of float, shape (n,)
        The anneal fractions.
    A : ndarray of float, shape (n,)
        The strength of the driver, halved.
    B : ndarray of float, shape (n,)
        The strength of the problem, halved.

    Raises
    ------
    InputError
        Unless s increases strictly from exactly 0 to exactly 1 and A, B are finite, not negative
        and not both zero. The message names the file, the line, the value and the remedy.
    """
    rows = [(n, row) for n, row in enumerate(csv.reader(lines), 1) if any(map(str.strip, row))]
    if rows and _is_header(rows[0][1], f"{source}, line {rows[0][0]}"):
        rows = rows[1:]
    if len(rows) < 2:
        raise InputError(f"{source}: holds {len(rows)} rows of numbers; a schedule needs two")
    places = [f"{source}, line {n}" for n, _ in rows]
    table = [_numbers(row, place) for (_, row), place in zip(rows, places, strict=True)]
    for (before, _, _), (s, _, _), place in zip(table, table[1:], places[1:], strict=False):
        if s <= before:
            raise InputError(
                f"{place}: s = {_digits(s)} follows {_digits(before)}; sort by s and drop repeats"
            )
    for row, wanted in ((0, 0.0), (-1, 1.0)):
        if table[row][0] != wanted:
            raise InputError(
                f"{places[row]}: s = {_digits(table[row][0])} where {wanted:g} is needed; a table "
                "must cover s from exactly 0 to exactly 1; write that number there"
            )
    s, A, B = np.array(table).T
    return s, A / 2, B / 2


def unknown_name(name: str, known: Iterable[str]) -> InputError:
    """Return the error for an unknown schedule; it suggests up to two names, and lists all.

    Parameters
    ----------
    name : str
        The unknown name.
    known : iterable of str
        All names.

    Returns
    -------
    InputError
        The error to raise.
    """
    names, form = sorted(known), name.lower()
    close = [other for other in names if form and other.lower().startswith(form)]
    if form and not close:
        spelt = {other.lower(): [other] for other in names}
        for other in names:  # a solver means all its tables
            spelt.setdefault(other.lower().rpartition("_")[0], []).append(other)
        near = difflib.get_close_matches(form, spelt, cutoff=0.5)
        close = [other for text in near for other in spelt[text]]
    meant = " or ".join(list(dict.fromkeys(close))[:2])
    question = f"did you mean {meant}? " if meant else ""
    return InputError(f"unknown schedule {name!r}; {question}known: {', '.join(names)}")


def _digits(value: float) -> str:
    """Return a number with as many digits as distinguish it from every other number."""
    return f"{value:g}" if float(f"{value:g}") == value else repr(value)


def _is_header(row: list[str], place: str) -> bool:
    """Return whether a row contains headings; InputError if they are not those of a table."""
    headings = [re.sub(r"\s", "", cell).lower() for cell in row]
    if not any(re.match("[a-z]", heading) for heading in headings if heading not in ("nan", "inf")):
        return False
    known = zip(HEADER, headings, strict=False)
    if len(headings) not in (3, 4) or not all(form.fullmatch(text) for form, text in known):
        raise InputError(
            f"{place}: headings {', '.join(row)!r} are not understood; give columns s, A(s) (GHz), "
            "B(s) (GHz) and optionally C (normalized), separated by commas, in this order"
        )
    return True


def _numbers(row: list[str], place: str) -> tuple[float, float, float]:
    """Return s, A and B of one row; InputError if they are not valid."""
    if len(row) not in (3, 4):
        raise InputError(
            f"{place}: {len(row)} columns in {','.join(row)!r}; give s, A, B and optionally C, "
            "separated by commas"
        )
    values = []
    for label, cell in zip("sAB", row, strict=False):
        try:
            value = float(cell)
        except ValueError:
            raise InputError(f"{place}: {label} = {cell!r} is not a number; correct it") from None
        if not math.isfinite(value) or value < 0:
            raise InputError(f"{place}: {label} = {value:g} must be finite and not negative")
        values.append(value)
    s, A, B = values
    if A + B == 0:
        raise InputError(f"{place}: A = B = 0 leaves no Hamiltonian; remove or correct the row")
    return s, A, B
