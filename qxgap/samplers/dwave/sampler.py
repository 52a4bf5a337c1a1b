"""D-Wave's annealers as a seeded dimod sampler for any model, with embedding and gauges.

Needs dwave-system (``pip install qxgap[dwave]``), which is loaded when first used.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import dimod
import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...problem.qubo import QuboProblem
from ...statistics.seeds import SEED_LIMIT, Seed, integer_seed
from ..base import ProblemSampler, require_positive
from .autoscale import auto_scale
from .embedding import (
    CliqueEmbedding,
    Embedding,
    EmbeddingMethod,
    embedded_model,
    torque_compensation,
)
from .machines import StructuredSampler, connect


class DWaveAnnealer(ProblemSampler):
    """An annealer, or a mock, for models of any structure; rows are reads in the order drawn.

    Parameters
    ----------
    child : StructuredSampler or None
        The annealer, such as ``DWaveSampler()`` or :func:`mock_annealer`; None calls
        :func:`connect` when it is first used.
    embedding : EmbeddingMethod or None
        The method that makes the chains; None takes :class:`CliqueEmbedding`.

    Attributes
    ----------
    references : tuple of str
        Keys of the works to cite (``qxgap cite``).

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(5, 1)
    >>> annealer = qx.samplers.DWaveAnnealer(qx.samplers.mock_annealer("pegasus", [3]))
    >>> sampleset = qx.sample(problem, annealer, num_reads=10, seed=1, num_gauges=2)
    >>> len(sampleset), sampleset.info["solver"], sampleset.info["num_gauges"]
    (10, 'mock-pegasus', 2)
    """

    NAME: ClassVar = "dwave"
    references: ClassVar = ("raymond2020",)

    def __init__(
        self,
        child: StructuredSampler | None = None,
        embedding: EmbeddingMethod | None = None,
    ) -> None:
        self._child = child
        self.embedding = embedding or CliqueEmbedding()

    @property
    def child(self) -> StructuredSampler:
        """The structured sampler."""
        if self._child is None:
            self._child = connect()
        return self._child

    @property
    def parameters(self) -> dict[str, list[str]]:
        """Keyword arguments of ``sample``: those of the annealer, and four more."""
        own = ("num_reads", "seed", "chain_strength", "num_gauges")
        return {**self.child.parameters, **{name: [] for name in own}}

    @property
    def properties(self) -> dict[str, Any]:
        """The properties of the annealer, as ``child_properties``."""
        return {"child_properties": dict(self.child.properties)}

    def sample(
        self,
        bqm: dimod.BinaryQuadraticModel,
        *,
        num_reads: int = 100,
        seed: Seed = None,
        chain_strength: float | None = None,
        num_gauges: int = 1,
        **kwargs: Any,
    ) -> dimod.SampleSet:
        """Embed and anneal a model.

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            The model, of either vartype; it is submitted as an Ising model.
        num_reads : int
            Number of reads, distributed over the gauges.
        seed : int, numpy.random.Generator or None
            Seed of embedding, gauges and mock, in [0, 2^31) if it is a number; hardware cannot be
            seeded.
        chain_strength : float or None
            Coupling inside chains, in the unit of the Ising couplings; None takes D-Wave's uniform
            torque compensation.
        num_gauges : int
            1 submits the model as it is. More submit it with that many random spin reversals, which
            are undone in the rows; the vector ``gauge`` numbers them.
        **kwargs : object
            Parameters of the annealer, such as ``annealing_time`` in us, or ``initial_state`` by
            variable; others are ignored with a warning.

        Returns
        -------
        dimod.SampleSet
            One row per read, in the model's vartype, with the vectors ``chain_break_fraction`` and
            ``gauge``. ``info`` has what :func:`~qxgap.samplers.hardware_report` reports. Broken
            chains are read by majority vote.

        Raises
        ------
        InputError
            For fewer than one gauge, fewer reads than gauges, a chain strength that is not
            positive, an anneal time outside the annealer's range, no embedding, or what the
            annealer refuses.
        """
        declared = {name: value for name, value in kwargs.items() if name in self.parameters}
        undeclared = {name: value for name, value in kwargs.items() if name not in declared}
        require_positive(num_reads=num_reads, num_gauges=num_gauges)
        if num_gauges > num_reads:
            raise InputError(f"num_reads = {num_reads} for {num_gauges} gauges; read each once")
        if chain_strength is not None and not chain_strength > 0:
            raise InputError(f"chain_strength = {chain_strength}; give a positive one")
        if "annealing_time" in declared:
            fast = bool(declared.get("fast_anneal", False))
            require_annealing_time(declared["annealing_time"], self.child.properties, fast=fast)
        seed = integer_seed(seed)

        def draw(_: QuboProblem) -> dimod.SampleSet:
            # the model itself is embedded, with its own variables in their own order
            ising = bqm.change_vartype(dimod.SPIN, inplace=False)
            chains = self.embedding(ising, self.child, seed)
            strength = chain_strength or torque_compensation(ising)
            job = _Job(self.child, ising, chains, strength, declared)
            sampleset = job.run(num_reads, num_gauges, seed)
            method = "uniform torque compensation" if chain_strength is None else "given"
            sampleset.info["chain_strength_method"] = method
            return sampleset

        return self._answer(bqm, draw, seed, undeclared)


def require_annealing_time(time: float, properties: Mapping[str, Any], *, fast: bool) -> None:
    """Refuse an anneal time that the annealer cannot do, before anything is sent; a mock takes any.

    Parameters
    ----------
    time : float
        Anneal time in microseconds.
    properties : mapping of str
        Properties of the annealer, with its ranges.
    fast : bool
        Whether the anneal uses the fast-anneal protocol, which has its own range.
    """
    limits = properties.get("fast_anneal_time_range" if fast else "annealing_time_range")
    low, high = limits or (0.0, math.inf)
    if not (time > 0 and low <= time <= high):
        raise InputError(
            f"annealing_time = {time} us lies outside the annealer's range, {low:g} to {high:g} us"
        )


@dataclass(frozen=True)
class _Gauge:
    """Reads of one spin-reversed model, with the reversals undone.

    Attributes
    ----------
    rows : ndarray of int8, shape (reads, d)
        Spins, in the order of the model's variables.
    breaks : ndarray of float, shape (reads,)
        Share of broken chains.
    scale : float
        Factor by which auto-scaling divided the model.
    info : mapping of str
        Further information that the annealer returned with the reads.
    """

    rows: NDArray[np.int8]
    breaks: NDArray[np.float64]
    scale: float
    info: Mapping[str, Any]


@dataclass(frozen=True)
class _Job:
    """An Ising model, its chains, and the parameters with which they are submitted."""

    child: StructuredSampler
    ising: dimod.BinaryQuadraticModel
    chains: Embedding
    chain_strength: float
    parameters: Mapping[str, Any]

    def run(self, num_reads: int, num_gauges: int, seed: int) -> dimod.SampleSet:
        """Return the reads of all gauges; with one gauge no spin is reversed."""
        rng, d = np.random.default_rng(seed), self.ising.num_variables
        # the reads are divided as evenly as possible; each gauge has its own random reversals, and
        # a seed of its own for a mock, so that no two gauges return the same reads
        shares = [len(part) for part in np.array_split(np.arange(num_reads), num_gauges)]
        gauges = [
            self._submit(share, rng.random(d) < (0.5 if num_gauges > 1 else 0.0), seed + number)
            for number, share in enumerate(shares)
        ]
        return dimod.SampleSet.from_samples_bqm(  # type: ignore[no-untyped-call]
            (np.concatenate([gauge.rows for gauge in gauges]), list(self.ising.variables)),
            self.ising,
            chain_break_fraction=np.concatenate([gauge.breaks for gauge in gauges]),
            gauge=np.repeat(np.arange(num_gauges), [len(gauge.rows) for gauge in gauges]),
            info={**self._info(), **_info_of(gauges)},
            sort_labels=False,
        )

    def _submit(self, num_reads: int, flipped: NDArray[np.bool_], seed: int) -> _Gauge:
        """Submit the model with the spins where ``flipped`` (d,) is true reversed."""
        from dwave.cloud.exceptions import InvalidProblemError, SolverError
        from dwave.system import FixedEmbeddingComposite

        variables = list(self.ising.variables)
        turned = self.ising.copy()  # type: ignore[no-untyped-call]
        for variable in np.flatnonzero(flipped):
            turned.flip_variable(variables[variable])
        _seed_mock(self.child, seed % SEED_LIMIT)
        composite = FixedEmbeddingComposite(self.child, self.chains)
        try:
            drawn = composite.sample(
                turned,
                num_reads=num_reads,
                chain_strength=self.chain_strength,
                chain_break_fraction=True,
                **{"answer_mode": "raw", **self.parameters, **self._initial_state(flipped)},
            )
            answer = dict(drawn.info)  # this waits for the annealer
        except (SolverError, InvalidProblemError) as error:
            raise InputError(f"the annealer refused: {error}") from error
        # an answer may be aggregated: every row is repeated as often as it was read
        record = drawn.record[np.repeat(np.arange(len(drawn)), drawn.record.num_occurrences)]
        rows = record.sample[:, [drawn.variables.index(v) for v in variables]]
        return _Gauge(
            rows=np.where(flipped, -rows, rows).astype(np.int8),
            breaks=record.chain_break_fraction,
            scale=self._scale(turned),
            info=answer,
        )

    def _initial_state(self, flipped: NDArray[np.bool_]) -> dict[str, Any]:
        """Return the start of a reverse anneal, in 0/1 or spins, as spins of the gauge."""
        if (start := self.parameters.get("initial_state")) is None:
            return {}
        spins = {v: 1 if start[v] > 0 else -1 for v in self.ising.variables}
        turned = zip(spins.items(), flipped, strict=True)
        return {"initial_state": {v: -spin if flip else spin for (v, spin), flip in turned}}

    def _scale(self, turned: dimod.BinaryQuadraticModel) -> float:
        """Return the factor by which auto-scaling divides the spin-reversed model; 1 if off."""
        if not self.parameters.get("auto_scale", True):
            return 1.0
        embedded = embedded_model(turned, self.chains, self.child.adjacency, self.chain_strength)
        graph = self.child.to_networkx_graph()
        return auto_scale(embedded, self.child.properties, graph).factor

    def _info(self) -> dict[str, Any]:
        """Return the entries of ``info`` about the annealer and the submission."""
        properties, parameters = self.child.properties, self.parameters
        waveform, fast = parameters.get("anneal_schedule"), parameters.get("fast_anneal", False)
        time = parameters.get("annealing_time", properties["default_annealing_time"])
        return {
            "solver": properties["chip_id"],
            "mock": hasattr(self.child, "substitute_sampler"),
            "topology": {**properties["topology"]},
            "annealing_time_us": float(waveform[-1][0] if waveform else time),
            "anneal_schedule_us_s": waveform,
            "fast_anneal": bool(fast),
            "auto_scale": bool(parameters.get("auto_scale", True)),
            "embedding": [[v, [int(q) for q in self.chains[v]]] for v in self.ising.variables],
            "chain_strength": float(self.chain_strength),
            "chain_break_method": "majority vote",
        }


def _info_of(gauges: list[_Gauge]) -> dict[str, Any]:
    """Return the entries of ``info`` that differ between gauges, in the order of the gauges."""
    return {
        "num_gauges": len(gauges),
        "auto_scale_factors": [gauge.scale for gauge in gauges],
        "timing_us": [dict(gauge.info.get("timing", {})) for gauge in gauges],
        "problem_ids": [gauge.info.get("problem_id") for gauge in gauges],
    }


def _seed_mock(child: StructuredSampler, seed: int) -> None:
    """Seed the substitute sampler of a mock; hardware takes no seed."""
    substitute = getattr(child, "substitute_sampler", None)
    if substitute is not None and "seed" in substitute.parameters:
        child.substitute_kwargs = {  # type: ignore[attr-defined]
            **child.substitute_kwargs,  # type: ignore[attr-defined]
            "seed": seed,
        }


def by_gauge(sampleset: dimod.SampleSet) -> list[dimod.SampleSet]:
    """Split the samples of :class:`~qxgap.samplers.DWaveAnnealer` by gauge, in their order.

    Reads of one gauge share its control errors: :func:`~qxgap.samples.ground_probability` and the
    other statistics of runs take the list as clusters.

    Parameters
    ----------
    sampleset : dimod.SampleSet
        Samples with a vector ``gauge``.

    Returns
    -------
    list of dimod.SampleSet
        One for each gauge, with the whole ``info``.

    Raises
    ------
    InputError
        For samples that do not number their gauges.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(5, 1)
    >>> annealer = qx.samplers.DWaveAnnealer(qx.samplers.mock_annealer("pegasus", [3]))
    >>> sampleset = qx.sample(problem, annealer, num_reads=10, seed=1, num_gauges=2)
    >>> [len(part) for part in qx.samplers.by_gauge(sampleset)]
    [5, 5]
    """
    record = sampleset.record
    if "gauge" not in (record.dtype.names or ()):
        raise InputError("these samples number no gauges; draw them with the sampler dwave")
    return [
        dimod.SampleSet(  # type: ignore[no-untyped-call]
            record[record.gauge == gauge], sampleset.variables, sampleset.info, sampleset.vartype
        )
        for gauge in np.unique(record.gauge)
    ]
