"""The entanglement between two groups of qubits."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..annealing.accept import QubitHamiltonian
from ..checks import require_number
from ..errors import InputError
from ..memory import require_memory
from .observable import Observable
from .spins import as_labels, qubits_of


@dataclass(frozen=True)
class EntanglementEntropy(Observable):
    """The von Neumann entropy of a group of qubits, which measures its entanglement with the rest.

    It is zero if the group and the rest are in a product state, and at most the logarithm of the
    dimension of the smaller group. Both groups have the same entropy.

    Parameters
    ----------
    cut : sequence of hashable, optional
        Labels of the variables of one group; by default the first half of all variables (of an odd
        number the smaller half).
    base : float, optional
        Base of the logarithm: e by default, as in ``qutip.entropy_vn``, and 2 for bits.

    Notes
    -----
    The singular values of the state as a matrix of the smaller against the larger group are
    computed. With halves of 10 qubits each this takes about a second, and 60 times as long with
    halves of 12.

    Examples
    --------
    >>> import qxgap as qx
    >>> equal = qx.QuboProblem([1.0, 1.0], [[0.0, -2.0], [0.0, 0.0]], labels=["a", "b"])
    >>> entropy = qx.observables.EntanglementEntropy(["a"], base=2)
    >>> run = qx.anneal(equal, 50.0, at=[0.0, 1.0], observe=[entropy])
    >>> run.observations["entanglement_entropy"].round(2).tolist()
    [0.0, 1.0]
    """

    cut: Sequence[Hashable] | None = None
    base: float = math.e
    name = "entanglement_entropy"

    def __post_init__(self) -> None:
        require_number(self.base, "base", "the base of the logarithm: math.e or 2")
        if not 1 < self.base < math.inf:
            raise InputError(f"base = {self.base}; give the base of the logarithm: math.e or 2")
        if self.cut is not None:
            object.__setattr__(self, "cut", as_labels(self.cut, "cut"))

    def require_valid(self, H: QubitHamiltonian) -> None:
        """Raise InputError for unknown labels, and if one of the groups is empty.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.
        """
        d = H.num_qubits
        group = set(self._group(H).tolist())
        if not 0 < len(group) < d:
            raise InputError(
                f"cut divides {d} variables into {len(group)} and {d - len(group)}; an entropy "
                "needs at least one on each side"
            )
        require_memory(3 * 16 << d, f"the entanglement of {d} qubits")

    def axis_label(self, H: QubitHamiltonian) -> str:
        """Return the label of the axis, with bits as the unit if the base is 2.

        Parameters
        ----------
        H : AnnealHamiltonian or InhomogeneousHamiltonian
            Hamiltonian of the anneal.

        Returns
        -------
        str
            The label.
        """
        return "entanglement entropy" + (" in bits" if self.base == 2 else "")

    def measure(self, H: QubitHamiltonian, s: float, state: NDArray[np.complex128]) -> float:
        """Return the entropy.

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
            The entropy, not negative.
        """
        d, group = H.num_qubits, self._group(H)
        rest = np.setdiff1d(np.arange(d), group)
        smaller, larger = sorted((group, rest), key=len)
        tensor = state.reshape((2,) * d).transpose([*smaller, *larger])
        singular = np.linalg.svd(tensor.reshape(1 << len(smaller), -1), compute_uv=False)
        weights = singular[singular > 0] ** 2
        return abs(float(weights @ np.log(weights))) / math.log(self.base)

    def largest_error(self, H: QubitHamiltonian, s: float, distance: float) -> float:
        """Return the bound of Fannes and Audenaert.

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

        References
        ----------
        Audenaert, J. Phys. A 40, 8127 (2007).
        """
        size = self._group(H).size
        dimension = 1 << min(size, H.num_qubits - size)
        if distance >= 1.0 - 1.0 / dimension:
            return math.log(dimension) / math.log(self.base)
        terms = [x * math.log(x) for x in (distance, 1.0 - distance) if x > 0]
        return (distance * math.log(dimension - 1) - sum(terms)) / math.log(self.base)

    def _group(self, H: QubitHamiltonian) -> NDArray[np.int64]:
        """Return the qubits of the group, in rising order."""
        if self.cut is None:
            return np.arange(H.num_qubits // 2)
        return np.unique(qubits_of(H.problem, self.cut))
