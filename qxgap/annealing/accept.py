"""Arguments that functions accept as a Hamiltonian: a Hamiltonian itself, or a problem.

Many users begin with a problem and nothing else. It is then annealed by the linear schedule and the
driver of arXiv 2604.25649, ``-sum sigma_x``. The ``schedule`` of the result is then named
``"linear (assumed)"``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from ..checks import kind_of
from ..errors import InputError
from ..problem.accept import ProblemLike, as_problem
from .hamiltonian import AnnealHamiltonian
from .inhomogeneous import InhomogeneousHamiltonian
from .matrix import FixedSizeSubspace, MatrixHamiltonian
from .protocol import MEMBERS, Hamiltonian, missing_members
from .schedules import LINEAR, AnnealSchedule

ASSUMED = AnnealSchedule(LINEAR.s, LINEAR.A, LINEAR.B, "linear (assumed)")
"""The linear schedule, with the name that shows that the caller gave no schedule."""

QubitsLike = AnnealHamiltonian | ProblemLike
"""Arguments of functions that need qubits in a transverse field."""

QubitHamiltonian = AnnealHamiltonian | InhomogeneousHamiltonian
"""Qubits in a transverse field, with one schedule for all of them or one for each."""

HamiltonianLike = QubitsLike | Hamiltonian
"""Arguments of functions that work with any driver."""


def as_hamiltonian(H: HamiltonianLike, name: str = "H") -> Hamiltonian:
    """Return the Hamiltonian that is given, or that of a problem with the usual schedule.

    Parameters
    ----------
    H : Hamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Any object that satisfies the protocol :class:`Hamiltonian` is returned as it is. A problem
        or model gets the linear schedule and the driver ``-sum sigma_x``, and the schedule is then
        named ``"linear (assumed)"``.
    name : str
        Name of the argument, for the message.

    Returns
    -------
    Hamiltonian
        An :class:`AnnealHamiltonian` if a problem was given.

    Raises
    ------
    InputError
        For anything else. The message says what is missing and what to write instead.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.annealing import as_hamiltonian
    >>> as_hamiltonian(qx.QuboProblem([-1.0], [[0.0]])).schedule
    AnnealSchedule('linear (assumed)', dimensionless)
    """
    if isinstance(H, AnnealHamiltonian | MatrixHamiltonian):
        return H
    _refuse_inhomogeneous(H, name)
    if isinstance(H, FixedSizeSubspace):
        raise InputError(
            f"{name} is a FixedSizeSubspace, which is no Hamiltonian yet; give "
            "subspace.hamiltonian(problem)"
        )
    if isinstance(H, type):
        raise InputError(f"{name} is {kind_of(H)}; give an object of it")
    missing = missing_members(H)
    if not missing:
        return cast(Hamiltonian, H)
    if len(missing) <= len(MEMBERS) // 2:  # it was meant to be a Hamiltonian
        raise InputError(
            f"{name} is {kind_of(H)}, which lacks {', '.join(missing)} of a Hamiltonian; add them "
            "as qxgap.annealing.Hamiltonian describes them"
        )
    if hasattr(H, "schedule") and isinstance(getattr(H, "problem", None), ProblemLike):
        raise InputError(f"{name} is {kind_of(H)}; give the AnnealHamiltonian that it came from")
    problem = as_problem(cast(ProblemLike, H), name, wanted="an AnnealHamiltonian, a QuboProblem")
    return AnnealHamiltonian(problem, ASSUMED)


def as_qubits(H: QubitsLike, name: str = "H") -> AnnealHamiltonian:
    """Return the Hamiltonian of qubits in a transverse field that is given, or that of a problem.

    Parameters
    ----------
    H : AnnealHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        A problem or model is completed as :func:`as_hamiltonian` does it.
    name : str
        Name of the argument, for the message.

    Returns
    -------
    AnnealHamiltonian
        The Hamiltonian.

    Raises
    ------
    InputError
        For anything else, and for a Hamiltonian with another driver: the operations of these
        functions are made of one rotation for each qubit.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.annealing import as_qubits
    >>> as_qubits(qx.QuboProblem([-1.0, 0.5], [[0.0, 1.0], [0.0, 0.0]])).num_qubits
    2
    """
    if isinstance(H, AnnealHamiltonian):
        return H
    _refuse_inhomogeneous(H, name)
    if isinstance(H, MatrixHamiltonian | FixedSizeSubspace) or not missing_members(H):
        raise InputError(
            f"{name} is {kind_of(H)}, whose driver is no transverse field; give "
            "AnnealHamiltonian(problem), with a SizeTerm in the problem to fix the number selected "
            "(minimum_gap and spectrum take any driver)"
        )
    hamiltonian = as_hamiltonian(H, name)
    assert isinstance(hamiltonian, AnnealHamiltonian)
    return hamiltonian


def as_annealed(
    H: QubitsLike | InhomogeneousHamiltonian, name: str = "H"
) -> AnnealHamiltonian | InhomogeneousHamiltonian:
    """Return the Hamiltonian of qubits that is given, or that of a problem, for an anneal.

    Parameters
    ----------
    H : AnnealHamiltonian, InhomogeneousHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        A problem or model is completed as :func:`as_hamiltonian` does it.
    name : str
        Name of the argument, for the message.

    Returns
    -------
    AnnealHamiltonian or InhomogeneousHamiltonian
        The Hamiltonian.

    Raises
    ------
    InputError
        For anything else.
    """
    return H if isinstance(H, InhomogeneousHamiltonian) else as_qubits(H, name)


def _refuse_inhomogeneous(H: object, name: str) -> None:
    """Raise InputError for a Hamiltonian with a schedule for each qubit."""
    if isinstance(H, InhomogeneousHamiltonian):
        raise InputError(
            f"{name} has a schedule for each qubit, and this function needs one for all; give an "
            "AnnealHamiltonian (minimum_gap, spectrum, anneal and to_qobjevo take both)"
        )


def all_qubits(hamiltonians: Iterable[QubitsLike]) -> list[AnnealHamiltonian]:
    """Return each of several Hamiltonians as :func:`as_qubits` does it.

    Parameters
    ----------
    hamiltonians : iterable
        Hamiltonians, problems or models.

    Returns
    -------
    list of AnnealHamiltonian
        The Hamiltonians, in the same order.

    Raises
    ------
    InputError
        If a single Hamiltonian was given instead of several, or one of them is not accepted.
    """
    single = isinstance(hamiltonians, QubitsLike | str | dict)
    if single or not isinstance(hamiltonians, Iterable):
        raise InputError(
            f"hamiltonians is {kind_of(hamiltonians)}; give a list of them, or use anneal"
        )
    return [as_qubits(H, f"hamiltonians[{i}]") for i, H in enumerate(hamiltonians)]


def assumed_note(schedule: str) -> str:
    """Return the sentence that a result adds to its text if the schedule was assumed, else nothing.

    Parameters
    ----------
    schedule : str
        The name of the schedule.

    Returns
    -------
    str
        The sentence after a blank, or an empty text.
    """
    if schedule != ASSUMED.name:
        return ""
    return " The linear schedule and the driver -sum sigma_x are assumed: only a problem was given."
