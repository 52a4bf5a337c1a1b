"""What embedding a problem into an annealer costs: qubits, chains, energy scale and gap."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...annealing.hamiltonian import AnnealHamiltonian
from ...annealing.schedule import AnnealSchedule, schedule_named
from ...checks import kind_of, require_number
from ...errors import InputError
from ...problem.accept import ProblemLike, as_problem
from ...problem.qubo import QuboProblem
from ...spectra.gap import MinimumGap, minimum_gap
from ...statistics.seeds import Seed, integer_seed
from .embedding import CliqueEmbedding, Embedding, EmbeddingMethod, embed, torque_compensation
from .machines import StructuredSampler, annealer_named, mock_annealer
from .noise import SIGMA_H, SIGMA_J
from .scaling import AutoScale, auto_scale


@dataclass(frozen=True, eq=False)
class EmbeddingEstimate:
    """A problem on an annealer's graph without defects.

    Attributes
    ----------
    topology, solver : of the graph; whose ranges and schedule are taken.
    chains : chain of qubits for each label.
    num_couplers : (d, d) couplers that share the coupling of a pair, upper triangle.
    chain_strength : in the unit of the problem's Ising couplings.
    scale : what auto-scaling divides the embedded model by, chains included.
    scale_without_chains : what it would divide the problem by if every pair had a coupler.
    instance_hash : of the problem.
    """

    topology: str
    solver: str
    chains: Embedding
    num_couplers: NDArray[np.int64]
    chain_strength: float
    scale: AutoScale
    scale_without_chains: AutoScale
    instance_hash: str

    @property
    def chain_lengths(self) -> NDArray[np.int64]:
        """(d,) qubits of each chain."""
        return np.array([len(chain) for chain in self.chains.values()])

    @property
    def num_qubits(self) -> int:
        """Qubits of all chains."""
        return int(self.chain_lengths.sum())

    @property
    def scaling_cost(self) -> float:
        """How many times weaker the problem is programmed because of its chains."""
        return self.scale.factor / self.scale_without_chains.factor

    def __str__(self) -> str:
        lengths = self.chain_lengths
        return (
            f"{self.topology}: {len(lengths)} variables in {self.num_qubits} qubits, chains of "
            f"{lengths.mean():.2f} on average, {lengths.max()} at most, strength "
            f"{self.chain_strength:.4g}; h and J divided by {self.scale.factor:.4g} "
            f"({self.scale.limited_by} decides), without chains by "
            f"{self.scale_without_chains.factor:.4g} ({self.scale_without_chains.limited_by})"
        )


def embedding_estimate(
    problem: ProblemLike,
    topology: str = "pegasus",
    *,
    method: EmbeddingMethod | None = None,
    chain_strength: float | None = None,
    seed: Seed = 0,
) -> EmbeddingEstimate:
    """Embed ``problem`` into the full graph of Advantage or Advantage2, without any hardware.

    Parameters
    ----------
    topology : ``"pegasus"`` (P16) or ``"zephyr"`` (Z12).
    method : how variables become chains; None takes :class:`~qxgap.samplers.CliqueEmbedding`.
    chain_strength : in the unit of the Ising couplings; None takes uniform torque compensation.
    seed : of the embedding, if it is random.

    Raises
    ------
    InputError : for another topology, a chain strength that is not positive, a problem that does
        not fit, or without dwave-system. A chip has defects; it takes a little less.
    """
    problem = as_problem(problem)
    if chain_strength is not None:
        require_number(chain_strength, "chain_strength", "a positive number, or None")
        if not 0 < chain_strength < np.inf:
            raise InputError(f"chain_strength = {chain_strength}; give a positive one, not inf")
    annealer, child = annealer_named(topology), _full_graph(topology)
    ising = problem.to_bqm("SPIN")
    chains = (method or CliqueEmbedding())(ising, child, integer_seed(seed))
    strength = chain_strength or torque_compensation(ising)
    embedded = embed(ising, chains, child.adjacency, strength)
    return EmbeddingEstimate(
        topology=topology,
        solver=annealer.solver,
        chains={label: tuple(int(q) for q in chains[label]) for label in problem.labels},
        num_couplers=_couplers(problem, chains, child.adjacency),
        chain_strength=float(strength),
        scale=auto_scale(embedded, child.properties, child.to_networkx_graph()),
        scale_without_chains=auto_scale(ising, _ranges_of_coefficients(annealer.ranges)),
        instance_hash=problem.content_hash,
    )


@functools.cache
def _full_graph(topology: str) -> StructuredSampler:
    return mock_annealer(topology)


def _couplers(
    problem: QuboProblem, chains: Embedding, adjacency: Mapping[int, Any]
) -> NDArray[np.int64]:
    """(d, d) couplers between the chains of coupled pairs, upper triangle."""
    number = np.zeros(problem.J.shape, dtype=np.int64)
    for p, q in np.argwhere(problem.J):
        ends = set(chains[problem.labels[q]])
        number[p, q] = sum(len(ends & set(adjacency[k])) for k in chains[problem.labels[p]])
    return number


def _ranges_of_coefficients(ranges: Mapping[str, Any]) -> dict[str, Any]:
    """Ranges of single h and J; totals on a qubit mean nothing without qubits."""
    return {name: limits for name, limits in ranges.items() if not name.startswith("per_")}


def _require_estimate(estimate: Any) -> None:
    if not isinstance(estimate, EmbeddingEstimate):
        raise InputError(
            f"estimate is {kind_of(estimate)}; give what embedding_estimate(problem) returned"
        )


def chain_sigmas(
    estimate: EmbeddingEstimate, sigma_h: float = SIGMA_H, sigma_J: float = SIGMA_J
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Errors of the h (d,) and J (d, d) of an embedded problem, for its intact chains.

    A chain of L qubits adds L independent errors of h up, m couplers of one pair m errors of J:
    ``sqrt(L) sigma_h`` and ``sqrt(m) sigma_J``. For :func:`~qxgap.samplers.noise_ensemble`, with
    ``scale=estimate.scale.factor``.
    """
    _require_estimate(estimate)
    return np.sqrt(estimate.chain_lengths) * sigma_h, np.sqrt(estimate.num_couplers) * sigma_J


