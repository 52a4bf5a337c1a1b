"""qxgap: quantum-annealing analysis of feature-selection QUBOs."""

from .anneal import LINEAR as LINEAR
from .anneal import AnnealHamiltonian as AnnealHamiltonian
from .anneal import AnnealSchedule as AnnealSchedule
from .anneal import TransverseField as TransverseField
from .problem import InputError as InputError
from .problem import MemoryLimitError as MemoryLimitError
from .problem import QuboProblem as QuboProblem
from .problem import load as load
from .problem import save as save

__version__ = "0.1.0"
