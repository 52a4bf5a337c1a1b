"""The command `qxgap gap`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...errors import InputError
from ..blocks import Entry, Row
from ..interrupt import import_at_once
from ..options import (
    AsCsv,
    AsJson,
    Driver,
    DriverName,
    Files,
    PairWeight,
    PrecisionName,
    Schedule,
    hamiltonians,
)
from ..output import Form, print_entries
from ..running import Say, compute_each
from ..text_table import table
from ..words import at_least, counted, number, spread

# What computes is imported where it is needed, so that help and mistakes in options wait for none
# of it.
if TYPE_CHECKING:
    from ...annealing import AnnealHamiltonian
    from ...linalg.methods import EigenMethod
    from ...spectra import EstimatedGap, EstimateProgress, GapProgress, MinimumGap

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
ESTIMATE_KEYS = (
    "gap_standard_error",
    "gap_interval",
    "gap_upper",
    "proven_from",
    "proven_lower",
    "num_configurations",
    "gained",
    "lost",
)
"""The further keys of an estimate."""

INTERRUPTED = "INTERRUPTED"
"""The status of a search that Ctrl-C stopped."""

INTERRUPTED_ESTIMATE = "INTERRUPTED_ESTIMATE"
"""The status of an estimate that Ctrl-C stopped."""

DIGITS = 3
"""Number of significant digits of energies, so that a gap and its bound differ."""

BOTTLENECK = 0.5
"""Share of the classical gap below which the minimum gap is called a bottleneck.

An anneal needs a time of the order of the gap to the power -2. Half the gap costs a factor of four,
which is less than the difference between the two drivers that are in use.
"""


def gap_command(
    files: Files,
    schedule: Schedule = "linear",
    convention: Driver = DriverName.PAPER,
    pair_weight: PairWeight = 1,
    rtol: Annotated[
        float | None,
        typer.Option(
            help="How far the printed gap may lie above its proven bound, relative to the gap, in "
            "(0, 1). By default 0.001, and 0.02 for problems so large that the gap is estimated.",
            show_default=False,
        ),
    ] = None,
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
        PrecisionName, typer.Option(help="The precision of the vectors on a --device.")
    ] = PrecisionName.DOUBLE,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Compute the smallest gap of the anneal of each problem, with a proven bound.

    The gap is the smallest distance, during the anneal, between the ground energy and the first
    level above it; the smaller it is, the slower the anneal must be. Each gap comes with a number
    that it is proven not to fall below; beyond about 25 qubits it is estimated instead, and proven
    late in the anneal. Ctrl-C prints what is proven so far.

    Example: qxgap gap problem.npz --rtol 1e-4
    """
    form = Form.of(as_json, as_csv)
    if grid < 0 or grid == 1:
        raise InputError(f"--grid {grid}; give 0 or at least 2 points")
    import_at_once("qxgap.spectra")
    from ...memory import require_memory

    require_memory(8 * grid * (levels + 2), f"a grid of {grid} points", "give fewer points")

    def entries(file: str, H: AnnealHamiltonian, say: Say) -> Iterator[Entry]:
        from ...spectra import minimum_gap

        shared = {"instance": file, "num_qubits": H.num_qubits}
        method = _method(H, device, precision)
        last_step: list[GapProgress | EstimateProgress] = []
        say("energy levels at both ends of the anneal")

        def follow(step: GapProgress | EstimateProgress) -> None:
            last_step[:] = [step]
            say(str(step))

        try:
            result = minimum_gap(H, rtol=rtol, method=method, throw=False, progress=follow)
        except KeyboardInterrupt:
            for step in last_step:
                yield _entry(shared | _interrupted(step, H))
            raise
        row = shared | _result(result, H)
        if grid:
            say(f"energy levels at {grid} points")
            row |= _grid(H, grid, levels, method)
        yield _entry(row, result)

    problems = hamiltonians(files, convention, pair_weight, schedule)
    compute_each(problems, entries, partial(print_entries, form=form, summary=_summary))


def _grid(H: AnnealHamiltonian, points: int, levels: int, method: EigenMethod | None) -> Row:
    """Return the lowest energy levels at equidistant points."""
    import numpy as np

    from ...spectra import spectrum

    low_levels = spectrum(H, np.linspace(0.0, 1.0, points), levels, method=method)
    return {"s": low_levels.s.tolist(), "energies": low_levels.energies.tolist()}


