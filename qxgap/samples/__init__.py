"""What samplers return, and how it compares with the prediction."""

from .classical import beta_range as beta_range
from .classical import simulated_annealing as simulated_annealing
from .compare import Comparison as Comparison
from .compare import compare as compare
from .files import load_sampleset as load_sampleset
from .files import save_sampleset as save_sampleset
from .goodness import goodness_of_fit as goodness_of_fit
from .samplers import SAMPLERS as SAMPLERS
from .samplers import SchrodingerSampler as SchrodingerSampler
from .samplers import sample as sample
from .statistics import effective_inverse_temperature as effective_inverse_temperature
from .statistics import expected_total_variation as expected_total_variation
from .statistics import jeffreys_interval as jeffreys_interval
from .statistics import runs_to_solution as runs_to_solution
from .statistics import time_to_solution as time_to_solution
from .statistics import total_variation as total_variation
