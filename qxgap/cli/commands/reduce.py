"""The command `qxgap reduce`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ...problem.formats import save
from ...problem.qubo import QuboProblem
from ...problem.reduction import reduce
from ..options import AsJson, Files, PairWeight, load_all
from ..output import (
    Row,
    Say,
    print_each,
    print_rows,
    refuse_inputs,
    require_distinct,
    results_folder,
)


def reduce_command(
    files: Files,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="The folder for the smaller problems, as .json files."),
    ],
    pair_weight: PairWeight = 1,
    as_json: AsJson = False,
) -> None:
    """Fix the variables with a certain optimal value, and write the smaller problem.

    The smaller problem has the same energies, and so the same ground states on the other variables.
    If all variables are fixed, the problem is solved and nothing is written.

    Example: qxgap reduce problem.npz --out smaller
    """
    problems = load_all(files, pair_weight)
    outputs = {file: out / f"{Path(file).stem}.json" for file in files}
    require_distinct([Path(file).stem for file in files], "problems", ".json")
    refuse_inputs(outputs.values(), files)

    def rows(file: str, problem: QuboProblem, say: Say) -> Iterator[Row]:
        result = reduce(problem)
        values = result.to_dict()
        ones, zeros = values.pop("ones"), values.pop("zeros")
        written = str(save(result.problem, outputs[file])) if result.problem else None
        yield {"instance": file, **values, "file": written, "ones": ones, "zeros": zeros}

    with results_folder(out):
        print_each(problems, rows, partial(print_rows, as_json=as_json))
