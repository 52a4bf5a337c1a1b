"""The command `qxgap reduce`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..blocks import Entry, Row
from ..interrupt import import_at_once
from ..options import AsCsv, AsJson, Files, PairWeight, load_all
from ..output import Form, print_entries, refuse_inputs, require_distinct, results_folder
from ..running import Say, compute_each
from ..words import counted, listed, number

# What computes is imported where it is needed, so that help and mistakes in options wait for none
# of it.
if TYPE_CHECKING:
    from ...problem import QuboProblem


def reduce_command(
    files: Files,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="The folder for the smaller problems, as .json files."),
    ],
    pair_weight: PairWeight = 1,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Fix the variables with a certain optimal value, and write the smaller problem.

    The smaller problem has the same energies, and so the same ground states on the other variables.
    If all variables are fixed, the problem is solved and nothing is written.

    Example: qxgap reduce problem.npz --out smaller
    """
    import_at_once("qxgap.problem")
    from ...problem.formats import save
    from ...problem.reduction import reduce

    form = Form.of(as_json, as_csv)
    problems = load_all(files, pair_weight)
    outputs = {file: out / f"{Path(file).stem}.json" for file in files}
    require_distinct([Path(file).stem for file in files], "problems", ".json")
    refuse_inputs(outputs.values(), files)

    def entries(file: str, problem: QuboProblem, say: Say) -> Iterator[Entry]:
        say("variables with a certain value")
        result = reduce(problem)
        values = result.to_dict()
        ones, zeros = values.pop("ones"), values.pop("zeros")
        written = str(save(result.problem, outputs[file])) if result.problem else None
        yield _entry({"instance": file, **values, "file": written, "ones": ones, "zeros": zeros})

    with results_folder(out):
        compute_each(problems, entries, partial(print_entries, form=form, summary=_summary))


def _entry(row: Row) -> Entry:
    """Return what is printed about one problem."""
    d, fixed = row["num_qubits"], row["num_fixed"]
    facts = [("fixed", _sentence(row))]
    facts += [
        (label, listed(row[key]))
        for label, key in (("at 1", "ones"), ("at 0", "zeros"))
        if row[key]
    ]
    if row["file"]:
        facts.append(("written to", row["file"]))
    cells = {
        "variables": str(d),
        "fixed": str(fixed),
        "left": str(d - fixed),
        "at 1": str(len(row["ones"])),
        "at 0": str(len(row["zeros"])),
    }
    return Entry(row["instance"], counted(d, "variable"), [row], facts, cells)


def _sentence(row: Row) -> str:
    """Return how much of a problem is left."""
    d, fixed = row["num_qubits"], row["num_fixed"]
    if fixed == d:
        return (
            f"all {d}: the problem is solved, its lowest energy is "
            f"{number(row['energy_fixed'], 3)}, and nothing is written"
        )
    if not fixed:
        return "none: no variable has a value that is certain"
    return f"{fixed} of {d}, which have the same value in every best solution; {d - fixed} are left"


def _summary(rows: Sequence[Row]) -> str:
    """Return how much of all problems is left."""
    solved = sum(row["num_fixed"] == row["num_qubits"] for row in rows)
    fixed, total = (sum(row[key] for row in rows) for key in ("num_fixed", "num_qubits"))
    return (
        f"{fixed} of {total} variables have a certain value. {solved} of "
        f"{counted(len(rows), 'problem')} are solved by that alone."
    )
