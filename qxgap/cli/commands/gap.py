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
from ...spectra import GapProgress, MinimumGap, minimum_gap, spectrum
from ..options import AsJson, Driver, Files, PairWeight, Schedule, hamiltonians
from ..output import Row, Say, print_each, print_json, print_rows
from ..text_table import printable

MINOR = ("ground_energy", "matvecs", "eigensolves", "interior_s")
SHARED = ("degeneracy", "status", "unit")


def gap_command(
    files: Files,
    schedule: Schedule = "linear",
    convention: Driver = Convention.PAPER,
    pair_weight: PairWeight = 1,
    rtol: Annotated[float, typer.Option(help="relative width of the bracket")] = 1e-3,
    levels: Annotated[int, typer.Option(help="levels printed with --grid")] = 2,
    grid: Annotated[int, typer.Option(help="also the spectrum at N equidistant s")] = 0,
    device: Annotated[str | None, typer.Option(help="cpu or cuda, by PyTorch")] = None,
    precision: Annotated[
        Precision, typer.Option(help="of the vectors that a --device seeks")
    ] = Precision.DOUBLE,
    as_json: AsJson = False,
) -> None:
    """Certified minimum gap of each problem. Ctrl-C prints the bracket reached."""
    if grid < 0 or grid == 1:
        raise InputError(f"--grid {grid}; give 0 or at least 2 points")

    def rows(file: str, H: AnnealHamiltonian, say: Say) -> Iterator[Row]:
        shared = {"instance": file, "num_qubits": H.num_qubits}
        reached: list[GapProgress] = []

        def follow(step: GapProgress) -> None:
            reached[:] = [step]
            say(_bracket(step))

        try:
            found = minimum_gap(
                H, rtol=rtol, device=device, precision=precision, throw=False, progress=follow
            )
        except KeyboardInterrupt:
            for step in reached:
                yield shared | _interrupted(step, H)
            raise
        row = shared | _result(found, H)
        if grid:
            say(f"spectrum at {grid} points")
            s = np.linspace(0.0, 1.0, grid)
            spec = spectrum(H, s, levels, device=device, precision=precision)
            row |= {"s": spec.s.tolist(), "energies": spec.energies.tolist()}
        yield row

    problems = hamiltonians(files, convention, pair_weight, schedule)
    print_each(problems, rows, lambda rows: _print(rows, as_json))


def _bracket(step: GapProgress) -> str:
    """What the search has reached, for the progress line."""
    width = 1.0 - step.lower / step.value if 0 < step.value < math.inf else math.inf
    return (
        f"gap in [{step.lower:.4g}, {step.value:.4g}], {100 * width:.3g} % wide, "
        f"{step.eigensolves} solves, {step.matvecs} products"
    )


def _result(found: MinimumGap, H: AnnealHamiltonian) -> Row:
    row = {
        "gap": found.value,
        "gap_lower": found.lower,
        "s_star": found.s_star,
        "classical_gap": found.classical_gap,
        "degeneracy": found.degeneracy,
        "ground_energy": found.ground_energy,
        "status": found.status.name.lower(),
        "eigensolves": found.eigensolves,
        "matvecs": found.matvecs,
        "unit": found.unit,
        "interior_gap": found.interior_gap,
        "interior_s": found.interior_s,
    }
    return row | _millikelvin(found.value, H)


def _interrupted(step: GapProgress, H: AnnealHamiltonian) -> Row:
    """The row of a search that Ctrl-C stopped; what only its end would tell is None."""
    row = {
        "gap": step.value,
        "gap_lower": step.lower,
        "s_star": step.s_star,
        "classical_gap": None,
        "degeneracy": H.degeneracy,
        "ground_energy": None,
        "status": "interrupted",
        "eigensolves": step.eigensolves,
        "matvecs": step.matvecs,
        "unit": H.schedule.unit,
        "interior_gap": None,
        "interior_s": None,
    }
    return row | _millikelvin(step.value, H)


def _millikelvin(gap: float, H: AnnealHamiltonian) -> Row:
    if H.schedule.unit != "GHz":
        return {}
    return {"gap_millikelvin": float(H.schedule.to_millikelvin(gap))}


def _print(rows: Sequence[Row], as_json: bool) -> None:
    """Gaps, and below them the levels of each problem."""
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
