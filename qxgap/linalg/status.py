"""How an eigen-solve ended."""

from enum import Enum


class EigenStatus(Enum):
    """How an eigen-solve ended; the value is the message."""

    CONVERGED = "converged; no level was missed"
    NOT_CONVERGED = (
        "the iteration stopped before its tolerance; raise max_steps of Davidson or Lobpcg, or "
        "max_restarts of Lanczos, or ask for a larger tol"
    )
    INCOMPLETE = "the deflated re-solve kept finding missed levels; use Dense()"


class ConvergenceError(RuntimeError):
    """A solver stopped before its tolerance; the message says why.

    Attributes
    ----------
    result : object or None
        What was reached all the same, such as a :class:`~qxgap.MinimumGap` with its bracket.
    """

    def __init__(self, message: str, result: object | None = None) -> None:
        super().__init__(message)
        self.result = result
