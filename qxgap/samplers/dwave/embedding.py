"""Chains of qubits for the variables of a problem. Needs dwave-system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import dimod

from ...compiled import private_folder
from ...errors import InputError
from .machines import StructuredSampler

Embedding = Mapping[Any, Sequence[int]]
"""The chain of qubits of each variable."""


class EmbeddingMethod(Protocol):
    """A method that makes chains of qubits for the variables of a model.

    :class:`CliqueEmbedding` and :class:`MinorEmbedding` are two of them; any function of a model, a
    structured sampler and a seed is one.

    Parameters
    ----------
    *args, **kwargs : object
        A protocol is not instantiated.
    """

    def __call__(
        self, bqm: dimod.BinaryQuadraticModel, child: StructuredSampler, seed: int
    ) -> Embedding:
        """Return chains for the variables of ``bqm`` in the working graph of ``child``."""


@dataclass(frozen=True)
class CliqueEmbedding:
    """Chains of equal length in which every pair of variables can be coupled, by busclique.

    It serves any model of so many variables, whatever pairs the model couples. Source: Boothby,
    King & Roy, Quantum Information Processing 15, 495 (2016).

    Attributes
    ----------
    references : tuple of str
        Keys of the works to cite (``qxgap cite``).

    Examples
    --------
    >>> import qxgap as qx
    >>> bqm = qx.testing.random_feature_selection(6, 1).to_bqm()
    >>> annealer = qx.samplers.mock_annealer("pegasus", [3])
    >>> chains = qx.samplers.CliqueEmbedding()(bqm, annealer, seed=0)
    >>> len(chains), max(len(chain) for chain in chains.values())
    (6, 2)
    """

    references: ClassVar[tuple[str, ...]] = ("boothby2016",)

    def __call__(
        self, bqm: dimod.BinaryQuadraticModel, child: StructuredSampler, seed: int
    ) -> Embedding:
        """Return chains for a clique of the model's variables; they do not depend on ``seed``.

        busclique's cache on disk is used: the first call for a graph writes it, and without it an
        embedding into a full Zephyr graph exhausts memory. Where its usual folder cannot be
        written, the cache goes to a folder of the user's own in the system's temporary folder.

        Raises InputError if no clique of that size fits, or if neither folder can be written.
        """
        graph, variables = child.to_networkx_graph(), list(bqm.variables)
        try:
            chains = _clique(variables, graph)
        except OSError as error:
            chains = _clique_with_own_cache(variables, graph, error)
        if not chains:
            raise InputError(
                f"no clique of {bqm.num_variables} variables fits into {len(graph)} qubits; use "
                "a larger graph, or MinorEmbedding for a sparse model"
            )
        return chains


def _clique(variables: Sequence[Any], graph: Any) -> Embedding:
    """Return chains for a clique of the variables; an empty mapping if it does not fit."""
    from minorminer import busclique

    chains: Embedding = busclique.find_clique_embedding(list(variables), graph)
    return chains


def _clique_with_own_cache(variables: Sequence[Any], graph: Any, error: OSError) -> Embedding:
    """Return chains with busclique's cache in a private folder, as its own cannot be written.

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
    """Chains for the pairs that a model couples, by minorminer: shorter ones for sparse models.

    Source: Cai, Macready & Roy, arXiv 1406.2741.

    Parameters
    ----------
    tries : int
        Largest number of starts of the heuristic.

    Attributes
    ----------
    references : tuple of str
        Keys of the works to cite (``qxgap cite``).

    Examples
    --------
    >>> import dimod
    >>> import qxgap as qx
    >>> ring = dimod.BQM({}, {(i, (i + 1) % 4): -1.0 for i in range(4)}, "SPIN")
    >>> annealer = qx.samplers.mock_annealer("pegasus", [3])
    >>> chains = qx.samplers.MinorEmbedding(tries=3)(ring, annealer, seed=1)
    >>> sorted(chains)
    [0, 1, 2, 3]
    """

    tries: int = 10
    references: ClassVar[tuple[str, ...]] = ("cai2014",)

    def __call__(
        self, bqm: dimod.BinaryQuadraticModel, child: StructuredSampler, seed: int
    ) -> Embedding:
        """Return chains by minorminer, seeded; InputError if it finds none."""
        import minorminer

        pairs = list(bqm.quadratic) + [(v, v) for v in bqm.variables]
        chains: Embedding = minorminer.find_embedding(
            pairs, child.edgelist, random_seed=seed, tries=self.tries
        )
        if not chains:
            raise InputError(
                f"no embedding of {bqm.num_variables} variables found in {self.tries} tries; "
                "give more tries or use CliqueEmbedding"
            )
        return chains


def torque_compensation(bqm: dimod.BinaryQuadraticModel, prefactor: float = 1.414) -> float:
    """Return the chain strength ``prefactor sqrt(mean degree) rms(J)`` of the Ising model.

    This is D-Wave's ``uniform_torque_compensation``. Source: Raymond et al., Improving performance
    of logical qubits by parameter tuning and topology compensation (2020).

    Parameters
    ----------
    bqm : dimod.BinaryQuadraticModel
        The model, of either vartype.
    prefactor : float
        Factor of the chain strength.

    Returns
    -------
    float
        In the unit of the Ising couplings; 1 for a model without couplings.

    Examples
    --------
    >>> import dimod
    >>> import qxgap as qx
    >>> ring = dimod.BQM({}, {(i, (i + 1) % 4): -1.0 for i in range(4)}, "SPIN")
    >>> round(qx.samplers.torque_compensation(ring), 3)
    2.0
    """
    from dwave.embedding.chain_strength import uniform_torque_compensation

    ising = bqm.change_vartype(dimod.SPIN, inplace=False)
    return float(uniform_torque_compensation(ising, prefactor=prefactor)) or 1.0


def embedded_model(
    bqm: dimod.BinaryQuadraticModel, chains: Embedding, adjacency: Any, chain_strength: float
) -> dimod.BinaryQuadraticModel:
    """Return the Ising model on qubits: h and J in equal shares, chains coupled by -strength."""
    from dwave.embedding import embed_bqm

    ising = bqm.change_vartype(dimod.SPIN, inplace=False)
    return embed_bqm(ising, chains, adjacency, chain_strength=chain_strength)
