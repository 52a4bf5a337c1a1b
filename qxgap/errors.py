"""The exceptions for wrong input, with messages that name the fault and the remedy."""

from __future__ import annotations

import struct
import zipfile
import zlib


class InputError(ValueError):
    """The input is wrong; the message names the value and the remedy.

    Examples
    --------
    >>> import qxgap as qx
    >>> try:
    ...     qx.TransverseField(-1.0)
    ... except qx.InputError as error:
    ...     print(error)
    driver weight -1.0 must be positive and finite
    """


class MissingExtraError(InputError, ImportError):
    """An optional part of qxgap needs a package that is not installed; the message says which.

    It is an InputError, so that the command line reports it in one line, and an ImportError, as in
    other packages.

    Examples
    --------
    >>> import qxgap as qx
    >>> print(qx.MissingExtraError.of("this network", "PyTorch", extra="xai"))
    this network needs PyTorch, which is not installed; install it with: pip install 'qxgap[xai]'
    """

    @classmethod
    def of(cls, purpose: str, package: str, extra: str) -> MissingExtraError:
        """Return the error for a package that is not installed.

        Parameters
        ----------
        purpose : str
            The function that needs the package, as the subject of the message.
        package : str
            The name of the package.
        extra : str
            The extra of qxgap that installs it.

        Returns
        -------
        MissingExtraError
            The error to raise.
        """
        return cls(
            f"{purpose} needs {package}, which is not installed; install it with: "
            f"pip install 'qxgap[{extra}]'"
        )


UNREADABLE = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    OSError,
    EOFError,
    MemoryError,
    SyntaxError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
)
"""The exceptions that libraries raise when they read a damaged file.

Some are not obvious. An unknown compression raises NotImplementedError and too many brackets raise
RecursionError, which both are RuntimeErrors; a damaged size requests more memory than there is.
"""
