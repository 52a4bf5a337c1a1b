"""Anneals of more qubits than vectors of 2^d amplitudes allow.

Begin with :class:`qxgap.SelectedDynamics`, a method of :func:`qxgap.anneal`.
"""

from .selected_anneal import anneal_in_configurations as anneal_in_configurations
from .selected_result import SelectedAnneal as SelectedAnneal
