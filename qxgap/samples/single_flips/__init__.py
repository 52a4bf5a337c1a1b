"""What single flips of variables say of reads: the temperature, and further terms of the energy."""

from .energy_terms import BoltzmannTerms as BoltzmannTerms
from .energy_terms import FitStatus as FitStatus
from .energy_terms import FittedTerm as FittedTerm
from .energy_terms import TermStatus as TermStatus
from .energy_terms import background_term as background_term
from .energy_terms import boltzmann_terms as boltzmann_terms
from .energy_terms import offset_term as offset_term
from .pseudolikelihood import effective_temperature as effective_temperature
from .pseudolikelihood import pseudolikelihood_temperature as pseudolikelihood_temperature
