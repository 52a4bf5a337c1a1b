"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from ..anneal.schedule import AnnealSchedule, load_schedule, schedule_named


class Convention(StrEnum):
    """Driver weight 1 (the paper's text) or 1/d (its code)."""

    PAPER = "paper"
    AUTHORS_CODE = "authors-code"


Files = Annotated[list[str], typer.Argument(help="problem files: .npz .bqm .coo .json .qubo")]
File = Annotated[str, typer.Argument(help="a problem file: .npz .bqm .coo .json .qubo")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
Driver = Annotated[Convention, typer.Option("--convention", help="driver weight: 1, or 1/d")]
PairWeight = Annotated[int, typer.Option(help="how often an .npz counts a pair: 1 or 2")]
Schedule = Annotated[str, typer.Option(help="linear, the name of a D-Wave table, or a .csv file")]
Seed = Annotated[int, typer.Option(help="of all that is random")]
Tau = Annotated[float, typer.Option(help="anneal time (hbar = 1)")]


def schedule_of(option: str) -> AnnealSchedule:
    """Look up or, for ``.csv``, read the schedule that ``--schedule`` names."""
    return load_schedule(option) if option.endswith(".csv") else schedule_named(option)
