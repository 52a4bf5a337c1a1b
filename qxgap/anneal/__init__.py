"""How it is annealed: schedule, driver, Hamiltonian."""

from .hamiltonian import AnnealHamiltonian as AnnealHamiltonian
from .hamiltonian import TransverseField as TransverseField
from .schedule import LINEAR as LINEAR
from .schedule import AnnealSchedule as AnnealSchedule
