"""qxgap: quantum-annealing analysis of feature-selection QUBOs.

``qxgap.xai`` needs PyTorch and is loaded when first used.
"""

from typing import Any

from .anneal import LINEAR as LINEAR
from .anneal import AnnealHamiltonian as AnnealHamiltonian
from .anneal import AnnealSchedule as AnnealSchedule
from .anneal import FixedSizeSubspace as FixedSizeSubspace
from .anneal import MatrixHamiltonian as MatrixHamiltonian
from .anneal import TransverseField as TransverseField
from .anneal import load_schedule as load_schedule
from .anneal import schedule_named as schedule_named
from .dynamics import AnnealResult as AnnealResult
from .dynamics import AnnealStatus as AnnealStatus
from .dynamics import Checkpoint as Checkpoint
from .dynamics import DensityODE as DensityODE
from .dynamics import Dephasing as Dephasing
from .dynamics import GibbsState as GibbsState
from .dynamics import IntegrationError as IntegrationError
from .dynamics import OhmicBath as OhmicBath
from .dynamics import OpenAnnealResult as OpenAnnealResult
from .dynamics import PauliMaster as PauliMaster
from .dynamics import Precision as Precision
from .dynamics import QutipODE as QutipODE
from .dynamics import Relaxation as Relaxation
from .dynamics import SplitOperator as SplitOperator
from .dynamics import anneal as anneal
from .dynamics import anneal_many as anneal_many
from .dynamics import gibbs as gibbs
from .dynamics import landau_zener_collapse as landau_zener_collapse
from .dynamics import late_time_law as late_time_law
from .dynamics import level_populations as level_populations
from .dynamics import optimal_tts as optimal_tts
from .dynamics import product_success as product_success
from .dynamics import random_guess as random_guess
from .dynamics import success_curve as success_curve
from .dynamics import tts_quantiles as tts_quantiles
from .problem import InputError as InputError
from .problem import MemoryLimitError as MemoryLimitError
from .problem import MissingExtraError as MissingExtraError
from .problem import Optimum as Optimum
from .problem import QuboProblem as QuboProblem
from .problem import Reduction as Reduction
from .problem import RewardRule as RewardRule
from .problem import ScaledTradeoff as ScaledTradeoff
from .problem import Selections as Selections
from .problem import SizeTerm as SizeTerm
from .problem import load as load
from .problem import minimise as minimise
from .problem import reduce as reduce
from .problem import save as save
from .problem import selections as selections
from .samples import Comparison as Comparison
from .samples import SchrodingerSampler as SchrodingerSampler
from .samples import compare as compare
from .samples import sample as sample
from .spectrum import ConvergenceError as ConvergenceError
from .spectrum import Davidson as Davidson
from .spectrum import Dense as Dense
from .spectrum import GapStatus as GapStatus
from .spectrum import Lanczos as Lanczos
from .spectrum import Lobpcg as Lobpcg
from .spectrum import MinimumGap as MinimumGap
from .spectrum import Spectrum as Spectrum
from .spectrum import adiabatic_profile as adiabatic_profile
from .spectrum import adiabatic_time as adiabatic_time
from .spectrum import gap_gradient as gap_gradient
from .spectrum import jansen_ruskai_seiler as jansen_ruskai_seiler
from .spectrum import landau_zener as landau_zener
from .spectrum import locally_adiabatic as locally_adiabatic
from .spectrum import lowest_eigenpairs as lowest_eigenpairs
from .spectrum import minimum_gap as minimum_gap
from .spectrum import spectrum as spectrum
from .version import __version__ as __version__


def __getattr__(name: str) -> Any:
    if name == "xai":
        import importlib

        return importlib.import_module(".xai", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
