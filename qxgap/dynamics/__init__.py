"""Whether it succeeds: the Schrödinger equation of the anneal, and its null models."""

from ..annealing.hamiltonian import BEFORE_QOBJEVO
from .baths import Dephasing as Dephasing
from .baths import OhmicBath as OhmicBath
from .baths import Relaxation as Relaxation
from .checkpoint import Checkpoint as Checkpoint
from .closed import IntegrationError as IntegrationError
from .closed import QutipODE as QutipODE
from .closed import SplitOperator as SplitOperator
from .closed import anneal as anneal
from .curve import SuccessCurve as SuccessCurve
from .curve import success_curve as success_curve
from .equilibrium import GibbsState as GibbsState
from .equilibrium import gibbs as gibbs
from .laws import Collapse as Collapse
from .laws import LateTimeLaw as LateTimeLaw
from .laws import landau_zener_collapse as landau_zener_collapse
from .laws import late_time_law as late_time_law
from .many import anneal_many as anneal_many
from .null import product_success as product_success
from .null import product_success_many as product_success_many
from .null import random_guess as random_guess
from .open import DensityODE as DensityODE
from .open import OpenAnnealResult as OpenAnnealResult
from .pauli import PauliMaster as PauliMaster
from .populations import Populations as Populations
from .populations import level_populations as level_populations
from .result import AnnealResult as AnnealResult
from .result import AnnealStatus as AnnealStatus
from .split import Precision as Precision
from .tts import OptimalTTS as OptimalTTS
from .tts import QuantileTTS as QuantileTTS
from .tts import optimal_tts as optimal_tts
from .tts import tts_quantiles as tts_quantiles


def _register_integrator() -> None:
    from .qutip import register  # loads QuTiP, which importing qxgap must not

    register()


BEFORE_QOBJEVO.append(_register_integrator)
