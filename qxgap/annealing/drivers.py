"""The transverse field that drives the qubits, and the two conventions for its strength."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError


@dataclass(frozen=True)
class TransverseField:
    """The driver ``H_D = -sum_p weight_p sigma_x^p``, whose ground state is the uniform one.

    Parameters
    ----------
    weight : float or sequence of float
        One positive number for all qubits, or one for each qubit, in qubit order (an inhomogeneous
        driver, as anneal offsets make it). The text of arXiv 2604.25649 has the weight 1, its code
        1/d; see :class:`Convention`.

    Raises
    ------
    InputError
        If a weight is not positive and finite.

    Examples
    --------
    >>> import qxgap as qx
    >>> qx.TransverseField(0.5).weights(num_qubits=3)
    array([0.5, 0.5, 0.5])
    """

    weight: float | tuple[float, ...] = 1.0

    def __post_init__(self) -> None:
        weights = np.asarray(self.weight, dtype=np.float64)
        if weights.ndim > 1 or not (np.all(np.isfinite(weights)) and np.all(weights > 0)):
            raise InputError(f"driver weight {self.weight} must be positive and finite")
        object.__setattr__(
            self, "weight", tuple(weights.tolist()) if weights.ndim else float(weights)
        )

    def weights(self, num_qubits: int) -> NDArray[np.float64]:
        """Return the weight of each qubit.

        Parameters
        ----------
        num_qubits : int
            The number of qubits d.

        Returns
        -------
        ndarray of float, shape (d,)
            The weights, in qubit order.

        Raises
        ------
        InputError
            If the driver has weights for another number of qubits.
        """
        if isinstance(self.weight, tuple) and len(self.weight) != num_qubits:
            raise InputError(
                f"the driver has {len(self.weight)} weights for {num_qubits} qubits; give one each"
            )
        return np.broadcast_to(np.asarray(self.weight), (num_qubits,)).astype(np.float64)


class Convention(StrEnum):
    """The two conventions for the strength of the driver: of the paper's text, and of its code.

    ``Convention("paper")`` turns the name on a command line or in a study file into the member.

    Attributes
    ----------
    PAPER
        ``H_D = -sum_p sigma_x^p``: every qubit has driver weight 1, as the text of arXiv 2604.25649
        defines it.
    AUTHORS_CODE
        ``H_D = -(1/d) sum_p sigma_x^p``: the driver is divided by the number of qubits d, as the
        authors' program does it.

    Raises
    ------
    InputError
        If a name is not one of the two.

    Examples
    --------
    >>> import qxgap as qx
    >>> qx.Convention.PAPER.driver(4)
    TransverseField(weight=1.0)
    >>> qx.Convention("authors-code").driver(4)
    TransverseField(weight=0.25)
    """

    PAPER = "paper"
    AUTHORS_CODE = "authors-code"

    @classmethod
    def _missing_(cls, value: object) -> None:
        known = ", ".join(convention.value for convention in cls)
        raise InputError(f"unknown convention {value!r}; known: {known}")

    def driver(self, num_qubits: int) -> TransverseField:
        """Return the driver of a problem with ``num_qubits`` qubits.

        Parameters
        ----------
        num_qubits : int
            The number of qubits d.

        Returns
        -------
        TransverseField
            Of weight 1, or 1/d.
        """
        return TransverseField(1.0 if self is Convention.PAPER else 1.0 / num_qubits)
