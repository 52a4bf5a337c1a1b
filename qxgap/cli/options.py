"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import InputError

# What computes is imported where it is needed, so that help and mistakes in options wait for none
# of it.
if TYPE_CHECKING:
    from ..annealing import AnnealHamiltonian, AnnealSchedule
    from ..problem import QuboProblem
    from ..samplers import EmbeddingMethod


class DriverName(StrEnum):
    """The names of the conventions for the driver, see :class:`qxgap.annealing.Convention`."""

    PAPER = "paper"
    AUTHORS_CODE = "authors-code"


class PrecisionName(StrEnum):
    """The names of the precisions on a device, see :class:`qxgap.linalg.Precision`."""

    DOUBLE = "double"
    SINGLE = "single"


class EmbeddingKind(StrEnum):
    """The kind of embedding: chains for a complete graph, or for the couplings of the problem."""

    CLIQUE = "clique"
    MINOR = "minor"


FORMATS = ".npz, .bqm, .coo, .json or .qubo"
Files = Annotated[list[str], typer.Argument(help=f"Problem files, each {FORMATS}.")]
File = Annotated[str, typer.Argument(help=f"The problem file: {FORMATS}.")]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON with all numbers and digits instead of words.")
]
AsCsv = Annotated[
    bool, typer.Option("--csv", help="Print CSV with all columns and digits instead of words.")
]
Driver = Annotated[
    DriverName,
    typer.Option(
        "--convention",
        help="The weight of the driver: 1 on each qubit (paper), or 1/d for d qubits "
        "(authors-code).",
    ),
]
PairWeight = Annotated[
    int,
    typer.Option(
        help="The number of times that the energy of an .npz file counts each pair: 1 or 2."
    ),
]
Schedule = Annotated[
    str,
    typer.Option(
        help="The anneal schedule: 'linear' (dimensionless), the name of a D-Wave schedule (GHz), "
        "or a .csv file with the columns s, A, B (GHz)."
    ),
]
Seed = Annotated[int, typer.Option(min=0, max=2**31 - 1, help="The seed of all random numbers.")]
Overwrite = Annotated[
    bool,
    typer.Option("--overwrite", help="Delete the results of another study in the output folder."),
]
ChainStrength = Annotated[
    float | None,
    typer.Option(
        help="The strength of the chains, in units of the Ising couplings; by default it is "
        "computed by uniform torque compensation."
    ),
]
Tau = Annotated[
    float,
    typer.Option(
        help="The anneal time: dimensionless (hbar = 1), or in ns if the schedule is in GHz."
    ),
]


def schedule_of(option: str) -> AnnealSchedule:
    """Return the schedule that ``--schedule`` names: a known one, or that of a ``.csv`` file."""
    from ..annealing.schedules import SCHEDULES, load_schedule, schedule_named

    if option not in SCHEDULES and Path(option).is_dir():
        raise InputError(
            f"--schedule {option}: is a folder; give a .csv file or the name of a table"
        )
    return load_schedule(option) if option.endswith(".csv") else schedule_named(option)


def load_all(files: Sequence[str], pair_weight: int) -> list[tuple[str, QuboProblem]]:
    """Read all files before anything is computed, so that a bad file costs no result."""
    from ..problem.formats import load

    return [(file, load(file, pair_weight=pair_weight)) for file in files]


def hamiltonians(
    files: Sequence[str], convention: DriverName, pair_weight: int, schedule: str
) -> list[tuple[str, AnnealHamiltonian]]:
    """Return the anneal Hamiltonian of the problem in every file."""
    from ..annealing.drivers import Convention
    from ..annealing.hamiltonian import AnnealHamiltonian

    anneal_schedule, driver = schedule_of(schedule), Convention(convention).driver
    return [
        (
            file,
            AnnealHamiltonian(
                problem,
                anneal_schedule,
                driver(problem.num_qubits),
            ),
        )
        for file, problem in load_all(files, pair_weight)
    ]


def embedding_method(kind: EmbeddingKind) -> EmbeddingMethod:
    """Return the embedding method that ``--embedding`` names."""
    from ..samplers import CliqueEmbedding, MinorEmbedding

    return CliqueEmbedding() if kind is EmbeddingKind.CLIQUE else MinorEmbedding()
