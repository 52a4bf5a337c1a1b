"""The command `qxgap select`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Annotated

import typer

from ...problem.baselines import selections
from ...problem.qubo import QuboProblem
from ..options import AsJson, Files, PairWeight, Seed, load_all
from ..output import Row, Say, print_each, print_rows


def select_command(
    files: Files,
    pair_weight: PairWeight = 1,
    nodes: Annotated[int, typer.Option(help="of branch and bound, per problem")] = 200_000,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Exact selection, greedy, top-k, random-k and all positive side by side; no annealing."""

    def rows(file: str, problem: QuboProblem, say: Say) -> Iterator[Row]:
        found = selections(problem, seed=seed, max_nodes=nodes)
        problem_row = {
            "instance": file,
            "num_qubits": problem.num_qubits,
            "num_fixed": found.optimum.num_fixed,
            "status": found.optimum.status.name.lower(),
            "lower": found.optimum.lower,
        }
        for method, row in found.to_frame().iterrows():
            yield {**problem_row, "method": method, **row.to_dict()}

    shared = ("instance", "num_qubits", "num_fixed", "status", "lower")
    show = partial(print_rows, as_json=as_json, group="instance", shared=shared)
    print_each(load_all(files, pair_weight), rows, show)