@dataclass(frozen=True, eq=False)
class GapCost:
    """Minimum gaps of one problem at two energy scales, in GHz.

    Attributes
    ----------
    embedded : with h and J divided by the factor of the embedded model.
    without_chains : divided by that of the problem itself.
    """

    embedded: MinimumGap
    without_chains: MinimumGap

    @property
    def ratio(self) -> float:
        """Gap of the embedded problem in units of that without chains."""
        return self.embedded.value / self.without_chains.value

    def __str__(self) -> str:
        return (
            f"gap {self.embedded.value:.4g} GHz at s* = {self.embedded.s_star:.3f}, "
            f"{self.ratio:.3g} times the {self.without_chains.value:.4g} GHz without chains"
        )


def gap_cost(problem: ProblemLike, estimate: EmbeddingEstimate, rtol: float = 1e-3) -> GapCost:
    """Certify the minimum gap at the scale of the embedded problem, and at that of the problem.

    On the standard schedule of ``estimate.solver``, with the problem's own variables as qubits:
    what chains do beyond weakening h and J (a chain tunnels more slowly than a qubit, and may
    break) is left out, so the embedded gap is an upper estimate.

    Raises
    ------
    InputError : for the estimate of another problem.
    MemoryLimitError, ConvergenceError : as ``minimum_gap``.
    """
    problem = as_problem(problem)
    _require_estimate(estimate)
    if estimate.instance_hash != problem.content_hash:
        raise InputError(f"the estimate is of {estimate.instance_hash}, not of {problem!r}")
    schedule = schedule_named(annealer_named(estimate.topology).schedule_name)
    bare = _weakened(schedule, estimate.scale_without_chains.factor)
    without = minimum_gap(AnnealHamiltonian(problem, schedule=bare), rtol=rtol)
    return GapCost(without.for_schedule(_weakened(schedule, estimate.scale.factor)), without)


def _weakened(schedule: AnnealSchedule, factor: float) -> AnnealSchedule:
    """``schedule`` with the problem divided by ``factor``."""
    return replace(schedule, B=schedule.B / factor, name=f"{schedule.name}, B / {factor:.4g}")
