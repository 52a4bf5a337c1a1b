"""Open anneals: qubits that are coupled to a bath.

Begin with :func:`open_anneal` and a bath, such as :class:`OhmicBath`. The method decides what is
followed: the density matrix (:class:`~qxgap.DensityODE`), populations of levels
(:class:`~qxgap.PauliMaster`), either of them in the lowest levels only (``levels=m``), or wave
functions with random jumps (:class:`~qxgap.Trajectories`).
"""

from .baths import Dephasing as Dephasing
from .baths import OhmicBath as OhmicBath
from .baths import Relaxation as Relaxation
from .level_result import LevelAnnealResult as LevelAnnealResult
from .solve import OpenAnnealResult as OpenAnnealResult
from .solve import open_anneal as open_anneal
from .trajectories import TrajectoryAnnealResult as TrajectoryAnnealResult
