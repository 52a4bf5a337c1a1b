"""Feature selection: the rewards and redundancies from which a QUBO is made."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..checks import kind_of, real_array
from ..errors import InputError
from .qubo import QuboProblem, hashable_labels, require_symmetric


@dataclass(frozen=True)
class SizeTerm:
    """The penalty ``weight (sum_p n_p - size)^2`` on selections of another size.

    Because n^2 = n it is a quadratic form: it adds ``weight (1 - 2 size)`` to every linear
    coefficient, ``2 weight`` to every coupling and ``weight size^2`` to the offset.

    Parameters
    ----------
    size : int
        The number of variables that should be selected, at least 0. A size above d favors the
        selection of all variables.
    weight : float
        The weight of the penalty, positive, in the unit of the energies. If it exceeds the largest
        gain of one variable, ``max_p |h_p| + sum_q |J_pq|``, every optimum has this size, provided
        that size <= d.

    Raises
    ------
    InputError
        If the size is not a whole number >= 0, or the weight is not positive and finite.

    Examples
    --------
    >>> import qxgap as qx
    >>> term = qx.SizeTerm(size=1, weight=3.0)
    >>> selection = qx.FeatureSelection([1.0, 0.8], [[0.0, 0.1], [0.1, 0.0]], 0.9, size_term=term)
    >>> selection.qubo().ground_labels()
    [[0]]
    """

    size: int
    weight: float

    def __post_init__(self) -> None:
        size, weight = self.size, self.weight
        if not (_is_finite(size) and size == int(size) and size >= 0):
            raise InputError(f"size = {size!r}; give a whole number of variables, at least 0")
        if not (_is_finite(weight) and weight > 0):
            raise InputError(f"size weight = {weight!r}; give a positive number")

    @property
    def linear(self) -> float:
        """The number that is added to each linear coefficient."""
        return self.weight * (1 - 2 * self.size)

    @property
    def offset(self) -> float:
        """The number that is added to the offset."""
        return float(self.weight * self.size * self.size)

    def couplings(self, num_qubits: int) -> NDArray[np.float64]:
        """Return the numbers that are added to the couplings.

        Parameters
        ----------
        num_qubits : int
            The number of variables d.

        Returns
        -------
        ndarray of float, shape (d, d)
            The numbers, in the strict upper triangle.
        """
        return np.triu(np.full((num_qubits, num_qubits), 2.0 * self.weight), 1)


def _is_finite(value: object) -> bool:
    """Return whether ``value`` is a finite real number."""
    return isinstance(value, Real) and math.isfinite(value)


@dataclass(frozen=True, eq=False)
class FeatureSelection:
    """A feature-selection problem: select important features, but no two that show the same.

    The energy of a selection n is ``(1 - tradeoff) w sum_{p<q} J_pq n_p n_q - tradeoff sum_p h_p
    n_p`` with the rewards h, the redundancy J and the pair weight w, plus the size term if there is
    one. :meth:`qubo` makes the problem of it, and ``problem.source`` is the feature selection that
    a problem was made from. A ``.npz`` file holds one, see :func:`qxgap.save`.

    Parameters
    ----------
    rewards : array_like of float, shape (d,)
        The importance h of each feature, at least 0.
    redundancy : array_like of float, shape (d, d)
        The redundancy J of each pair of features, symmetric and with a zero diagonal.
    tradeoff : float
        The paper's beta in [0, 1]: 1 counts rewards only, 0 counts redundancy only.
    pair_weight : int
        1 counts a pair once, as the text of the paper does; 2 counts it twice, as one of its
        scripts does.
    size_term : SizeTerm or None
        A penalty on selections of another size. The pair weight does not scale it.
    labels : sequence of hashable
        A name for each feature; by default 0 to d - 1. Feature maps of a network have their channel
        numbers.
    alpha : array_like of float or None
        The importance from which the rewards were computed. With one value for each feature, top-k
        ranks by it.
    num_maps : int or None
        The number of feature maps of the layer; the features are those maps that can be selected.
    label : int, str or None
        The class of the image.
    pred : int, str or None
        The class that the network predicts for the image.
    target : int, str or None
        The class that the features support, if that is not the predicted one.
    features : ndarray or None
        The feature maps.
    image : ndarray or None
        The image.

    Raises
    ------
    InputError
        For negative rewards, a redundancy that is not symmetric, and a tradeoff outside [0, 1].

    See Also
    --------
    qxgap.xai.feature_selection : Make the problem of an image and a network.

    References
    ----------
    Venturelli et al., arXiv 2604.25649. The sign of the linear term is that of its code.

    Examples
    --------
    >>> import qxgap as qx
    >>> selection = qx.FeatureSelection([1.0, 0.8], [[0.0, 0.9], [0.9, 0.0]], tradeoff=0.5)
    >>> problem = selection.qubo()
    >>> problem.ground_labels()
    [[0]]
    >>> problem.source.tradeoff
    0.5
    """

    rewards: NDArray[np.float64]
    redundancy: NDArray[np.float64]
    tradeoff: float
    pair_weight: int = 1
    size_term: SizeTerm | None = None
    labels: tuple[Hashable, ...] = ()
    alpha: NDArray[np.float64] | None = None
    num_maps: int | None = None
    label: int | str | None = None
    pred: int | str | None = None
    target: int | str | None = None
    features: NDArray[Any] | None = None
    image: NDArray[Any] | None = None

    def __post_init__(self) -> None:
        rewards, redundancy = real_array("h", self.rewards), real_array("J", self.redundancy)
        tradeoff = real_array("tradeoff", self.tradeoff)
        if tradeoff.shape != () or not 0.0 <= tradeoff <= 1.0:
            raise InputError(f"tradeoff = {self.tradeoff} is not one number in [0, 1]")
        if self.pair_weight not in (1, 2):
            raise InputError(f"pair weight {self.pair_weight!r} is unknown; use 1 or 2")
        if rewards.ndim == 1 and np.any(rewards < 0):
            first = int(np.argmax(rewards < 0))
            raise InputError(f"h[{first}] = {rewards[first]:g}; rewards must not be negative")
        require_symmetric(redundancy)
        if self.size_term is not None and not isinstance(self.size_term, SizeTerm):
            raise InputError(f"size_term is {self.size_term!r}; give a SizeTerm or None")
        alpha = None if self.alpha is None else real_array("alpha", self.alpha)
        for array in (rewards, redundancy, alpha):
            if array is not None:
                array.flags.writeable = False
        labels = hashable_labels(self.labels) or tuple(range(rewards.size))
        for name, value in (
            ("rewards", rewards),
            ("redundancy", redundancy),
            ("tradeoff", float(tradeoff)),
            ("pair_weight", int(self.pair_weight)),
            ("labels", labels),
            ("alpha", alpha),
            ("num_maps", _single("num_maps", self.num_maps)),
            ("label", _single("label", self.label)),
            ("pred", _single("pred", self.pred)),
            ("target", _single("target", self.target)),
            ("features", None if self.features is None else np.asarray(self.features)),
            ("image", None if self.image is None else np.asarray(self.image)),
        ):
            object.__setattr__(self, name, value)
        QuboProblem(rewards, np.triu(redundancy, 1), labels=labels)  # checks shapes and labels

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FeatureSelection):
            return NotImplemented
        return self._definition() == other._definition()

    def __hash__(self) -> int:
        return hash(self._definition())

    def _definition(self) -> tuple[object, ...]:
        """The attributes that energies and rankings depend on, without the class and the image."""
        alpha = None if self.alpha is None else (self.alpha.shape, self.alpha.tobytes())
        return (
            (self.rewards + 0.0).tobytes(),  # -0 becomes 0
            (self.redundancy + 0.0).tobytes(),
            alpha,
            self.tradeoff,
            self.pair_weight,
            self.size_term,
            self.labels,
        )

    def __repr__(self) -> str:
        facts = {
            "tradeoff": self.tradeoff,
            "pair_weight": self.pair_weight,
            "size_term": self.size_term,
            "label": self.label,
            "pred": self.pred,
            "target": self.target,
        }
        shown = "".join(f", {name}={value!r}" for name, value in facts.items() if value is not None)
        return f"FeatureSelection({self.rewards.size} features{shown})"

    def coefficients(self) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
        """Return the coefficients of the energy.

        Returns
        -------
        h : ndarray of float, shape (d,)
            The linear coefficients.
        J : ndarray of float, shape (d, d)
            The couplings, strict upper triangle.
        offset : float
            The constant, which only a size term has.
        """
        h = 0.0 - self.tradeoff * self.rewards  # no -0
        J = np.triu((1.0 - self.tradeoff) * self.pair_weight * self.redundancy, 1)
        if self.size_term is None:
            return h, J, 0.0
        term = self.size_term
        return h + term.linear, J + term.couplings(h.size), term.offset

    def qubo(self, meta: Mapping[str, Any] | None = None) -> QuboProblem:
        """Return the problem whose ``source`` is this feature selection.

        Parameters
        ----------
        meta : mapping or None
            Remarks on where the problem comes from, for ``problem.meta``.

        Returns
        -------
        QuboProblem
            The problem, with the same labels.
        """
        h, J, offset = self.coefficients()
        return QuboProblem(
            h, J, labels=self.labels, offset=offset, source=self, meta=dict(meta or {})
        )

    def with_tradeoff(self, tradeoff: float) -> FeatureSelection:
        """Return the same feature selection with another tradeoff.

        Parameters
        ----------
        tradeoff : float
            The other tradeoff, in [0, 1].

        Returns
        -------
        FeatureSelection
            A new object; all else is equal.
        """
        return replace(self, tradeoff=tradeoff)

    def without_arrays(self) -> FeatureSelection:
        """Return the same feature selection without ``features`` and ``image``.

        Both arrays take much memory, and no energy depends on them.

        Returns
        -------
        FeatureSelection
            A new object; all else is equal.
        """
        return replace(self, features=None, image=None)


def _single(name: str, value: Any) -> Any:
    """Return a whole number, text or None as a Python object, also from a numpy array of one."""
    if value is None:
        return None
    array = np.asarray(value)
    single = array.item() if array.size == 1 else None
    if isinstance(single, float) and single.is_integer():
        single = int(single)
    if not isinstance(single, int | str):
        raise InputError(f"{name} is {kind_of(value)}; give one whole number")
    return single


def feature_selection_of(problem: QuboProblem) -> FeatureSelection:
    """Return the feature selection from which a problem was made.

    Parameters
    ----------
    problem : QuboProblem
        The problem.

    Returns
    -------
    FeatureSelection
        The problem's ``source``.

    Raises
    ------
    InputError
        If the problem was not made from a feature selection.

    Examples
    --------
    >>> import qxgap as qx
    >>> from qxgap.problem import feature_selection_of
    >>> feature_selection_of(qx.testing.random_feature_selection(3, seed=1)).tradeoff
    0.7
    """
    if isinstance(problem.source, FeatureSelection):
        return problem.source
    raise InputError(
        f"{problem!r} is no feature-selection problem; build it with FeatureSelection(...).qubo()"
    )
