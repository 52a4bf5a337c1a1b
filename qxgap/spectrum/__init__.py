"""How hard it is: levels along the anneal and the certified minimum gap."""

from .eigen import ConvergenceError as ConvergenceError
from .eigen import Dense as Dense
from .eigen import EigenStatus as EigenStatus
from .eigen import Lanczos as Lanczos
from .eigen import lowest_eigenpairs as lowest_eigenpairs
from .gap import MinimumGap as MinimumGap
from .gap import minimum_gap as minimum_gap
from .grid import Spectrum as Spectrum
from .grid import spectrum as spectrum
from .search import GapStatus as GapStatus
