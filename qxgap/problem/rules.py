"""The choices that turn importance into rewards, and a tradeoff that follows the number of maps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError


class RewardRule(StrEnum):
    """How positive importances alpha become rewards h in [0, 1].

    Attributes
    ----------
    MAX : ``alpha / max(alpha)``, the text and the newer code of arXiv 2604.25649.
    MIN_MAX : ``(alpha - min) / (max - min)``, its older code. The weakest map gets 0, so that only
        rounding or a tie selects it. If all importances are equal, one map alone included, every
        reward is 1.
    """

    MAX = "max"
    MIN_MAX = "min-max"

    def rewards(self, alpha: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rewards (d,) of the importances (d,) of the kept maps, all positive."""
        low = alpha.min() if self is RewardRule.MIN_MAX else 0.0
        if alpha.max() == low:
            return np.ones_like(alpha)
        rewards: NDArray[np.float64] = (alpha - low) / (alpha.max() - low)
        return rewards


@dataclass(frozen=True)
class ScaledTradeoff:
    """A tradeoff with ``(1 - tradeoff) / tradeoff`` proportional to 1/d.

    With one tradeoff for all d the optimum has about ``1/2 + tradeoff h / ((1 - tradeoff) J)`` maps
    of mean reward h and redundancy J, however many there are. With this one it has about the same
    *fraction* of them.

    Parameters
    ----------
    value : the tradeoff at ``reference`` maps, in (0, 1].
    reference : number of maps, >= 1.
    """

    value: float
    reference: int

    def __post_init__(self) -> None:
        if not 0 < self.value <= 1 or self.reference < 1:
            raise InputError(
                f"scaled tradeoff {self.value} at {self.reference} maps; give a tradeoff above 0, "
                "at most 1, and at least 1 map"
            )

    def at(self, num_maps: int) -> float:
        """The tradeoff for ``num_maps`` selectable maps."""
        ratio = (1.0 - self.value) / self.value * self.reference / num_maps
        return 1.0 / (1.0 + ratio)
