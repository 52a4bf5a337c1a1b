"""The command `qxgap anneal`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...digits import fraction
from ...errors import InputError
from ..blocks import Entry, Row
from ..interrupt import import_at_once
from ..options import AsCsv, AsJson, Driver, DriverName, Files, PairWeight, Schedule, hamiltonians
from ..output import Form, print_entries
from ..running import Say, compute_each, kept_in
from ..words import counted, number, percent, percent_spread

# What computes is imported where it is needed, so that help and mistakes in options wait for none
# of it.
if TYPE_CHECKING:
    from ...annealing import AnnealHamiltonian
    from ...dynamics import SplitOperator
    from ...dynamics.methods import AnnealMethod
    from ...spectra import LandauZener

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

INTERVAL_COLUMNS = (
    "success_probability_interval",
    "num_configurations",
    "status",
    "followed_until",
    "mean_field_success",
)
"""The keys that the method ``selected`` adds."""

CROSSING_COLUMNS = ("landau_zener", "landau_zener_interval", "crossing_s", "crossing_gap")
"""The keys that are added where the success probability is hardly bounded: an estimate."""

MOST_ANNEALS = 1e15
"""Number of anneals that cannot be done: a thousand million years of microseconds are more."""

CERTAINTY = 0.99
"""The certainty of success for which the number of anneals is given."""


class Integrator(StrEnum):
    """The integrators of the Schrödinger equation."""

    SPLIT = "split"
    QUTIP = "qutip"
    SELECTED = "selected"


class Observed(StrEnum):
    """What can be observed on the way of an anneal."""

    MAGNETIZATION = "magnetization"
    CORRELATIONS = "correlations"
    KINKS = "kinks"
    ENERGY = "energy"
    VARIANCE = "variance"
    LEVELS = "levels"
    ENTANGLEMENT = "entanglement"


OBSERVABLES = {
    Observed.MAGNETIZATION: "Magnetization",
    Observed.CORRELATIONS: "Correlations",
    Observed.KINKS: "Kinks",
    Observed.ENERGY: "MeanEnergy",
    Observed.VARIANCE: "EnergyVariance",
    Observed.LEVELS: "LevelPopulations",
    Observed.ENTANGLEMENT: "EntanglementEntropy",
}
"""The class in qxgap.observables of each name."""

CONVERGED = "CONVERGED"
"""The status of an anneal whose interval is as narrow as the tolerance."""

MOST_COMPONENTS = 8
"""Largest number of components of an observable that are printed one by one."""

MAX_CONFIGURATIONS = 10_000
"""The default of ``max_configurations``, that of :class:`qxgap.SelectedDynamics`."""


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
        Integrator | None,
        typer.Option(
            help="The integrator: operator splitting (split), a solver of QuTiP (qutip), or "
            "selected configurations with a proven interval (selected). By default split, and "
            "selected where its vectors of 2^d numbers do not fit into memory."
        ),
    ] = None,
    tol: Annotated[
        float | None,
        typer.Option(
            help="The largest error of the success probability that is allowed: by default 1e-6 "
            "with --method split, and 1e-3 with --method selected."
        ),
    ] = None,
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
    max_configurations: Annotated[
        int, typer.Option(help="The largest number of configurations of --method selected.")
    ] = MAX_CONFIGURATIONS,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            help="A file to which --method split writes the progress of one anneal, and from which "
            "the same command continues; by default nothing is written."
        ),
    ] = None,
    observe: Annotated[
        list[Observed] | None,
        typer.Option(
            help="What is measured in the state on the way: spins (magnetization), pairs of spins "
            "(correlations), broken couplings (kinks), mean and variance of H(s), populations of "
            "its two lowest levels, or the entanglement of the first half of the variables. The "
            "option may be repeated."
        ),
    ] = None,
    at: Annotated[
        list[float] | None,
        typer.Option(
            help="An anneal fraction from 0 to 1 at which --observe measures; by default the end, "
            "1. The option may be repeated."
        ),
    ] = None,
    convention: Driver = DriverName.PAPER,
    pair_weight: PairWeight = 1,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Compute the success probability of each problem at each anneal time.

    It is the probability of a ground state at the end of an ideal anneal, by the Schrödinger
    equation. Beside it stands the probability that qubits annealed one by one would reach, which
    needs no quantum effect between them. Where 2^d numbers do not fit into memory, the probability
    is bounded by proof. If the bounds are wide, Landau and Zener's law estimates it from the
    smallest gap, which takes a minute or two at 160 qubits.

    Example: qxgap anneal problem.npz --tau 5 --tau 20
    """
    form = Form.of(as_json, as_csv)
    if checkpoint and len(files) * len(tau) > 1:
        raise InputError(
            f"--checkpoint {checkpoint} stores one anneal; give one file and one --tau"
        )
    if at and not observe:
        raise InputError(f"--at {at[0]:g} needs --observe, such as --observe magnetization")
    if observe and checkpoint:
        raise InputError("an anneal with --observe cannot be continued; leave out --checkpoint")
    if device and method not in (Integrator.SPLIT, None):
        raise InputError(f"--device {device} needs --method split; the others use the CPU")

    import_at_once("qxgap.spectra")
    from ... import observables
    from ...dynamics import SelectedAnneal, anneal, product_success

    integrator, for_product = _integrators(method, tol, device, max_steps, max_configurations)
    by_size = method is None and not (device or checkpoint or observe)

    def entries(file: str, H: AnnealHamiltonian, say: Say) -> Iterator[Entry]:
        crossing = cache(partial(_crossing, H, say))
        for time in tau:
            head = f"tau = {time:g}"
            say(head)
            with kept_in(checkpoint):
                run = anneal(
                    H,
                    time,
                    integrator(H, by_size),
                    at=at or (),
                    observe=[
                        getattr(observables, OBSERVABLES[name])()
                        for name in dict.fromkeys(observe or [])
                    ],
                    checkpoint=checkpoint,
                    progress=partial(_say_run, say, head),
                )
            values = run.to_dict() | {
                "instance": file,
                "null_product": product_success(H, time, for_product),
            }
            added: tuple[str, ...] = ()
            if isinstance(run, SelectedAnneal):
                added = INTERVAL_COLUMNS
            elif observe:
                added = ("observations",)
            row = {name: values[name] for name in (*COLUMNS, *added)}
            note = ""
            if "status" in row and row["status"] != CONVERGED:
                found = crossing()
                note = _crossing_sentence(found, time)
                row |= _crossing_values(found, time)
            yield _entry(row, note)

    problems = hamiltonians(files, convention, pair_weight, schedule)
    compute_each(problems, entries, partial(print_entries, form=form, summary=_summary))


