"""Open anneals through ``qutip.mesolve`` and ``qutip.brmesolve``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..annealing.hamiltonian import AnnealHamiltonian
from ..errors import InputError
from .baths import Bath, OhmicBath, on_qubit
from .closed import QutipODE, qutip_errors
from .master import Density

MAX_OHMIC_QUBITS = 4
"""``brmesolve`` builds a tensor at every step: minutes per ns at 5 qubits."""


def qutip_density(
    H: AnnealHamiltonian, tau: float, density: Density, baths: Sequence[Bath], method: QutipODE
) -> Density:
    """The density matrix at tau > 0.

    Raises
    ------
    InputError : for an OhmicBath on more than 4 qubits, or several with different ``secular``.
    IntegrationError : if QuTiP's integrator fails.
    """
    import qutip

    d = H.num_qubits
    dims = [[2] * d] * 2

    def operator(matrix: Any) -> Any:
        return qutip.Qobj(sp.csr_matrix(matrix, dtype=complex), dims=dims)

    lindblad = [operator(L) for b in baths if not isinstance(b, OhmicBath) for L in b.operators(d)]
    ohmic = [bath for bath in baths if isinstance(bath, OhmicBath)]
    evo, start = H.to_qobjevo(tau), qutip.Qobj(density, dims=dims)
    with qutip_errors(f"QuTiP {method.name}, open anneal"):
        if not ohmic:
            solution = qutip.mesolve(evo, start, [0.0, tau], lindblad, options=method.options())
        else:
            solution = qutip.brmesolve(
                evo,
                start,
                [0.0, tau],
                c_ops=lindblad,
                options=method.options(),
                sec_cutoff=_secular(ohmic, d),
                a_ops=[
                    (operator(on_qubit(np.diag([1.0, -1.0]), q, d)), _spectrum(H, bath))
                    for bath in ohmic
                    for q in range(d)
                ],
            )
    return np.ascontiguousarray(solution.final_state.full())


def _secular(ohmic: Sequence[OhmicBath], num_qubits: int) -> float:
    """QuTiP's ``sec_cutoff``, -1 for none."""
    if num_qubits > MAX_OHMIC_QUBITS:
        raise InputError(
            f"qutip.brmesolve takes hours for an OhmicBath on {num_qubits} qubits; use at most "
            f"{MAX_OHMIC_QUBITS}, or secular=None and method=DensityODE(...)"
        )
    cutoffs = {bath.secular for bath in ohmic}
    if len(cutoffs) > 1:
        raise InputError(f"baths differ in secular: {cutoffs}; QuTiP takes one for all")
    cutoff = cutoffs.pop()
    return -1.0 if cutoff is None else cutoff


def _spectrum(H: AnnealHamiltonian, bath: OhmicBath) -> Any:
    return lambda w: float(bath.rate(w, H.schedule))
