"""A report of how samples were drawn on an annealer, from the ``info`` of the samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dimod
import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...results import Result, plain
from ..sampleset import annealing_time_us, require_sampleset, solver_of, total_time
from .published import solver_schedule_name

UNKNOWN = "not recorded"
"""Text of the report for a quantity that the samples do not record."""


@dataclass(frozen=True, repr=False)
class HardwareReport(Result):
    """The annealer that drew samples, as they record it; None for everything not recorded.

    Attributes
    ----------
    solver : str or None
        Name of the solver.
    mock : bool or None
        Whether it was a mock.
    topology : mapping or None
        Type and shape of its graph.
    schedule : str or None
        Name of the published A(s), B(s); None for a mock or a solver without one.
    annealing_time_us : float or None
        Anneal time of each read, in microseconds.
    anneal_schedule_us_s : sequence or None
        Points (us, s) of a waveform, if there was one.
    fast_anneal : bool or None
        Whether the fast-anneal protocol was used.
    num_reads, num_gauges : int
        Number of reads over all gauges, and of gauges.
    auto_scale_factors : sequence of float or None
        Factor by which h and J were divided, for each gauge; 1 with ``auto_scale`` off.
    num_variables, num_qubits : int
        Number of variables, and of qubits in all chains.
    chain_lengths : sequence of int or None
        Number of qubits of each chain.
    chain_strength : float or None
        Coupling inside chains, in the unit of the Ising couplings.
    chain_strength_method, chain_break_method : str or None
        Where the chain strength came from, and how broken chains were read.
    chain_break_fraction : float or None
        Share of chains that were broken, over all reads.
    broken_reads : float or None
        Share of reads with a broken chain.
    access_time_us, programming_time_us : float or None
        Times of the solver over all gauges, in microseconds; None for a mock, because its times are
        invented.
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
    programming_time_us: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the attributes as plain Python values.

        Returns
        -------
        dict of str
            The attributes by name; None for everything that the samples do not record.
        """
        return plain(vars(self))

    def lines(self) -> dict[str, str]:
        """Return the report in words.

        Returns
        -------
        dict of str
            The text of each line by its heading.
        """
        return {
            "solver": f"{_text(self.solver)}{' (no hardware)' if self.mock else ''}",
            "topology": _text(self.topology and _shape(self.topology)),
            "schedule": _text(self.schedule),
            "anneal": self._anneal(),
            "reads": self._reads(),
            "h, J divided by": _text(self.auto_scale_factors and _spread(self.auto_scale_factors)),
            "embedding": self._embedding(),
            "chain strength": f"{_text(self.chain_strength)} ({_text(self.chain_strength_method)})",
            "broken chains": self._breaks(),
            "access time": self._access(),
        }

    def __str__(self) -> str:
        return "\n".join(f"{name:<16}{text}" for name, text in self.lines().items())

    def _anneal(self) -> str:
        """Write anneal time and waveform."""
        if self.annealing_time_us is None:
            return UNKNOWN
        points = self.anneal_schedule_us_s
        shape = f", (us, s) through {[tuple(point) for point in points]}" if points else ""
        return f"{self.annealing_time_us:g} us{', fast' if self.fast_anneal else ''}{shape}"

    def _reads(self) -> str:
        """Write the numbers of reads and gauges."""
        if self.num_gauges is None:
            return f"{self.num_reads}, gauges {UNKNOWN}"
        return f"{self.num_reads} in {self.num_gauges} gauge{'' if self.num_gauges == 1 else 's'}"

    def _access(self) -> str:
        """Write the access time."""
        if self.access_time_us is None:
            return UNKNOWN
        part = self.programming_time_us
        return f"{self.access_time_us:.6g} us" + (
            "" if part is None else f", {part:.6g} us of it programming"
        )

    def _embedding(self) -> str:
        """Write the size of the embedding."""
        lengths = self.chain_lengths
        if not lengths:
            return f"{self.num_variables} variables, chains {UNKNOWN}"
        return (
            f"{self.num_variables} variables in {self.num_qubits} qubits, chains of "
            f"{np.mean(lengths):.2f} on average, {max(lengths)} at most"
        )

    def _breaks(self) -> str:
        """Write how many chains broke."""
        if self.chain_break_fraction is None or self.broken_reads is None:
            return UNKNOWN
        return (
            f"{100 * self.chain_break_fraction:.3g} % of chains, in {100 * self.broken_reads:.3g} "
            f"% of reads; {_text(self.chain_break_method)}"
        )


def hardware_report(sampleset: dimod.SampleSet) -> HardwareReport:
    """Report how samples were drawn on an annealer.

    The samples may be those of :class:`~qxgap.samplers.DWaveAnnealer`, of Ocean, or recorded ones.
    Ocean's ``DWaveSampler`` records the anneal time and the times of its job; its
    ``EmbeddingComposite`` records embedding and chain strength with the option
    ``return_embedding=True``. Neither records solver, schedule or scale: add the solver's name
    yourself, as ``sampleset.info["chip_id"]``.

    Parameters
    ----------
    sampleset : dimod.SampleSet
        Samples of an annealer.

    Returns
    -------
    HardwareReport
        The report; printing it gives a table.

    Raises
    ------
    InputError
        For samples that say nothing about an embedding or an annealer.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(5, 1)
    >>> annealer = qx.samplers.DWaveAnnealer(qx.samplers.mock_annealer("pegasus", [3]))
    >>> sampleset = qx.sample(problem, annealer, num_reads=10, seed=1)
    >>> report = qx.samplers.hardware_report(sampleset)
    >>> report.solver, report.num_variables, report.num_qubits
    ('mock-pegasus', 5, 10)
    """
    require_sampleset(sampleset)
    info = sampleset.info
    _require_kinds(info)
    context = info.get("embedding_context") or {}
    access, mock = total_time(info, "qpu_access_time"), bool(info.get("mock"))
    anneal_time = annealing_time_us(info)
    if not context and "solver" not in info and access is None and anneal_time is None:
        raise InputError(
            "these samples do not say how an annealer drew them; draw them with the sampler dwave, "
            "or with EmbeddingComposite and return_embedding=True"
        )
    solver = solver_of(info)
    fast = bool(info.get("fast_anneal"))
    schedule = solver_schedule_name(solver, fast=fast) if solver else None
    chains = _chains(info.get("embedding", context.get("embedding")))
    breaks, broken = _breaks(sampleset)
    return HardwareReport(
        **{name: info.get(name) for name in _COPIED},
        solver=solver,
        schedule=schedule,
        annealing_time_us=anneal_time,
        num_reads=int(sampleset.record.num_occurrences.sum()),
        num_variables=len(sampleset.variables),
        num_qubits=None if chains is None else sum(chains),
        chain_lengths=chains,
        chain_strength=info.get("chain_strength", context.get("chain_strength")),
        chain_break_method=info.get("chain_break_method", context.get("chain_break_method")),
        chain_break_fraction=breaks,
        broken_reads=broken,
        access_time_us=None if mock else access,
        programming_time_us=None if mock else total_time(info, "qpu_programming_time"),
    )


_COPIED = (
    "mock",
    "topology",
    "anneal_schedule_us_s",
    "fast_anneal",
    "num_gauges",
    "auto_scale_factors",
    "chain_strength_method",
)
"""Entries of ``info`` that the report takes as they are."""


_KINDS: Mapping[str, Any] = {
    "embedding_context": Mapping,
    "embedding": Mapping | list,
    "topology": Mapping,
    "mock": int,  # dimod writes True as 1
    "fast_anneal": int,
    "num_gauges": int,
    "chain_strength": int | float,
    "chain_strength_method": str,
    "chain_break_method": str,
    "auto_scale_factors": list,
    "anneal_schedule_us_s": list | tuple,
}
"""Types of the entries of ``info`` and of its embedding context, where there are any."""


def _require_kinds(info: Mapping[str, Any]) -> None:
    """Raise InputError for entries that are not of the form that D-Wave's tools and qxgap write."""
    context = info.get("embedding_context")
    for part in (info, context if isinstance(context, Mapping) else {}):
        wrong = [k for k, kind in _KINDS.items() if not isinstance(part.get(k), kind | None)]
        if wrong:
            raise InputError(f"the samples' info has {wrong[0]} = {part[wrong[0]]!r}; correct it")
    try:
        _spread(info.get("auto_scale_factors") or [1.0])
        np.reshape(info.get("anneal_schedule_us_s") or [], (-1, 2)).astype(np.float64)
        _shape(info.get("topology") or {"type": "", "shape": []})
    except (TypeError, ValueError, KeyError) as error:
        raise InputError(
            "the samples' info has a topology, waveform or scale in another form than D-Wave's "
            f"({error}); correct it"
        ) from error


