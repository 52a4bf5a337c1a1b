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
    nodes: Annotated[
        int,
        typer.Option(help="The largest number of nodes of branch and bound for one problem."),
    ] = 200_000,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Compare the exact selection with simple rules that need no annealing.

    The rules are: greedy, the k most important maps (top-k), k random maps (random-k), and all maps
    of positive importance. The column excess is the energy of a rule above the lowest one known.

    Example: qxgap select problem.npz
    """

    def rows(file: str, problem: QuboProblem, say: Say) -> Iterator[Row]:
        result = selections(problem, seed=seed, max_nodes=nodes)
        values = result.to_dict()
        selected = values.pop("selections")
        for row in selected:
            yield {"instance": file, **values, **row}

    shared = ("instance", "num_qubits", "num_fixed", "status", "lower")
    show = partial(print_rows, as_json=as_json, group="instance", shared=shared)
    print_each(load_all(files, pair_weight), rows, show)
