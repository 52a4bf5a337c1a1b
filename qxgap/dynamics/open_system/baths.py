"""What an annealer's qubits are coupled to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from ...annealing.schedule import AnnealSchedule
from ...errors import InputError


@dataclass(frozen=True)
class OhmicBath:
    """Independent, equal ohmic baths, one coupled to sigma_z of each qubit.

    ``gamma(w) = 2 pi coupling w exp(-|w| / w_c) / (1 - exp(-w / kT))`` is the rate at which the
    bath takes up the energy w; it obeys detailed balance, ``gamma(-w) = exp(-w / kT) gamma(w)``.
    The anneal follows the adiabatic master equation: Bloch-Redfield in the eigenbasis of H(s) at
    every moment, without Lamb shift. Weak coupling and slow change are assumed, not checked.

    Parameters
    ----------
    temperature : in mK for a schedule in GHz, else an energy.
    coupling : ``eta g^2``, without dimension; 1e-4 to 1e-3 for flux qubits.
    cutoff : ``w_c / 2 pi`` in GHz for a schedule in GHz, else w_c itself.
    secular : None keeps every term; the Gibbs state is then exactly stationary at constant H, but
        eigenvalues of the state may fall below 0 by the order of the coupling. A number drops the
        terms between transitions whose frequencies differ by more than it times the smallest level
        spacing; that is QuTiP's ``sec_cutoff``, and needs ``QutipODE``.

    Source: Albash, Boixo, Lidar, Zanardi, New J. Phys. 14, 123016 (2012), section 4.
    """

    temperature: float
    coupling: float = 1e-4
    cutoff: float = 4.0
    secular: float | None = None

    references: ClassVar[tuple[str, ...]] = ("albash2012", "breuer2002")

    def __post_init__(self) -> None:
        _require(self.temperature, "temperature", positive=True)
        _require(self.coupling, "coupling")
        _require(self.cutoff, "cutoff", positive=True)
        if self.secular is not None:
            _require(self.secular, "secular", positive=True)

    def rate(self, w: ArrayLike, schedule: AnnealSchedule) -> NDArray[np.float64]:
        """``gamma(w)`` for w > 0 given to the bath; angular frequencies, in the shape of ``w``."""
        w = np.asarray(w, dtype=np.float64)
        kT = schedule.angular * schedule.thermal_energy(self.temperature)
        x = np.where(w == 0, np.finfo(np.float64).tiny, w / kT)  # the limit at 0 is 1
        with np.errstate(over="ignore"):  # exp(-x) is inf where the rate is 0
            thermal = x / -np.expm1(-x)
        cutoff = np.exp(-np.abs(w) / (schedule.angular * self.cutoff))
        return math.tau * self.coupling * kT * thermal * cutoff


@dataclass(frozen=True)
class Dephasing:
    """Lindblad operators ``sqrt(rate / 2) sigma_z`` on each qubit, in the computational basis.

    A coherence between states that differ in k qubits decays by ``exp(-k rate t)``; populations of
    the computational basis are left alone.

    Parameters
    ----------
    rate : per unit of time (1/ns for a schedule in GHz), no factor 2 pi.
    """

    rate: float

    references: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        _require(self.rate, "rate")

    def operators(self, num_qubits: int) -> list[sp.csr_array]:
        """Lindblad operators, (2^d, 2^d), in qubit order."""
        z = np.diag([1.0, -1.0]) * math.sqrt(self.rate / 2)
        return [on_qubit(z, q, num_qubits) for q in range(num_qubits)]


@dataclass(frozen=True)
class Relaxation:
    """Lindblad operators ``sqrt(rate) |0><1|`` and ``sqrt(excitation) |1><0|`` on each qubit.

    They act in the computational basis, whatever the energies: a model of reset noise, not of a
    thermal environment. ``OhmicBath`` relaxes in the eigenbasis of H(s).

    Parameters
    ----------
    rate, excitation : from n = 1 to 0 and back, per unit of time (1/ns for a schedule in GHz).
    """

    rate: float
    excitation: float = 0.0

    references: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        _require(self.rate, "rate")
        _require(self.excitation, "excitation")

    def operators(self, num_qubits: int) -> list[sp.csr_array]:
        """Lindblad operators, (2^d, 2^d), in qubit order, those down before those up."""
        down = np.array([[0.0, math.sqrt(self.rate)], [0.0, 0.0]])
        up = np.array([[0.0, 0.0], [math.sqrt(self.excitation), 0.0]])
        return [on_qubit(o, q, num_qubits) for o in (down, up) for q in range(num_qubits)]


Bath = OhmicBath | Dephasing | Relaxation
Baths = Bath | Sequence[Bath]


def as_baths(bath: Baths) -> tuple[Bath, ...]:
    """One bath or several as a tuple; InputError for anything else."""
    baths = tuple(bath) if isinstance(bath, Sequence) else (bath,)
    for one in baths:
        if not isinstance(one, Bath):
            raise InputError(f"{one!r} is no bath; use OhmicBath, Dephasing or Relaxation")
    return baths


def on_qubit(operator: NDArray, qubit: int, num_qubits: int) -> sp.csr_array:
    """A one-qubit operator on qubit 0 (leftmost factor) to d - 1 of d."""
    left, right = sp.eye_array(1 << qubit), sp.eye_array(1 << (num_qubits - 1 - qubit))
    return sp.csr_array(sp.kron(sp.kron(left, sp.csr_array(operator)), right))


def _require(value: float, name: str, positive: bool = False) -> None:
    if not (math.isfinite(value) and (value > 0 if positive else value >= 0)):
        raise InputError(
            f"{name} = {value} must be finite and {'positive' if positive else 'not negative'}"
        )
