"""What is to be annealed: QUBOs, their files, their energies."""

from .bits import bits_to_index as bits_to_index
from .bits import index_to_bits as index_to_bits
from .errors import InputError as InputError
from .errors import MemoryLimitError as MemoryLimitError
from .formats import load as load
from .formats import save as save
from .qubo import QuboProblem as QuboProblem
