"""The command `qxgap embed`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import InputError
from ..blocks import Entry, Row
from ..options import (
    AsCsv,
    AsJson,
    ChainStrength,
    EmbeddingKind,
    Files,
    PairWeight,
    Seed,
    embedding_method,
    load_all,
)
from ..output import Form, print_entries
from ..running import Say, compute_each
from ..words import counted, number, percent, percent_spread, spread

# What computes is imported where it is needed, so that help and mistakes in options wait for none
# of it.
if TYPE_CHECKING:
    from ...problem.qubo import QuboProblem

TOPOLOGIES = ("pegasus", "zephyr")
"""The names of :data:`qxgap.samplers.ANNEALERS`."""


def embed_command(
    files: Files,
    topology: Annotated[
        list[str] | None,
        typer.Option(
            help=f"The annealer: {', '.join(TOPOLOGIES)}. The option may be repeated; by default "
            "all of them are estimated."
        ),
    ] = None,
    embedding: Annotated[
        EmbeddingKind,
        typer.Option(
            help="The embedding: chains for a complete graph (clique), or for the couplings of the "
            "problem (minor)."
        ),
    ] = EmbeddingKind.CLIQUE,
    chain_strength: ChainStrength = None,
    noise: Annotated[
        int,
        typer.Option(
            help="The number of copies of the problem with random control errors, at most a "
            "million; 0 for none."
        ),
    ] = 1000,
    max_qubits: Annotated[
        int,
        typer.Option(
            help="The largest number of variables for which gap and control errors are computed."
        ),
    ] = 16,
    pair_weight: PairWeight = 1,
    seed: Seed = 1,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Estimate the cost of embedding a problem into an annealer.

    A variable becomes a chain of qubits, which weakens the problem. The command says how many
    qubits that takes, what it does to the gap, and how often control errors change the best state.

    Example: qxgap embed problem.npz --topology zephyr --noise 100
    """
    from ...samplers import annealer_cost
    from ...samplers.dwave.noise import require_copies

    form = Form.of(as_json, as_csv)
    if noise < 0:
        raise InputError(f"--noise {noise}; give the number of perturbed copies, or 0 for none")
    require_copies(noise, "--noise")

    def entries(file: str, problem: QuboProblem, say: Say) -> Iterator[Entry]:
        for name in topology or TOPOLOGIES:
            say(f"embedding, gap and control errors on {name}")
            cost = annealer_cost(
                problem,
                name,
                method=embedding_method(embedding),
                chain_strength=chain_strength,
                num_copies=noise,
                max_qubits=max_qubits,
                seed=seed,
            )
            yield _entry({"instance": file, **cost.to_dict()})

    compute_each(
        load_all(files, pair_weight), entries, partial(print_entries, form=form, summary=_summary)
    )


def _entry(row: Row) -> Entry:
    """Return what is printed about one problem on one annealer."""
    name, gap = row["topology"], row["gap_millikelvin"]
    facts = [
        (
            name,
            f"{row['num_qubits']} qubits of {row['solver']}, {_chains(row)}",
        ),
        ("  energies", _energies(row)),
    ]
    if row["gap"] is not None:
        facts.append(("  gap", _gap(row)))
    if row["ground_changes"] is not None:
        facts.append(("  errors", _errors(row)))
    if row["gap"] is None and row["ground_changes"] is None:
        facts.append(("  gap, errors", "not computed for a problem above --max-qubits"))
    cells = {
        "variables": str(row["num_variables"]),
        f"{name} qubits": str(row["num_qubits"]),
        f"{name} gap (mK)": "" if gap is None else number(gap) if math.isfinite(gap) else "no gap",
        f"{name} errors": "" if row["ground_changes"] is None else percent(row["ground_changes"]),
    }
    title = counted(row["num_variables"], "variable")
    return Entry(row["instance"], title, [row], facts, cells)


def _chains(row: Row) -> str:
    mean, most = row["chain_length_mean"], row["chain_length_max"]
    if most == 1:
        return "one for each variable"
    return f"in chains of {number(mean)}" + ("" if mean == most else f" on average, {most} at most")


def _energies(row: Row) -> str:
    """Return what programming does to the energies, and what the chains cost."""
    scale = row["scale"]
    factor = f"divided by {number(scale)}" if scale > 1 else f"multiplied by {number(1 / scale)}"
    factor = "as they are" if scale == 1 else f"{factor}, to fit the range of the annealer"
    weaker = scale / row["scale_without_chains"]
    chains = (
        f"chains make them {number(weaker)} times weaker"
        if weaker > NOTICED
        else "chains do not make them weaker"
    )
    return f"{factor}; {chains}"


NOTICED = 1.05
"""Smallest factor that is worth a word."""


def _gap(row: Row) -> str:
    """Return the gap beside the temperature of the qubits and the gap without chains."""
    gap, temperature = row["gap_millikelvin"], row["temperature_millikelvin"]
    if not math.isfinite(gap):
        return "none, since all states have the same energy"
    size = (
        f"{number(gap / temperature)} times"
        if gap > temperature
        else f"only {percent(gap / temperature)} of"
    )
    return (
        f"{number(row['gap'])} GHz or {number(gap)} mK, {size} the temperature of the qubits "
        f"({number(temperature)} mK); without chains {number(row['gap_without_chains'])} GHz"
    )


def _errors(row: Row) -> str:
    """Return how often control errors change the best state."""
    low, high = row["ground_changes_interval"]
    share = row["ground_changes"]
    without = percent(row["ground_changes_without_chains"])
    often = (
        f"in {percent(share)} of the copies ({percent_spread([low, high])})"
        if share
        else f"in none of the copies (at most {percent(high)})"
    )
    return f"control errors change the best state {often}; without chains in {without}"


def _summary(rows: Sequence[Row]) -> str:
    """Return the range of the sizes and of the gaps on each annealer."""
    texts = []
    for name in dict.fromkeys(row["topology"] for row in rows):
        own = [row for row in rows if row["topology"] == name]
        gaps = [row["gap_millikelvin"] for row in own if row["gap"] is not None]
        gaps = [gap for gap in gaps if math.isfinite(gap)]
        temperature = number(own[0]["temperature_millikelvin"])
        gap = f", gaps {spread(gaps)} mK beside qubits at {temperature} mK" if gaps else ""
        qubits = spread([row["num_qubits"] for row in own], str)
        texts.append(f"On {name}: {qubits} qubits{gap}.")
    return " ".join(texts)
