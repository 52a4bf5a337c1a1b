"""The rules by which importances become rewards, and a tradeoff that depends on the map number."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

PAPER_TRADEOFF = 0.7
"""The tradeoff between redundancy and reward that arXiv 2604.25649 takes for its results."""


class RewardRule(StrEnum):
    """The rule by which positive importances alpha become rewards h in [0, 1].

    ``RewardRule("max")`` turns the name on a command line or in a study file into the member.

    Attributes
    ----------
    MAX
        ``alpha / max(alpha)``, as in the text and the newer code of arXiv 2604.25649.
    MIN_MAX
        ``(alpha - min) / (max - min)``, as in its older code. The map of least importance gets the
        reward 0, so that only rounding or a tie selects it. If all importances are equal, or there
        is only one, every reward is 1.

    Examples
    --------
    >>> import numpy as np
    >>> import qxgap as qx
    >>> qx.RewardRule.MAX.rewards(np.array([1.0, 3.0, 4.0]))
    array([0.25, 0.75, 1. ])
    """

    MAX = "max"
    MIN_MAX = "min-max"

    def rewards(self, alpha: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the rewards of importances.

        Parameters
        ----------
        alpha : ndarray of float, shape (d,)
            The importances of the maps that can be selected, all positive.

        Returns
        -------
        ndarray of float, shape (d,)
            The rewards.
        """
        low = alpha.min() if self is RewardRule.MIN_MAX else 0.0
        if alpha.max() == low:
            return np.ones_like(alpha)
        rewards: NDArray[np.float64] = (alpha - low) / (alpha.max() - low)
        return rewards


@dataclass(frozen=True)
class ScaledTradeoff:
    """A tradeoff that depends on the number of maps d: ``(1 - tradeoff) / tradeoff`` is ~ 1/d.

    With the same tradeoff for every d, the optimum selects about ``1/2 + tradeoff h / ((1 -
    tradeoff) J)`` maps of mean reward h and mean redundancy J, however many there are. With this
    tradeoff it selects about the same *fraction* of them.

    Parameters
    ----------
    value : float
        The tradeoff at ``reference`` maps, in (0, 1].
    reference : int
        A number of maps, at least 1.

    Raises
    ------
    InputError
        If the value or the reference is out of range.

    Examples
    --------
    >>> import qxgap as qx
    >>> tradeoff = qx.ScaledTradeoff(0.7, reference=16)
    >>> [round(tradeoff.value_at(num_maps), 3) for num_maps in (8, 16, 32)]
    [0.538, 0.7, 0.824]
    """

    value: float
    reference: int

    def __post_init__(self) -> None:
        if not 0 < self.value <= 1 or self.reference < 1:
            raise InputError(
                f"scaled tradeoff {self.value} at {self.reference} maps; give a tradeoff above 0, "
                "at most 1, and at least 1 map"
            )

    def value_at(self, num_maps: int) -> float:
        """Return the tradeoff for a number of maps.

        Parameters
        ----------
        num_maps : int
            The number of maps that can be selected.

        Returns
        -------
        float
            The tradeoff, in (0, 1].
        """
        ratio = (1.0 - self.value) / self.value * self.reference / num_maps
        return 1.0 / (1.0 + ratio)
