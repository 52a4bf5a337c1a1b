"""Observables that a user has already: an array, a matrix, an operator of QuTiP, a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from ..annealing.accept import QubitHamiltonian
from ..checks import kind_of, real_array
from ..errors import InputError
from .observable import Observable, Values

Observe = Any
"""An observable, a sequence of observables, or a mapping of names to them. Each is an Observable,
an array (2^d,), a matrix (2^d, 2^d), a ``qutip.Qobj``, or a function of s and the state."""

HERMITIAN_RTOL = 1e-10
"""Largest difference of a matrix from its adjoint, relative to its largest entry."""

ALLOWED = (
    "an Observable, an array (2^d,) of its values, a matrix (2^d, 2^d), a qutip.Qobj, or a function"
    " of s and the state"
)
"""What can be an observable, for messages."""


@dataclass(frozen=True, eq=False)
class DiagonalObservable(Observable):
    """An observable that is diagonal in the states that are read, by its value in each of them.

    Parameters
    ----------
    values : array_like of float, shape (2^d,)
        The value in each state, in index order.
    name : str, optional
        Name of the observable.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]])
    >>> size = qx.observables.DiagonalObservable([0, 1, 1, 2], "selected variables")
    >>> run = qx.anneal(problem, 10.0, observe=[size])
    >>> run.observations["selected variables"].round(2).tolist()
    [1.09]
    """

    values: Any
    name: str = "diagonal"

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", real_array("values of an observable", self.values))
        self.values.flags.writeable = False

    def require_valid(self, H: QubitHamiltonian) -> None:
        """Raise InputError unless there is a finite value for each state.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.
        """
        if self.values.shape != (H.dimension,):
            raise InputError(
                f"observable {self.name!r} has the shape {self.values.shape}; {H.num_qubits} "
                f"qubits need ({H.dimension},) values, or a matrix {(H.dimension,) * 2}"
            )
        if not np.all(np.isfinite(self.values)):
            raise InputError(f"observable {self.name!r} has values that are not finite")

    def measure(self, H: QubitHamiltonian, s: float, state: NDArray[np.complex128]) -> float:
        """Return the mean value.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.
        s : float
            Anneal fraction.
        state : ndarray of complex, shape (2^d,)
            The state.

        Returns
        -------
        float
            The mean.
        """
        return float(np.abs(state) ** 2 @ self.values)

    def largest_error(self, H: QubitHamiltonian, s: float, distance: float) -> float:
        """Return the distance times the difference of the largest and the smallest value.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.
        s : float
            Anneal fraction.
        distance : float
            Trace distance between the state and the exact one.

        Returns
        -------
        float
            The bound.
        """
        return float(np.ptp(self.values)) * distance


@dataclass(frozen=True, eq=False)
class OperatorObservable(Observable):
    """The expectation value of a Hermitian operator, which is given by its matrix.

    Parameters
    ----------
    matrix : array_like, scipy sparse array or qutip.Qobj, shape (2^d, 2^d)
        The operator, in index order: qubit 0 is the leftmost factor, as in QuTiP.
    name : str, optional
        Name of the observable.

    Examples
    --------
    >>> import qutip
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]])
    >>> flip = qutip.tensor(qutip.sigmax(), qutip.qeye(2))
    >>> observable = qx.observables.OperatorObservable(flip, "sigma_x of qubit 0")
    >>> run = qx.anneal(problem, 10.0, at=[0.0, 1.0], observe=[observable])
    >>> run.observations["sigma_x of qubit 0"].round(2).tolist()
    [1.0, 0.27]
    """

    matrix: Any
    name: str = "operator"
    _dims: list[list[int]] | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        matrix, name = self.matrix, self.name
        if is_qobj(matrix):
            object.__setattr__(self, "_dims", matrix.dims)
            matrix = matrix.to("CSR").data_as("csr_matrix")
        shape = getattr(matrix, "shape", None) or np.shape(matrix)
        if len(shape) != 2 or shape[0] != shape[1]:
            raise InputError(f"observable {name!r} has the shape {shape}; give a square matrix")
        matrix = sp.csr_array(matrix, dtype=np.complex128)
        entries = np.abs(matrix.data)
        if not np.all(np.isfinite(entries)):
            raise InputError(f"observable {name!r} has entries that are not finite")
        apart = np.abs((matrix - matrix.conj().T).data).max(initial=0.0)
        if apart > HERMITIAN_RTOL * entries.max(initial=0.0):
            raise InputError(f"observable {name!r} is not Hermitian; its mean would not be real")
        object.__setattr__(self, "matrix", matrix)

    def require_valid(self, H: QubitHamiltonian) -> None:
        """Raise InputError unless the matrix acts on the qubits of the anneal.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.
        """
        qubits = [[2] * H.num_qubits] * 2
        if self.matrix.shape[0] != H.dimension or self._dims not in (None, qubits):
            given = self._dims or self.matrix.shape
            raise InputError(
                f"observable {self.name!r} has the dimensions {given}; {H.num_qubits} qubits need "
                f"{qubits if self._dims else (H.dimension,) * 2}"
            )

    def measure(self, H: QubitHamiltonian, s: float, state: NDArray[np.complex128]) -> float:
        """Return the expectation value.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.
        s : float
            Anneal fraction.
        state : ndarray of complex, shape (2^d,)
            The state.

        Returns
        -------
        float
            The expectation value.
        """
        return float(np.vdot(state, self.matrix @ state).real)

    def largest_error(self, H: QubitHamiltonian, s: float, distance: float) -> float:
        """Return the distance times a bound of the difference of the outer eigenvalues.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.
        s : float
            Anneal fraction.
        distance : float
            Trace distance between the state and the exact one.

        Returns
        -------
        float
            The bound, from the circles of Gershgorin.
        """
        diagonal = self.matrix.diagonal().real
        radius = np.asarray(np.abs(self.matrix).sum(axis=1)).ravel() - np.abs(diagonal)
        return float((diagonal + radius).max() - (diagonal - radius).min()) * distance


@dataclass(frozen=True, eq=False)
class FunctionObservable(Observable):
    """Whatever a function computes of the state; no bound of its errors is known.

    Parameters
    ----------
    function : callable
        ``function(s, state)`` is called with the anneal fraction and the state (2^d,), of norm 1.
        It returns a number or an array (m,) of numbers, of equal length at every s.
    name : str, optional
        Name of the observable; by default that of the function.

    Examples
    --------
    >>> import numpy as np
    >>> import qxgap as qx
    >>> def largest(s, state):
    ...     return np.abs(state).max() ** 2
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 1.2], [0.0, 0.0]])
    >>> run = qx.anneal(problem, 10.0, at=[0.0, 1.0], observe=[largest])
    >>> run.observations["largest"].round(2).tolist()
    [0.25, 0.65]
    """

    function: Callable[[float, NDArray], Any]
    name: str = ""

    def __post_init__(self) -> None:
        own = getattr(self.function, "__name__", type(self.function).__name__)
        object.__setattr__(self, "name", self.name or own)

    def measure(self, H: QubitHamiltonian, s: float, state: NDArray[np.complex128]) -> Values:
        """Return what the function returns.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.
        s : float
            Anneal fraction.
        state : ndarray of complex, shape (2^d,)
            The state.

        Returns
        -------
        float or ndarray of float, shape (m,)
            The value.

        Raises
        ------
        InputError
            Unless it is a real number, or an array (m,) of real numbers.
        """
        value = real_array(f"the value of {self.name}", self.function(s, state))
        if value.ndim > 1:
            raise InputError(
                f"{self.name} returned an array of shape {value.shape} at s = {s:g}; give a number "
                "or an array (m,)"
            )
        return value if value.ndim else float(value)


def named_observables(observe: Observe) -> dict[str, Observable]:
    """Return observables by their names.

    Parameters
    ----------
    observe : Observable, array_like, qutip.Qobj, callable, or sequence or mapping of them
        What should be measured. A mapping gives names; otherwise an observable has its own name,
        and an array or operator the name ``observable_0``, numbered by its position.

    Returns
    -------
    dict of str to Observable
        The observables, in order.

    Raises
    ------
    InputError
        For something else, and for two observables of one name.
    """
    if isinstance(observe, Mapping):
        return {str(name): as_observable(each, str(name)) for name, each in observe.items()}
    several = isinstance(observe, Sequence) and not isinstance(observe, str)
    observables: dict[str, Observable] = {}
    for position, each in enumerate(observe if several else [observe]):
        observable = as_observable(each, f"observable_{position}")
        if observable.name in observables:
            raise InputError(
                f"two observables have the name {observable.name!r}; give a mapping of names to "
                "observables"
            )
        observables[observable.name] = observable
    return observables


def as_observable(given: Any, name: str) -> Observable:
    """Return an observable: one that is given, or one made of an array, an operator or a function.

    Parameters
    ----------
    given : Observable, array_like, qutip.Qobj or callable
        The observable.
    name : str
        Name of an array or an operator, which have none.

    Raises
    ------
    InputError
        For something else.
    """
    if isinstance(given, Observable):
        return given
    if isinstance(given, type):
        raise InputError(f"observe contains {kind_of(given)}; give an object: {given.__name__}()")
    if sp.issparse(given) or is_qobj(given):
        return OperatorObservable(given, name)
    if callable(given):
        return FunctionObservable(given)
    if isinstance(given, np.ndarray | Sequence) and not isinstance(given, str):
        values = np.asarray(given)
        kind = OperatorObservable if values.ndim == 2 else DiagonalObservable
        return kind(values, name)
    raise InputError(f"observe contains {kind_of(given)}; give {ALLOWED}")


def is_qobj(value: Any) -> bool:
    """Return whether a value is an operator of QuTiP, without loading QuTiP.

    Parameters
    ----------
    value : object
        The value.
    """
    return type(value).__module__.partition(".")[0] == "qutip" and hasattr(value, "data_as")
