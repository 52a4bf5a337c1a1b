"""The result of an eigen-solve: Ritz pairs, bounds of the exact levels, and a status."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..results import Result, plain
from .arrays import Array, FloatArray
from .methods import EigenMethod

if TYPE_CHECKING:
    import pandas as pd

EPS = float(np.finfo(np.float64).eps)


class EigenStatus(Enum):
    """The outcome of an eigen-solve; the value is the message.

    Examples
    --------
    >>> from qxgap.linalg import EigenStatus
    >>> print(EigenStatus.CONVERGED.value)
    converged; no level was missed
    """

    CONVERGED = "converged; no level was missed"
    NOT_CONVERGED = "the iteration stopped before it reached its tolerance"
    INCOMPLETE = "every repeated solve met another missed level; use method=Dense()"

    def message(self, method: EigenMethod | None) -> str:
        """Return the message for a solve, with the remedy that its method has.

        Parameters
        ----------
        method : Dense, Davidson, Lanczos, Lobpcg or None
            The method of the solve; None for levels in closed form.

        Returns
        -------
        str
            What happened and what to do.
        """
        if self is EigenStatus.NOT_CONVERGED and method is not None:
            return f"{self.value}; {method.remedy}"
        return self.value


class ConvergenceError(RuntimeError):
    """A solver stopped before it reached its tolerance; the message says why.

    Parameters
    ----------
    message : str
        What happened, and the remedy.
    result : object, optional
        The result that was reached nevertheless, such as a :class:`~qxgap.MinimumGap`.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.8], [[0, 0.5], [0, 0]])
    >>> try:
    ...     qx.minimum_gap(problem, rtol=1e-6, max_eigensolves=3)
    ... except qx.ConvergenceError as error:
    ...     print(error.result.status.name)
    BUDGET
    """

    def __init__(self, message: str, result: object | None = None) -> None:
        super().__init__(message)
        self.result = result


@dataclass(frozen=True, eq=False, repr=False)
class Eigenpairs(Result):
    """Lowest eigenpairs in ascending order, as :func:`lowest_eigenpairs` returns them.

    Attributes
    ----------
    values : ndarray of float, shape (k,)
        Ritz values, ascending.
    vectors : ndarray of float, shape (n, k)
        Orthonormal Ritz vectors, by columns. They are torch tensors after a solve on a device.
    residuals : ndarray of float, shape (k,)
        The norms ``|op v - value v|``, plus the rounding error of one operator application. They
        are large where an unconverged iteration stopped.
    beyond : float
        Lower bound of all levels that are not among these, as far as the completeness check can
        tell; -inf if the status is not CONVERGED, inf if there are no others.
    deficit : float
        The sum of the k lowest levels is at least ``values.sum() - deficit``, given ``beyond``. It
        is of second order in the residuals (:func:`deficit_of_sum`).
    matvecs : int
        Number of operator applications; n for Dense.
    status : EigenStatus
        How the solve ended.
    method : Dense, Davidson, Lanczos or Lobpcg
        The solver that ran.

    Examples
    --------
    >>> import numpy as np
    >>> import qxgap as qx
    >>> from scipy.sparse.linalg import aslinearoperator
    >>> matrix = aslinearoperator(np.diag([3.0, 1.0, 2.0]))
    >>> pairs = qx.lowest_eigenpairs(matrix, 2, norm_bound=3.0)
    >>> str(pairs).split(", with")[0], pairs.matvecs
    ('The 2 lowest levels are 1, 2', 5)
    """

    values: FloatArray
    vectors: Array
    residuals: FloatArray
    beyond: float
    deficit: float
    matvecs: int
    status: EigenStatus
    method: EigenMethod

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers but the vectors as plain Python values.

        Returns
        -------
        dict of str
            Lists, numbers and strings; infinite numbers are None.
        """
        return plain(
            {
                "values": self.values,
                "residuals": self.residuals,
                "beyond": self.beyond,
                "deficit": self.deficit,
                "matvecs": self.matvecs,
                "status": self.status,
                "method": self.method,
            }
        )

    def to_dataframe(self) -> pd.DataFrame:
        """Return levels and residuals as a table.

        Returns
        -------
        pandas.DataFrame
            The columns value and residual, a row for each level.
        """
        import pandas as pd

        return pd.DataFrame({"value": self.values, "residual": self.residuals})

    def __str__(self) -> str:
        values = ", ".join(f"{value:.6g}" for value in self.values[:4])
        more = ", ..." if self.values.size > 4 else ""
        text = (
            f"The {self.values.size} lowest levels are {values}{more}, with residuals of at most "
            f"{self.residuals.max():.2g}, after {self.matvecs} operator products."
        )
        if self.status is EigenStatus.CONVERGED:
            return text
        return f"{text} Not all are certain: {self.status.message(self.method)}."


def rounding_error(n: int, norm: float) -> float:
    """Return a bound of the rounding error of one application of an operator of dimension n."""
    return float(4 * EPS * np.log2(2 * n) * norm)


def deficit_of_sum(values: NDArray, residuals: NDArray, beyond: float) -> float:
    """Bound how far the sum of the k lowest levels lies below the sum of k Ritz values.

    In a basis of the Ritz vectors and their complement the operator is [[D, R^T], [R, C]] with D
    the values, ``|R|^2 <= sum residuals^2`` and, by assumption, ``C >= beyond``. For any t > 0

        [[D, R^T], [R, C]]  >=  [[D - R^T R / t, 0], [0, beyond - t]],

    as the difference is positive semidefinite, and the k lowest eigenvalues of the right side sum
    up to at least ``sum_i min(values_i, beyond - t) - |R|^2 / t``. The best t is taken; with
    ``t = beyond - values_k`` this is the quadratic residual bound of Temple and Kato.
    """
    if not np.isfinite(beyond):
        return 0.0 if beyond > 0 else np.inf
    square = float(residuals @ residuals)
    t = np.concatenate([beyond - values, np.sqrt(square / np.arange(1, values.size + 1))])
    t = t[t > 0]
    short = np.maximum(values[:, None] - beyond + t, 0.0).sum(axis=0)
    return float((short + square / t).min())
