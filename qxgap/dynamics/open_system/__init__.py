"""Open anneals: master equations of a few qubits that are coupled to a bath.

Begin with :func:`open_anneal` and a bath, such as :class:`OhmicBath`.
"""

from .baths import Dephasing as Dephasing
from .baths import OhmicBath as OhmicBath
from .baths import Relaxation as Relaxation
from .level_result import LevelAnnealResult as LevelAnnealResult
from .solve import OpenAnnealResult as OpenAnnealResult
from .solve import open_anneal as open_anneal
from .trajectories import TrajectoryAnnealResult as TrajectoryAnnealResult
