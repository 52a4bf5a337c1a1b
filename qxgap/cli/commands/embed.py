"""The command `qxgap embed`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import typer

from ...annealing.schedule import schedule_named
from ...errors import InputError
from ...problem.qubo import QuboProblem
from ...samplers import (
    ANNEALERS,
    EmbeddingEstimate,
    EmbeddingMethod,
    annealer_named,
    chain_sigmas,
    embedding_estimate,
    gap_cost,
    noise_ensemble,
    published_temperature,
)
from ...samplers.dwave.noise import require_copies
from ..options import (
    AsJson,
    ChainStrength,
    EmbeddingKind,
    Files,
    PairWeight,
    Seed,
    embedding_method,
    load_all,
)
from ..output import Row, Say, print_columns, print_each


def embed_command(
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
    request = EmbeddingRequest(embedding_method(embedding), chain_strength, noise, max_qubits, seed)

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
