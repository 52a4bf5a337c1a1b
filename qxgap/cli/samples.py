"""The commands that draw samples and estimate what an annealer would make of a problem."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import dimod
import typer

from ..annealing.drivers import Convention
from ..annealing.schedule import schedule_named
from ..errors import InputError
from ..memory import MemoryLimitError
from ..problem.formats import load
from ..problem.qubo import QuboProblem
from ..samplers import (
    ANNEALERS,
    SAMPLERS,
    CliqueEmbedding,
    DWaveAnnealer,
    EmbeddingEstimate,
    EmbeddingMethod,
    MinorEmbedding,
    annealer_named,
    chain_sigmas,
    connect,
    embedding_estimate,
    gap_cost,
    hardware_report,
    noise_ensemble,
    published_temperature,
    sample,
    sampler_named,
)
from ..samplers.dwave.noise import require_copies
from ..samples import save_sampleset
from ..samples.sampleset_files import require_sample_file
from .options import (
    AsJson,
    Driver,
    File,
    Files,
    PairWeight,
    Seed,
    Tau,
    load_all,
    schedule_of,
)
from .output import Row, Say, naming, print_columns, print_each, print_json, refuse_inputs
from .tables import cell


class EmbeddingKind(StrEnum):
    """Chains for every pair, or for the pairs that are coupled."""

    CLIQUE = "clique"
    MINOR = "minor"


EMBEDDINGS: dict[EmbeddingKind, type[CliqueEmbedding] | type[MinorEmbedding]] = {
    EmbeddingKind.CLIQUE: CliqueEmbedding,
    EmbeddingKind.MINOR: MinorEmbedding,
}

ChainStrength = Annotated[
    float | None, typer.Option(help="of the Ising couplings; default torque compensation")
]


def sample_command(
    file: File,
    out: Annotated[Path, typer.Option("--out", "-o", help="SampleSet file to write (.json, .csv)")],
    sampler: Annotated[str, typer.Option(help=" | ".join(SAMPLERS))] = "sa",
    reads: Annotated[int, typer.Option(help="number of reads")] = 1000,
    seed: Seed = 1,
    tau: Tau = 50.0,
    convention: Driver = Convention.PAPER,
    schedule: Annotated[str | None, typer.Option(help="linear, a D-Wave table, a .csv")] = None,
    temperature: Annotated[float | None, typer.Option(help="mK with GHz, else energy")] = None,
    s: Annotated[float | None, typer.Option(help="freeze-out of gibbs, in [0, 1]")] = None,
    quantum: Annotated[bool, typer.Option("--quantum", help="gibbs with the driver")] = False,
    num_sweeps: Annotated[int | None, typer.Option(help="of a Monte Carlo anneal")] = None,
    solver: Annotated[
        str | None, typer.Option(help="of dwave: a name, mock-pegasus or mock-zephyr")
    ] = None,
    embedding: Annotated[
        EmbeddingKind | None, typer.Option(help="of dwave; default clique")
    ] = None,
    annealing_time: Annotated[float | None, typer.Option(help="us; of dwave")] = None,
    chain_strength: ChainStrength = None,
    num_gauges: Annotated[int | None, typer.Option(help="spin reversals; of dwave")] = None,
    pair_weight: PairWeight = 1,
    as_json: AsJson = False,
) -> None:
    """Draw samples of a problem and write them; --tau and --convention serve samplers with one."""
    require_sample_file(out)
    problem = load(file, pair_weight=pair_weight)
    refuse_inputs([out], [file, *([schedule] if schedule else [])])
    options: dict[str, Any] = {
        "schedule": None if schedule is None else schedule_of(schedule),
        "temperature": temperature,
        "s": s,
        "quantum": quantum or None,
        "num_sweeps": num_sweeps,
        "annealing_time": annealing_time,
        "chain_strength": chain_strength,
        "num_gauges": num_gauges,
    }
    given = {name: value for name, value in options.items() if value is not None}
    drawer = _sampler(sampler, solver, embedding)
    lenient: dict[str, Any] = {"tau": tau, "convention": convention.value}
    given |= {name: value for name, value in lenient.items() if name in drawer.parameters}
    with naming(file, (MemoryLimitError,)):
        drawn = sample(problem, drawer, num_reads=reads, seed=seed, **given)
    save_sampleset(drawn, out)
    _print_samples(file, drawn, out, as_json)


def _sampler(name: str, solver: str | None, embedding: EmbeddingKind | None) -> Any:
    """Make the sampler of that name; warnings about a connection become lines on stderr."""
    if name != "dwave":
        if solver or embedding:
            raise InputError("--solver and --embedding need --sampler dwave")
        return sampler_named(name)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        child = connect(solver)
    for warning in told:
        typer.echo(f"qxgap: {warning.message}", err=True)
    return DWaveAnnealer(child, EMBEDDINGS[embedding or EmbeddingKind.CLIQUE]())


def _print_samples(file: str, drawn: dimod.SampleSet, out: Path, as_json: bool) -> None:
    """What was drawn and how; for an annealer with the report of the hardware."""
    report = hardware_report(drawn) if drawn.info["sampler"] == "dwave" else None
    if as_json:
        row = {
            "instance": file,
            "num_reads": int(drawn.record.num_occurrences.sum()),
            "lowest_energy": float(drawn.first.energy),
            "file": str(out),
            **(report.to_dict() if report else _settings(drawn)),
            "sampler": drawn.info["sampler"],
            "seed": drawn.info["seed"],
        }
        print_json(row)
        return
    typer.echo(f"{len(drawn)} rows, lowest energy {drawn.first.energy:.6g}, written to {out}")
    if report:
        typer.echo(report)
    else:
        for name, value in _settings(drawn).items():
            typer.echo(f"{name:<24}{cell(value)}")


def _settings(drawn: dimod.SampleSet) -> dict[str, Any]:
    """What ``info`` tells in a word or a few numbers."""
    kinds = (str, int, float, list, tuple)
    return {k: v for k, v in drawn.info.items() if isinstance(v, kinds) and k != "timing"}


def embed(
    files: Files,
    topology: Annotated[
        list[str] | None, typer.Option(help=f"{' | '.join(ANNEALERS)}; repeatable; default all")
    ] = None,
    embedding: Annotated[EmbeddingKind, typer.Option(help="of chains")] = EmbeddingKind.CLIQUE,
    chain_strength: ChainStrength = None,
    noise: Annotated[int, typer.Option(help="perturbed copies, at most a million; 0: none")] = 1000,
    max_qubits: Annotated[
        int, typer.Option(help="variables up to which gap and noise are computed")
    ] = 16,
    pair_weight: PairWeight = 1,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Estimate what embedding costs: qubits, chains, energy scale, gap, and control errors."""
    if noise < 0:
        raise InputError(f"--noise {noise}; give the number of perturbed copies, or 0 for none")
    require_copies(noise, "--noise")
    request = EmbeddingRequest(EMBEDDINGS[embedding](), chain_strength, noise, max_qubits, seed)

    def rows(file: str, problem: QuboProblem, say: Say) -> Iterator[Row]:
        for name in topology or ANNEALERS:
            say(name)
            yield {"instance": file, **request.row(problem, name)}

    print_each(load_all(files, pair_weight), rows, partial(print_columns, as_json=as_json))


