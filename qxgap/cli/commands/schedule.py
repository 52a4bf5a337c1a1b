"""The command `qxgap schedule`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...digits import probability
from ...errors import InputError
from ...results import plain
from ..blocks import Entry, Row
from ..options import AsCsv, AsJson, Driver, DriverName, File, PairWeight
from ..output import Form, print_entries, refuse_inputs
from ..running import progress_line
from ..text_table import table
from ..words import counted, number, percent

# What computes is imported where it is needed, so that help and mistakes in options wait for none
# of it.
if TYPE_CHECKING:
    from ...annealing.hamiltonian import AnnealHamiltonian
    from ...annealing.schedules import AnnealSchedule, AnnealWaveform
    from ...dynamics import WaveformLoss


class ScheduleKind(StrEnum):
    """How the anneal fraction s rises."""

    LOCAL = "local"
    PAUSE = "pause"
    EVEN = "even"


NS_PER_US = 1000.0
UNNOTICED = 0.001
"""Share of the time that is not worth a word."""


def schedule_command(
    file: File,
    solver: Annotated[
        str,
        typer.Option("--for", help="The solver, such as Advantage2_system1 or Advantage_system6."),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The file of the points to write: .json.")
    ],
    kind: Annotated[
        ScheduleKind,
        typer.Option(
            help="The schedule: slow where the gap is small, with ds/dt proportional to gap^2 "
            "(local), with a pause where it is smallest (pause), or an even rise (even)."
        ),
    ] = ScheduleKind.LOCAL,
    pause: Annotated[
        float,
        typer.Option(help="The share of the anneal time that the pause of --kind pause takes."),
    ] = 0.5,
    annealing_time: Annotated[float, typer.Option(help="The anneal time in microseconds.")] = 20.0,
    scale: Annotated[
        float | None,
        typer.Option(
            help="The number by which the annealer divides all energies to fit its ranges; by "
            "default that for single qubits without chains (auto_scale). `qxgap embed` computes "
            "it with chains."
        ),
    ] = None,
    max_points: Annotated[
        int | None,
        typer.Option(help="The largest number of points; by default the annealer's limit, 12."),
    ] = None,
    properties: Annotated[
        Path | None,
        typer.Option(
            help="A .json file of the solver's properties, as DWaveSampler().properties has them; "
            "by default those of Advantage_system6.4 and Advantage2_system1."
        ),
    ] = None,
    loss: Annotated[
        bool,
        typer.Option(
            "--loss",
            help="Anneal with the schedule and with its points, without noise, and say what the "
            "points lose. That takes long beyond a microsecond.",
        ),
    ] = False,
    convention: Driver = DriverName.PAPER,
    pair_weight: PairWeight = 1,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Write the anneal schedule of a problem as points that an annealer accepts.

    The schedule is made from the gap of the problem on the annealer's own table. At most 12 points
    can be sent, and s can rise by at most 2 per microsecond, so the points only come near to it;
    the command says how near. D-Wave's parameter anneal_schedule takes the list of the file.

    Example: qxgap schedule problem.npz --for Advantage2_system1 -o points.json
    """
    from ...annealing.drivers import Convention
    from ...annealing.hamiltonian import AnnealHamiltonian
    from ...annealing.schedules import AnnealSchedule
    from ...dynamics import waveform_loss
    from ...files import write_whole
    from ...problem.formats import load
    from ...samplers import scale_without_chains

    form = Form.of(as_json, as_csv)
    if out.suffix != ".json":
        raise InputError(f"--out {out}: points are written as JSON; give a name that ends in .json")
    problem = load(file, pair_weight=pair_weight)
    refuse_inputs([out], [file, *([properties] if properties else [])])
    limits: dict[str, Any] = {"max_points": max_points, "properties": _properties(properties)}
    if scale is None:
        scale = scale_without_chains(problem, _topology(solver)).factor
    base = AnnealSchedule.of_solver(solver, scale=scale)
    H = AnnealHamiltonian(problem, base, Convention(convention).driver(problem.num_qubits))
    tau = NS_PER_US * annealing_time
    base.to_dwave(solver, tau, scale=scale, **limits)  # refuses before it computes
    with progress_line() as say:
        say(f"{Path(file).name}  gap on {base.name}")
        H = H.with_schedule(_schedule(kind, H, pause))
        waveform = H.schedule.to_dwave(solver, tau, scale=scale, **limits)
        lost = None
        if loss:
            say(f"{Path(file).name}  anneals with and without the annealer's limits")
            lost = waveform_loss(H, solver, tau, scale=scale, **limits)
    row = _row(file, H, solver, scale, waveform, lost)
    write_whole(out, (json.dumps(plain(row)) + "\n").encode())
    print_entries([_entry(row | {"file": str(out)})], form, _summary)


