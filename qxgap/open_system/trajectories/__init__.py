"""Quantum-jump trajectories: open anneals of as many qubits as wave functions fit into memory."""

from .ensemble import trajectory_anneal as trajectory_anneal
from .trajectory_result import TrajectoryAnnealResult as TrajectoryAnnealResult