def _method(
    H: AnnealHamiltonian, device: str | None, precision: PrecisionName
) -> EigenMethod | None:
    """Return the eigensolver of the options; None leaves the choice to the dimension."""
    from ...linalg import Precision
    from ...linalg.methods import Davidson, default_method

    iterative = Davidson(device=device, precision=Precision(precision))
    if device is None:
        return None
    # the device is checked also where the problem is so small that LAPACK solves it on the host
    from ...annealing.torch_device import require_device

    require_device(device)
    return default_method(H.dimension, H.degeneracy + 1, iterative)


def _result(result: MinimumGap, H: AnnealHamiltonian) -> Row:
    """Return the row of a finished search."""
    from ...spectra import EstimatedGap

    values = result.to_dict()
    keys = KEYS + ESTIMATE_KEYS if isinstance(result, EstimatedGap) else KEYS
    return {key: values[key] for key in keys} | _millikelvin(result.value, H)


def _interrupted(step: GapProgress | EstimateProgress, H: AnnealHamiltonian) -> Row:
    """Return the row of a search that Ctrl-C stopped; None for values that only its end gives."""
    from ...spectra import GapProgress

    exact = isinstance(step, GapProgress)
    costs = (step.eigensolves, step.matvecs) if isinstance(step, GapProgress) else (step.points, 0)
    row = {
        "gap": step.value,
        "gap_lower": step.lower if exact else 0.0,
        "s_star": step.s_star,
        "classical_gap": None,
        "degeneracy": H.degeneracy if exact else None,
        "ground_energy": None,
        "status": "INTERRUPTED" if exact else INTERRUPTED_ESTIMATE,
        "eigensolves": costs[0],
        "matvecs": costs[1],
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


def _entry(row: Row, result: MinimumGap | None = None) -> Entry:
    """Return what is printed about one problem; an interrupted search has no ``result``."""
    return Entry(
        row["instance"],
        counted(row["num_qubits"], "qubit"),
        [row],
        _facts(row, result) if _has_gap(row) else [_no_gap(row)],
        _cells(row),
        partial(_levels, row) if "energies" in row else None,
    )


def _has_gap(row: Row) -> bool:
    return row["gap"] is not None and math.isfinite(row["gap"])


def _no_gap(row: Row) -> tuple[str, str]:
    if row["status"] in (INTERRUPTED, INTERRUPTED_ESTIMATE):
        return "no gap yet", "the search was interrupted before its first result"
    states = 2 ** row["num_qubits"]
    return "no gap", f"all {states} states have the same energy, so each of them is a solution"


def _facts(row: Row, result: MinimumGap | None) -> list[tuple[str, str]]:
    """Return the lines of a block; an interrupted search has no ``result``."""
    from ...spectra import EstimatedGap

    unit = "" if row["unit"] == "dimensionless" else f" {row['unit']}"
    facts = [
        (
            "smallest gap",
            f"{number(row['gap'], DIGITS)}{unit}, {_proof(row)}, at s = {row['s_star']:.3f} "
            f"({_when(row['s_star'])})",
        )
    ]
    if isinstance(result, EstimatedGap):
        facts += _estimate_facts(result, unit)
    if "gap_millikelvin" in row:
        facts.append(("as temperature", f"{number(row['gap_millikelvin'])} mK"))
    if result is not None:
        facts.append(("own spacing", _own_spacing(result, unit)))
        facts.append(("what it means", _meaning(result)))
    if row["ground_energy"] is not None:
        facts.append(("lowest energy", f"{number(row['ground_energy'], DIGITS)}, {_states(row)}"))
    if row["status"] in UNFINISHED:
        facts.append(("how sure", UNFINISHED[row["status"]]))
    return facts


def _estimate_facts(result: EstimatedGap, unit: str) -> list[tuple[str, str]]:
    """Return what an estimate adds: its interval, what is proven, and what changes there."""
    low, high = (number(bound, DIGITS) for bound in result.interval)
    facts = [("95 % interval", f"{low} to {high}{unit}")]
    if math.isfinite(result.proven_from):
        lower = at_least(result.proven_lower, DIGITS)
        facts.append(
            ("proven", f"at least {lower}{unit} from s = {result.proven_from:.3f} to the end")
        )
    if 0 < result.s_star < 1 and (result.gained or result.lost):
        changes = [
            f"{verb} {', '.join(map(str, variables))}"
            for verb, variables in (("gains", result.gained), ("loses", result.lost))
            if variables
        ]
        facts.append(("what changes", f"the best selection {' and '.join(changes)} there"))
    return facts


UNFINISHED = {
    INTERRUPTED: "the search was interrupted; the gap lies between the two numbers",
    INTERRUPTED_ESTIMATE: "the estimate was interrupted; a smaller gap may exist elsewhere",
    "ESTIMATED": "an estimate, for there are too many states to list them all",
    "BRACKETED_ABOVE": "an estimate early in the anneal; late in it, both bounds are proven",
    "BUDGET": "the search ended early, so the two numbers are further apart than --rtol asks",
    "RESOLUTION": "the two numbers are as close as double precision allows, not as --rtol asks",
    "INCOMPLETE": "not proven: the eigensolver may have missed a level",
}
"""The sentence about a search that did not reach its goal, by its status."""


def _own_spacing(result: MinimumGap, unit: str) -> str:
    """Return the gap of the problem itself, with which the minimum gap is compared."""
    spacing = f"{number(result.classical_gap, DIGITS)}{unit}"
    return f"{spacing} between the two lowest energies of the problem itself, at the end"


def _proof(row: Row) -> str:
    """Return what is proven about the gap, in three digits."""
    if row["gap_lower"] <= 0:
        if "gap_upper" not in row:
            return "estimated"
        return f"estimated, and proven to be at most {number(row['gap_upper'], DIGITS)}"
    lower = at_least(row["gap_lower"], DIGITS)
    same = lower == number(row["gap"], DIGITS)
    return "proven not to be smaller" if same else f"proven to be at least {lower}"


def _when(s: float) -> str:
    """Return in which part of the anneal a fraction lies."""
    if s in (0.0, 1.0):
        return "the start of the anneal" if s == 0.0 else "the end of the anneal"
    part = "early" if s < 1 / 3 else "halfway" if s < 2 / 3 else "late"
    return f"{part} in the anneal"


def _meaning(result: MinimumGap) -> str:
    """Return what the gap is near, and whether it is a bottleneck, as far as that is proven."""
    from ...spectra.minimum import GapMeaning

    verdict = ""
    if result.meaning is GapMeaning.CROSSING:
        words = {
            "no": "no quantum bottleneck",
            "yes": "a quantum bottleneck",
            "unknown": "whether that is a bottleneck is not proven",
        }
        verdict = f": {words[_bottleneck(result.to_dict())]}"
    text = result.explanation().removesuffix(".")
    return f"{text[:1].lower()}{text[1:]}{verdict}"


def _bottleneck(row: Row) -> str:
    """Return whether the anneal narrows the gap of the problem: no, yes or unknown, as proven."""
    classical = row["classical_gap"]
    if classical is None or not math.isfinite(classical):
        return "unknown"
    if row["gap_lower"] >= BOTTLENECK * classical:
        return "no"
    upper = row.get("gap_upper", row["gap"])
    return "yes" if upper < BOTTLENECK * classical else "unknown"


def _states(row: Row) -> str:
    states = row["degeneracy"]
    return "of a single state" if states == 1 else f"shared by {states} states"


def _cells(row: Row) -> dict[str, str]:
    """Return the cells of the table of many problems."""
    cells = {"qubits": str(row["num_qubits"])}
    if not _has_gap(row):
        return cells | {"bottleneck": "no gap"}
    return cells | {
        "gap": number(row["gap"], DIGITS),
        "at least": at_least(row["gap_lower"], DIGITS),
        "at s": f"{row['s_star']:.3f}",
        "bottleneck": _bottleneck(row),
    }


def _summary(rows: Sequence[Row]) -> str:
    """Return what all gaps say together."""
    known = [row for row in rows if _has_gap(row)]
    if not known:
        return f"None of the {len(rows)} problems has a gap."
    unit = "" if known[0]["unit"] == "dimensionless" else f" {known[0]['unit']}"
    without = sum(_bottleneck(row) == "no" for row in known)
    share = "all" if without == len(rows) else f"{without} of the {len(rows)}"
    return (
        f"The gaps are {spread([row['gap'] for row in known])}{unit}. {share.capitalize()} "
        "problems have no quantum bottleneck: their gap stays above half the spacing of their own "
        "lowest energies."
    )


def _levels(row: dict[str, Any], width: int | None) -> str:
    """Return the table of the energy levels at each s."""
    lines = [
        {"s": s, **{f"E{k}": energy for k, energy in enumerate(energies)}}
        for s, energies in zip(row["s"], row["energies"], strict=True)
    ]
    return table(lines, width, digits=6)
