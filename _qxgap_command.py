"""The script ``qxgap``, outside the package, so that Ctrl-C can be handled during its import."""

from __future__ import annotations

import os
import signal
from types import FrameType


def main() -> None:
    """Run the command line; while it is imported, Ctrl-C ends the process with one line."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        from qxgap.cli import main as run  # Ctrl-C is ignored, as under nohup
    else:
        signal.signal(signal.SIGINT, _leave)
        from qxgap.cli import main as run

        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


def _leave(number: int, frame: FrameType | None) -> None:
    """End at once: no work has begun, and half-imported libraries would only complain."""
    os.write(2, b"qxgap: interrupted\n")
    os._exit(130)
