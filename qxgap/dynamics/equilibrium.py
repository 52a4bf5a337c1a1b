"""The thermal equilibrium at a point of the anneal: a first approximation of the hardware.

Late in an anneal the qubits no longer follow the bath. Their read-out is then close to the Gibbs
state of H at the anneal fraction s of this freeze-out (Amin, Phys. Rev. A 92, 052323 (2015)). The
driver is often so weak there that the classical Gibbs state is sufficient, but not always
(Marshall, Rieffel and Hen, Phys. Rev. Applied 8, 064025 (2017)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.special import logsumexp

from ..annealing.accept import QubitsLike, as_qubits
from ..annealing.hamiltonian import AnnealHamiltonian
from ..checks import require_number
from ..errors import InputError
from ..memory import require_memory
from ..results import plain
from .readout import ReadOut, expectations

MAX_QUANTUM_QUBITS = 12
"""Largest number of qubits of a quantum Gibbs state: the diagonalization of a dense matrix of 2^12
levels takes a minute and 0.5 GiB."""


@dataclass(frozen=True, eq=False, repr=False)
class GibbsState(ReadOut):
    """A thermal state as it is read out.

    Attributes
    ----------
    problem : QuboProblem
        Problem whose variables are read.
    success_probability : float
        Probability of reading a ground state of the problem.
    energy : float
        Expectation of the problem's energy, offset included.
    residual_energy : float
        Energy minus the ground energy.
    s : float
        Anneal fraction of the Hamiltonian.
    temperature : float
        Temperature in mK for a schedule in GHz, else an energy.
    quantum : bool
        Whether the driver is part of the state: ``exp(-H(s) / kT)``, else ``exp(-B(s) H_P / kT)``.
    density_diagonal : ndarray of float, shape (2^d,)
        Diagonal of the density matrix in state index order; read-only.
    log_partition : float
        ``ln Z``, for energies without the problem's offset.

    Examples
    --------
    >>> import qxgap as qx
    >>> state = qx.gibbs(qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]]), 1.0, 0.25)
    >>> round(float(state.probabilities.max()), 3) == round(state.success_probability, 3)
    True
    """

    s: float
    temperature: float
    quantum: bool
    density_diagonal: NDArray[np.float64]
    log_partition: float

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Read-out probabilities, shape (2^d,), which sum to 1."""
        return self.density_diagonal

    def sample_info(self) -> dict[str, Any]:
        """Return what the ``info`` of samples says about this state.

        Returns
        -------
        dict of str
            Name of the sampler, the anneal fraction, and the temperature.
        """
        return {"sampler": "gibbs", "s": self.s, "temperature": self.temperature}

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers of the state, without the probabilities.

        Returns
        -------
        dict of str
            The numbers by the names that the result of an anneal has too.
        """
        return plain(
            super().to_dict()
            | {
                "s": self.s,
                "temperature": self.temperature,
                "quantum": self.quantum,
                "log_partition": self.log_partition,
            }
        )

    def __str__(self) -> str:
        kind = "quantum" if self.quantum else "classical"
        state = f"the {kind} Gibbs state at s = {self.s:g} and the temperature {self.temperature:g}"
        return self._sentence(f"A measurement of {state}")


def gibbs(H: QubitsLike, s: float, temperature: float, quantum: bool = False) -> GibbsState:
    """Return the thermal state of H(s), exactly, from all 2^d states.

    Parameters
    ----------
    H : AnnealHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Hamiltonian; a problem is given the linear schedule and the driver ``-sum sigma_x``.
    s : float
        Anneal fraction of the freeze-out, in [0, 1].
    temperature : float
        Positive temperature, in mK for a schedule in GHz, else an energy.
    quantum : bool
        False for the classical state of ``B(s) H_P``, at any d that fits in memory; True for the
        state of H(s) with its driver, by diagonalization of a dense matrix, at d <= 12.

    Returns
    -------
    GibbsState
        The state as it is read out.

    Raises
    ------
    InputError
        For s outside [0, 1], a temperature that is not positive, and ``quantum`` at d > 12.
    MemoryLimitError
        Before anything of size 2^d, or 4^d, is allocated.

    Examples
    --------
    >>> import qxgap as qx
    >>> H = qx.AnnealHamiltonian(qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]]))
    >>> round(qx.gibbs(H, s=1.0, temperature=0.25).success_probability, 3)
    0.823
    >>> round(qx.gibbs(H, s=0.8, temperature=0.25, quantum=True).success_probability, 3)
    0.654
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
    success, energy, residual = expectations(H.problem, probabilities)
    probabilities.flags.writeable = False
    return GibbsState(
        problem=H.problem,
        s=float(s),
        temperature=float(temperature),
        quantum=quantum,
        density_diagonal=probabilities,
        success_probability=success,
        energy=energy,
        residual_energy=residual,
        log_partition=log_partition,
    )


def _quantum(
    H: AnnealHamiltonian, A: float, B: float, kT: float
) -> tuple[NDArray[np.float64], float]:
    """Diagonal of ``exp(-(A H_D + B H_P) / kT) / Z``, and ln Z."""
    if H.num_qubits > MAX_QUANTUM_QUBITS:
        raise InputError(
            f"the quantum Gibbs state of {H.num_qubits} qubits needs all 2^{H.num_qubits} levels; "
            f"use quantum=False or at most {MAX_QUANTUM_QUBITS} qubits"
        )
    require_memory(32 * H.dimension**2, f"all levels of {H.num_qubits} qubits")
    energies, vectors = scipy.linalg.eigh(H.to_dense(A, B), overwrite_a=True, driver="evd")
    log_partition = float(logsumexp(-energies / kT))
    return np.square(vectors) @ np.exp(-energies / kT - log_partition), log_partition
