"""Statistics of reads: the ground probability, the temperature, and comparisons with models.

Every statistic takes reads that :func:`align` has brought into the order of the problem's
variables, or the sample sets of dimod that :func:`load_sampleset` reads from files. Begin with
:func:`ground_probability`, with :func:`compare` for one prediction, or with
:func:`compare_with_solver` for all models of a D-Wave annealer.
"""

from .against_models import SourceComparison as SourceComparison
from .against_models import compare_with_anneal as compare_with_anneal
from .against_models import compare_with_solver as compare_with_solver
from .alignment import Reads as Reads
from .alignment import align as align
from .alignment import ground_levels as ground_levels
from .boltzmann import BoltzmannFit as BoltzmannFit
from .boltzmann import BoltzmannStatus as BoltzmannStatus
from .boltzmann import boltzmann_fit as boltzmann_fit
from .coherent import Correction as Correction
from .coherent import CorrectionFit as CorrectionFit
from .coherent import CorrectionStatus as CorrectionStatus
from .coherent import CorrectionTable as CorrectionTable
from .coherent import ReverseCurve as ReverseCurve
from .coherent import compare_corrections as compare_corrections
from .coherent import larmor as larmor
from .comparison import Comparison as Comparison
from .comparison import ComparisonStatus as ComparisonStatus
from .comparison import compare as compare
from .energies import Levels as Levels
from .energies import ResidualEnergy as ResidualEnergy
from .energies import energy_levels as energy_levels
from .energies import level_counts as level_counts
from .energies import residual_energy as residual_energy
from .evenness import Fairness as Fairness
from .evenness import FairnessStatus as FairnessStatus
from .evenness import fairness as fairness
from .ground import GroundProbability as GroundProbability
from .ground import GroundStatus as GroundStatus
from .ground import ground_probability as ground_probability
from .ground_shares import GroundComparison as GroundComparison
from .ground_shares import ShareStatus as ShareStatus
from .ground_shares import compare_ground_shares as compare_ground_shares
from .ladder import Ladder as Ladder
from .ladder import LadderStatus as LadderStatus
from .ladder import model_ladder as model_ladder
from .model_sets import LeftOutModelWarning as LeftOutModelWarning
from .model_sets import default_annealing_model as default_annealing_model
from .model_sets import ground_predictions as ground_predictions
from .model_sets import path_integral_model as path_integral_model
from .model_sets import schedule_models as schedule_models
from .model_sets import solver_models as solver_models
from .models import Model as Model
from .models import boltzmann_model as boltzmann_model
from .models import closed_model as closed_model
from .models import open_model as open_model
from .models import quantum_gibbs_model as quantum_gibbs_model
from .models import uniform_model as uniform_model
from .recorded import RecordedReads as RecordedReads
from .recorded import dwisc as dwisc
from .recorded import iitis as iitis
from .recorded import iitis24 as iitis24
from .sampleset_files import load_sampleset as load_sampleset
from .sampleset_files import save_sampleset as save_sampleset
from .share_tests import GroundPrediction as GroundPrediction
from .share_tests import SuccessPrediction as SuccessPrediction
from .single_flips import BoltzmannTerms as BoltzmannTerms
from .single_flips import FitStatus as FitStatus
from .single_flips import FittedTerm as FittedTerm
from .single_flips import TermStatus as TermStatus
from .single_flips import background_term as background_term
from .single_flips import boltzmann_terms as boltzmann_terms
from .single_flips import effective_temperature as effective_temperature
from .single_flips import offset_term as offset_term
from .single_flips import pseudolikelihood_temperature as pseudolikelihood_temperature
from .solution import SolutionStatus as SolutionStatus
from .solution import TimeToSolution as TimeToSolution
from .solution import solution_time as solution_time
from .temperature import EffectiveTemperature as EffectiveTemperature
from .temperature import TemperatureStatus as TemperatureStatus
from .temperature import level_temperature as level_temperature
