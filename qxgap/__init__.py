"""qxgap: quantum-annealing analysis of feature-selection QUBOs.

The names below are what most users need; ``qx.samples``, ``qx.study`` and the other packages hold
the rest, and are loaded when they are first used. ``qx.xai`` and ``qx.explain`` run networks and
need PyTorch.
"""

import importlib
from typing import Any

from .annealing import LINEAR as LINEAR
from .annealing import AnnealHamiltonian as AnnealHamiltonian
from .annealing import AnnealSchedule as AnnealSchedule
from .annealing import Convention as Convention
from .annealing import FixedSizeSubspace as FixedSizeSubspace
from .annealing import MatrixHamiltonian as MatrixHamiltonian
from .annealing import TransverseField as TransverseField
from .annealing import load_schedule as load_schedule
from .annealing import schedule_named as schedule_named
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
from .errors import InputError as InputError
from .errors import MissingExtraError as MissingExtraError
from .linalg import ConvergenceError as ConvergenceError
from .linalg import Davidson as Davidson
from .linalg import Dense as Dense
from .linalg import Lanczos as Lanczos
from .linalg import Lobpcg as Lobpcg
from .linalg import lowest_eigenpairs as lowest_eigenpairs
from .memory import MemoryLimitError as MemoryLimitError
from .problem import FeatureSelection as FeatureSelection
from .problem import Optimum as Optimum
from .problem import QuboProblem as QuboProblem
from .problem import Reduction as Reduction
from .problem import RewardRule as RewardRule
from .problem import ScaledTradeoff as ScaledTradeoff
from .problem import Selections as Selections
from .problem import SizeTerm as SizeTerm
from .problem import load as load
from .problem import minimize as minimize
from .problem import reduce as reduce
from .problem import save as save
from .problem import selections as selections
from .samplers import SchrodingerSampler as SchrodingerSampler
from .samplers import sample as sample
from .samples import Comparison as Comparison
from .samples import compare as compare
from .spectra import GapStatus as GapStatus
from .spectra import MinimumGap as MinimumGap
from .spectra import Spectrum as Spectrum
from .spectra import adiabatic_profile as adiabatic_profile
from .spectra import adiabatic_time as adiabatic_time
from .spectra import gap_gradient as gap_gradient
from .spectra import jansen_ruskai_seiler as jansen_ruskai_seiler
from .spectra import landau_zener as landau_zener
from .spectra import locally_adiabatic as locally_adiabatic
from .spectra import minimum_gap as minimum_gap
from .spectra import spectrum as spectrum
from .version import __version__ as __version__

PACKAGES = (
    *("statistics", "linalg", "problem", "annealing", "spectra", "dynamics", "samplers", "samples"),
    *("xai", "explain", "analysis", "study", "report", "plotting", "cli", "testing"),
)
"""What ``import qxgap as qx`` reaches as ``qx.<name>``, each loaded when it is first used."""


def __getattr__(name: str) -> Any:
    if name in PACKAGES:
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *PACKAGES})
