"""Chains of qubits for a problem's variables. Needs dwave-system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import dimod

from ...compiled import private_folder
from ...errors import InputError
from .machines import StructuredSampler

Embedding = Mapping[Any, Sequence[int]]
"""Chain of qubits for each variable."""


class EmbeddingMethod(Protocol):
    """How variables become chains."""

    def __call__(
        self, bqm: dimod.BinaryQuadraticModel, child: StructuredSampler, seed: int
    ) -> Embedding:
        """Chains for the variables of ``bqm`` in the working graph of ``child``."""


@dataclass(frozen=True)
class CliqueEmbedding:
    """Chains of even length that couple every pair, whatever pairs the model couples."""

    def __call__(
        self, bqm: dimod.BinaryQuadraticModel, child: StructuredSampler, seed: int
    ) -> Embedding:
        """Chains by busclique. They do not depend on ``seed``.

        busclique's cache on disk is used: the first call for a graph writes it, and without it an
        embedding into a full Zephyr graph exhausts memory. Where its usual folder cannot be
        written, one of the user's own in the system's temporary folder is taken.

        Raises InputError if no clique of that size fits, or if neither folder can be written.
        """
        graph, variables = child.to_networkx_graph(), list(bqm.variables)
        try:
            found = _clique(variables, graph)
        except OSError as error:
            found = _clique_with_own_cache(variables, graph, error)
        if not found:
            raise InputError(
                f"no clique of {bqm.num_variables} variables fits into {len(graph)} qubits; use "
                "a larger graph, or MinorEmbedding for a sparse model"
            )
        return found


def _clique(variables: Sequence[Any], graph: Any) -> Embedding:
    """Chains for a clique of the variables; empty if it does not fit."""
    from minorminer import busclique

    found: Embedding = busclique.find_clique_embedding(list(variables), graph)
    return found


def _clique_with_own_cache(variables: Sequence[Any], graph: Any, error: OSError) -> Embedding:
    """Find chains with busclique's cache in a private folder, as its own cannot be written.

    busclique asks ``cache_rootdir`` for its folder and has no option for it, so the answer is
    changed while it works.
    """
    from minorminer import busclique

    folder = private_folder()
    if folder is None:
        raise InputError(
            f"busclique cannot write its cache ({error}); permit writing there or in a temporary "
            "folder, or embed with MinorEmbedding (--embedding minor)"
        ) from error
    cache = folder / "busclique"
    cache.mkdir(exist_ok=True)
    usual = busclique.busgraph_cache.cache_rootdir
    busclique.busgraph_cache.cache_rootdir = staticmethod(lambda *_: str(cache))
    try:
        return _clique(variables, graph)
    finally:
        busclique.busgraph_cache.cache_rootdir = usual


@dataclass(frozen=True)
class MinorEmbedding:
    """Chains for the model's own pairs by minorminer: shorter for sparse models."""

    tries: int = 10

    def __call__(
        self, bqm: dimod.BinaryQuadraticModel, child: StructuredSampler, seed: int
    ) -> Embedding:
        """Chains by minorminer, seeded; InputError if none are found."""
        import minorminer

        pairs = list(bqm.quadratic) + [(v, v) for v in bqm.variables]
        found: Embedding = minorminer.find_embedding(
            pairs, child.edgelist, random_seed=seed, tries=self.tries
        )
        if not found:
            raise InputError(
                f"no embedding of {bqm.num_variables} variables found in {self.tries} tries; "
                "give more tries or use CliqueEmbedding"
            )
        return found


def torque_compensation(bqm: dimod.BinaryQuadraticModel, prefactor: float = 1.414) -> float:
    """Chain strength ``prefactor sqrt(mean degree) rms(J)`` of the Ising model.

    1 for a model without couplings. D-Wave's ``uniform_torque_compensation``; source: Raymond et
    al., Improving performance of logical qubits by parameter tuning and topology compensation
    (2020).
    """
    from dwave.embedding.chain_strength import uniform_torque_compensation

    ising = bqm.change_vartype(dimod.SPIN, inplace=False)
    return float(uniform_torque_compensation(ising, prefactor=prefactor)) or 1.0


def embed(
    bqm: dimod.BinaryQuadraticModel, chains: Embedding, adjacency: Any, chain_strength: float
) -> dimod.BinaryQuadraticModel:
    """Return the Ising model on qubits: h and J shared out evenly, chains at -strength."""
    from dwave.embedding import embed_bqm

    ising = bqm.change_vartype(dimod.SPIN, inplace=False)
    return embed_bqm(ising, chains, adjacency, chain_strength=chain_strength)
