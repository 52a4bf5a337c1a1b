"""Chains of qubits for a problem's variables. Needs dwave-system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import dimod

from ..problem.errors import InputError
from .annealers import StructuredSampler

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
        embedding into a full Zephyr graph exhausts memory.

        Raises InputError if no clique of that size fits.
        """
        from minorminer import busclique

        graph = child.to_networkx_graph()
        found: Embedding = busclique.find_clique_embedding(list(bqm.variables), graph)
        if not found:
            raise InputError(
                f"no clique of {bqm.num_variables} variables fits into {len(graph)} qubits; use "
                "a larger graph, or MinorEmbedding for a sparse model"
            )
        return found


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
