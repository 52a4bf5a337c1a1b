"""The rates of the jumps that baths cause on every qubit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ..baths import Bath, Dephasing, OhmicBath


@dataclass(frozen=True)
class JumpRates:
    """Rates of the jumps of each of d qubits, per unit of time.

    Attributes
    ----------
    num_qubits : int
        Number of qubits d.
    flips : float
        Rate of ``sigma_z`` on each qubit: half the rate of dephasing.
    down, up : float
        Rates of ``|0><1|`` and of ``|1><0|`` on each qubit.
    """

    num_qubits: int
    flips: float
    down: float
    up: float

    @property
    def all_flips(self) -> float:
        """Rate of ``sigma_z`` on any qubit."""
        return self.num_qubits * self.flips

    @property
    def relaxes(self) -> bool:
        """Whether any qubit jumps up or down."""
        return self.down > 0 or self.up > 0

    @property
    def decay(self) -> NDArray[np.float64]:
        """Rates at which the weight of states with 0 to d ones decays, shape (d + 1,)."""
        ones = np.arange(self.num_qubits + 1)
        return self.down * ones + self.up * ones[::-1]


def jump_rates(baths: Sequence[Bath], num_qubits: int) -> JumpRates:
    """Return the rates of the jumps that baths cause together.

    Parameters
    ----------
    baths : sequence of Dephasing or Relaxation
        Baths that each qubit is coupled to.
    num_qubits : int
        Number of qubits d.

    Raises
    ------
    InputError
        For an OhmicBath, whose jumps connect the levels of H(s).
    """
    flips = down = up = 0.0
    for bath in baths:
        if isinstance(bath, OhmicBath):
            raise InputError(
                "Trajectories knows the jumps of Dephasing and Relaxation; those of an OhmicBath "
                "connect the levels of H(s). Use DensityODE or PauliMaster, beyond 8 qubits with "
                "levels=m, in the lowest m levels"
            )
        if isinstance(bath, Dephasing):
            flips += bath.rate / 2
        else:
            down, up = down + bath.rate, up + bath.excitation
    return JumpRates(num_qubits, flips, down, up)
