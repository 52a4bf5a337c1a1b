"""Statistics of reads, runs and classes: the uncertainty of results.

The package has intervals that respect clusters, tests without asymptotics, and distances with the
bias of finite reads. Begin with :func:`jeffreys_interval` for the success probability of
independent reads, :func:`cluster_interval` for several runs, and :func:`goodness_of_fit` for reads
against a prediction. It knows neither problems nor samplers.
"""

from .bootstrap import Estimate as Estimate
from .bootstrap import Resampling as Resampling
from .class_selections import ClassSelections as ClassSelections
from .class_selections import OverlapDifference as OverlapDifference
from .class_selections import OverlapEstimate as OverlapEstimate
from .dispersion import Overdispersion as Overdispersion
from .dispersion import effective_sample_size as effective_sample_size
from .dispersion import outlier_runs as outlier_runs
from .dispersion import outlier_scores as outlier_scores
from .dispersion import overdispersion as overdispersion
from .dispersion import serial_sample_size as serial_sample_size
from .distances import MeasuredDistance as MeasuredDistance
from .distances import expected_total_variation as expected_total_variation
from .distances import hellinger as hellinger
from .distances import kullback_leibler as kullback_leibler
from .distances import measured_distance as measured_distance
from .distances import total_variation as total_variation
from .goodness import adjusted_p_values as adjusted_p_values
from .goodness import goodness_of_fit as goodness_of_fit
from .goodness import likelihood_ratio as likelihood_ratio
from .goodness import pearson as pearson
from .goodness import same_distribution as same_distribution
from .intervals import cluster_interval as cluster_interval
from .intervals import jeffreys_interval as jeffreys_interval
from .means import MeanInterval as MeanInterval
from .means import mean_interval as mean_interval
from .means import paired_difference as paired_difference
from .overlap import class_overlap as class_overlap
from .overlap import mean_overlap as mean_overlap
from .overlap import overlaps_with_references as overlaps_with_references
from .seeds import Seed as Seed
from .seeds import integer_seed as integer_seed
from .seeds import random_generator as random_generator
