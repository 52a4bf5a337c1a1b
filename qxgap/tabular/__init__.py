"""Feature selection in tables of any field, by a QUBO, as a selector of scikit-learn.

:class:`QuboSelector` stands where ``SelectKBest`` stands in a pipeline. It solves its problem
exactly, without an annealer, and tells how hard the same problem would be for one. It needs
scikit-learn (extra ``tabular``).
"""

from importlib.util import find_spec

from ..errors import MissingExtraError

if find_spec("sklearn") is None:
    raise MissingExtraError.of("qxgap.tabular", "scikit-learn", "tabular")

from .selector import QuboSelector as QuboSelector
