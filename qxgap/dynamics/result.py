"""What an anneal ends in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import dimod
import numpy as np
from numpy.typing import NDArray

from ..annealing.accept import assumed_note
from ..problem.qubo import QuboProblem
from .populations import Populations
from .readout import read_out


class AnnealStatus(Enum):
    """How an integration ended; the value is the message."""

    CONVERGED = "the error estimate is below tol"
    NO_ESTIMATE = "integrated by QuTiP at its tolerances; it gives no error estimate"
    MAX_STEPS = "max_steps reached before tol; the error estimate tells how far it got"


@dataclass(frozen=True, eq=False)
class AnnealResult:
    """The final state of an anneal and what it says about the problem.

    Attributes
    ----------
    problem : what was annealed.
    tau : anneal time (hbar = 1 in the unit of the schedule).
    state : (2^d,) complex128, in the index order of :mod:`qxgap.problem.bits`; read-only.
    success_probability : weight of ``state`` on the ground *subspace* of the problem.
    energy : expectation of the problem's energy, offset included.
    residual_energy : ``energy`` minus the ground energy.
    norm_error : ``| |state| - 1 |``. Small does not mean accurate.
    error_estimate : of the success probability; None if the method has none.
    steps : time steps of the run that is reported; None if the method does not tell.
    populations : of the lowest levels of H(1), if asked for.
    status, method, schedule, driver, instance_hash, versions : provenance.
    """

    problem: QuboProblem
    tau: float
    state: NDArray[np.complex128]
    success_probability: float
    energy: float
    residual_energy: float
    norm_error: float
    error_estimate: float | None
    steps: int | None
    status: AnnealStatus
    method: str
    schedule: str
    driver: str
    versions: Mapping[str, str]
    populations: Populations | None = None

    @property
    def instance_hash(self) -> str:
        """Content hash of the problem."""
        return self.problem.content_hash

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """(2^d,) read-out probabilities, summing to 1."""
        weights = np.abs(self.state) ** 2
        return weights / weights.sum()

    def sample(
        self, num_reads: int, seed: int | np.random.Generator | None = None
    ) -> dimod.SampleSet:
        """Read the final state out ``num_reads`` times: one BINARY row per read, as drawn."""
        info = {"sampler": "schrodinger", "tau": self.tau}
        return read_out(self.problem, self.probabilities, num_reads, seed, info)

    def __str__(self) -> str:
        error = "" if self.error_estimate is None else f" +- {self.error_estimate:.1e}"
        return (
            f"success probability {self.success_probability:.6g}{error} at tau = {self.tau:g}, "
            f"residual energy {self.residual_energy:.4g}{assumed_note(self.schedule)}"
        )
