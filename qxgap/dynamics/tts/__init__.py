"""Time to solution or to near-optima: of a probability, of an anneal, of a curve, of instances.

Begin with :func:`optimal_tts`, which finds the best anneal time of a success curve, or with
:func:`time_to_epsilon`, which takes a single anneal.
"""

from .epsilon import TimeToEpsilon as TimeToEpsilon
from .epsilon import time_to_epsilon as time_to_epsilon
from .optimal import OptimalTTS as OptimalTTS
from .optimal import optimal_tts as optimal_tts
from .quantiles import QuantileTTS as QuantileTTS
from .quantiles import tts_quantiles as tts_quantiles
from .runs import runs_to_solution as runs_to_solution
from .runs import time_to_solution as time_to_solution
