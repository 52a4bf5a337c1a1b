"""Ways in which an annealer differs from its published tables."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from ...checks import require_number
from ...errors import InputError

ABOVE_ZERO = ("driver_scale", "problem_scale", "time_scale")
"""Imperfections that must be positive."""

NOT_NEGATIVE = ("flux_noise", "dephasing_rate")
"""Imperfections that must not be negative."""


@dataclass(frozen=True)
class Imperfections:
    """How an annealer differs from its published schedule; by default in nothing.

    Parameters
    ----------
    axis_shift : float
        Added to the normalized control bias c, as if the tables were displaced along c.
    driver_scale : float
        Factor of the published A.
    problem_scale : float
        Factor of the published B.
    time_scale : float
        Factor of the duration of the waveform; above 1 the anneal is slower than published.
    background_susceptibility : float
        chi: a qubit also couples to its neighbors' neighbors, because each qubit passes on a part
        of the flux of the others. ``h_i`` becomes ``h_i + chi sum_j J_ij h_j``, and ``J_ij``
        becomes ``J_ij + chi sum_k J_ik J_kj``, for h and J of the Ising form.
    flux_noise : float
        Standard deviation of a random field of each qubit, which is constant during one anneal and
        new in the next: of the energy between the qubit's two states, in GHz, where B = 1 GHz. The
        field couples to the qubit's current and so is proportional to sqrt(B).
    dephasing_rate : float
        Rate in 1/ns at which a superposition of one qubit's two states loses its phase, in an
        environment without memory (Lindblad operators ``sqrt(rate / 2) sigma_z``).

    Raises
    ------
    InputError
        For values that are not finite, scales that are not above 0, and negative rates.

    Examples
    --------
    >>> import qxgap as qx
    >>> device = qx.dynamics.Imperfections(axis_shift=0.003)
    >>> device.axis_shift, device.driver_scale
    (0.003, 1.0)
    """

    axis_shift: float = 0.0
    driver_scale: float = 1.0
    problem_scale: float = 1.0
    time_scale: float = 1.0
    background_susceptibility: float = 0.0
    flux_noise: float = 0.0
    dephasing_rate: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            require_number(value, field.name, "one number")
            if not math.isfinite(value):
                raise InputError(f"{field.name} = {value} must be finite")
            if field.name in ABOVE_ZERO and value <= 0:
                raise InputError(f"{field.name} = {value} must be above 0; 1 changes nothing")
            if field.name in NOT_NEGATIVE and value < 0:
                raise InputError(f"{field.name} = {value} must be at least 0")


IDEAL = Imperfections()
"""No imperfection."""