@dataclass(frozen=True)
class EmbeddingRequest:
    """What ``embed`` is to find out about each problem and topology."""

    method: EmbeddingMethod
    chain_strength: float | None
    noise: int
    max_qubits: int
    seed: int

    def row(self, problem: QuboProblem, topology: str) -> dict[str, Any]:
        """Embedding, scale, gap and noise, gap and noise None above ``max_qubits`` variables."""
        estimate = embedding_estimate(
            problem,
            topology,
            method=self.method,
            chain_strength=self.chain_strength,
            seed=self.seed,
        )
        small = problem.num_qubits <= self.max_qubits
        lengths = estimate.chain_lengths
        return {
            "topology": topology,
            "solver": estimate.solver,
            "num_variables": problem.num_qubits,
            "num_qubits": estimate.num_qubits,
            "chain_length_mean": float(lengths.mean()),
            "chain_length_max": int(lengths.max()),
            "chain_strength": estimate.chain_strength,
            "scale": estimate.scale.factor,
            "scale_limited_by": estimate.scale.limited_by,
            "scale_without_chains": estimate.scale_without_chains.factor,
            **_gap_row(problem, estimate, small),
            **self._noise_row(problem, estimate, small and self.noise > 0),
        }

    def _noise_row(
        self, problem: QuboProblem, estimate: EmbeddingEstimate, wanted: bool
    ) -> dict[str, Any]:
        """How often control errors change the ground state, with chains and without."""
        keys = ("ground_changes", "ground_changes_interval", "ground_changes_without_chains")
        if not wanted:
            return dict.fromkeys(keys)
        sigma_h, sigma_J = chain_sigmas(estimate)
        with_chains = noise_ensemble(
            problem,
            num_samples=self.noise,
            sigma_h=sigma_h,
            sigma_J=sigma_J,
            scale=estimate.scale.factor,
            seed=self.seed,
        )
        without = noise_ensemble(
            problem,
            num_samples=self.noise,
            scale=estimate.scale_without_chains.factor,
            seed=self.seed,
        )
        found = (with_chains.probability, with_chains.interval, without.probability)
        return dict(zip(keys, found, strict=True))


def _gap_row(problem: QuboProblem, estimate: EmbeddingEstimate, wanted: bool) -> dict[str, Any]:
    """Gaps in GHz with chains and without, and the temperature of the annealer beside them."""
    temperature = published_temperature(estimate.solver).temperature
    row: dict[str, Any] = {
        "gap": None,
        "gap_without_chains": None,
        "gap_ratio": None,
        "gap_millikelvin": None,
        "unit": "GHz",
        "temperature_millikelvin": temperature,
    }
    if not wanted:
        return row
    cost = gap_cost(problem, estimate)
    schedule = schedule_named(annealer_named(estimate.topology).schedule_name)
    return row | {
        "gap": cost.embedded.value,
        "gap_without_chains": cost.without_chains.value,
        "gap_ratio": cost.ratio,
        "gap_millikelvin": float(schedule.to_millikelvin(cost.embedded.value)),
    }
