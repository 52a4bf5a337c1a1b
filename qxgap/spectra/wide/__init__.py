"""The lowest levels where vectors of 2^d amplitudes do not fit into memory.

Start with ``selected_levels``, which estimates the levels at one point of an anneal in a growing
set of configurations, and gives proven upper bounds of them.
"""

from .expansion import SelectedLevels as SelectedLevels
from .expansion import selected_levels as selected_levels
from .nodes import EstimateProgress as EstimateProgress
from .selection import SelectedConfigurations as SelectedConfigurations
