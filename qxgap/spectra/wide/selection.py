"""How the configurations of an estimate are selected: thresholds and limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from ...checks import require_number, require_whole
from ...errors import InputError

PROOF_SHARE = 0.1
"""Thresholds of a proof, relative to those of an estimate."""


@dataclass(frozen=True)
class SelectedConfigurations:
    """Levels in a growing set of configurations, with a perturbative correction.

    Parameters
    ----------
    first_threshold : float
        Threshold of the first set, relative to the largest energy of one excited qubit.
        Configuration j joins the set if ``|H_ij v_i|`` exceeds the threshold for a member i and the
        amplitude v_i of one of the wanted states.
    last_threshold : float
        Smallest threshold.
    reduction : float
        Factor from one threshold to the next, below 1.
    share : float
        The correction counts contributions above this share of the threshold.
    max_configurations : int
        The set grows no further when it has this many members.
    max_proof_configurations : int
        The set of a proof grows no further when it has this many members.
    tol : float
        Residual of the eigen-solves, relative to the norm of the matrix.

    Raises
    ------
    InputError
        If a parameter is out of its range.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.testing import random_feature_selection
    >>> problem = random_feature_selection(8, seed=2)
    >>> gap = qx.minimum_gap(problem, method=qx.SelectedConfigurations(last_threshold=1e-4))
    >>> gap.value <= gap.upper, gap.num_configurations <= 2**8
    (True, True)
    """

    first_threshold: float = 3e-2
    last_threshold: float = 1e-5
    reduction: float = 0.5
    share: float = 0.01
    max_configurations: int = 50_000
    max_proof_configurations: int = 50_000
    tol: float = 1e-9

    references: ClassVar[tuple[str, ...]] = ("huron1973", "holmes2016", "sharma2017")
    remedy: ClassVar[str] = "raise max_configurations of SelectedConfigurations"

    def __post_init__(self) -> None:
        for name in ("first_threshold", "last_threshold", "share", "tol"):
            value = getattr(self, name)
            require_number(value, name, "a positive number")
            if value <= 0:
                raise InputError(f"{name} = {value}; give a positive number")
        require_number(self.reduction, "reduction", "a factor between 0 and 1")
        if not 0 < self.reduction < 1:
            raise InputError(f"reduction = {self.reduction}; give a factor between 0 and 1")
        for name in ("max_configurations", "max_proof_configurations"):
            value = getattr(self, name)
            require_whole(value, name, "a number of configurations")
            if value < 1:
                raise InputError(f"{name} = {value}; give a number above 0")

    def thresholds(self) -> Iterator[float]:
        """Yield the thresholds, from the first to the last."""
        threshold = self.first_threshold
        while threshold > self.last_threshold * (1 + 1e-9):
            yield threshold
            threshold *= self.reduction
        yield self.last_threshold

    def for_proof(self) -> SelectedConfigurations:
        """Return the thresholds of a proof, which needs finer ones than an estimate."""
        return replace(
            self,
            first_threshold=PROOF_SHARE * self.first_threshold,
            last_threshold=PROOF_SHARE * self.last_threshold,
            reduction=self.reduction**2,  # a step of a proof is expensive
            max_configurations=self.max_proof_configurations,
        )
