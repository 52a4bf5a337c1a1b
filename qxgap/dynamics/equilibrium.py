"""Thermal equilibrium at a point of the anneal: what hardware freezes out in, to first order.

Late in an anneal the qubits no longer follow the bath: the read-out is near the Gibbs state of H at
that s (Amin, Phys. Rev. A 92, 052323 (2015)), where the driver often no longer matters. Not always:
Marshall, Rieffel and Hen, Phys. Rev. Applied 8, 064025 (2017).
"""

from __future__ import annotations

from dataclasses import dataclass

import dimod
import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.special import logsumexp

from ..annealing.accept import QubitsLike, as_qubits
from ..annealing.hamiltonian import AnnealHamiltonian
from ..checks import require_number
from ..errors import InputError
from ..memory import require_memory
from ..problem.qubo import QuboProblem
from .readout import outcome, read_out

MAX_QUANTUM_QUBITS = 12
"""Dense diagonalisation of 2^12 levels takes a minute and 0.5 GiB."""


@dataclass(frozen=True, eq=False)
class GibbsState:
    """A thermal state as it is read out.

    Attributes
    ----------
    problem : whose variables are read.
    s : anneal fraction of the Hamiltonian.
    temperature : mK for a schedule in GHz, else an energy.
    quantum : whether the driver is in: ``exp(-H(s) / kT)``, else ``exp(-B(s) H_P / kT)``.
    probabilities : (2^d,) read-out probabilities, in state index order; read-only.
    success_probability : of reading a ground state of the problem.
    energy, residual_energy : expectation of the problem's energy (offset included), and of that
        above the ground energy.
    log_partition : ``ln Z``, energies counted from those of H without the problem's offset.
    """

    problem: QuboProblem
    s: float
    temperature: float
    quantum: bool
    probabilities: NDArray[np.float64]
    success_probability: float
    energy: float
    residual_energy: float
    log_partition: float

    def sample(
        self, num_reads: int, seed: int | np.random.Generator | None = None
    ) -> dimod.SampleSet:
        """Read out ``num_reads`` times: one BINARY row per read, as drawn."""
        info = {"sampler": "gibbs", "s": self.s, "temperature": self.temperature}
        return read_out(self.problem, self.probabilities, num_reads, seed, info)


def gibbs(H: QubitsLike, s: float, temperature: float, quantum: bool = False) -> GibbsState:
    """Thermal state of H(s), exactly: a sum over all 2^d states.

    Parameters
    ----------
    s : anneal fraction of the freeze-out.
    temperature : mK for a schedule in GHz, else an energy, > 0.
    quantum : False for the classical state of ``B(s) H_P``, any d that fits in memory; True for
        that of H(s) with its driver, by dense diagonalisation, d <= 12.

    Raises
    ------
    InputError : for s outside [0, 1], a temperature that is not positive, quantum at d > 12.
    MemoryLimitError : before anything of size 2^d, or 4^d, is allocated.
    """
    H = as_qubits(H)
    require_number(s, "anneal fraction s", "one number in [0, 1]")
    A, B = (float(x) for x in H.schedule(s))
    kT = H.schedule.thermal_energy(temperature)
    if quantum:
        probabilities, log_partition = _quantum(H, A, B, kT)
    else:
        require_memory(40 << H.num_qubits, f"the probabilities of {H.num_qubits} qubits")
        log_weights = H.diagonal * (-B / kT)
        log_partition = float(logsumexp(log_weights))
        probabilities = np.exp(log_weights - log_partition)
    success, energy, residual = outcome(H.problem, probabilities)
    probabilities.flags.writeable = False
    return GibbsState(
        problem=H.problem,
        s=float(s),
        temperature=float(temperature),
        quantum=quantum,
        probabilities=probabilities,
        success_probability=success,
        energy=energy,
        residual_energy=residual,
        log_partition=log_partition,
    )


def _quantum(
    H: AnnealHamiltonian, A: float, B: float, kT: float
) -> tuple[NDArray[np.float64], float]:
    """Diagonal of ``exp(-(A H_D + B H_P) / kT) / Z`` and ln Z."""
    if H.num_qubits > MAX_QUANTUM_QUBITS:
        raise InputError(
            f"the quantum Gibbs state of {H.num_qubits} qubits needs all 2^{H.num_qubits} levels; "
            f"use quantum=False or at most {MAX_QUANTUM_QUBITS} qubits"
        )
    require_memory(32 * H.dimension**2, f"all levels of {H.num_qubits} qubits")
    energies, vectors = scipy.linalg.eigh(H.to_dense(A, B), overwrite_a=True, driver="evd")
    log_partition = float(logsumexp(-energies / kT))
    return np.square(vectors) @ np.exp(-energies / kT - log_partition), log_partition