def _chains(embedding: Any) -> list[int] | None:
    """Return the lengths of chains given as a mapping, or as pairs of variable and chain."""
    if embedding is None:
        return None
    try:
        chains = embedding.values() if isinstance(embedding, Mapping) else [c for _, c in embedding]
        return [len(chain) for chain in chains]
    except (TypeError, ValueError) as error:
        raise InputError(
            f"the samples' info has {embedding!r} as its embedding; give chains of qubits"
        ) from error


def _breaks(sampleset: dimod.SampleSet) -> tuple[float | None, float | None]:
    """Return the shares of broken chains, and of reads with one; None if unknown."""
    names = sampleset.record.dtype.names
    if not names or "chain_break_fraction" not in names:
        return None, None
    fraction: NDArray[np.float64] = sampleset.record.chain_break_fraction
    weights = sampleset.record.num_occurrences
    return (
        float(np.average(fraction, weights=weights)),
        float(np.average(fraction > 0, weights=weights)),
    )


def _text(value: Any) -> str:
    """Write a value short, or that it is unknown."""
    return UNKNOWN if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _shape(topology: Mapping[str, Any]) -> str:
    """Write the type and shape of a graph."""
    return f"{topology['type']} {'x'.join(str(number) for number in topology['shape'])}"


def _spread(factors: Sequence[float]) -> str:
    """Write the range of scale factors."""
    low, high = min(factors), max(factors)
    return f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g} over the gauges"