def _integrators(
    method: Integrator | None,
    tol: float | None,
    device: str | None,
    max_steps: int,
    max_configurations: int,
) -> tuple[Callable[[AnnealHamiltonian, bool], AnnealMethod], SplitOperator]:
    """Return the choice of the integrator of a Hamiltonian, and that of separate qubits.

    The choice is called with the Hamiltonian, and with whether its size decides.
    """
    from ...dynamics import QutipODE, SelectedDynamics, SplitOperator
    from ...dynamics.solve import default_method

    split_tol = SplitOperator.tol if tol is None else tol
    split = SplitOperator(split_tol, max_steps=max_steps, device=device)
    selected_tol = SelectedDynamics.tol if tol is None else tol
    selected = SelectedDynamics(selected_tol, max_configurations, max_steps)

    def integrator(H: AnnealHamiltonian, by_size: bool) -> AnnealMethod:
        if method is Integrator.QUTIP:
            return QutipODE(max_steps=max_steps)
        too_large = by_size and isinstance(default_method(H), SelectedDynamics)
        return selected if too_large or method is Integrator.SELECTED else split

    return integrator, SplitOperator(split_tol, max_steps=max_steps)


def _say_run(say: Say, head: str, text: str) -> None:
    say(f"{head}: {text}")


def _crossing(H: AnnealHamiltonian, say: Say) -> LandauZener | str:
    """Return the avoided crossing of an anneal, or why there is none."""
    from ...spectra import landau_zener

    try:
        return landau_zener(H, progress=lambda step: say(f"avoided crossing: {step}"))
    except InputError as error:
        return str(error)


def _crossing_values(crossing: LandauZener | str, tau: float) -> Row:
    """Return the estimate of Landau and Zener's law, as far as there is one."""
    if isinstance(crossing, str):
        return dict.fromkeys(CROSSING_COLUMNS)
    values = (
        crossing.success_probability(tau),
        list(crossing.success_interval(tau)),
        crossing.s0,
        crossing.gap,
    )
    return dict(zip(CROSSING_COLUMNS, values, strict=True))


