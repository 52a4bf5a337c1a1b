"""What the functions that take a Hamiltonian accept in its place: a problem, with what is usual.

Many users begin with a problem and nothing else. It is then annealed by the linear schedule and the
driver of arXiv 2604.25649, ``-sum sigma_x``, and the result says so: its ``schedule`` is
``"linear (assumed)"``.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..checks import kind_of
from ..errors import InputError
from ..problem.accept import ProblemLike, as_problem
from .hamiltonian import AnnealHamiltonian
from .matrix import FixedSizeSubspace, MatrixHamiltonian
from .schedule import LINEAR, AnnealSchedule

ASSUMED = AnnealSchedule(LINEAR.s, LINEAR.A, LINEAR.B, "linear (assumed)")
"""The linear schedule, where none was given."""

QubitsLike = AnnealHamiltonian | ProblemLike
HamiltonianLike = QubitsLike | MatrixHamiltonian


def as_hamiltonian(H: HamiltonianLike, name: str = "H") -> AnnealHamiltonian | MatrixHamiltonian:
    """Return the Hamiltonian that is given, or that of a problem with what is usual.

    Parameters
    ----------
    H : AnnealHamiltonian, MatrixHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        A problem or model gets the linear schedule and the driver ``-sum sigma_x``; what results
        then has the schedule ``"linear (assumed)"``.
    name : str
        Name of the argument, for the message.

    Raises
    ------
    InputError
        For anything else, with what to write instead.
    """
    if isinstance(H, AnnealHamiltonian | MatrixHamiltonian):
        return H
    if isinstance(H, FixedSizeSubspace):
        raise InputError(
            f"{name} is a FixedSizeSubspace, which is no Hamiltonian yet; give "
            "subspace.hamiltonian(problem)"
        )
    if hasattr(H, "schedule") and isinstance(getattr(H, "problem", None), ProblemLike):
        raise InputError(f"{name} is {kind_of(H)}; give the AnnealHamiltonian that it came from")
    problem = as_problem(H, name, wanted="an AnnealHamiltonian, a QuboProblem")
    return AnnealHamiltonian(problem, ASSUMED)


def as_qubits(H: QubitsLike, name: str = "H") -> AnnealHamiltonian:
    """Return the Hamiltonian of qubits in a transverse field, as :func:`as_hamiltonian` does.

    Raises
    ------
    InputError
        For a MatrixHamiltonian too: its states are not those of qubits that are annealed.
    """
    if isinstance(H, MatrixHamiltonian | FixedSizeSubspace):
        raise InputError(
            f"{name} is {kind_of(H)}, whose driver is no transverse field; give "
            "AnnealHamiltonian(problem), with a SizeTerm in the problem to fix the number selected "
            "(minimum_gap and spectrum take any driver)"
        )
    hamiltonian = as_hamiltonian(H, name)
    assert isinstance(hamiltonian, AnnealHamiltonian)
    return hamiltonian


def all_qubits(hamiltonians: Iterable[QubitsLike]) -> list[AnnealHamiltonian]:
    """Return each of several Hamiltonians as :func:`as_qubits` does; a single one is refused."""
    if isinstance(hamiltonians, QubitsLike | MatrixHamiltonian | str | dict | None):
        raise InputError(
            f"hamiltonians is {kind_of(hamiltonians)}; give a list of them, or use anneal"
        )
    return [as_qubits(H, f"hamiltonians[{i}]") for i, H in enumerate(hamiltonians)]


def assumed_note(schedule: str) -> str:
    """Return what a result of that schedule says of it: something only where it was assumed."""
    if schedule != ASSUMED.name:
        return ""
    return "; linear schedule and driver -sum sigma_x assumed, as only the problem was given"
