"""The dynamics of a closed anneal, and null models of its success probability.

Begin with :func:`anneal`, which integrates the Schrödinger equation with an error estimate.
:func:`success_curve` anneals at several times and compares with null models. The methods of open
anneals, :mod:`qxgap.open_system`, are objects of this package too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..annealing.accept import QubitHamiltonian, QubitsLike
from .annealer import WaveformLoss as WaveformLoss
from .annealer import waveform_loss as waveform_loss
from .checkpoint import Checkpoint as Checkpoint
from .course import AnnealCourse as AnnealCourse
from .course import anneal_course as anneal_course
from .curve import SuccessCurve as SuccessCurve
from .curve import success_curve as success_curve
from .equilibrium import GibbsState as GibbsState
from .equilibrium import gibbs as gibbs
from .laws import Collapse as Collapse
from .laws import LateTimeLaw as LateTimeLaw
from .laws import landau_zener_collapse as landau_zener_collapse
from .laws import late_time_law as late_time_law
from .many import anneal_many as anneal_many
from .methods import DensityODE as DensityODE
from .methods import IntegrationError as IntegrationError
from .methods import PauliMaster as PauliMaster
from .methods import QutipODE as QutipODE
from .methods import SelectedDynamics as SelectedDynamics
from .methods import SplitOperator as SplitOperator
from .methods import Trajectories as Trajectories
from .null import product_success as product_success
from .null import product_success_many as product_success_many
from .null import random_guess as random_guess
from .readout import AnnealResult as AnnealResult
from .readout import AnnealStatus as AnnealStatus
from .readout import ReadOut as ReadOut
from .reverse import Imperfections as Imperfections
from .reverse import reverse_curve as reverse_curve
from .solve import anneal as anneal
from .tts import OptimalTTS as OptimalTTS
from .tts import QuantileTTS as QuantileTTS
from .tts import TimeToEpsilon as TimeToEpsilon
from .tts import optimal_tts as optimal_tts
from .tts import runs_to_solution as runs_to_solution
from .tts import time_to_epsilon as time_to_epsilon
from .tts import time_to_solution as time_to_solution
from .tts import tts_quantiles as tts_quantiles
from .wide import SelectedAnneal as SelectedAnneal

if TYPE_CHECKING:
    import qutip as quantum_toolbox


def to_qobjevo(H: QubitsLike | QubitHamiltonian, tau: float) -> quantum_toolbox.QobjEvo:
    """Return H(t / tau) for t in [0, tau] as a QuTiP operator on d qubits (CSR data).

    Parameters
    ----------
    H : AnnealHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Hamiltonian; a problem is given the linear schedule and the driver ``-sum sigma_x``.
    tau : float
        Anneal time, positive and finite. For a schedule in GHz, t and tau are in ns and H in rad/ns
        (the factor 2 pi is included); else hbar = 1.

    Returns
    -------
    qutip.QobjEvo
        Time-dependent operator. Qubit 0 is the leftmost factor of the tensor product.

    Raises
    ------
    InputError
        Unless 0 < tau < inf.

    Notes
    -----
    ``qutip.sesolve`` then also accepts the method ``"qxgap_split"``, which integrates such an
    operator by :class:`SplitOperator`; see :mod:`qxgap.dynamics.qutip`.

    Examples
    --------
    >>> import qutip
    >>> import qxgap as qx
    >>> evo = qx.to_qobjevo(qx.QuboProblem([-1.0], [[0.0]]), tau=5.0)
    >>> start = (qutip.basis(2, 0) + qutip.basis(2, 1)).unit()
    >>> options = {"method": "qxgap_split", "progress_bar": ""}
    >>> final = qutip.sesolve(evo, start, [0.0, 5.0], options=options).states[-1]
    >>> round(float(abs(final[1, 0])) ** 2, 3)
    0.894
    """
    from .qutip import to_qobjevo as make  # loads QuTiP, which importing qxgap must not

    return make(H, tau)
