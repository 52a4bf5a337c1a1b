"""What is to be annealed: QUBOs, their files, their energies."""

from .accept import as_problem as as_problem
from .bits import bits_to_index as bits_to_index
from .bits import index_to_bits as index_to_bits
from .components import components as components
from .components import joint_probabilities as joint_probabilities
from .errors import InputError as InputError
from .errors import MemoryLimitError as MemoryLimitError
from .errors import MissingExtraError as MissingExtraError
from .formats import load as load
from .formats import save as save
from .optimum import Optimum as Optimum
from .optimum import OptimumStatus as OptimumStatus
from .optimum import minimise as minimise
from .qubo import QuboProblem as QuboProblem
from .reduction import Reduction as Reduction
from .reduction import reduce as reduce
from .rules import RewardRule as RewardRule
from .rules import ScaledTradeoff as ScaledTradeoff
from .selections import Selections as Selections
from .selections import selections as selections
from .selections import top_k as top_k
from .size import SizeTerm as SizeTerm
