"""qxgap: quantum-annealing analysis of feature-selection QUBOs."""

from .problem import InputError as InputError
from .problem import MemoryLimitError as MemoryLimitError
from .problem import QuboProblem as QuboProblem
from .problem import load as load
from .problem import save as save

__version__ = "0.1.0"
