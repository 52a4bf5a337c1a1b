"""How it is annealed: schedule, driver, Hamiltonian."""

from .accept import as_hamiltonian as as_hamiltonian
from .accept import as_qubits as as_qubits
from .drivers import Convention as Convention
from .drivers import TransverseField as TransverseField
from .hamiltonian import AnnealHamiltonian as AnnealHamiltonian
from .matrix import FixedSizeSubspace as FixedSizeSubspace
from .matrix import MatrixHamiltonian as MatrixHamiltonian
from .protocol import Hamiltonian as Hamiltonian
from .schedule import LINEAR as LINEAR
from .schedule import MILLIKELVIN_PER_GHZ as MILLIKELVIN_PER_GHZ
from .schedule import SCHEDULES as SCHEDULES
from .schedule import AnnealSchedule as AnnealSchedule
from .schedule import load_schedule as load_schedule
from .schedule import schedule_named as schedule_named
