"""The results of anneals: a final state and its read-out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import dimod
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from ..annealing.accept import assumed_note
from ..checks import require_whole
from ..digits import probability, rounded
from ..errors import InputError
from ..linalg.amplitudes import Amplitudes, is_on_device, on_host
from ..observables import NearOptimum, Observations, Populations
from ..problem.bits import index_to_bits
from ..problem.qubo import QuboProblem
from ..results import Result, plain
from ..statistics.seeds import Seed, random_generator
from .methods import StateMethod

if TYPE_CHECKING:
    import pandas as pd


def expectations(problem: QuboProblem, weights: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return success probability, energy and residual energy of read-out weights.

    Every ground state of the problem counts as success. The energy includes the offset.

    Parameters
    ----------
    problem : QuboProblem
        The problem that is read out.
    weights : ndarray of float, shape (2^d,)
        Weights of the states in index order; they are used as they are, without normalization.
    """
    diagonal = problem.diagonal
    success = float(weights[problem.ground_indices].sum())
    residual = float(weights @ (diagonal - diagonal.min()))
    return success, float(weights @ diagonal) + problem.offset, residual


def _thermal(
    energies: NDArray[np.float64], states: NDArray[np.int64], probability: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the Boltzmann law of levels with the mean energy of another law."""
    span = float(np.ptp(energies))
    if span == 0:
        return probability
    above = (energies - energies[0]) / span
    mean = float(probability @ above)

    def law(beta: float) -> NDArray[np.float64]:
        exponents = np.log(states) - beta * above
        weights = np.exp(exponents - exponents.max())
        return weights / weights.sum()

    coldest, hottest = 1e6, -1e6  # in units of 1 / span
    if mean <= law(coldest) @ above:
        return law(coldest)
    if mean >= law(hottest) @ above:
        return law(hottest)
    return law(float(brentq(lambda beta: float(law(beta) @ above) - mean, hottest, coldest)))


@dataclass(frozen=True, eq=False, repr=False)
class ReadOut(Result):
    """A state of the qubits that can be read out; the base of all results of this package.

    Attributes
    ----------
    problem : QuboProblem
        Problem whose variables are read.
    success_probability : float
        Probability of reading any ground state of the problem.
    energy : float
        Expectation of the problem's energy, offset included.
    residual_energy : float
        Energy minus the ground energy.
    """

    problem: QuboProblem
    success_probability: float
    energy: float
    residual_energy: float

    @property
    def instance_hash(self) -> str:
        """Content hash of the problem."""
        return self.problem.content_hash

    @property
    @abstractmethod
    def probabilities(self) -> NDArray[np.float64]:
        """Read-out probabilities, shape (2^d,), which sum to 1."""

    @abstractmethod
    def sample_info(self) -> dict[str, Any]:
        """Return what the ``info`` of samples says about this state.

        Returns
        -------
        dict of str
            Name of the sampler, and what determines the state.
        """

    def sample(self, num_reads: int, seed: Seed = None) -> dimod.SampleSet:
        """Read the state out several times.

        Parameters
        ----------
        num_reads : int
            Number of reads, at least 1.
        seed : int, numpy.random.Generator or None
            Seed of the random numbers.

        Returns
        -------
        dimod.SampleSet
            One BINARY row for each read, in the order drawn, with the problem's energies.
        """
        require_whole(num_reads, "num_reads", "a whole number of at least 1")
        if num_reads < 1:
            raise InputError(f"num_reads = {num_reads}; give at least one")
        index = self._drawn(num_reads, random_generator(seed))
        samples = index_to_bits(index, self.problem.num_qubits)
        return dimod.SampleSet.from_samples(  # type: ignore[no-untyped-call]
            (samples.astype(np.int8), list(self.problem.labels)),
            vartype=dimod.BINARY,
            energy=self.problem.energy(samples),
            info={**self.sample_info(), "instance_hash": self.problem.content_hash},
        )

    def _drawn(self, num_reads: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return the state indices of reads, in the order drawn."""
        chances = self.probabilities
        return rng.choice(chances.size, size=num_reads, p=chances)

    def plot(self, ax: Any = None) -> Any:
        """Draw the probability to read each energy level, beside a guess and a thermal law.

        The thermal law is the Boltzmann law with the mean energy of this state.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import level_shares  # loads matplotlib

        table = self.to_dataframe()
        laws = {"random guess": table.guess, "thermal state of the same energy": table.thermal}
        ylabel = "probability to be read"
        return level_shares(table.energy, table.probability, laws, ylabel=ylabel, ax=ax)

    def to_dataframe(self) -> pd.DataFrame:
        """Return the energy levels of the problem as a table.

        Returns
        -------
        pandas.DataFrame
            A row for each level, ascending, with the columns energy (offset included), states (the
            number of states), probability (to be read), guess (if all states were equally
            probable), and thermal (in the Boltzmann law of the same mean energy).
        """
        import pandas as pd

        order = np.argsort(self.problem.diagonal, kind="stable")
        energies = self.problem.diagonal[order]
        # a level begins where the energy rises by more than the tolerance of degeneracy
        rises = np.diff(energies, prepend=-np.inf) > self.problem.ground_tolerance
        first = np.flatnonzero(rises)
        states = np.diff(first, append=energies.size)
        probability = np.add.reduceat(self.probabilities[order], first)
        return pd.DataFrame(
            {
                "energy": energies[first] + self.problem.offset,
                "states": states,
                "probability": probability,
                "guess": states / energies.size,
                "thermal": _thermal(energies[first], states, probability),
            }
        )

    @property
    def random_guess(self) -> float:
        """Success probability if all states were equally probable."""
        return self.problem.degeneracy / self.problem.diagonal.size

    def near_probability(self, near: NearOptimum) -> float:
        """Return the probability to read a state that is nearly as good as the optimum.

        Parameters
        ----------
        near : NearOptimum
            Which states count, such as ``NearOptimum(0.01)``.

        Returns
        -------
        float
            The probability. It is accurate to the error estimate of the result, which holds for
            every set of states.
        """
        return float(self.probabilities[near.is_near(self.problem)].sum())

    def _sentence(self, anneal: str) -> str:
        """Return how probable a solution is, and how far from it the reads lie."""
        return (
            f"{anneal} reads a ground state with probability "
            f"{probability(self.success_probability)}; a random guess has "
            f"{probability(self.random_guess)}. The mean energy is "
            f"{rounded(self.residual_energy, 2)} above the lowest."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers of the result, without the state.

        Returns
        -------
        dict of str
            The numbers by the names that the command line and the table of a study give them.
        """
        return {
            "num_qubits": self.problem.num_qubits,
            "success_probability": self.success_probability,
            "energy": self.energy,
            "residual_energy": self.residual_energy,
            "instance_hash": self.instance_hash,
        }


class AnnealStatus(Enum):
    """The outcome of the integration of an anneal; the value is a message for the user.

    Examples
    --------
    >>> import qxgap as qx
    >>> H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]]))
    >>> qx.anneal(H, 5.0).status is qx.AnnealStatus.CONVERGED
    True
    """

    CONVERGED = "the error estimate is below tol"
    NO_ESTIMATE = "integrated by QuTiP at its tolerances; it gives no error estimate"
    MAX_STEPS = "max_steps reached before tol; the error estimate tells how far it got"
    MAX_CONFIGURATIONS = (
        "tol needs more configurations than max_configurations or the memory allows; the proven "
        "interval is wider"
    )
    UNPROVEN_START = (
        "the computed initial state is not proven to be the ground state of H(0), so that nothing "
        "is proven"
    )


@dataclass(frozen=True, eq=False, repr=False)
class AnnealResult(ReadOut):
    """The final state of a closed anneal, and what it says about the problem.

    Attributes
    ----------
    problem : QuboProblem
        Problem that was annealed.
    success_probability : float
        Weight of the final state on the ground *subspace* of the problem.
    energy : float
        Expectation of the problem's energy, offset included.
    residual_energy : float
        Energy minus the ground energy.
    tau : float
        Anneal time (hbar = 1 in the unit of the schedule; ns for a schedule in GHz).
    amplitudes : ndarray or torch.Tensor of complex, shape (2^d,)
        Final state where it was computed, in the index order of :mod:`qxgap.problem.bits`: a tensor
        on the device if the method names one, otherwise a read-only array. ``state`` has it on the
        host.
    norm_error : float
        ``| |state| - 1 |``. A small value does not mean an accurate state.
    error_estimate : float or None
        Estimated error of the success probability; None if the method gives no estimate. If
        observables were requested, it is the estimate for the states at all their fractions too,
        and thus larger.
    steps : int or None
        Time steps of the run that is reported; None if the method does not say.
    status : AnnealStatus
        How the integration ended.
    method : SplitOperator or QutipODE
        Method of integration.
    schedule : str
        Name of the schedule.
    driver : str
        Python expression of the driver.
    versions : mapping of str
        Versions of qxgap and of the packages on which the numbers depend.
    populations : Populations or None
        Populations of the lowest levels of H(1), if they were requested.
    observations : Observations or None
        Values of observables on the way or at the end, if they were requested.

    Examples
    --------
    >>> import qxgap as qx
    >>> H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]]))
    >>> run = qx.anneal(H, 10.0)
    >>> round(run.success_probability, 3)
    0.652
    >>> reads = run.sample(100, seed=1)
    >>> sorted(run.to_dict())[:3]
    ['driver', 'energy', 'error_estimate']
    """

    tau: float
    amplitudes: Amplitudes
    norm_error: float
    error_estimate: float | None
    steps: int | None
    status: AnnealStatus
    method: StateMethod
    schedule: str
    driver: str
    versions: Mapping[str, str]
    populations: Populations | None = None
    observations: Observations | None = None

    @cached_property
    def state(self) -> NDArray[np.complex128]:
        """Final state on the host, shape (2^d,), read-only; it is copied from a device once."""
        state = on_host(self.amplitudes)
        state.flags.writeable = False
        return state

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Read-out probabilities, shape (2^d,), which sum to 1."""
        weights = np.abs(self.state) ** 2
        return weights / weights.sum()

    def _drawn(self, num_reads: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return the state indices of reads, in the order drawn, from where the state is."""
        if not is_on_device(self.amplitudes):
            return super()._drawn(num_reads, rng)
        from .device_readout import drawn_on_device  # loads PyTorch

        return drawn_on_device(self.amplitudes, rng.random(num_reads))

    def sample_info(self) -> dict[str, Any]:
        """Return what the ``info`` of samples says about this state.

        Returns
        -------
        dict of str
            Name of the sampler, and the anneal time.
        """
        return {"sampler": "schrodinger", "tau": self.tau}

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers of the result, without the state.

        Returns
        -------
        dict of str
            The numbers by the names that ``qxgap anneal --json`` gives them, and the provenance.
        """
        values = super().to_dict() | {
            "tau": self.tau,
            "error_estimate": self.error_estimate,
            "norm_error": self.norm_error,
            "steps": self.steps,
            "status": self.status,
            "method": self.method,
            "schedule": self.schedule,
            "driver": self.driver,
            "versions": self.versions,
        }
        if self.populations is not None:
            values["populations"] = self.populations.to_dict()
        if self.observations is not None:
            values["observations"] = self.observations.to_dict()
        return plain(values)

    def __str__(self) -> str:
        text = self._sentence(f"One anneal of the time tau = {self.tau:g}")
        if self.status is not AnnealStatus.CONVERGED:
            text += f" Note: {self.status.value}."
        return text + assumed_note(self.schedule)