def _properties(path: Path | None) -> Mapping[str, Any] | None:
    """Return the properties in a file; None without one."""
    from ...checks import kind_of

    if path is None:
        return None
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise InputError(f"{path}: is not JSON ({error}); write a mapping of properties") from error
    if isinstance(values, dict) and isinstance(values.get("properties"), dict):
        values = values["properties"]  # as D-Wave's service answers
    if not isinstance(values, dict):
        raise InputError(f"{path}: holds {kind_of(values)}; write a mapping of properties")
    return values


def _topology(solver: str) -> str:
    """Return the graph of the generation of a solver."""
    return "zephyr" if solver.startswith("Advantage2") else "pegasus"


def _schedule(kind: ScheduleKind, H: AnnealHamiltonian, pause: float) -> AnnealSchedule:
    """Return the schedule of a kind on the annealer's table."""
    from ...spectra import locally_adiabatic, paused_at_gap

    if kind is ScheduleKind.LOCAL:
        return locally_adiabatic(H)
    if kind is ScheduleKind.PAUSE:
        return paused_at_gap(H, share=pause)
    return H.schedule


def _row(
    file: str,
    H: AnnealHamiltonian,
    solver: str,
    scale: float,
    waveform: AnnealWaveform,
    lost: WaveformLoss | None,
) -> Row:
    """Return the row of ``--json``, which is also what the file holds."""
    values: dict[str, Any] = {
        "instance": file,
        "num_qubits": H.num_qubits,
        "solver": solver,
        "scale": scale,
        **waveform.to_dict(),
    }
    if lost is not None:
        keys = ("success_of_schedule", "success_of_points", "success_of_ramp", "loss")
        numbers = lost.to_dict()
        values |= {key: numbers[key] for key in (*keys, "error_estimate")}
    return values


def _entry(row: Row) -> Entry:
    """Return what is printed about the points."""
    points = row["anneal_schedule"]
    facts = [
        ("schedule", f"{counted(len(points), 'point')} for {number(row['tau'] / NS_PER_US)} us"),
        ("how near", _nearness(row)),
        ("energies", _energies(row["scale"])),
    ]
    if "loss" in row:
        facts.append(("success", _loss(row)))
    facts.append(("written to", row["file"]))
    lines = [{"time (us)": t, "s": s} for t, s in points]
    cells = {"points": str(len(points)), "distance": number(row["mean_distance"])}
    title = f"{counted(row['num_qubits'], 'qubit')} on {row['table']}"
    return Entry(
        row["instance"], title, [row], facts, cells, lambda width: table(lines, width, digits=4)
    )


def _nearness(row: Row) -> str:
    """Return how far the points are from the schedule."""
    if row["mean_distance"] <= 1e-6:
        return "the points are the schedule itself"
    text = f"s differs from the schedule by {number(row['mean_distance'])} on average over the time"
    if row["num_needed"] > len(row["anneal_schedule"]):
        text += f"; {row['num_needed']} points would keep it within 0.001"
    if row["limited_share"] > UNNOTICED:
        text += (
            f". {percent(row['limited_share'])} of the time goes to parts that the annealer cannot "
            "pass as fast"
        )
    return text


def _energies(scale: float) -> str:
    """Return how the annealer changes the problem's energies, as the schedule takes them."""
    if scale == 1:
        return "taken as they are"
    factor = f"divided by {number(scale)}" if scale > 1 else f"multiplied by {number(1 / scale)}"
    return f"{factor} to fit the annealer's range; chains of an embedding may need another --scale"


def _loss(row: Row) -> str:
    """Return what the points lose, without noise."""
    return (
        f"without noise, {probability(row['success_of_points'])} through the points, "
        f"{probability(row['success_of_schedule'])} by the schedule itself, and "
        f"{probability(row['success_of_ramp'])} by an even rise of s"
    )


def _summary(rows: Sequence[Row]) -> str:
    """Return nothing: one problem has no summary."""
    return ""
