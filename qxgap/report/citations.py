"""BibTeX entries of the methods behind the results of a study.

``data/references.bib`` holds the entries. ``METHODS`` lists the entries of every method, and the
evidence in a results table that it was used: by a value in a column, by the class in the column
``method``, or by the keys that the study wrote into the column ``references``.
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

Evidence = Callable[["pd.DataFrame"], bool]


@dataclass(frozen=True)
class CitedMethod:
    """A method and the entries to cite for it.

    Attributes
    ----------
    name : str
        The method in words.
    keys : tuple of str
        Keys of its entries in :func:`references`.
    evidence : callable, optional
        ``evidence(table)`` returns whether the table shows that the method was used. None if only
        the column ``references`` of a table can show it.
    """

    name: str
    keys: tuple[str, ...]
    evidence: Evidence | None = None


def _always(table: pd.DataFrame) -> bool:
    return len(table) > 0


def _task(*tasks: str) -> Evidence:
    """Evidence is a row of one of the tasks."""
    return lambda table: bool(table.task.isin(tasks).any())


def _known(column: str, *tasks: str) -> Evidence:
    """Evidence is a row of one of the tasks with a value in ``column``."""
    return lambda table: len(_values(table, column, tasks)) > 0


def _value(column: str, values: Iterable[str], *tasks: str) -> Evidence:
    """Evidence is a row of one of the tasks with one of the ``values`` in ``column``."""
    known = set(values)
    return lambda table: bool(_values(table, column, tasks).astype(str).isin(known).any())


def _word(column: str, words: Iterable[str], *tasks: str) -> Evidence:
    """Evidence is a row of one of the tasks with one of the ``words`` in ``column``."""

    def evidence(table: pd.DataFrame) -> bool:
        texts = [str(text).lower() for text in _values(table, column, tasks)]
        return any(word in text for text in texts for word in words)

    return evidence


def _method(class_names: Iterable[str], *tasks: str) -> Evidence:
    """Evidence is a row of one of the tasks with a ``method`` of one of the classes."""
    known = set(class_names)

    def evidence(table: pd.DataFrame) -> bool:
        texts = _values(table, "method", tasks)
        return not known.isdisjoint(str(text).partition("(")[0] for text in texts)

    return evidence


def _values(table: pd.DataFrame, column: str, tasks: Iterable[str]) -> pd.Series:
    """Return the known values in a column of some tasks; an empty series without the column."""
    rows = table[table.task.isin(list(tasks))]
    return rows[column].dropna() if column in rows else rows.task.iloc[:0]


def _davidson(table: pd.DataFrame) -> bool:
    """Return whether a gap was computed by Davidson's method, chosen by name or by size."""
    from ..linalg.methods import Davidson, default_method

    by_size = table[(table.task == "gap") & (table.method.astype(str) == "by size")]
    chosen = (default_method(2 ** int(d), 2) for d in by_size.num_qubits)
    by_choice = any(isinstance(method, Davidson) for method in chosen)
    return by_choice or _method(["Davidson"], "gap")(table)


def _certified(table: pd.DataFrame) -> bool:
    return _davidson(table) or _method(["Lobpcg"], "gap")(table)


def _splitting(order: int) -> Evidence:
    """Evidence is an anneal whose ``method`` is an operator splitting of this order, or of any."""
    orders = (f"order={order}", "order=None")

    def evidence(table: pd.DataFrame) -> bool:
        texts = [str(text) for text in _values(table, "method", _ANNEALS)]
        splittings = [text for text in texts if text.startswith("SplitOperator(")]
        return any(one in text for one in orders for text in splittings)

    return evidence


_ANNEALS = ("success", "compare", "sample")
"""Tasks with the integrator of an anneal in the column ``method``."""

