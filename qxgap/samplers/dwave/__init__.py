"""D-Wave's annealers: connection, embedding, scaling, control errors and published data.

:class:`DWaveAnnealer` draws samples of any model on an annealer, or on a mock of one.
:func:`hardware_report` says how samples were drawn, and :func:`annealer_cost` estimates the cost of
embedding a problem. Most of this needs dwave-system (``pip install 'qxgap[dwave]'``), which is
loaded when it is first used.
"""

from .autoscale import AutoScale as AutoScale
from .autoscale import auto_scale as auto_scale
from .embedding import CliqueEmbedding as CliqueEmbedding
from .embedding import EmbeddingMethod as EmbeddingMethod
from .embedding import MinorEmbedding as MinorEmbedding
from .embedding import torque_compensation as torque_compensation
from .embedding_cost import EmbeddingEstimate as EmbeddingEstimate
from .embedding_cost import chain_sigmas as chain_sigmas
from .embedding_cost import embedding_estimate as embedding_estimate
from .embedding_cost import scale_without_chains as scale_without_chains
from .energy_cost import AnnealerCost as AnnealerCost
from .energy_cost import GapCost as GapCost
from .energy_cost import annealer_cost as annealer_cost
from .energy_cost import gap_cost as gap_cost
from .hardware import HardwareReport as HardwareReport
from .hardware import hardware_report as hardware_report
from .machines import ANNEALERS as ANNEALERS
from .machines import Annealer as Annealer
from .machines import annealer_named as annealer_named
from .machines import connect as connect
from .machines import mock_annealer as mock_annealer
from .noise import NoiseEnsemble as NoiseEnsemble
from .noise import noise_ensemble as noise_ensemble
from .published import PublishedTemperature as PublishedTemperature
from .published import freezeout_temperature as freezeout_temperature
from .published import published_temperature as published_temperature
from .published import solver_schedule as solver_schedule
from .published import solver_schedule_name as solver_schedule_name
from .sampler import DWaveAnnealer as DWaveAnnealer
from .sampler import by_gauge as by_gauge
