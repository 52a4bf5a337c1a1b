"""The interface of an annealing Hamiltonian; the solvers use nothing beyond it."""

from __future__ import annotations

import inspect
from typing import Protocol

import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator

from .schedules import AnnealSchedule


class Hamiltonian(Protocol):
    """A real symmetric ``H(s) = A(s) H_D + B(s) H_P`` whose problem part ``H_P`` is diagonal.

    :class:`AnnealHamiltonian` and :class:`MatrixHamiltonian` satisfy this protocol. A class of your
    own does so too if it has these attributes and methods, whatever it inherits from; functions
    such as :func:`qxgap.minimum_gap` then take its objects.

    Attributes
    ----------
    schedule : AnnealSchedule
        The strengths A(s) and B(s).
    dimension : int
        The number of basis states n.
    diagonal : ndarray of float, shape (n,)
        The energies of the basis states in H_P, without the offset.
    driver_diagonal : ndarray of float, shape (n,)
        The diagonal of H_D.
    offset : float
        A constant that belongs to the energies of the problem but to no level.
    ground_tolerance : float
        Energies of H_P within this distance of the lowest belong to the ground level.
    degeneracy : int
        The number of basis states in the ground level of H_P.
    typical_energies : tuple of float
        A typical energy of H_D and one of H_P. The ratio A / B at which both parts matter equally
        follows from them.
    instance_hash : str
        16 hexadecimal digits that identify driver and problem, but not the schedule.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.annealing import Hamiltonian
    >>> def energy_scale(H: Hamiltonian) -> float:
    ...     return H.norm_bound(1.0, 1.0)
    >>> energy_scale(qx.AnnealHamiltonian(qx.QuboProblem([-1.0], [[0.0]])))
    2.0
    """

    @property
    def schedule(self) -> AnnealSchedule:
        """The strengths A(s) and B(s)."""
        ...

    @property
    def dimension(self) -> int:
        """The number of basis states n."""
        ...

    @property
    def diagonal(self) -> NDArray:
        """The energies of the basis states in H_P, shape (n,), without the offset."""
        ...

    @property
    def driver_diagonal(self) -> NDArray:
        """The diagonal of H_D, shape (n,)."""
        ...

    @property
    def offset(self) -> float:
        """A constant that belongs to the energies of the problem but to no level."""
        ...

    @property
    def ground_tolerance(self) -> float:
        """Energies of H_P within this distance of the lowest belong to the ground level."""
        ...

    @property
    def degeneracy(self) -> int:
        """The number of basis states in the ground level of H_P."""
        ...

    @property
    def typical_energies(self) -> tuple[float, float]:
        """A typical energy of H_D and one of H_P."""
        ...

    @property
    def instance_hash(self) -> str:
        """16 hexadecimal digits that identify driver and problem, but not the schedule."""
        ...

    def with_schedule(self, schedule: AnnealSchedule) -> Hamiltonian:
        """Return the same driver and problem under another schedule.

        Parameters
        ----------
        schedule : AnnealSchedule
            The other schedule.

        Returns
        -------
        Hamiltonian
            A new Hamiltonian.
        """
        ...

    def norm_bound(self, A: float, B: float) -> float:
        """Return an upper bound of the operator norm of ``A H_D + B H_P``.

        Parameters
        ----------
        A : float
            Strength of the driver.
        B : float
            Strength of the problem.

        Returns
        -------
        float
            The bound, in the unit of the energies.
        """
        ...

    def apply(self, A: float, B: float, v: NDArray) -> NDArray:
        """Return ``(A H_D + B H_P) v`` as a new array.

        Parameters
        ----------
        A : float
            Strength of the driver.
        B : float
            Strength of the problem.
        v : ndarray of float or complex, shape (n,)
            A vector.

        Returns
        -------
        ndarray, shape (n,)
            The product, of the type of ``v``.
        """
        ...

    def to_linear_operator(self, A: float, B: float) -> LinearOperator:
        """Return ``A H_D + B H_P`` as a real linear operator of scipy.

        Parameters
        ----------
        A : float
            Strength of the driver.
        B : float
            Strength of the problem.

        Returns
        -------
        scipy.sparse.linalg.LinearOperator
            The operator, of shape (n, n).
        """
        ...

    def to_sparse(self, A: float, B: float) -> sp.csr_array:
        """Return ``A H_D + B H_P`` as a sparse matrix.

        Parameters
        ----------
        A : float
            Strength of the driver.
        B : float
            Strength of the problem.

        Returns
        -------
        scipy.sparse.csr_array
            The matrix, of shape (n, n).
        """
        ...

    def to_dense(self, A: float, B: float) -> NDArray:
        """Return ``A H_D + B H_P`` as an array.

        Parameters
        ----------
        A : float
            Strength of the driver.
        B : float
            Strength of the problem.

        Returns
        -------
        ndarray of float, shape (n, n)
            The matrix.
        """
        ...


MEMBERS = tuple(name for name in vars(Hamiltonian) if not name.startswith("_"))
"""The names of the attributes and methods that a Hamiltonian has."""


def missing_members(value: object) -> list[str]:
    """Return the names of the members of :class:`Hamiltonian` that ``value`` does not have.

    No attribute is computed for that: the diagonal of a large Hamiltonian takes memory.

    Parameters
    ----------
    value : object
        Any object.

    Returns
    -------
    list of str
        The names, in the order of the protocol; empty for a Hamiltonian.
    """
    nothing = object()
    return [name for name in MEMBERS if inspect.getattr_static(value, name, nothing) is nothing]
