"""The analysis of a study's results table, with intervals from resampling classes.

Read a table with :func:`qxgap.report.load_results` and pass its rows to a function:
:func:`power_laws` fits exponents of the gap, :func:`collapse_points` compares success with its
predictors, and :func:`rank_models` compares reads with models. Sentences about their estimates are
in :mod:`qxgap.report.findings`.
"""

from .collapse import PREDICTORS as PREDICTORS
from .collapse import collapse_points as collapse_points
from .couplings import LAWS as LAWS
from .couplings import CouplingStatistics as CouplingStatistics
from .couplings import coupling_statistics as coupling_statistics
from .couplings import fit_laws as fit_laws
from .couplings import subset_sizes as subset_sizes
from .exponents import Slope as Slope
from .exponents import median_slope as median_slope
from .exponents import pooled_slope as pooled_slope
from .exponents import power_laws as power_laws
from .model_ranking import ModelRank as ModelRank
from .model_ranking import distance_difference as distance_difference
from .model_ranking import rank_models as rank_models
from .overlap import class_separation as class_separation
from .overlap import overlap_matrices as overlap_matrices
from .schedule_gain import ScheduleGain as ScheduleGain
from .schedule_gain import schedule_gains as schedule_gains
from .score_table import score_means as score_means
