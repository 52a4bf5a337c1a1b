"""The anneal as a QuTiP ``QobjEvo`` that tells where it comes from. Importing this loads QuTiP."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import qutip
import scipy.sparse as sp

from ..errors import InputError

if TYPE_CHECKING:
    from .hamiltonian import AnnealHamiltonian


class Strength(qutip.Coefficient):  # type: ignore[misc]
    """``A(t / tau)`` (which = 0) or ``B(t / tau)`` (1) of an anneal, times its phase factor.

    Outside [0, tau] the end values hold. QuTiP hands coefficients on unchanged when it scales or
    copies an operator, so an integrator finds the anneal again in ``hamiltonian`` and ``tau``.
    """

    def __init__(self, hamiltonian: AnnealHamiltonian, tau: float, which: int) -> None:
        super().__init__({})
        self.hamiltonian, self.tau, self.which = hamiltonian, tau, which

    def __call__(self, t: float, _args: Any = None, **_: Any) -> float:
        """Return the strength at time t; it takes no arguments."""
        schedule = self.hamiltonian.schedule
        s = min(max(t / self.tau, 0.0), 1.0)
        return schedule.angular * float(schedule(s)[self.which])

    def copy(self) -> Strength:
        """Return itself: it never changes."""
        return self

    def conj(self) -> Strength:
        """Return itself: it is real."""
        return self

    def __reduce__(self) -> Any:
        return Strength, (self.hamiltonian, self.tau, self.which)


def anneal_qobjevo(H: AnnealHamiltonian, tau: float) -> qutip.QobjEvo:
    """What ``AnnealHamiltonian.to_qobjevo`` returns; InputError unless 0 < tau < inf."""
    if not 0 < tau < math.inf:
        raise InputError(f"tau = {tau} must be positive and finite for a time-dependent operator")
    dims = [[2] * H.num_qubits] * 2
    matrices = (H.driver_matrix(), H.problem_matrix())
    return qutip.QobjEvo(
        [
            [qutip.Qobj(sp.csr_matrix(matrix, dtype=complex), dims=dims), Strength(H, tau, which)]
            for which, matrix in enumerate(matrices)
        ]
    )
