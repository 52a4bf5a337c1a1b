"""What the results of all open anneals have in common."""

from __future__ import annotations

from ..dynamics.readout import ReadOut
from .baths import Bath


class OpenReadOut(ReadOut):
    """The read-out of an anneal of which the qubits are coupled to a bath."""

    tau: float
    bath: tuple[Bath, ...]

    def _bath_text(self) -> str:
        """Return the bath, or the tuple of several, as Python writes it."""
        return repr(self.bath[0] if len(self.bath) == 1 else self.bath)

    def _anneal_text(self) -> str:
        """Return the beginning of a sentence about the anneal."""
        return f"One anneal of the time tau = {self.tau:g}, coupled to {self._bath_text()}"
