"""QUBO problems: energies, files, and selections that need no annealer.

Begin with :func:`load`, which reads a problem file, or with :class:`FeatureSelection` or
:class:`QuboProblem`, which make a problem of arrays. :func:`minimize` finds the optimum, and
:func:`reduce` makes a problem smaller without losing any optimum.
"""

from .accept import as_problem as as_problem
from .baselines import Selections as Selections
from .baselines import mean_field_size as mean_field_size
from .baselines import selections as selections
from .baselines import top_k as top_k
from .bits import bits_to_index as bits_to_index
from .bits import index_to_bits as index_to_bits
from .decomposition import components as components
from .decomposition import joint_probabilities as joint_probabilities
from .feature_selection import FeatureSelection as FeatureSelection
from .feature_selection import SizeTerm as SizeTerm
from .feature_selection import feature_selection_of as feature_selection_of
from .formats import load as load
from .formats import save as save
from .low_states import LowStates as LowStates
from .low_states import lowest_states as lowest_states
from .optimum import Optimum as Optimum
from .optimum import OptimumStatus as OptimumStatus
from .optimum import minimize as minimize
from .photographs import photograph_problems as photograph_problems
from .photographs import photographs_folder as photographs_folder
from .proven_levels import AllStates as AllStates
from .proven_levels import BranchAndBound as BranchAndBound
from .proven_levels import KnownLevels as KnownLevels
from .proven_levels import LevelStatus as LevelStatus
from .proven_levels import known_levels as known_levels
from .qubo import QuboProblem as QuboProblem
from .reduction import Reduction as Reduction
from .reduction import reduce as reduce
from .rules import PAPER_TRADEOFF as PAPER_TRADEOFF
from .rules import RewardRule as RewardRule
from .rules import ScaledTradeoff as ScaledTradeoff
