"""The annealing Hamiltonian ``H(s) = A(s) H_D + B(s) H_P`` of a schedule, a driver and a problem.

Begin with ``AnnealHamiltonian(problem)``. :class:`AnnealSchedule` sets the strengths A(s) and B(s),
and :class:`TransverseField` the driver; :func:`schedule_named` and :func:`load_schedule` return the
schedules of D-Wave's annealers. :class:`Hamiltonian` is the interface that other Hamiltonians must
have.
"""

from .accept import as_hamiltonian as as_hamiltonian
from .accept import as_qubits as as_qubits
from .drivers import Convention as Convention
from .drivers import TransverseField as TransverseField
from .hamiltonian import AnnealHamiltonian as AnnealHamiltonian
from .inhomogeneous import InhomogeneousHamiltonian as InhomogeneousHamiltonian
from .inhomogeneous import QubitSchedules as QubitSchedules
from .matrix import FixedSizeSubspace as FixedSizeSubspace
from .matrix import MatrixHamiltonian as MatrixHamiltonian
from .protocol import Hamiltonian as Hamiltonian
from .schedules import LINEAR as LINEAR
from .schedules import MILLIKELVIN_PER_GHZ as MILLIKELVIN_PER_GHZ
from .schedules import SCHEDULES as SCHEDULES
from .schedules import AnnealSchedule as AnnealSchedule
from .schedules import AnnealWaveform as AnnealWaveform
from .schedules import FastReverseWaveform as FastReverseWaveform
from .schedules import WaveformLimits as WaveformLimits
from .schedules import check_anneal_schedule as check_anneal_schedule
from .schedules import check_h_gain_schedule as check_h_gain_schedule
from .schedules import fast_reverse_waveform as fast_reverse_waveform
from .schedules import load_schedule as load_schedule
from .schedules import schedule_named as schedule_named
from .schedules import waveform_limits as waveform_limits
from .schedules import waveform_on as waveform_on
from .schedules import with_fewer_points as with_fewer_points
