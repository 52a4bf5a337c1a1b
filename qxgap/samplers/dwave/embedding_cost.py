"""The qubits, chains and energy scale that an embedded problem has, and the errors of its chains.

:func:`embedding_estimate` embeds a problem into a graph without defects, and :func:`chain_sigmas`
gives the errors of its coefficients for :func:`~qxgap.samplers.noise_ensemble`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...checks import kind_of, require_number
from ...errors import InputError
from ...problem.accept import ProblemLike, as_problem
from ...problem.qubo import QuboProblem
from ...results import Result
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
from .noise import SIGMA_H, SIGMA_J

if TYPE_CHECKING:
    import pandas as pd

CHEAP = 1.005
"""A problem that chains weaken by less than this factor counts as not weakened."""


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

    def plot(self, ax: Any = None) -> Any:
        """Draw the number of qubits in the chain of each variable.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ...plotting import bars  # loads matplotlib

        lengths = self.chain_lengths
        mean = float(lengths.mean())
        return bars(
            list(self.chains),
            lengths,
            "variable",
            "qubits in its chain",
            reference=mean,
            reference_name=f"mean {mean:.2g}",
            ax=ax,
        )

    def to_dataframe(self) -> pd.DataFrame:
        """Return a table with one row for each variable.

        Returns
        -------
        pandas.DataFrame
            The columns variable and chain_length.
        """
        import pandas as pd

        return pd.DataFrame({"variable": list(self.chains), "chain_length": self.chain_lengths})

    def __str__(self) -> str:
        lengths = self.chain_lengths
        if self.scaling_cost > CHEAP:
            cost = f"program the problem {self.scaling_cost:.2g} times weaker"
        else:
            cost = "do not weaken the programmed problem"
        return (
            f"On a {self.topology} annealer the {len(lengths)} variables take {self.num_qubits} "
            f"qubits, in chains of {lengths.mean():.2g} on average and {lengths.max()} at most. "
            f"The chains {cost}: all energies are divided by {self.scale.factor:.3g}, and without "
            f"chains they would be by {self.scale_without_chains.factor:.3g}."
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
        scale_without_chains=scale_without_chains(problem, topology),
        instance_hash=problem.content_hash,
    )


def scale_without_chains(problem: ProblemLike, topology: str) -> AutoScale:
    """Return the number by which an annealer divides a problem whose variables are single qubits.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.
    topology : str
        ``"pegasus"`` or ``"zephyr"``.

    Returns
    -------
    AutoScale
        The factor from the ranges of single h and J. Chains may need a larger one.

    Raises
    ------
    InputError
        For another topology.

    Examples
    --------
    >>> import qxgap as qx
    >>> qx.samplers.scale_without_chains(qx.QuboProblem([-1.0], [[0.0]]), "zephyr").limited_by
    'h'
    """
    ising = as_problem(problem).to_bqm("SPIN")
    return auto_scale(ising, _ranges_of_coefficients(annealer_named(topology).ranges))


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


def require_estimate(estimate: Any) -> None:
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
    require_estimate(estimate)
    return np.sqrt(estimate.chain_lengths) * sigma_h, np.sqrt(estimate.num_couplers) * sigma_J
