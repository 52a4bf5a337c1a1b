"""Open anneals by QuTiP, through ``qutip.mesolve`` and ``qutip.brmesolve``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..annealing.hamiltonian import AnnealHamiltonian
from ..dynamics.methods import QutipODE, qutip_errors
from ..errors import InputError
from .baths import Bath, OhmicBath, on_qubit
from .systems import Density

MAX_OHMIC_QUBITS = 4
"""Largest system for ``brmesolve``, which builds a tensor of 16^d elements at every step: at 5
qubits it takes minutes for each ns."""


def qutip_density(
    H: AnnealHamiltonian, tau: float, density: Density, baths: Sequence[Bath], method: QutipODE
) -> Density:
    """Return the final density matrix of an anneal.

    Parameters
    ----------
    H : AnnealHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time, larger than 0.
    density : ndarray of complex, shape (2^d, 2^d)
        Initial density matrix.
    baths : sequence of OhmicBath, Dephasing or Relaxation
        Baths that each qubit is coupled to.
    method : QutipODE
        Method of integration.

    Raises
    ------
    InputError
        For an OhmicBath on more than 4 qubits, and for several with different ``secular``.
    IntegrationError
        If QuTiP's integrator fails.
    """
    import qutip

    from ..dynamics.qutip import to_qobjevo  # loads QuTiP, which importing qxgap must not

    d = H.num_qubits
    dims = [[2] * d] * 2

    def operator(matrix: Any) -> Any:
        return qutip.Qobj(sp.csr_matrix(matrix, dtype=complex), dims=dims)

    lindblad = [operator(L) for b in baths if not isinstance(b, OhmicBath) for L in b.operators(d)]
    ohmic = [bath for bath in baths if isinstance(bath, OhmicBath)]
    evo, start = to_qobjevo(H, tau), qutip.Qobj(density, dims=dims)
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
    """Return the value of QuTiP's ``sec_cutoff``, which is -1 if no term is dropped."""
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
    """Return the bath's spectrum as a function of the angular frequency."""
    return lambda w: float(bath.rate(w, H.schedule))
