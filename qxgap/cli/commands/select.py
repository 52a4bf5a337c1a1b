"""The command `qxgap select`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from ..blocks import Entry, Row
from ..interrupt import import_at_once
from ..options import AsCsv, AsJson, Files, PairWeight, Seed, load_all
from ..output import Form, print_entries
from ..running import Say, compute_each
from ..words import at_least, counted, listed, number

# What computes is imported where it is needed, so that help and mistakes in options wait for none
# of it.
if TYPE_CHECKING:
    from ...problem import QuboProblem


def select_command(
    files: Files,
    pair_weight: PairWeight = 1,
    nodes: Annotated[
        int,
        typer.Option(
            help="The number of nodes of branch and bound after which the exact search gives up."
        ),
    ] = 200_000,
    seed: Seed = 1,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Compare the exact selection with simple rules that need no annealing.

    The rules are: greedy, the k most important variables (top-k), k random ones (random-k), and all
    of positive importance; k is the size of the exact selection.

    Example: qxgap select problem.npz
    """
    import_at_once("qxgap.problem")
    from ...problem.baselines import selections

    form = Form.of(as_json, as_csv)

    def entries(file: str, problem: QuboProblem, say: Say) -> Iterator[Entry]:
        say("exact selection")
        result = selections(problem, seed=seed, max_nodes=nodes)
        values = result.to_dict()
        selected = values.pop("selections")
        yield _entry(file, [{"instance": file, **values, **row} for row in selected])

    compute_each(
        load_all(files, pair_weight), entries, partial(print_entries, form=form, summary=_summary)
    )


def _entry(file: str, rows: Sequence[Row]) -> Entry:
    """Return what is printed about one problem: the exact selection, and how near the rules come.

    Parameters
    ----------
    file : str
        Path of the problem.
    rows : sequence of dict
        A row for each method, the exact one first.
    """
    exact, *rules = rows
    proven, d = exact["status"] == OPTIMAL, exact["num_qubits"]
    facts = [
        (
            "best selection",
            f"{listed(exact['labels'])} ({exact['size']} of {d}), with energy "
            f"{number(exact['energy'], 3)}",
        ),
        ("how sure", _certainty(exact)),
        *((row["method"], _against_exact(row)) for row in rules),
    ]
    cells = {
        "variables": str(d),
        "selected": str(exact["size"]),
        "proven": "yes" if proven else "no",
        **{row["method"]: _short(row) for row in rules},
    }
    return Entry(file, counted(d, "variable"), rows, facts, cells)


OPTIMAL = "OPTIMAL"
"""The status of an exact selection that is proven to be the best one."""


def _certainty(exact: Row) -> str:
    if exact["status"] == OPTIMAL:
        return "proven: no selection has a lower energy, so no annealer is needed"
    return (
        "not proven: the search ended at --nodes; no selection has an energy below "
        f"{at_least(exact['lower'])}"
    )


def _against_exact(row: Row) -> str:
    if row["is_optimal"]:
        return "finds a selection of the same energy"
    return f"selects {row['size']}, with an energy {number(row['excess'])} above the best"


def _short(row: Row) -> str:
    return "same" if row["is_optimal"] else f"+{number(row['excess'])}"


def _summary(rows: Sequence[Row]) -> str:
    """Return how often the search proves its selection, and how often the rules reach it."""
    exact = [row for row in rows if row["method"] == "exact"]
    proven = sum(row["status"] == OPTIMAL for row in exact)
    methods = dict.fromkeys(row["method"] for row in rows if row["method"] != "exact")
    reached = ", ".join(
        f"{method} {sum(row['is_optimal'] for row in rows if row['method'] == method)}"
        for method in methods
    )
    return (
        f"The best selection is proven for {proven} of {counted(len(exact), 'problem')}. Rules "
        f"that reach its energy, in how many problems: {reached}. A number after + is the energy "
        "above the best."
    )
