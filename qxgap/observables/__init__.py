"""Observables: what is measured in the state of an anneal, on its way and at its end.

Give them to :func:`qxgap.anneal` as ``observe=``, with the anneal fractions as ``at=``. The result
then has :class:`Observations`. Begin with :class:`Magnetization`, :class:`LevelPopulations` and
:class:`Kinks`. An array, a QuTiP operator or a function is an observable too, and
:class:`Observable` is the base of those that you write.
"""

from .energy import EnergyVariance as EnergyVariance
from .energy import MeanEnergy as MeanEnergy
from .entanglement import EntanglementEntropy as EntanglementEntropy
from .given import DiagonalObservable as DiagonalObservable
from .given import FunctionObservable as FunctionObservable
from .given import OperatorObservable as OperatorObservable
from .near_optimum import NearOptimum as NearOptimum
from .observable import Observable as Observable
from .observations import Observations as Observations
from .populations import LevelPopulations as LevelPopulations
from .populations import Populations as Populations
from .populations import level_populations as level_populations
from .spins import Correlations as Correlations
from .spins import Kinks as Kinks
from .spins import Magnetization as Magnetization
