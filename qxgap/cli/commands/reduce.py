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
    out: Annotated[Path, typer.Option("--out", "-o", help="folder for what remains (.json)")],
    pair_weight: PairWeight = 1,
    as_json: AsJson = False,
) -> None:
    """Fix variables whose optimal value is certain; write the smaller problem of equal energies."""
    problems = load_all(files, pair_weight)
    outputs = {file: out / f"{Path(file).stem}.json" for file in files}
    require_distinct([Path(file).stem for file in files], "problems", ".json")
    refuse_inputs(outputs.values(), files)

    def rows(file: str, problem: QuboProblem, say: Say) -> Iterator[Row]:
        found = reduce(problem)
        rest = found.problem
        yield {
            "instance": file,
            "num_qubits": problem.num_qubits,
            "num_fixed": found.num_fixed,
            "first_order": found.num_first_order,
            "dominated": found.num_dominated,
            "roof_duality": found.num_roof_duality,
            "merged": found.num_merged,
            "unmergeable": len(found.unmergeable),
            "energy_fixed": found.energy,
            "file": str(save(rest, outputs[file])) if rest else None,
            "ones": [label for label, value in found.fixed.items() if value],
            "zeros": [label for label, value in found.fixed.items() if not value],
        }

    with results_folder(out):
        print_each(problems, rows, partial(print_rows, as_json=as_json))
