"""What the tradeoff between reward and redundancy decides: the selection, and how hard it is.

:func:`tradeoff_path` gives the best selection at every tradeoff from 0 to 1, with the exact places
where it changes. :func:`tradeoff_hardness` computes gaps and success probabilities along it.
"""

from .hardness import TradeoffHardness as TradeoffHardness
from .hardness import tradeoff_hardness as tradeoff_hardness
from .path import TradeoffPath as TradeoffPath
from .path import tradeoff_path as tradeoff_path
