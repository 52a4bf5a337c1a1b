"""The cost of embedding a problem into an annealer: qubits, chains, energy scale, gap and errors.

:func:`annealer_cost` computes all of it. :func:`embedding_estimate` embeds a problem into a graph
without defects, :func:`gap_cost` certifies its gap at the energy scale that remains, and
:func:`chain_sigmas` gives the errors of its coefficients for
:func:`~qxgap.samplers.noise_ensemble`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...annealing.hamiltonian import AnnealHamiltonian
from ...annealing.schedule import MILLIKELVIN_PER_GHZ, AnnealSchedule, schedule_named
from ...checks import kind_of, require_number, require_whole
from ...errors import InputError
from ...problem.accept import ProblemLike, as_problem
from ...problem.qubo import QuboProblem
from ...results import Result, plain
from ...spectra.gap import MinimumGap, minimum_gap
from ...statistics.seeds import Seed, integer_seed
from .autoscale import AutoScale, auto_scale
from .embedding import (
    CliqueEmbedding,
    Embedding,
    EmbeddingMethod,
    embedded_model,
    torque_compensation,
)
from .machines import StructuredSampler, annealer_named, mock_annealer
from .noise import SIGMA_H, SIGMA_J, NoiseEnsemble, noise_ensemble
from .published import published_temperature


@dataclass(frozen=True, eq=False, repr=False)
class EmbeddingEstimate(Result):
    """A problem embedded into an annealer's graph without defects.

    Attributes
    ----------
    topology : str
        Type of the graph.
    solver : str
        Name of the solver from which ranges and schedule are.
    chains : mapping
        Chain of qubits of each label.
    num_couplers : ndarray of int, shape (d, d)
        Number of couplers that share the coupling of a pair, upper triangle.
    chain_strength : float
        Coupling inside chains, in the unit of the problem's Ising couplings.
    scale : AutoScale
        Factor by which auto-scaling divides the embedded model, chains included.
    scale_without_chains : AutoScale
        Factor by which it would divide the problem if every pair had a coupler.
    instance_hash : str
        Content hash of the problem.
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
        """Number of qubits of each chain, shape (d,)."""
        return np.array([len(chain) for chain in self.chains.values()])

    @property
    def num_qubits(self) -> int:
        """Number of qubits of all chains together."""
        return int(self.chain_lengths.sum())

    @property
    def scaling_cost(self) -> float:
        """Factor by which the programmed problem is weaker because of its chains."""
        return self.scale.factor / self.scale_without_chains.factor

    def to_dict(self) -> dict[str, Any]:
        """Return sizes, chain strength and scales as plain Python values.

        Returns
        -------
        dict of str
            The keys of ``qxgap embed --json``. The chains themselves are left out.
        """
        lengths = self.chain_lengths
        return {
            "topology": self.topology,
            "solver": self.solver,
            "num_variables": len(lengths),
            "num_qubits": self.num_qubits,
            "chain_length_mean": float(lengths.mean()),
            "chain_length_max": int(lengths.max()),
            "chain_strength": self.chain_strength,
            "scale": self.scale.factor,
            "scale_limited_by": self.scale.limited_by,
            "scale_without_chains": self.scale_without_chains.factor,
        }

    def __str__(self) -> str:
        lengths = self.chain_lengths
        return (
            f"{self.topology}: {len(lengths)} variables in {self.num_qubits} qubits, chains of "
            f"{lengths.mean():.2f} on average, {lengths.max()} at most, strength "
            f"{self.chain_strength:.4g}; {self.scale}, without chains by "
            f"{self.scale_without_chains.factor:.4g} ({self.scale_without_chains.limited_by})"
        )


def embedding_estimate(
    problem: ProblemLike,
    topology: str = "pegasus",
    *,
    method: EmbeddingMethod | None = None,
    chain_strength: float | None = None,
    seed: Seed = None,
) -> EmbeddingEstimate:
    """Embed a problem into the full graph of Advantage or Advantage2, without any hardware.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem, of d variables.
    topology : str
        ``"pegasus"`` (P16) or ``"zephyr"`` (Z12).
    method : EmbeddingMethod or None
        The method that makes the chains; None takes :class:`~qxgap.samplers.CliqueEmbedding`.
    chain_strength : float or None
        Coupling inside chains, in the unit of the Ising couplings; None takes uniform torque
        compensation.
    seed : int, numpy.random.Generator or None
        Seed of the embedding, if it is random.

    Returns
    -------
    EmbeddingEstimate
        Chains and scale factors. A real chip has defects and takes a little less.

    Raises
    ------
    InputError
        For another topology, a chain strength that is not positive, a problem that does not fit, or
        without dwave-system.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(12, 1)
    >>> qx.samplers.embedding_estimate(problem, "pegasus").num_qubits
    36
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
    embedded = embedded_model(ising, chains, child.adjacency, strength)
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
    """Return the mock with the full graph of a topology, made once."""
    return mock_annealer(topology)


def _couplers(
    problem: QuboProblem, chains: Embedding, adjacency: Mapping[int, Any]
) -> NDArray[np.int64]:
    """Return the number of couplers between the chains of coupled pairs, (d, d) upper triangle."""
    number = np.zeros(problem.J.shape, dtype=np.int64)
    for p, q in np.argwhere(problem.J):
        ends = set(chains[problem.labels[q]])
        number[p, q] = sum(len(ends & set(adjacency[k])) for k in chains[problem.labels[p]])
    return number


def _ranges_of_coefficients(ranges: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ranges of single h and J; totals on a qubit have no meaning without qubits."""
    return {name: limits for name, limits in ranges.items() if not name.startswith("per_")}


