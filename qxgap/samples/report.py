"""How samples were drawn on an annealer, in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import dimod
import numpy as np
from numpy.typing import NDArray

from ..problem.errors import InputError
from .annealers import published_schedule

UNTOLD = "not told"


@dataclass(frozen=True)
class HardwareReport:
    """What samples tell of the annealer that drew them; None for what they do not tell.

    Attributes
    ----------
    solver, mock, topology : name; whether it was a mock; type and shape of its graph.
    schedule : name of the published A(s), B(s); None for a mock or a solver without one.
    annealing_time_us, anneal_schedule_us_s, fast_anneal : per read; points (us, s) of a waveform.
    num_reads, num_gauges : over all gauges.
    auto_scale_factors : h and J were divided by these, one for each gauge; 1 with auto_scale off.
    num_variables, num_qubits, chain_lengths : of the embedding.
    chain_strength, chain_strength_method, chain_break_method : in the unit of the Ising couplings;
        where it came from; how broken chains were read.
    chain_break_fraction, broken_reads : of chains, over all reads; of reads with a broken chain.
    access_time_us : of the solver, over all gauges; a mock's is made up and left out.
    """

    solver: str | None
    mock: bool | None
    topology: Mapping[str, Any] | None
    schedule: str | None
    annealing_time_us: float | None
    anneal_schedule_us_s: Sequence[Sequence[float]] | None
    fast_anneal: bool | None
    num_reads: int
    num_gauges: int | None
    auto_scale_factors: Sequence[float] | None
    num_variables: int
    num_qubits: int | None
    chain_lengths: Sequence[int] | None
    chain_strength: float | None
    chain_strength_method: str | None
    chain_break_method: str | None
    chain_break_fraction: float | None
    broken_reads: float | None
    access_time_us: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        lines = {
            "solver": f"{_told(self.solver)}{' (no hardware)' if self.mock else ''}",
            "topology": _told(self.topology and f"{self.topology['type']} {_shape(self.topology)}"),
            "schedule": _told(self.schedule),
            "anneal": self._anneal(),
            "reads": f"{self.num_reads} in {_told(self.num_gauges)} gauges",
            "h, J divided by": _told(self.auto_scale_factors and _spread(self.auto_scale_factors)),
            "embedding": self._embedding(),
            "chain strength": f"{_told(self.chain_strength)} ({_told(self.chain_strength_method)})",
            "broken chains": self._breaks(),
            "access time": _told(self.access_time_us and f"{self.access_time_us:.6g} us"),
        }
        return "\n".join(f"{name:<16}{text}" for name, text in lines.items())

    def _anneal(self) -> str:
        if self.annealing_time_us is None:
            return UNTOLD
        points = self.anneal_schedule_us_s
        shape = f", (us, s) through {[tuple(point) for point in points]}" if points else ""
        return f"{self.annealing_time_us:g} us{', fast' if self.fast_anneal else ''}{shape}"

    def _embedding(self) -> str:
        lengths = self.chain_lengths
        if not lengths:
            return f"{self.num_variables} variables, chains {UNTOLD}"
        return (
            f"{self.num_variables} variables in {self.num_qubits} qubits, chains of "
            f"{np.mean(lengths):.2f} on average, {max(lengths)} at most"
        )

    def _breaks(self) -> str:
        if self.chain_break_fraction is None or self.broken_reads is None:
            return UNTOLD
        return (
            f"{100 * self.chain_break_fraction:.3g} % of chains, in {100 * self.broken_reads:.3g} "
            f"% of reads; {_told(self.chain_break_method)}"
        )


def hardware_report(sampleset: dimod.SampleSet) -> HardwareReport:
    """Report on samples of :class:`~qxgap.samples.DWaveAnnealer`, of Ocean, or recorded ones.

    dwave-system's ``EmbeddingComposite`` tells its embedding and chain strength if it is asked to
    with ``return_embedding=True``; it never tells solver, schedule and scale.

    Raises InputError for samples that tell nothing of an embedding or of an annealer.
    """
    info = sampleset.info
    context = info.get("embedding_context", {})
    access = _access_times(info)
    if not context and "solver" not in info and not access:
        raise InputError(
            "these samples tell nothing of an annealer; draw them with the sampler dwave, or with "
            "EmbeddingComposite and return_embedding=True"
        )
    solver = info.get("solver", info.get("source"))
    schedule = published_schedule(solver, fast=bool(info.get("fast_anneal"))) if solver else None
    chains = _chains(info.get("embedding", context.get("embedding")))
    breaks, broken = _breaks(sampleset)
    return HardwareReport(
        **{name: info.get(name) for name in _TOLD_AS_IS},
        solver=solver,
        schedule=schedule,
        num_reads=int(sampleset.record.num_occurrences.sum()),
        num_variables=len(sampleset.variables),
        num_qubits=None if chains is None else sum(chains),
        chain_lengths=chains,
        chain_strength=info.get("chain_strength", context.get("chain_strength")),
        chain_break_method=info.get("chain_break_method", context.get("chain_break_method")),
        chain_break_fraction=breaks,
        broken_reads=broken,
        access_time_us=float(sum(access)) if access and not info.get("mock") else None,
    )


_TOLD_AS_IS = (
    "mock",
    "topology",
    "annealing_time_us",
    "anneal_schedule_us_s",
    "fast_anneal",
    "num_gauges",
    "auto_scale_factors",
    "chain_strength_method",
)


def _access_times(info: Mapping[str, Any]) -> list[float]:
    """Access times in us that one job, or several, tell."""
    timing = info.get("timing_us", info.get("timing", {}))
    jobs = [timing] if isinstance(timing, Mapping) else timing
    return [float(job["qpu_access_time"]) for job in jobs if "qpu_access_time" in job]


def _chains(embedding: Any) -> list[int] | None:
    """Lengths of chains given as a mapping, or as pairs of variable and chain."""
    if embedding is None:
        return None
    chains = embedding.values() if isinstance(embedding, Mapping) else [c for _, c in embedding]
    return [len(chain) for chain in chains]


def _breaks(sampleset: dimod.SampleSet) -> tuple[float | None, float | None]:
    """Shares of chains and of reads that broke."""
    names = sampleset.record.dtype.names
    if not names or "chain_break_fraction" not in names:
        return None, None
    fraction: NDArray[np.float64] = sampleset.record.chain_break_fraction
    weights = sampleset.record.num_occurrences
    return (
        float(np.average(fraction, weights=weights)),
        float(np.average(fraction > 0, weights=weights)),
    )


def _told(value: Any) -> str:
    return UNTOLD if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _shape(topology: Mapping[str, Any]) -> str:
    return "x".join(str(number) for number in topology["shape"])


def _spread(factors: Sequence[float]) -> str:
    low, high = min(factors), max(factors)
    return f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g} over the gauges"
