"""The problem to be annealed: a quadratic form of binary variables."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import dimod
import numpy as np
from dimod.typing import VartypeLike
from numpy.typing import ArrayLike, NDArray

from ..checks import real_array
from ..errors import InputError
from ..files import digest
from ..memory import require_memory
from .bits import index_to_bits
from .diagonal import quadratic_form_diagonal

GROUND_RTOL = 1e-13
"""Energies within this distance of the lowest, relative to the energy scale, are one ground level.

A number of double precision is rounded by up to 1.1e-16 of its value. An energy is the result of at
most 2 d additions, whose rounding errors add up to less than 1e-14 of the scale for d <= 40. The
rest is for coefficients that were computed themselves, such as 0.1 + 0.2 for 0.3: their errors may
be several hundred roundings.
"""


class ProblemSource(Protocol):
    """An object from which the coefficients of a problem are computed.

    :class:`qxgap.FeatureSelection` is one.
    """

    @property
    def labels(self) -> tuple[Hashable, ...]:
        """The names of the variables."""
        ...

    def coefficients(self) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
        """Return the linear coefficients, the couplings and the offset."""
        ...


@dataclass(frozen=True, eq=False)
class QuboProblem:
    """A QUBO ``E(n) = offset + sum_p h_p n_p + sum_{p<q} J_pq n_p n_q`` with n in {0, 1}.

    Two problems are equal if they have the same labels in the same order, the same energies, and
    the same source; equal problems are written to equal files.

    Parameters
    ----------
    h : array_like of float, shape (d,)
        Linear coefficients. A negative value rewards a variable that is 1.
    J : array_like of float, shape (d, d)
        Couplings, in the strict upper triangle. A symmetric matrix is refused, because it could
        count each pair once or twice; :meth:`from_symmetric` takes one.
    labels : sequence of hashable
        Distinct names of the variables; by default 0 to d - 1. Feature maps have the channel
        numbers of the network.
    offset : float
        A constant that is added to every energy. Gaps do not depend on it.
    meta : mapping
        Remarks on where the problem comes from. No function depends on them, and no file keeps
        them.
    tolerance : float or None
        Energies within this distance of the lowest are ground energies, see
        :attr:`ground_tolerance`; None means 1e-13 of the energy scale. Give a larger one for
        coefficients that are rounded, such as those computed in single precision. No file keeps it.
    source : FeatureSelection or None
        The object from which the coefficients were computed. Its method ``qubo`` sets it.

    Raises
    ------
    InputError
        For a problem without variables, wrong shapes, entries that are not real finite numbers or
        lie on or below the diagonal of J, repeated labels, and a source with other energies.

    See Also
    --------
    FeatureSelection : Rewards and redundancies from which a problem is made.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -0.5], [[0.0, 0.7], [0.0, 0.0]], labels=["a", "b"])
    >>> problem
    QuboProblem(2 variables, 1 pairs, hash 86e1792d4dff6cd3)
    >>> problem.ground_labels()
    [['a']]
    >>> round(problem.classical_gap, 6)
    0.2
    """

    h: NDArray[np.float64]
    J: NDArray[np.float64] = None  # type: ignore[assignment]  # missing, it is refused below
    labels: tuple[Hashable, ...] = ()
    offset: float = 0.0
    meta: Mapping[str, Any] = field(default_factory=dict)
    tolerance: float | None = None
    source: ProblemSource | None = None

    def __post_init__(self) -> None:
        h = real_array("h", self.h)
        if h.ndim != 1 or h.size == 0:
            raise InputError(f"h has shape {h.shape}; give one number for each of d >= 1 variables")
        J, offset = real_array("J", self.J), real_array("offset", self.offset)
        if J.shape != (h.size, h.size):
            raise InputError(f"J has shape {J.shape}; {h.size} entries of h need {(h.size,) * 2}")
        if offset.shape != ():
            raise InputError(f"offset has shape {offset.shape}; give one number")
        for name, array in (("h", h), ("J", J), ("offset", offset)):
            if not np.all(np.isfinite(array)):
                position = [int(i) for i in np.argwhere(~np.isfinite(array))[0]] or ""
                raise InputError(f"{name}{position} is not a finite number; remove or replace it")
        if self.tolerance is not None and not 0 <= self.tolerance < math.inf:
            raise InputError(f"tolerance = {self.tolerance}; give a finite energy, at least 0")
        if np.any(np.tril(J)):
            p, q = np.argwhere(np.tril(J))[0]
            raise InputError(
                f"J[{p}, {q}] = {J[p, q]:g} lies on or below the diagonal; J is the strict upper "
                "triangle (QuboProblem.from_symmetric takes a symmetric matrix)"
            )
        labels = hashable_labels(self.labels) or tuple(range(h.size))
        if len(labels) != h.size:
            raise InputError(f"{len(labels)} labels for {h.size} variables; give one for each")
        if len(set(labels)) != len(labels):
            repeated = next(label for label in labels if labels.count(label) > 1)
            raise InputError(f"label {repeated!r} is used twice; labels must be distinct")
        if any(label != label for label in labels):  # dimod takes floating numbers for integers
            raise InputError("a label is nan; give every variable a name that equals itself")
        for label in labels:
            if isinstance(label, complex | np.complexfloating) or label in (math.inf, -math.inf):
                raise InputError(
                    f"label {label!r} is not a finite real number; number the variables 0, 1, ... "
                    "or give them names"
                )
        h.flags.writeable = J.flags.writeable = False
        for name, value in (
            ("h", h),
            ("J", J),
            ("labels", labels),
            ("offset", float(offset)),
            ("meta", dict(self.meta)),
        ):
            object.__setattr__(self, name, value)
        if self.source is not None:
            self._require_own_source(self.source)

    def _require_own_source(self, source: ProblemSource) -> None:
        """Raise InputError unless labels, coefficients and offset are those of the source."""
        h, J, offset = source.coefficients()
        same = np.array_equal(h, self.h) and np.array_equal(J, self.J) and offset == self.offset
        if not same or self.labels != source.labels:
            raise InputError(
                f"the energies or labels of the problem are not those of its source, {source!r}; "
                "change the source and call its qubo(), or give source=None"
            )

    # -- construction ---------------------------------------------------------------------------

    @classmethod
    def from_symmetric(cls, h: ArrayLike, J: ArrayLike, **kwargs: Any) -> QuboProblem:
        """Make a problem of a symmetric J; each pair counts once, as ``J_pq n_p n_q``.

        Parameters
        ----------
        h : array_like of float, shape (d,)
            Linear coefficients.
        J : array_like of float, shape (d, d)
            Symmetric couplings with a zero diagonal.
        **kwargs
            Other parameters of :class:`QuboProblem`.

        Returns
        -------
        QuboProblem
            The problem.

        Raises
        ------
        InputError
            If J differs from its transpose by more than 1e-12 of its largest entry.
        """
        matrix = real_array("J", J)
        require_symmetric(matrix)
        return cls(real_array("h", h), np.triu(matrix, 1), **kwargs)

    @classmethod
    def from_bqm(cls, bqm: dimod.BinaryQuadraticModel, **kwargs: Any) -> QuboProblem:
        """Make a problem of a dimod model of either vartype.

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            The model. The qubits are in the order of ``bqm.variables``.
        **kwargs
            Other parameters of :class:`QuboProblem`.

        Returns
        -------
        QuboProblem
            A problem with the same labels and energies.

        Raises
        ------
        InputError
            For an object of another class; the message says how to make such a model of it.
        """
        _require_bqm(bqm)
        binary = bqm.change_vartype(dimod.BINARY, inplace=False)
        labels = tuple(binary.variables)
        position = {label: i for i, label in enumerate(labels)}
        J = np.zeros((len(labels), len(labels)))
        for u, v, bias in binary.iter_quadratic():
            p, q = sorted((position[u], position[v]))
            J[p, q] += bias
        h = np.array([binary.get_linear(label) for label in labels], dtype=np.float64)
        return cls(h, J, labels=labels, offset=float(binary.offset), **kwargs)

    def to_bqm(self, vartype: VartypeLike = "BINARY") -> dimod.BinaryQuadraticModel:
        """Return a dimod model with the same energies.

        Parameters
        ----------
        vartype : str or dimod.Vartype
            ``"BINARY"`` or ``"SPIN"``.

        Returns
        -------
        dimod.BinaryQuadraticModel
            The model, with its variables in qubit order.
        """
        bqm = dimod.BinaryQuadraticModel(dimod.BINARY)
        for label, bias in zip(self.labels, self.h, strict=True):
            bqm.add_linear(label, bias)
        for p, q in np.argwhere(self.J):
            bqm.add_quadratic(self.labels[p], self.labels[q], self.J[p, q])
        bqm.offset = self.offset
        return bqm.change_vartype(dimod.as_vartype(vartype), inplace=True)

    # -- identity -------------------------------------------------------------------------------

    @property
    def num_qubits(self) -> int:
        """The number of variables d."""
        return int(self.h.size)

    @cached_property
    def content_hash(self) -> str:
        """16 hexadecimal digits of the SHA-256 of labels (in order), h, J and offset."""
        labels = json.dumps([repr(label) for label in self.labels])
        numbers = (self.h, self.J, np.array([self.offset]))
        return digest(labels, *((array + 0.0).astype("<f8") for array in numbers))  # -0 becomes 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, QuboProblem):
            return NotImplemented
        return self.content_hash == other.content_hash and self.source == other.source

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def __repr__(self) -> str:
        pairs = np.count_nonzero(self.J)
        return f"QuboProblem({self.num_qubits} variables, {pairs} pairs, hash {self.content_hash})"

    # -- energies -------------------------------------------------------------------------------

    @property
    def energy_scale(self) -> float:
        """The energy scale ``sum |h| + sum |J|``: no two energies differ by more."""
        return float(np.abs(self.h).sum() + np.abs(self.J).sum())

    def energy(self, occupations: ArrayLike, *, offset: bool = True) -> NDArray[np.float64]:
        """Return the energies of occupations.

        Parameters
        ----------
        occupations : array_like, shape (..., d)
            Occupations n; the last axis is in qubit order.
        offset : bool
            Whether the problem's offset is added. Differences of energies are exact only without
            it: next to an offset of 1e12 a number of double precision resolves no more than 1e-4.

        Returns
        -------
        ndarray of float, shape (...)
            The energies.

        Raises
        ------
        InputError
            If the last axis does not have d entries.
        """
        n = np.asarray(occupations, dtype=np.float64)
        if n.shape[-1:] != (self.num_qubits,):
            raise InputError(f"occupations have shape {n.shape}; the last axis must be d")
        energies = n @ self.h + np.einsum("...p,pq,...q->...", n, self.J, n)
        return np.asarray(self.offset + energies if offset else energies)

    @cached_property
    def diagonal(self) -> NDArray[np.float64]:
        """All energies without the offset, shape (2^d,), in the order of :mod:`.bits`.

        A MemoryLimitError is raised if 1.5 * 2^d numbers of double precision do not fit.
        """
        require_memory(12 << self.num_qubits, f"the diagonal of {self.num_qubits} qubits")
        energies = quadratic_form_diagonal(self.h, self.J, 0.0)
        energies.flags.writeable = False
        return energies

    @property
    def ground_tolerance(self) -> float:
        """Energies within this distance of the lowest are ground energies.

        It is ``tolerance`` if that was given, else 1e-13 of the energy scale. Equal energies differ
        by no more after rounding; a larger default would merge two levels where a penalty makes the
        scale large.
        """
        return GROUND_RTOL * self.energy_scale if self.tolerance is None else self.tolerance

    @property
    def ground_energy(self) -> float:
        """The lowest energy, offset included."""
        return float(self.diagonal.min()) + self.offset

    @cached_property
    def ground_indices(self) -> NDArray[np.int64]:
        """State indices of the ground states in ascending order, shape (degeneracy,)."""
        is_ground = self.diagonal <= self.diagonal.min() + self.ground_tolerance
        return np.flatnonzero(is_ground).astype(np.int64)

    @property
    def ground_states(self) -> NDArray[np.uint8]:
        """The occupations of the ground states, shape (degeneracy, d)."""
        return index_to_bits(self.ground_indices, self.num_qubits)

    @property
    def degeneracy(self) -> int:
        """The number of ground states."""
        return int(self.ground_indices.size)

    @cached_property
    def classical_gap(self) -> float:
        """The first energy above the ground level minus the ground energy; inf without one."""
        lowest = self.diagonal.min()
        excited = self.diagonal[self.diagonal > lowest + self.ground_tolerance]
        return float(excited.min() - lowest) if excited.size else math.inf

    def ground_labels(self) -> list[list[Hashable]]:
        """Return the selection of each ground state.

        Returns
        -------
        list of list
            For each ground state the labels with n = 1, in qubit order.
        """
        return [
            [label for label, n in zip(self.labels, state, strict=True) if n]
            for state in self.ground_states
        ]


def require_symmetric(J: NDArray[np.float64]) -> None:
    """Raise InputError unless J is a finite, symmetric matrix with a zero diagonal."""
    if J.ndim != 2 or J.shape[0] != J.shape[1]:
        raise InputError(f"J has shape {J.shape}; give a square symmetric matrix")
    if not np.all(np.isfinite(J)):
        raise InputError("J holds entries that are not finite; remove or replace them")
    asymmetry = np.abs(J - J.T).max(initial=0.0)
    if asymmetry > 1e-12 * np.abs(J).max(initial=0.0):
        raise InputError(f"J is not symmetric: it differs from its transpose by {asymmetry:g}")
    if np.any(np.diag(J)):
        raise InputError("J has entries on its diagonal; put them into h")


def _require_bqm(model: object) -> None:
    """Raise InputError, with the way to convert it, unless ``model`` is a dimod model."""
    if isinstance(model, dimod.BinaryQuadraticModel):
        return
    remedies = {
        dict: "dimod.BinaryQuadraticModel.from_qubo(Q) makes one of a dict",
        dimod.ConstrainedQuadraticModel: "dimod.cqm_to_bqm makes one of it",
        QuboProblem: "a QuboProblem needs no conversion",
    }
    matches = (text for kind, text in remedies.items() if isinstance(model, kind))
    remedy = next(matches, "QuboProblem(h, J) takes arrays")
    raise InputError(
        f"from_bqm takes a dimod.BinaryQuadraticModel, not {type(model).__name__}; {remedy}"
    )


def hashable_labels(labels: Any) -> tuple[Hashable, ...]:
    """Return labels as a tuple of Python objects, so that all formats can write them."""
    try:
        plain = tuple(x.item() if isinstance(x, np.generic) else x for x in labels)
        hash(plain)
    except TypeError:
        raise InputError(f"labels {labels!r}: give one hashable name for each variable") from None
    return plain
