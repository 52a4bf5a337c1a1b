"""Figures. Each function takes numbers and returns a matplotlib Figure; nothing is shown or saved.

One file per subject; ``save`` writes a figure as PNG and SVG.
"""

from .couplings import coupling_histogram as coupling_histogram
from .couplings import subset_size as subset_size
from .explanations import explanation_maps as explanation_maps
from .explanations import explanation_picture as explanation_picture
from .gaps import gap_against_classical as gap_against_classical
from .gaps import gap_by_size as gap_by_size
from .gaps import gap_histogram as gap_histogram
from .gaps import interior_gaps as interior_gaps
from .gaps import minimum_place as minimum_place
from .gaps import side_by_side as side_by_side
from .laws import collapse as collapse
from .laws import exponents as exponents
from .levels import level_histogram as level_histogram
from .levels import model_distances as model_distances
from .metrics import average_drop as average_drop
from .metrics import tradeoff_curves as tradeoff_curves
from .overlap import class_overlap as class_overlap
from .samples import agreement as agreement
from .samples import ladder as ladder
from .style import CONVENTION_NAMES as CONVENTION_NAMES
from .style import inline_svg as inline_svg
from .style import save as save
from .success import success_by_class as success_by_class
from .success import success_by_size as success_by_size
from .success import time_to_solution as time_to_solution
from .training import loss_curves as loss_curves
