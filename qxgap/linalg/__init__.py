"""The lowest eigenpairs of a real symmetric operator, with error bounds and a completeness check.

Call :func:`lowest_eigenpairs` with a scipy LinearOperator. The classes :class:`Davidson`,
:class:`Lanczos`, :class:`Lobpcg` and :class:`Dense` are the methods to choose from; by default the
dimension decides.
"""

from .arrays import Precision as Precision
from .eigenpairs import ConvergenceError as ConvergenceError
from .eigenpairs import Eigenpairs as Eigenpairs
from .eigenpairs import EigenStatus as EigenStatus
from .eigensolve import lowest_eigenpairs as lowest_eigenpairs
from .methods import Davidson as Davidson
from .methods import Dense as Dense
from .methods import Lanczos as Lanczos
from .methods import Lobpcg as Lobpcg
from .methods import default_method as default_method
