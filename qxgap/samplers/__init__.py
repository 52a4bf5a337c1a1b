"""Samplers of a problem: classical, quantum, and D-Wave's annealers, all with dimod's interface.

:func:`sample` draws reads of a problem with any of them, such as
``qx.sample(problem, qx.samplers.GibbsSampler(), num_reads=100)``. The samplers here record in
``SampleSet.info`` how the reads were drawn.
"""

from .base import ProblemSampler as ProblemSampler
from .base import flip_scale as flip_scale
from .dwave import ANNEALERS as ANNEALERS
from .dwave import Annealer as Annealer
from .dwave import AnnealerCost as AnnealerCost
from .dwave import AutoScale as AutoScale
from .dwave import CliqueEmbedding as CliqueEmbedding
from .dwave import DWaveAnnealer as DWaveAnnealer
from .dwave import EmbeddingEstimate as EmbeddingEstimate
from .dwave import EmbeddingMethod as EmbeddingMethod
from .dwave import GapCost as GapCost
from .dwave import HardwareReport as HardwareReport
from .dwave import MinorEmbedding as MinorEmbedding
from .dwave import NoiseEnsemble as NoiseEnsemble
from .dwave import PublishedTemperature as PublishedTemperature
from .dwave import annealer_cost as annealer_cost
from .dwave import annealer_named as annealer_named
from .dwave import auto_scale as auto_scale
from .dwave import by_gauge as by_gauge
from .dwave import chain_sigmas as chain_sigmas
from .dwave import connect as connect
from .dwave import embedding_estimate as embedding_estimate
from .dwave import freezeout_temperature as freezeout_temperature
from .dwave import gap_cost as gap_cost
from .dwave import hardware_report as hardware_report
from .dwave import mock_annealer as mock_annealer
from .dwave import noise_ensemble as noise_ensemble
from .dwave import published_temperature as published_temperature
from .dwave import scale_without_chains as scale_without_chains
from .dwave import solver_schedule as solver_schedule
from .dwave import solver_schedule_name as solver_schedule_name
from .dwave import torque_compensation as torque_compensation
from .given import GivenReads as GivenReads
from .monte_carlo import PathIntegralSampler as PathIntegralSampler
from .monte_carlo import RotorSampler as RotorSampler
from .monte_carlo import anneal_fields as anneal_fields
from .registry import SAMPLERS as SAMPLERS
from .registry import sample as sample
from .registry import sampler_named as sampler_named
from .sampleset import annealing_time_us as annealing_time_us
from .sampleset import group_runs as group_runs
from .schrodinger import SchrodingerSampler as SchrodingerSampler
from .searches import ExactSampler as ExactSampler
from .searches import TabuSampler as TabuSampler
from .simulated_annealing import SimulatedAnnealingSampler as SimulatedAnnealingSampler
from .simulated_annealing import beta_range as beta_range
from .thermal import GibbsSampler as GibbsSampler
from .thermal import TreeSampler as TreeSampler
