"""The corrections of theory that a recorded curve of reverse anneals is tested for."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Words(NamedTuple):
    """What is said about a correction, and the values that are tried."""

    name: str
    """The name in tables and legends."""

    unit: str
    """The unit of its value; empty for numbers without one."""

    low: float
    """The smallest value that is tried."""

    high: float
    """The largest value that is tried."""

    number: int
    """How many values are tried; the neutral one is among them."""


class Correction(Enum):
    """A way in which an annealer may differ from its published tables.

    Each is a parameter of :class:`qxgap.dynamics.Imperfections`, which explains it.
    """

    AXIS_SHIFT = "axis_shift"
    DRIVER_SCALE = "driver_scale"
    PROBLEM_SCALE = "problem_scale"
    TIME_SCALE = "time_scale"
    BACKGROUND_SUSCEPTIBILITY = "background_susceptibility"
    FLUX_NOISE = "flux_noise"
    DEPHASING = "dephasing_rate"

    @property
    def words(self) -> Words:
        """Its name, unit and range."""
        return WORDS[self]

    @property
    def values(self) -> NDArray[np.float64]:
        """The values that are tried by default, ascending."""
        return np.linspace(self.words.low, self.words.high, self.words.number)


WORDS = {
    Correction.AXIS_SHIFT: Words("shift of the control bias", "", -0.03, 0.03, 61),
    Correction.DRIVER_SCALE: Words("scale of A", "", 0.7, 1.5, 81),
    Correction.PROBLEM_SCALE: Words("scale of B", "", 0.6, 1.4, 81),
    Correction.TIME_SCALE: Words("scale of time", "", 0.7, 1.5, 81),
    Correction.BACKGROUND_SUSCEPTIBILITY: Words("background susceptibility", "", -0.3, 0.3, 61),
    Correction.FLUX_NOISE: Words("flux noise", "GHz", 0.0, 0.4, 17),
    Correction.DEPHASING: Words("dephasing", "per ns", 0.0, 0.4, 21),
}
"""The words and ranges of all corrections."""
