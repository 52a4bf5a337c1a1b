"""How an eigen-solve ended."""

from enum import Enum


class EigenStatus(Enum):
    """How an eigen-solve ended; the value is the message."""

    CONVERGED = "converged; no level was missed"
    NOT_CONVERGED = "the iteration stopped before its tolerance; raise max_restarts or max_steps"
    INCOMPLETE = "the deflated re-solve kept finding missed levels; use Dense()"


class ConvergenceError(RuntimeError):
    """A solver stopped before its tolerance; the message is the status."""
