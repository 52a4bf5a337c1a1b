"""What qxgap says when it cannot do what it was asked, and the memory it checks beforehand."""

from __future__ import annotations

import struct
import zipfile
import zlib


class InputError(ValueError):
    """The input is at fault; the message names the value and the remedy."""


class MissingExtraError(InputError, ImportError):
    """A package is missing that an optional part of qxgap needs; the message says what to install.

    It is an InputError, so that the command line says it in one line, and an ImportError, as Python
    raises it.
    """

    @classmethod
    def of(cls, purpose: str, package: str, extra: str) -> MissingExtraError:
        """Say what needs which package, and which extra of qxgap brings it.

        Parameters
        ----------
        purpose : str
            What was asked for, as it should read in the message.
        package : str
            Name of the missing package.
        extra : str
            Extra of qxgap that installs it.
        """
        return cls(
            f"{purpose} needs {package}, which is not installed; install it with: "
            f"pip install 'qxgap[{extra}]'"
        )


UNREADABLE = (
    *(ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError),
    *(OSError, EOFError, MemoryError, SyntaxError, zipfile.BadZipFile, zlib.error, struct.error),
)
"""What libraries raise that read a damaged file: NotImplementedError for an unknown compression and
RecursionError for too many brackets are RuntimeErrors, and a damaged size asks for all memory."""