def _require_estimate(estimate: Any) -> None:
    """Raise InputError unless this is the estimate of an embedding."""
    if not isinstance(estimate, EmbeddingEstimate):
        raise InputError(
            f"estimate is {kind_of(estimate)}; give a result of embedding_estimate(problem)"
        )


def chain_sigmas(
    estimate: EmbeddingEstimate, sigma_h: float = SIGMA_H, sigma_J: float = SIGMA_J
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the errors of h and J of an embedded problem, for its intact chains.

    A chain of L qubits adds up L independent errors of h, and m couplers of one pair add up m
    errors of J: ``sqrt(L) sigma_h`` and ``sqrt(m) sigma_J``. They are for
    :func:`~qxgap.samplers.noise_ensemble`, with ``scale=estimate.scale.factor``.

    Parameters
    ----------
    estimate : EmbeddingEstimate
        The embedded problem.
    sigma_h : float
        Standard deviation of h on one qubit.
    sigma_J : float
        Standard deviation of J on one coupler.

    Returns
    -------
    tuple of ndarray of float, shapes (d,) and (d, d)
        Standard deviations of the problem's h and J.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(3, 1)
    >>> sigma_h, sigma_J = qx.samplers.chain_sigmas(qx.samplers.embedding_estimate(problem))
    >>> sigma_h.shape, sigma_J.shape
    ((3,), (3, 3))
    """
    _require_estimate(estimate)
    return np.sqrt(estimate.chain_lengths) * sigma_h, np.sqrt(estimate.num_couplers) * sigma_J


@dataclass(frozen=True, eq=False, repr=False)
class GapCost(Result):
    """Minimum gaps of one problem at two energy scales, in GHz.

    Attributes
    ----------
    embedded : MinimumGap
        With h and J divided by the factor of the embedded model.
    without_chains : MinimumGap
        With h and J divided by the factor of the problem itself.
    """

    embedded: MinimumGap
    without_chains: MinimumGap

    @property
    def ratio(self) -> float:
        """Gap of the embedded problem over the gap without chains."""
        return self.embedded.value / self.without_chains.value

    @property
    def millikelvin(self) -> float:
        """Gap of the embedded problem as a temperature, in mK."""
        return float(self.embedded.value * MILLIKELVIN_PER_GHZ)

    def to_dict(self) -> dict[str, Any]:
        """Return both gaps, their ratio and the temperature scale as plain Python values.

        Returns
        -------
        dict of str
            The keys of ``qxgap embed --json``.
        """
        return {
            "gap": self.embedded.value,
            "gap_without_chains": self.without_chains.value,
            "gap_ratio": self.ratio,
            "gap_millikelvin": self.millikelvin,
            "unit": "GHz",
        }

    def __str__(self) -> str:
        return (
            f"gap {self.embedded.value:.4g} GHz at s* = {self.embedded.s_star:.3f}, "
            f"{self.ratio:.3g} times the {self.without_chains.value:.4g} GHz without chains"
        )


def gap_cost(problem: ProblemLike, estimate: EmbeddingEstimate, rtol: float = 1e-3) -> GapCost:
    """Certify the minimum gap at the scale of the embedded problem, and at that of the problem.

    The schedule is the standard one of ``estimate.solver``, and the problem's own variables are the
    qubits. Chains weaken h and J; their other effects are neglected (a chain tunnels more slowly
    than a qubit, and may break). So the embedded gap is an upper estimate.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem that was embedded.
    estimate : EmbeddingEstimate
        Result of :func:`embedding_estimate` for it.
    rtol : float
        Relative width of the gap's bracket.

    Returns
    -------
    GapCost
        The gaps with chains and without.

    Raises
    ------
    InputError
        For the estimate of another problem.
    MemoryLimitError, ConvergenceError
        As :func:`qxgap.minimum_gap`.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(8, 1)
    >>> estimate = qx.samplers.embedding_estimate(problem)
    >>> round(qx.samplers.gap_cost(problem, estimate).ratio, 2)  # a chain shares the h of its label
    1.08
    """
    problem = as_problem(problem)
    _require_estimate(estimate)
    if estimate.instance_hash != problem.content_hash:
        raise InputError(f"the estimate is of {estimate.instance_hash}, not of {problem!r}")
    schedule = schedule_named(annealer_named(estimate.topology).schedule_name)
    weaker = _weakened(schedule, estimate.scale_without_chains.factor)
    H = AnnealHamiltonian(problem, schedule=weaker)
    without = minimum_gap(H, rtol=rtol)
    return GapCost(without.for_schedule(H, _weakened(schedule, estimate.scale.factor)), without)


def _weakened(schedule: AnnealSchedule, factor: float) -> AnnealSchedule:
    """Return ``schedule`` with the problem divided by ``factor``."""
    return replace(schedule, B=schedule.B / factor, name=f"{schedule.name}, B / {factor:.4g}")


@dataclass(frozen=True, eq=False, repr=False)
class AnnealerCost(Result):
    """The cost of embedding a problem into an annealer.

    Attributes
    ----------
    estimate : EmbeddingEstimate
        Chains and energy scales.
    gaps : GapCost or None
        Gaps with chains and without; None if they were not computed.
    noise, noise_without_chains : NoiseEnsemble or None
        How often control errors change the ground state, with the errors of chains and with those
        of single qubits; None if that was not computed.
    temperature : float
        Published temperature of the solver's qubits, in mK.
    """

    estimate: EmbeddingEstimate
    gaps: GapCost | None
    noise: NoiseEnsemble | None
    noise_without_chains: NoiseEnsemble | None
    temperature: float

    def to_dict(self) -> dict[str, Any]:
        """Return sizes, scales, gaps and ground-state changes as plain Python values.

        Returns
        -------
        dict of str
            The keys of ``qxgap embed --json``; None for what was not computed.
        """
        gaps = dict.fromkeys(("gap", "gap_without_chains", "gap_ratio", "gap_millikelvin"))
        noise, without = self.noise, self.noise_without_chains
        return {
            **self.estimate.to_dict(),
            **({**gaps, "unit": "GHz"} if self.gaps is None else self.gaps.to_dict()),
            "temperature_millikelvin": self.temperature,
            "ground_changes": None if noise is None else noise.probability,
            "ground_changes_interval": None if noise is None else plain(noise.interval),
            "ground_changes_without_chains": None if without is None else without.probability,
        }

    def __str__(self) -> str:
        parts = (self.estimate, self.gaps, self.noise)
        return "\n".join(str(part) for part in parts if part is not None)


def annealer_cost(
    problem: ProblemLike,
    topology: str = "pegasus",
    *,
    method: EmbeddingMethod | None = None,
    chain_strength: float | None = None,
    num_copies: int = 1000,
    max_qubits: int = 16,
    seed: Seed = None,
) -> AnnealerCost:
    """Estimate what embedding costs: qubits, chains, energy scale, gap, and control errors.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem, of d variables.
    topology : str
        ``"pegasus"`` (Advantage) or ``"zephyr"`` (Advantage2).
    method : EmbeddingMethod or None
        The method that makes the chains; None takes :class:`~qxgap.samplers.CliqueEmbedding`.
    chain_strength : float or None
        Coupling inside chains, in the unit of the Ising couplings; None takes uniform torque
        compensation.
    num_copies : int
        Number of copies with perturbed coefficients; 0 leaves control errors out.
    max_qubits : int
        Gap and control errors are computed for at most so many variables.
    seed : int, numpy.random.Generator or None
        Seed of the embedding and of the perturbed copies, in [0, 2^31) if it is a number.

    Returns
    -------
    AnnealerCost
        The embedding; and gaps and control errors for a problem that is small enough.

    Raises
    ------
    InputError
        As :func:`embedding_estimate` and :func:`~qxgap.samplers.noise_ensemble`.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(8, 1)
    >>> cost = qx.samplers.annealer_cost(problem, num_copies=100, seed=1)
    >>> cost.to_dict()["num_qubits"]
    16
    """
    problem, seed = as_problem(problem), integer_seed(seed)
    require_whole(num_copies, "num_copies", "the number of perturbed copies, or 0 for none")
    if num_copies < 0:
        raise InputError(f"num_copies = {num_copies}; give the number of copies, or 0 for none")
    estimate = embedding_estimate(
        problem, topology, method=method, chain_strength=chain_strength, seed=seed
    )
    small = problem.num_qubits <= max_qubits
    noise = without = None
    if small and num_copies > 0:
        sigma_h, sigma_J = chain_sigmas(estimate)
        noise = noise_ensemble(
            problem,
            num_samples=num_copies,
            sigma_h=sigma_h,
            sigma_J=sigma_J,
            scale=estimate.scale.factor,
            seed=seed,
        )
        without = noise_ensemble(
            problem,
            num_samples=num_copies,
            scale=estimate.scale_without_chains.factor,
            seed=seed,
        )
    return AnnealerCost(
        estimate=estimate,
        gaps=gap_cost(problem, estimate) if small else None,
        noise=noise,
        noise_without_chains=without,
        temperature=published_temperature(estimate.solver).temperature,
    )
