"""The command `qxgap anneal`."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ...annealing.drivers import Convention
from ...annealing.hamiltonian import AnnealHamiltonian
from ...dynamics import QutipODE, SplitOperator, anneal, product_success
from ...errors import InputError
from ..options import AsJson, Driver, Files, PairWeight, Schedule, hamiltonians
from ..output import Row, Say, kept_in, print_each, print_rows, without_unknown

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
"""Names of the numbers that are printed, in their order."""


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
) -> None:
    """Compute the success probability of each problem at each anneal time.

    It is the probability of a ground state at the end of an ideal anneal, by the Schrödinger
    equation. The column null_product is the probability that independent qubits would reach.

    Example: qxgap anneal problem.npz --tau 5 --tau 20
    """
    if checkpoint and len(files) * len(tau) > 1:
        raise InputError(
            f"--checkpoint {checkpoint} stores one anneal; give one file and one --tau"
        )
    if device and method is not Integrator.SPLIT:
        raise InputError(f"--device {device} needs --method split; QuTiP integrates on the CPU")
    split = SplitOperator(tol, max_steps=max_steps, device=device)
    integrator = split if method is Integrator.SPLIT else QutipODE(max_steps=max_steps)
    for_product = SplitOperator(tol, max_steps=max_steps)

    def rows(file: str, H: AnnealHamiltonian, say: Say) -> Iterator[Row]:
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
            yield {name: values[name] for name in COLUMNS}

    def show(rows: list[Row]) -> None:
        shown = rows if as_json else without_unknown(rows)
        print_rows(shown, as_json, minor=("norm_error", "steps"))

    print_each(hamiltonians(files, convention, pair_weight, schedule), rows, show)


def _say_run(say: Say, head: str, text: str) -> None:
    say(f"{head}: {text}")
