"""What an embedding costs: the gap at the energy scale that remains, and all of it together.

:func:`gap_cost` certifies the gap of an embedded problem, and :func:`annealer_cost` computes
qubits, chains, gaps and the changes of the ground state by control errors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ...annealing.hamiltonian import AnnealHamiltonian
from ...annealing.schedules import MILLIKELVIN_PER_GHZ, AnnealSchedule, schedule_named
from ...checks import require_whole
from ...digits import fraction
from ...errors import InputError
from ...problem.accept import ProblemLike, as_problem
from ...results import Result, plain
from ...spectra.minimum import MinimumGap, certified_gap
from ...statistics.seeds import Seed, integer_seed
from .embedding import EmbeddingMethod
from .embedding_cost import EmbeddingEstimate, chain_sigmas, embedding_estimate, require_estimate
from .machines import annealer_named
from .noise import NoiseEnsemble, noise_ensemble
from .published import published_temperature


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

    def plot(self, ax: Any = None) -> Any:
        """Draw the gap along the anneal, with chains and without.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ...plotting import two_gaps  # loads matplotlib

        curves = {
            "embedded, with chains": (self.embedded.s, self.embedded.gaps),
            "without chains": (self.without_chains.s, self.without_chains.gaps),
        }
        return two_gaps(curves, self.embedded.unit, ax=ax)

    def __str__(self) -> str:
        return (
            f"With its chains the problem has a smallest gap of {self.embedded.value:.3g} GHz "
            f"(k_B times {self.millikelvin:.3g} mK), at s = "
            f"{fraction(self.embedded.s_star)}: {self.ratio:.3g} times the "
            f"{self.without_chains.value:.3g} GHz without chains."
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
    require_estimate(estimate)
    if estimate.instance_hash != problem.content_hash:
        raise InputError(f"the estimate is of {estimate.instance_hash}, not of {problem!r}")
    schedule = schedule_named(annealer_named(estimate.topology).schedule_name)
    weaker = _weakened(schedule, estimate.scale_without_chains.factor)
    H = AnnealHamiltonian(problem, schedule=weaker)
    without = certified_gap(H, rtol=rtol)
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

    def plot(self, ax: Any = None) -> Any:
        """Draw the gaps with chains and without beside the heat of the qubits, or the chains.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ...plotting import two_gaps  # loads matplotlib

        if self.gaps is None:
            return self.estimate.plot(ax)
        thermal = self.temperature / MILLIKELVIN_PER_GHZ
        pair = (self.gaps.embedded, self.gaps.without_chains)
        names = ("embedded, with chains", "without chains")
        curves = {name: (gap.s, gap.gaps) for name, gap in zip(names, pair, strict=True)}
        return two_gaps(curves, self.gaps.embedded.unit, thermal, ax=ax)

    def __str__(self) -> str:
        parts = (self.estimate, self.gaps, self.noise)
        return " ".join(str(part) for part in parts if part is not None)


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
