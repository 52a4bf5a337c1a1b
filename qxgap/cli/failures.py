"""The errors of computations that failed, which the command line reports in one line."""


def failures() -> tuple[type[Exception], ...]:
    """Return the errors of computations that did not reach their tolerance.

    Python calls this only once something has failed; before, these classes need not be imported.
    """
    from ..dynamics import IntegrationError
    from ..linalg import ConvergenceError

    return ConvergenceError, IntegrationError
