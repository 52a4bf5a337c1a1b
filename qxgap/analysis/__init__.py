"""What the table of a study shows: exponents, collapse, couplings, models, overlaps."""

from .couplings import CouplingStatistics as CouplingStatistics
from .couplings import coupling_statistics as coupling_statistics
from .couplings import subset_sizes as subset_sizes
from .overlap import overlap_matrices as overlap_matrices
