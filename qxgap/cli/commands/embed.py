"""The command `qxgap embed`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Annotated

import typer

from ...errors import InputError
from ...problem.qubo import QuboProblem
from ...samplers import ANNEALERS, annealer_cost
from ...samplers.dwave.noise import require_copies
from ..options import (
    AsJson,
    ChainStrength,
    EmbeddingKind,
    Files,
    PairWeight,
    Seed,
    embedding_method,
    load_all,
)
from ..output import Row, Say, print_columns, print_each


def embed_command(
    files: Files,
    topology: Annotated[
        list[str] | None,
        typer.Option(
            help=f"The annealer: {', '.join(ANNEALERS)}. The option may be repeated; by default "
            "all of them are estimated."
        ),
    ] = None,
    embedding: Annotated[
        EmbeddingKind,
        typer.Option(
            help="The embedding: chains for a complete graph (clique), or for the couplings of the "
            "problem (minor)."
        ),
    ] = EmbeddingKind.CLIQUE,
    chain_strength: ChainStrength = None,
    noise: Annotated[
        int,
        typer.Option(
            help="The number of copies of the problem with random control errors, at most a "
            "million; 0 for none."
        ),
    ] = 1000,
    max_qubits: Annotated[
        int,
        typer.Option(
            help="The largest number of variables for which gap and control errors are computed."
        ),
    ] = 16,
    pair_weight: PairWeight = 1,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Estimate the cost of embedding a problem into an annealer.

    The command prints the numbers of qubits and chains, the factor by which the energies must be
    divided, the gap with chains and without (in GHz), and how often control errors change the
    ground state.

    Example: qxgap embed problem.npz --topology zephyr --noise 100
    """
    if noise < 0:
        raise InputError(f"--noise {noise}; give the number of perturbed copies, or 0 for none")
    require_copies(noise, "--noise")

    def rows(file: str, problem: QuboProblem, say: Say) -> Iterator[Row]:
        for name in topology or ANNEALERS:
            say(name)
            cost = annealer_cost(
                problem,
                name,
                method=embedding_method(embedding),
                chain_strength=chain_strength,
                num_copies=noise,
                max_qubits=max_qubits,
                seed=seed,
            )
            yield {"instance": file, **cost.to_dict()}

    print_each(load_all(files, pair_weight), rows, partial(print_columns, as_json=as_json))
