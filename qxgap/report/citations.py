"""BibTeX of the methods behind a result.

``data/references.bib`` holds the entries. ``METHODS`` says which method rests on which of them, and
by what a results table shows that it was used.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from ..errors import InputError
from ..study.cells import UNDONE

if TYPE_CHECKING:
    import pandas as pd

Trace = Callable[["pd.DataFrame"], bool]


@dataclass(frozen=True)
class CitedMethod:
    """A method and what to cite for it.

    Attributes
    ----------
    name : in words.
    keys : of entries in :func:`references`.
    used : whether a results table shows that the method was used; None if no table can.
    """

    name: str
    keys: tuple[str, ...]
    used: Trace | None = None


def _always(table: pd.DataFrame) -> bool:
    return len(table) > 0


def _task(*tasks: str) -> Trace:
    """Rows of one of the tasks."""
    return lambda table: bool(table.task.isin(tasks).any())


def _said(column: str, pattern: str, *tasks: str) -> Trace:
    """Rows of one of the tasks in whose ``column`` a pattern is found."""

    def used(table: pd.DataFrame) -> bool:
        if column not in table:
            return False
        text = table.loc[table.task.isin(tasks), column].dropna().astype(str)
        return bool(text.str.contains(pattern, regex=True).any())

    return used


def _known(column: str, *tasks: str) -> Trace:
    """Rows of one of the tasks with a value in ``column``."""

    def used(table: pd.DataFrame) -> bool:
        return column in table and bool(table.loc[table.task.isin(tasks), column].notna().any())

    return used


def _by_size(table: pd.DataFrame) -> bool:
    """Gaps of more qubits than a dense matrix is taken for (``DENSE_UP_TO`` in spectrum/eigen)."""
    from ..linalg.eigen import DENSE_UP_TO

    rows = table[table.task == "gap"]
    chosen = rows.method.astype(str) == "by size"
    return bool((chosen & (rows.num_qubits >= DENSE_UP_TO.bit_length())).any())


def _davidson(table: pd.DataFrame) -> bool:
    return _by_size(table) or _said("method", "Davidson", "gap")(table)


def _certified(table: pd.DataFrame) -> bool:
    return _davidson(table) or _said("method", "Lobpcg", "gap")(table)


_SPLIT = ("success", "compare", "sample")

METHODS: tuple[CitedMethod, ...] = (
    CitedMethod("qxgap", ("qxgap",), _always),
    CitedMethod("feature selection by a QUBO", ("venturelli2026",), _always),
    CitedMethod("binary quadratic models and sample sets", ("dimod",), _always),
    CitedMethod("minimum gap by concavity", ("fan1949",), _task("gap")),
    CitedMethod("Davidson's method", ("davidson1975", "olsen1990", "stathopoulos1998"), _davidson),
    CitedMethod(
        "certificate that no level was missed",
        ("vandorsselaer2000", "kuczynski1992", "greenbaum1989"),
        _certified,
    ),
    CitedMethod("Lanczos by ARPACK", ("lehoucq1998",), _said("method", "Lanczos", "gap")),
    CitedMethod("LOBPCG", ("knyazev2001",), _said("method", "Lobpcg", "gap")),
    CitedMethod("Landau-Zener", ("landau1932", "zener1932"), _known("lz_slope", "gap")),
    CitedMethod("local adiabatic schedule", ("roland2002",), _said("schedule", "local", "gap")),
    CitedMethod("adiabatic theorem", ("jansen2007",)),
    CitedMethod("late-time law", ("lidar2009",)),
    CitedMethod("constrained drivers", ("hen2016", "hadfield2019")),
    CitedMethod(
        "splitting of order 4",
        ("blanes2002",),
        _said("method", r"SplitOperator\((?!.*order=2)", *_SPLIT),
    ),
    CitedMethod(
        "splitting of order 2",
        ("strang1968",),
        _said("method", r"SplitOperator\(.*order=2", *_SPLIT),
    ),
    CitedMethod("QuTiP", ("lambert2026",), _said("method", "QutipODE|DensityODE", *_SPLIT)),
    CitedMethod(
        "adiabatic master equation",
        ("albash2012", "breuer2002"),
        _said("model", "(?i)master|ohmic|bath|open", "compare", "success"),
    ),
    CitedMethod(
        "thermal states, freeze-out",
        ("amin2015", "marshall2017"),
        _said("model", "(?i)gibbs|boltzmann|thermal", "compare", "success"),
    ),
    CitedMethod(
        "optima by reduction and branch and bound",
        ("boros2002", "hammer1984"),
        _known("selected", "gap", "xai"),
    ),
    CitedMethod(
        "classical samplers",
        ("dwavesamplers",),
        _said("sampler", "^(?:sa|pathintegral|rotor|tree|tabu|greedy)$", "sample", "compare"),
    ),
    CitedMethod(
        "path-integral Monte Carlo",
        ("king2021",),
        _said("sampler", "^pathintegral$", "sample", "compare"),
    ),
    CitedMethod(
        "spin-vector Monte Carlo",
        ("shin2014", "albash2021"),
        _said("sampler", "^rotor$", "sample", "compare"),
    ),
    CitedMethod("chains for a clique", ("boothby2016",)),
    CitedMethod("chains by minorminer", ("cai2014",)),
    CitedMethod("chain strength by torque compensation", ("raymond2020",)),
    CitedMethod("intervals of proportions", ("brown2001",), _task("sample", "compare")),
    CitedMethod("time to solution", ("ronnow2014",), _known("tts99", "compare")),
    CitedMethod("time to solution over instances", ("albash2018",)),
    CitedMethod("goodness of fit", ("davison1997",), _known("p_value", "compare")),
    CitedMethod(
        "distances expected by chance", ("diaconis1991",), _known("tv_expected", "compare")
    ),
    CitedMethod(
        "effective temperature", ("raymond2016",), _known("effective_temperature", "compare")
    ),
    CitedMethod("temperature by pseudo-likelihood", ("besag1975", "garwood1936", "godambe1960")),
    CitedMethod("runs and their spread", ("mccullagh1989", "hesterberg2015", "geyer1992")),
    CitedMethod("two samplers", ("good2005",)),
    CitedMethod("fair sampling", ("matsuda2009",)),
    CitedMethod("Grad-CAM", ("selvaraju2017",), _said("explanation", r"^Grad-CAM$", "xai")),
    CitedMethod(
        "Grad-CAM++", ("chattopadhay2018",), _said("explanation", r"^Grad-CAM\+\+$", "xai")
    ),
    CitedMethod("Average Drop and Increase", ("chattopadhay2018",), _task("xai")),
    CitedMethod("insertion and deletion", ("petsiuk2018",), _known("insertion", "xai")),
    CitedMethod("ADCC", ("poppi2021",), _known("adcc", "xai")),
    CitedMethod("bootstrap of means, over clusters", ("efron1987", "field2007", "liang1986")),
    CitedMethod("EfficientNet", ("tan2019",), _said("group", "(?i)efficientnet", "xai", "gap")),
)
"""Every method with a source; what a table cannot show is cited only when all are asked for."""


@functools.cache
def references() -> Mapping[str, str]:
    """BibTeX entries by key, in the order of ``data/references.bib``."""
    text = (files(__package__) / "data" / "references.bib").read_text(encoding="utf-8")
    found = re.findall(r"^(@\w+\{([^,]+),.*?^\})$", text, re.M | re.S)
    return {key: entry for entry, key in found}


def cited_methods(table: pd.DataFrame | None = None) -> list[CitedMethod]:
    """Return the methods that a results table shows in use; without a table, all of them.

    Parameters
    ----------
    table : long format, a row per instance and task, with columns ``task``, ``method``,
        ``num_qubits``; others are read if present. A row without a result
        (FAILED, LEFT_OUT, MISSING) used nothing.

    Raises
    ------
    InputError : for a table without these columns.
    """
    if table is None:
        return list(METHODS)
    absent = [name for name in ("task", "method", "num_qubits") if name not in table]
    if absent:
        raise InputError(
            f"the table has no column {', '.join(absent)}; give the results of a study"
        )
    if "status" in table:
        table = table[~table.status.isin(UNDONE)]
    return [method for method in METHODS if method.used is not None and method.used(table)]


def bibtex(methods: Iterable[CitedMethod]) -> str:
    """Return the entries of ``methods``, each once, under the methods that rest on it."""
    names: dict[str, list[str]] = {}
    for method in methods:
        for key in method.keys:
            names.setdefault(key, []).append(method.name)
    known = references()
    return "\n\n".join(f"% {'; '.join(names[key])}\n{known[key]}" for key in names)
