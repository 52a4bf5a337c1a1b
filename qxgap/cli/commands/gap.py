"""The command `qxgap gap`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from ...annealing.drivers import Convention
from ...annealing.hamiltonian import AnnealHamiltonian
from ...errors import InputError
from ...linalg.arrays import Precision
from ...linalg.methods import Davidson, EigenMethod, default_method
from ...memory import require_memory
from ...spectra import GapProgress, MinimumGap, minimum_gap, spectrum
from ..options import AsJson, Driver, Files, PairWeight, Schedule, hamiltonians
from ..output import Row, Say, print_each, print_json, print_rows
from ..text_table import printable

KEYS = (
    "gap",
    "gap_lower",
    "s_star",
    "classical_gap",
    "degeneracy",
    "ground_energy",
    "status",
    "eigensolves",
    "matvecs",
    "unit",
    "interior_gap",
    "interior_s",
)
"""The keys of :meth:`qxgap.MinimumGap.to_dict` that a row has."""
MINOR = ("ground_energy", "matvecs", "eigensolves", "interior_s")
SHARED = ("degeneracy", "status", "unit")


def gap_command(
    files: Files,
    schedule: Schedule = "linear",
    convention: Driver = Convention.PAPER,
    pair_weight: PairWeight = 1,
    rtol: Annotated[
        float,
        typer.Option(help="The width of the bracket of the gap, relative to the gap, in (0, 1)."),
    ] = 1e-3,
    levels: Annotated[
        int, typer.Option(help="The number of energy levels that --grid prints.")
    ] = 2,
    grid: Annotated[
        int,
        typer.Option(
            help="The number of equidistant s at which the lowest energy levels are printed too; "
            "0 prints none."
        ),
    ] = 0,
    device: Annotated[
        str | None,
        typer.Option(
            help="The device on which PyTorch computes, such as 'cpu' or 'cuda'; by default the "
            "CPU is used without PyTorch."
        ),
    ] = None,
    precision: Annotated[
        Precision, typer.Option(help="The precision of the vectors on a --device.")
    ] = Precision.DOUBLE,
    as_json: AsJson = False,
) -> None:
    """Compute the certified minimum gap of the anneal of each problem.

    The gap is the smallest distance, during the anneal, between the ground energy and the first
    level above it; the smaller it is, the slower the anneal must be. Each result is a bracket: the
    gap is at most the printed gap and at least gap_lower. Ctrl-C prints the bracket reached so far.

    Example: qxgap gap problem.npz --rtol 1e-4
    """
    if grid < 0 or grid == 1:
        raise InputError(f"--grid {grid}; give 0 or at least 2 points")
    require_memory(8 * grid * (levels + 2), f"a grid of {grid} points", "give fewer points")

    def rows(file: str, H: AnnealHamiltonian, say: Say) -> Iterator[Row]:
        shared = {"instance": file, "num_qubits": H.num_qubits}
        method = _method(H, device, precision)
        last_step: list[GapProgress] = []

        def follow(step: GapProgress) -> None:
            last_step[:] = [step]
            say(_bracket(step))

        try:
            result = minimum_gap(H, rtol=rtol, method=method, throw=False, progress=follow)
        except KeyboardInterrupt:
            for step in last_step:
                yield shared | _interrupted(step, H)
            raise
        row = shared | _result(result, H)
        if grid:
            say(f"spectrum at {grid} points")
            s = np.linspace(0.0, 1.0, grid)
            low_levels = spectrum(H, s, levels, method=method)
            row |= {"s": low_levels.s.tolist(), "energies": low_levels.energies.tolist()}
        yield row

    problems = hamiltonians(files, convention, pair_weight, schedule)
    print_each(problems, rows, lambda rows: _print(rows, as_json))


def _bracket(step: GapProgress) -> str:
    """Return the bracket that the search has reached, for the progress line."""
    width = 1.0 - step.lower / step.value if 0 < step.value < math.inf else math.inf
    return (
        f"gap in [{step.lower:.4g}, {step.value:.4g}], {100 * width:.3g} % wide, "
        f"{step.eigensolves} solves, {step.matvecs} products"
    )


def _method(H: AnnealHamiltonian, device: str | None, precision: Precision) -> EigenMethod | None:
    """Return the eigensolver of the options; None leaves the choice to the dimension."""
    iterative = Davidson(device=device, precision=precision)
    if device is None:
        return None
    # the device is checked also where the problem is so small that LAPACK solves it on the host
    from ...annealing.torch_device import require_device

    require_device(device)
    return default_method(H.dimension, H.degeneracy + 1, iterative)


def _result(result: MinimumGap, H: AnnealHamiltonian) -> Row:
    """Return the row of a finished search."""
    values = result.to_dict()
    return {key: values[key] for key in KEYS} | _millikelvin(result.value, H)


def _interrupted(step: GapProgress, H: AnnealHamiltonian) -> Row:
    """Return the row of a search that Ctrl-C stopped; None for values that only its end gives."""
    row = {
        "gap": step.value,
        "gap_lower": step.lower,
        "s_star": step.s_star,
        "classical_gap": None,
        "degeneracy": H.degeneracy,
        "ground_energy": None,
        "status": "INTERRUPTED",
        "eigensolves": step.eigensolves,
        "matvecs": step.matvecs,
        "unit": H.schedule.unit,
        "interior_gap": None,
        "interior_s": None,
    }
    return row | _millikelvin(step.value, H)


def _millikelvin(gap: float, H: AnnealHamiltonian) -> Row:
    """Return the temperature that a gap in GHz corresponds to; nothing for other units."""
    if H.schedule.unit != "GHz":
        return {}
    return {"gap_millikelvin": float(H.schedule.to_millikelvin(gap))}


def _print(rows: Sequence[Row], as_json: bool) -> None:
    """Print the gaps, and below them the energy levels of each problem."""
    if as_json:
        print_json(list(rows))
        return
    levels = ("s", "energies")
    print_rows(
        [{k: v for k, v in row.items() if k not in levels} for row in rows],
        False,
        minor=MINOR,
        shared=SHARED,
    )
    for row in rows:
        if "energies" in row:
            typer.echo(f"\n{printable(Path(row['instance']).name)}")
            print_rows(
                [
                    {"s": s, **{f"E{k}": energy for k, energy in enumerate(energies)}}
                    for s, energies in zip(row["s"], row["energies"], strict=True)
                ],
                False,
            )
