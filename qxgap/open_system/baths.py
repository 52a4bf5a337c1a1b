"""Baths: models of the environment to which the qubits of an annealer are coupled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from ..annealing.schedules import AnnealSchedule
from ..checks import require_number
from ..errors import InputError


@dataclass(frozen=True)
class OhmicBath:
    """Independent and equal ohmic baths, one coupled to sigma_z of each qubit.

    The bath absorbs the energy w at the rate
    ``gamma(w) = 2 pi coupling w exp(-|w| / w_c) / (1 - exp(-w / kT))``, which obeys detailed
    balance, ``gamma(-w) = exp(-w / kT) gamma(w)``. The anneal follows the adiabatic master
    equation: the Bloch-Redfield equation in the eigenbasis of H(s) at each time, without Lamb
    shift. Weak coupling and slow change are assumed and not checked.

    Parameters
    ----------
    temperature : float
        Temperature in mK for a schedule in GHz, else an energy.
    coupling : float
        Dimensionless coupling ``eta g^2``; 1e-4 to 1e-3 for flux qubits.
    cutoff : float
        Cutoff ``w_c / 2 pi`` in GHz for a schedule in GHz, else w_c itself.
    secular : float, optional
        By default no term is dropped: the Gibbs state is then exactly stationary at constant H, but
        eigenvalues of the density matrix may fall below 0 by the order of the coupling. A number
        drops the terms between transitions whose frequencies differ by more than this number times
        the smallest level spacing. It is QuTiP's ``sec_cutoff``, and needs ``QutipODE``.

    References
    ----------
    Albash, Boixo, Lidar, Zanardi, New J. Phys. 14, 123016 (2012), section 4; Breuer and
    Petruccione, The Theory of Open Quantum Systems (2002), section 3.3.

    Examples
    --------
    >>> import qxgap as qx
    >>> bath = qx.OhmicBath(temperature=0.2)
    >>> absorbed, emitted = bath.rate([1.0, -1.0], qx.LINEAR)
    >>> round(float(absorbed / emitted), 1)  # exp(1 / 0.2)
    148.4
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
        """Return the rate gamma(w), where w > 0 is energy that the bath absorbs.

        Parameters
        ----------
        w : array_like of float
            Angular frequencies.
        schedule : AnnealSchedule
            Schedule whose units the bath is given in.

        Returns
        -------
        ndarray of float
            A rate for each frequency, in the shape of ``w``.
        """
        w = np.asarray(w, dtype=np.float64)
        kT = schedule.angular * schedule.thermal_energy(self.temperature)
        x = np.where(
            w == 0, np.finfo(np.float64).tiny, w / kT
        )  # x / (1 - exp(-x)) is 1 in the limit
        with np.errstate(over="ignore"):  # where exp(-x) is inf, the rate is 0
            thermal = x / -np.expm1(-x)
        cutoff = np.exp(-np.abs(w) / (schedule.angular * self.cutoff))
        return math.tau * self.coupling * kT * thermal * cutoff


@dataclass(frozen=True)
class Dephasing:
    """Dephasing of each qubit in the computational basis, at a constant rate.

    The Lindblad operators are ``sqrt(rate / 2) sigma_z``. A coherence between states that differ in
    k qubits decays as ``exp(-k rate t)``; populations of the computational basis do not change.

    Parameters
    ----------
    rate : float
        Rate per unit of time (1/ns for a schedule in GHz), without a factor 2 pi.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0], [[0.0]])
    >>> run = qx.open_anneal(problem, 10.0, qx.Dephasing(rate=0.1))
    >>> run.success_probability < qx.anneal(problem, 10.0).success_probability
    True
    """

    rate: float

    references: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        _require(self.rate, "rate")

    def operators(self, num_qubits: int) -> list[sp.csr_array]:
        """Return the Lindblad operators.

        Parameters
        ----------
        num_qubits : int
            Number of qubits d.

        Returns
        -------
        list of scipy.sparse.csr_array
            An operator of shape (2^d, 2^d) for each qubit, in qubit order.
        """
        z = np.diag([1.0, -1.0]) * math.sqrt(self.rate / 2)
        return [on_qubit(z, q, num_qubits) for q in range(num_qubits)]


@dataclass(frozen=True)
class Relaxation:
    """Relaxation of each qubit in the computational basis, at constant rates.

    The Lindblad operators are ``sqrt(rate) |0><1|`` and ``sqrt(excitation) |1><0|``. They do not
    depend on the energies: this is a model of reset noise and not of a thermal environment.
    ``OhmicBath`` relaxes in the eigenbasis of H(s).

    Parameters
    ----------
    rate : float
        Rate from n = 1 to 0 per unit of time (1/ns for a schedule in GHz).
    excitation : float
        Rate from n = 0 to 1.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0], [[0.0]])
    >>> run = qx.open_anneal(problem, 100.0, qx.Relaxation(rate=1.0))
    >>> round(run.success_probability, 2)  # the ground state is n = 1
    0.0
    """

    rate: float
    excitation: float = 0.0

    references: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        _require(self.rate, "rate")
        _require(self.excitation, "excitation")

    def operators(self, num_qubits: int) -> list[sp.csr_array]:
        """Return the Lindblad operators.

        Parameters
        ----------
        num_qubits : int
            Number of qubits d.

        Returns
        -------
        list of scipy.sparse.csr_array
            Operators of shape (2^d, 2^d): relaxation of each qubit in qubit order, then excitation.
        """
        down = np.array([[0.0, math.sqrt(self.rate)], [0.0, 0.0]])
        up = np.array([[0.0, 0.0], [math.sqrt(self.excitation), 0.0]])
        return [on_qubit(o, q, num_qubits) for o in (down, up) for q in range(num_qubits)]


Bath = OhmicBath | Dephasing | Relaxation
"""A bath that a qubit can be coupled to."""

Baths = Bath | Sequence[Bath]
"""One bath or several."""


def as_baths(bath: Baths) -> tuple[Bath, ...]:
    """Return one bath or several as a tuple.

    Parameters
    ----------
    bath : OhmicBath, Dephasing or Relaxation, or a sequence of them
        One bath or several.

    Raises
    ------
    InputError
        For anything else.
    """
    baths = tuple(bath) if isinstance(bath, Sequence) else (bath,)
    for one in baths:
        if not isinstance(one, Bath):
            raise InputError(f"{one!r} is no bath; use OhmicBath, Dephasing or Relaxation")
    return baths


def on_qubit(operator: NDArray, qubit: int, num_qubits: int) -> sp.csr_array:
    """Return the operator on d qubits of an operator on one.

    Parameters
    ----------
    operator : ndarray, shape (2, 2)
        Operator on one qubit.
    qubit : int
        The qubit; qubit 0 is the leftmost factor of the tensor product.
    num_qubits : int
        Number of qubits d.
    """
    left, right = sp.eye_array(1 << qubit), sp.eye_array(1 << (num_qubits - 1 - qubit))
    return sp.csr_array(sp.kron(sp.kron(left, sp.csr_array(operator)), right))


def _require(value: float, name: str, positive: bool = False) -> None:
    """InputError unless the number is finite and not negative, or even positive."""
    require_number(value, name)
    if not (math.isfinite(value) and (value > 0 if positive else value >= 0)):
        raise InputError(
            f"{name} = {value} must be finite and {'positive' if positive else 'not negative'}"
        )