_CLASSICAL = ("sa", "pathintegral", "rotor", "tree", "tabu", "greedy")
"""Samplers of the package dwave-samplers."""

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
    CitedMethod("Lanczos by ARPACK", ("lehoucq1998",), _method(["Lanczos"], "gap")),
    CitedMethod("LOBPCG", ("knyazev2001",), _method(["Lobpcg"], "gap")),
    CitedMethod(
        "levels in selected configurations",
        ("huron1973", "holmes2016", "sharma2017"),
        _method(["SelectedConfigurations"], "gap"),
    ),
    CitedMethod(
        "lower bounds of levels by a floor of the rest",
        ("barta1937", "feshbach1958"),
        _method(["SelectedConfigurations"], "gap"),
    ),
    CitedMethod("Landau-Zener", ("landau1932", "zener1932"), _known("lz_slope", "gap")),
    CitedMethod("local adiabatic schedule", ("roland2002",), _word("schedule", ["local"], "gap")),
    CitedMethod("pause at the minimum gap", ("marshall2019",)),
    CitedMethod("adiabatic theorem", ("jansen2007",)),
    CitedMethod("late-time law", ("lidar2009",)),
    CitedMethod("constrained drivers", ("hen2016", "hadfield2019")),
    CitedMethod("splitting of order 4", ("blanes2002",), _splitting(4)),
    CitedMethod("splitting of order 2", ("strang1968",), _splitting(2)),
    CitedMethod(
        "anneal in selected configurations",
        ("dirac1930", "hairer1993"),
        _method(["SelectedDynamics"], *_ANNEALS),
    ),
    CitedMethod("kinks on the way of an anneal", ("dziarmaga2005",)),
    CitedMethod("errors of an entanglement entropy", ("audenaert2007",)),
    CitedMethod("QuTiP", ("lambert2026",), _method(["QutipODE", "DensityODE"], *_ANNEALS)),
    CitedMethod(
        "quantum-jump trajectories",
        ("dalibard1992", "molmer1993", "abdelhafez2019"),
        _method(["Trajectories"], *_ANNEALS),
    ),
    CitedMethod(
        "adiabatic master equation",
        ("albash2012", "breuer2002"),
        _word("model", ["master", "ohmic", "bath", "open"], "compare", "success"),
    ),
    CitedMethod("open anneals in the lowest levels", ("herbst2022",)),
    CitedMethod(
        "thermal states, freeze-out",
        ("amin2015", "marshall2017"),
        _word("model", ["gibbs", "boltzmann", "thermal"], "compare", "success"),
    ),
    CitedMethod(
        "optima by reduction and branch and bound",
        ("boros2002", "hammer1984"),
        _known("selected", "gap", "xai"),
    ),
    CitedMethod(
        "classical samplers",
        ("dwavesamplers",),
        _value("sampler", _CLASSICAL, "sample", "compare"),
    ),
    CitedMethod(
        "path-integral Monte Carlo",
        ("king2021",),
        _value("sampler", ["pathintegral"], "sample", "compare"),
    ),
    CitedMethod(
        "spin-vector Monte Carlo",
        ("shin2014", "albash2021"),
        _value("sampler", ["rotor"], "sample", "compare"),
    ),
    CitedMethod("chains for a clique", ("boothby2016",)),
    CitedMethod("chains by minorminer", ("cai2014",)),
    CitedMethod("chain strength by torque compensation", ("raymond2020",)),
    CitedMethod("intervals of proportions", ("brown2001",), _task("sample", "compare")),
    CitedMethod("time to solution", ("ronnow2014",), _known("tts99", "compare")),
    CitedMethod("time to epsilon", ("munozbauza2025",)),
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
    CitedMethod("Grad-CAM", ("selvaraju2017",), _value("explanation", ["Grad-CAM"], "xai")),
    CitedMethod("Grad-CAM++", ("chattopadhay2018",), _value("explanation", ["Grad-CAM++"], "xai")),
    CitedMethod("HiResCAM", ("draelos2020",), _value("explanation", ["HiResCAM"], "xai")),
    CitedMethod("LayerCAM", ("jiang2021",), _value("explanation", ["LayerCAM"], "xai")),
    CitedMethod("Score-CAM", ("wang2020",), _value("explanation", ["Score-CAM"], "xai")),
    CitedMethod("Average Drop and Increase", ("chattopadhay2018",), _task("xai")),
    CitedMethod("insertion and deletion", ("petsiuk2018",), _known("insertion", "xai")),
    CitedMethod("ADCC", ("poppi2021",), _known("adcc", "xai")),
    CitedMethod("bootstrap of means, over clusters", ("efron1987", "field2007", "liang1986")),
    CitedMethod("variance of class overlap", ("efron1981",)),
    CitedMethod("explanations of a network with random weights", ("adebayo2018",)),
    CitedMethod("metrics of Quantus", ("hedstrom2023",)),
    CitedMethod("structural similarity", ("wang2004",)),
    CitedMethod("Average Drop of half of the pixels", ("wang2020",)),
    CitedMethod("best selection at every tradeoff", ("eisner1976",)),
    CitedMethod("selection of features of a table", ("muecke2023",)),
    CitedMethod("anneal offsets", ("lanting2017",)),
    CitedMethod("interval of a mean of skewed values", ("hall1992",)),
    CitedMethod("EfficientNet", ("tan2019",), _word("group", ["efficientnet"], "xai", "gap")),
)
"""Every method that has a source. Those without evidence are cited if all methods are requested, or
if the column ``references`` of a table names their entries."""


@functools.cache
def references() -> Mapping[str, str]:
    """Return all BibTeX entries by their keys, in the order of ``data/references.bib``.

    Returns
    -------
    dict of str to str
        The entries, each as it stands in the file.
    """
    text = (files(__package__) / "data" / "references.bib").read_text(encoding="utf-8")
    entries = re.findall(r"^(@\w+\{([^,]+),.*?^\})$", text, re.M | re.S)
    return {key: entry for entry, key in entries}


def cited_methods(table: pd.DataFrame | None = None) -> list[CitedMethod]:
    """Return the methods that a results table shows in use; without a table, all of them.

    Parameters
    ----------
    table : DataFrame, optional
        A row for each instance and task, with the columns ``task``, ``method`` and ``num_qubits``;
        others are read if present, above all ``references``, the BibTeX keys of the methods of a
        row, separated by spaces. Rows without a result (FAILED, LEFT_OUT, MISSING) do not count.

    Returns
    -------
    list of CitedMethod
        The methods, in the order of the list of all methods.

    Raises
    ------
    InputError
        If the table lacks one of the three columns.
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
    shown = [method for method in METHODS if method.evidence and method.evidence(table)]
    # The keys that the study recorded include methods that no other column shows.
    recorded = _recorded_keys(table) - {key for method in shown for key in method.keys}
    return [method for method in METHODS if method in shown or recorded & set(method.keys)]


def _recorded_keys(table: pd.DataFrame) -> set[str]:
    """Return the keys in the column ``references``; none if the table lacks it."""
    if "references" not in table:
        return set()
    return {key for text in table.references.dropna() for key in str(text).split()}


def bibtex(methods: Iterable[CitedMethod]) -> str:
    """Return the entries of methods as the text of a BibTeX file.

    Parameters
    ----------
    methods : iterable of CitedMethod
        The result of :func:`cited_methods`.

    Returns
    -------
    str
        Each entry once, below a comment with the names of the methods that rest on it.
    """
    names: dict[str, list[str]] = {}
    for method in methods:
        for key in method.keys:
            names.setdefault(key, []).append(method.name)
    entries = references()
    return "\n\n".join(f"% {'; '.join(names[key])}\n{entries[key]}" for key in names)
