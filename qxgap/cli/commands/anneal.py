"""The command `qxgap anneal`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ...annealing.drivers import Convention
from ...annealing.hamiltonian import AnnealHamiltonian
from ...dynamics import QutipODE, SplitOperator, anneal, product_success
from ...errors import InputError
from ..blocks import Entry, Row
from ..options import AsCsv, AsJson, Driver, Files, PairWeight, Schedule, hamiltonians
from ..output import Form, print_entries
from ..running import Say, compute_each, kept_in
from ..words import counted, number, percent, percent_spread

SHOWN_ERROR = 0.01
"""Share of the success probability from which on its error is printed."""

COLUMNS = (
    "instance",
    "num_qubits",
    "tau",
    "success_probability",
    "residual_energy",
    "null_product",
    "error_estimate",
    "norm_error",
    "steps",
)
"""The keys of a row, in their order."""

MOST_ANNEALS = 1e15
"""Number of anneals that cannot be done: a thousand million years of microseconds are more."""

CERTAINTY = 0.99
"""The certainty of success for which the number of anneals is given."""


class Integrator(StrEnum):
    """The integrators of the Schrödinger equation."""

    SPLIT = "split"
    QUTIP = "qutip"


def anneal_command(
    files: Files,
    tau: Annotated[
        list[float],
        typer.Option(
            help="An anneal time: dimensionless (hbar = 1), or in ns if the schedule is in GHz. "
            "The option may be repeated."
        ),
    ],
    method: Annotated[
        Integrator,
        typer.Option(help="The integrator: operator splitting (split), or a solver of QuTiP."),
    ] = Integrator.SPLIT,
    tol: Annotated[
        float,
        typer.Option(
            help="The largest error of the success probability that --method split allows."
        ),
    ] = 1e-6,
    schedule: Schedule = "linear",
    device: Annotated[
        str | None,
        typer.Option(
            help="The device on which PyTorch integrates with --method split, such as 'cpu' or "
            "'cuda'; by default the CPU is used without PyTorch."
        ),
    ] = None,
    max_steps: Annotated[
        int, typer.Option(help="The largest number of time steps of one integration.")
    ] = 1_000_000,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            help="A file to which --method split writes the progress of one anneal, and from which "
            "the same command continues; by default nothing is written."
        ),
    ] = None,
    convention: Driver = Convention.PAPER,
    pair_weight: PairWeight = 1,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Compute the success probability of each problem at each anneal time.

    It is the probability of a ground state at the end of an ideal anneal, by the Schrödinger
    equation. Beside it stands the probability that qubits annealed one by one would reach, which
    needs no quantum effect between them.

    Example: qxgap anneal problem.npz --tau 5 --tau 20
    """
    form = Form.of(as_json, as_csv)
    if checkpoint and len(files) * len(tau) > 1:
        raise InputError(
            f"--checkpoint {checkpoint} stores one anneal; give one file and one --tau"
        )
    if device and method is not Integrator.SPLIT:
        raise InputError(f"--device {device} needs --method split; QuTiP integrates on the CPU")
    split = SplitOperator(tol, max_steps=max_steps, device=device)
    integrator = split if method is Integrator.SPLIT else QutipODE(max_steps=max_steps)
    for_product = SplitOperator(tol, max_steps=max_steps)

    def entries(file: str, H: AnnealHamiltonian, say: Say) -> Iterator[Entry]:
        for time in tau:
            head = f"tau = {time:g}"
            say(head)
            with kept_in(checkpoint):
                run = anneal(
                    H,
                    time,
                    integrator,
                    checkpoint=checkpoint,
                    progress=partial(_say_run, say, head),
                )
            values = run.to_dict() | {
                "instance": file,
                "null_product": product_success(H, time, for_product),
            }
            yield _entry({name: values[name] for name in COLUMNS})

    problems = hamiltonians(files, convention, pair_weight, schedule)
    compute_each(problems, entries, partial(print_entries, form=form, summary=_summary))


def _say_run(say: Say, head: str, text: str) -> None:
    say(f"{head}: {text}")


def _entry(row: Row) -> Entry:
    """Return what is printed about one anneal."""
    head = f"tau = {row['tau']:g}"
    return Entry(
        row["instance"],
        counted(row["num_qubits"], "qubit"),
        [row],
        [(head, _sentence(row))],
        {"qubits": str(row["num_qubits"]), f"success, {head}": percent(row["success_probability"])},
    )


def _sentence(row: Row) -> str:
    """Return what one anneal reaches."""
    success, error = row["success_probability"], row["error_estimate"]
    exact = f" (uncertain by {percent(error)})" if error and error > SHOWN_ERROR * success else ""
    return (
        f"{percent(success)} of the anneals end in a state of lowest energy{exact}; qubits "
        f"annealed one by one would reach {percent(row['null_product'])}. {_repetitions(success)} "
        f"On average the energy ends {number(row['residual_energy'], 2)} above the lowest."
    )


def _repetitions(probability: float) -> str:
    """Return how many anneals find a best state with certainty CERTAINTY."""
    if probability >= CERTAINTY:
        return "One anneal is enough."
    anneals = math.inf
    if probability > 0:
        anneals = math.log1p(-CERTAINTY) / math.log1p(-probability)
    if not anneals < MOST_ANNEALS:
        return "No number of anneals that can be done would find one."
    return f"{number(math.ceil(anneals), 2)} anneals find one with 99 % certainty."


def _summary(rows: Sequence[Row]) -> str:
    """Return the range of the success probabilities at each anneal time."""
    texts = []
    for tau in dict.fromkeys(row["tau"] for row in rows):
        shares = [row["success_probability"] for row in rows if row["tau"] == tau]
        texts.append(
            f"At tau = {tau:g}, {percent_spread(shares)} of the anneals end in a state of lowest "
            "energy."
        )
    return " ".join(texts)
