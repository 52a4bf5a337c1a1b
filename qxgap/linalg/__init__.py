"""The lowest eigenpairs of a real symmetric operator, with residuals and a certificate."""

from .eigen import ConvergenceError as ConvergenceError
from .eigen import Davidson as Davidson
from .eigen import Dense as Dense
from .eigen import EigenStatus as EigenStatus
from .eigen import Lanczos as Lanczos
from .eigen import Lobpcg as Lobpcg
from .eigen import lowest_eigenpairs as lowest_eigenpairs
