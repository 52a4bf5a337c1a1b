"""Anneals in which each qubit has a schedule of its own.

Begin with :class:`QubitSchedules`, and give them to :class:`InhomogeneousHamiltonian`.
"""

from .inhomogeneous_hamiltonian import InhomogeneousHamiltonian as InhomogeneousHamiltonian
from .qubit_schedules import QubitSchedules as QubitSchedules
