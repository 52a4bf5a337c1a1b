"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..annealing.drivers import Convention
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.schedule import SCHEDULES, AnnealSchedule, load_schedule, schedule_named
from ..errors import InputError
from ..problem.formats import load
from ..problem.qubo import QuboProblem

if TYPE_CHECKING:
    from ..samplers import EmbeddingMethod


class EmbeddingKind(StrEnum):
    """Chains for every pair, or for the pairs that are coupled."""

    CLIQUE = "clique"
    MINOR = "minor"


Files = Annotated[list[str], typer.Argument(help="problem files: .npz .bqm .coo .json .qubo")]
File = Annotated[str, typer.Argument(help="a problem file: .npz .bqm .coo .json .qubo")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
Driver = Annotated[Convention, typer.Option("--convention", help="driver weight: 1, or 1/d")]
PairWeight = Annotated[int, typer.Option(help="how often an .npz counts a pair: 1 or 2")]
Schedule = Annotated[str, typer.Option(help="linear, the name of a D-Wave table, or a .csv file")]
Seed = Annotated[int, typer.Option(min=0, max=2**31 - 1, help="of all that is random")]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="delete the results of another study in that folder")
]
ChainStrength = Annotated[
    float | None, typer.Option(help="of the Ising couplings; default torque compensation")
]
Tau = Annotated[float, typer.Option(help="anneal time (hbar = 1)")]


def schedule_of(option: str) -> AnnealSchedule:
    """Look up or, for ``.csv``, read the schedule that ``--schedule`` names."""
    if option not in SCHEDULES and Path(option).is_dir():
        raise InputError(
            f"--schedule {option}: is a folder; give a .csv file or the name of a table"
        )
    return load_schedule(option) if option.endswith(".csv") else schedule_named(option)


def load_all(files: Sequence[str], pair_weight: int) -> list[tuple[str, QuboProblem]]:
    """Read every file at once, so that a bad one costs no computed result."""
    return [(file, load(file, pair_weight=pair_weight)) for file in files]


def hamiltonians(
    files: Sequence[str], convention: Convention, pair_weight: int, schedule: str
) -> list[tuple[str, AnnealHamiltonian]]:
    """The anneal of every file."""
    chosen = schedule_of(schedule)
    return [
        (
            file,
            AnnealHamiltonian(
                problem,
                chosen,
                convention.driver(problem.num_qubits),
            ),
        )
        for file, problem in load_all(files, pair_weight)
    ]


def embedding_method(kind: EmbeddingKind) -> EmbeddingMethod:
    """The embedding that ``--embedding`` names."""
    from ..samplers import CliqueEmbedding, MinorEmbedding

    return CliqueEmbedding() if kind is EmbeddingKind.CLIQUE else MinorEmbedding()