def _crossing_sentence(crossing: LandauZener | str, tau: float) -> str:
    """Return what Landau and Zener's law says of an anneal, or why it says nothing."""
    if isinstance(crossing, str):
        return f"No estimate by Landau and Zener's law: {crossing.partition(';')[0]}."
    text = (
        f"By Landau and Zener's law {percent(crossing.success_probability(tau))} pass the smallest "
        f"gap, {number(crossing.gap, 2)} at s = {fraction(crossing.s0)}, in the ground state"
    )
    if crossing.is_estimated:
        spread = percent_spread(crossing.success_interval(tau))
        text += f" (95 % interval {spread}, from the error of the gap alone)"
    return f"{text}. This is no proof: the law knows two levels and leaves out all others."


def _entry(row: Row, note: str = "") -> Entry:
    """Return what is printed about one anneal, with a note on the avoided crossing."""
    head = f"tau = {row['tau']:g}"
    share = percent(row["success_probability"])
    if not _is_known(row):
        share = percent_spread(row["success_probability_interval"])
    return Entry(
        row["instance"],
        counted(row["num_qubits"], "qubit"),
        [row],
        [
            (head, _sentence(row)),
            *([("estimate", note)] if note else []),
            *_comparison(row),
            *_observed(row),
        ],
        {"qubits": str(row["num_qubits"]), f"success, {head}": share},
    )


def _observed(row: Row) -> list[tuple[str, str]]:
    """Return what was observed, an entry for each observable."""
    seen = row.get("observations")
    if not seen:
        return []
    return [
        (
            name.replace("_", " "),
            "; ".join(
                f"{_values(value, seen['components'][name])} at s = {fraction(s)}"
                for s, value in zip(seen["s"], values, strict=True)
            ),
        )
        for name, values in seen["values"].items()
    ]


def _values(value: float | list[float], names: Sequence[str]) -> str:
    """Return the value of an observable, or those of its components."""
    if not isinstance(value, list):
        return number(value, 2)
    if len(value) > MOST_COMPONENTS:
        return f"{number(min(value), 2)} to {number(max(value), 2)}, of {len(value)} values"
    return ", ".join(f"{name}: {number(x, 2)}" for name, x in zip(names, value, strict=True))


def _comparison(row: Row) -> list[tuple[str, str]]:
    """Return what simpler models of an anneal reach whose success probability is not known."""
    if _is_known(row):
        return []
    alone, mean = percent(row["null_product"]), percent(row["mean_field_success"])
    text = (
        f"Qubits annealed one by one would reach {alone}, and qubits that feel the mean field of "
        f"the others {mean}. Neither needs entanglement."
    )
    return [("simple models", text)]


def _sentence(row: Row) -> str:
    """Return what one anneal reaches."""
    success, error = row["success_probability"], row["error_estimate"]
    if not _is_known(row):
        return _bounds(row)
    exact = f" (uncertain by {percent(error)})" if error and error > SHOWN_ERROR * success else ""
    return (
        f"{percent(success)} of the anneals end in a state of lowest energy{exact}; qubits "
        f"annealed one by one would reach {percent(row['null_product'])}. {_repetitions(success)} "
        f"On average the energy ends {number(row['residual_energy'], 2)} above the lowest."
    )


def _is_known(row: Row) -> bool:
    """Return whether the success probability is known, and not only a wide interval of it."""
    bounded = INTERVAL_COLUMNS[0] in row
    return not bounded or row["error_estimate"] <= SHOWN_ERROR * row["success_probability"]


def _bounds(row: Row) -> str:
    """Return what is proven about an anneal, where its interval is wide."""
    low, high = row["success_probability_interval"]
    if row["status"] == CONVERGED:
        return (
            f"Between {percent(low)} and {percent(high)} of the anneals end in a state of lowest "
            "energy (proven)."
        )
    if low <= 0 and high >= 1:
        text = "The share of anneals that end in a state of lowest energy could not be bounded"
    else:
        text = (
            f"Between {percent(low)} and {percent(high)} of the anneals end in a state of lowest "
            "energy; no more is proven"
        )
    text += (
        f": the anneal spreads over more than the {row['num_configurations']:,} configurations "
        "that were followed"
    )
    until = row["followed_until"]
    if until < 1:
        text += f", which describe it until s = {fraction(until)}"
    return f"{text}."


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
        known = [row for row in rows if row["tau"] == tau and _is_known(row)]
        shares = [row["success_probability"] for row in known]
        if not shares:
            continue
        texts.append(
            f"At tau = {tau:g}, {percent_spread(shares)} of the anneals end in a state of lowest "
            "energy."
        )
    return " ".join(texts)
