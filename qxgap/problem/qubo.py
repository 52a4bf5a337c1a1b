"""The problem to be annealed: a quadratic form of binary variables."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import dimod
import numpy as np
from dimod.typing import VartypeLike
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..files import digest
from ..memory import require_memory
from .bits import index_to_bits
from .diagonal import quadratic_form_diagonal
from .size import SizeTerm

GROUND_RTOL = 1e-13
"""Energies this close to the lowest, relative to the energy scale, are one ground level.

A double rounds to 1.1e-16. An energy is reached by at most 2 d additions, whose rounding adds up to
less than 1e-14 of the scale for d <= 40; what is left allows for coefficients that were themselves
computed, such as 0.1 + 0.2 for 0.3, with errors of several hundred roundings.
"""

REWARD_META = ("rewards", "redundancy", "tradeoff", "pair_weight", "size", "size_weight")
"""What a feature-selection problem keeps in its ``meta`` for :meth:`QuboProblem.to_rewards`."""


@dataclass(frozen=True, eq=False)
class QuboProblem:
    """A QUBO ``E(n) = offset + sum_p h_p n_p + sum_{p<q} J_pq n_p n_q`` with n in {0, 1}.

    Parameters
    ----------
    h : (d,) linear coefficients. Negative values reward a variable.
    J : (d, d) couplings, strict upper triangle. A symmetric matrix is refused rather than guessed
        at; :meth:`from_symmetric` takes one.
    labels : d distinct names; default 0..d-1. Feature maps carry the CNN's channel numbers.
    offset : constant added to every energy. It is kept apart: gaps do not depend on it.
    meta : where the problem came from; not part of its identity.
    tolerance : energies within this of the lowest are ground energies, see
        :attr:`ground_tolerance`; None is 1e-13 of the energy scale. Give a larger one for
        coefficients that are rounded, such as those computed in single precision. Like ``meta``
        it is not part of the problem's identity, and no file holds it.

    Raises
    ------
    InputError : for no variables, wrong shapes, entries that are no real finite numbers or lie on
        or below the diagonal of J, and repeated labels.
    """

    h: NDArray[np.float64]
    J: NDArray[np.float64] = None  # type: ignore[assignment]  # missing, it is refused below
    labels: tuple[Hashable, ...] = ()
    offset: float = 0.0
    meta: Mapping[str, Any] = field(default_factory=dict)
    tolerance: float | None = None

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
                place = [int(i) for i in np.argwhere(~np.isfinite(array))[0]] or ""
                raise InputError(f"{name}{place} is not a finite number; remove or replace it")
        if self.tolerance is not None and not 0 <= self.tolerance < math.inf:
            raise InputError(f"tolerance = {self.tolerance}; give a finite energy, at least 0")
        if np.any(np.tril(J)):
            p, q = np.argwhere(np.tril(J))[0]
            raise InputError(
                f"J[{p}, {q}] = {J[p, q]:g} lies on or below the diagonal; J is the strict upper "
                "triangle (QuboProblem.from_symmetric takes a symmetric matrix)"
            )
        labels = _labels(self.labels) or tuple(range(h.size))
        if len(labels) != h.size:
            raise InputError(f"{len(labels)} labels for {h.size} variables; give one for each")
        if len(set(labels)) != len(labels):
            repeated = next(label for label in labels if labels.count(label) > 1)
            raise InputError(f"label {repeated!r} is used twice; labels must be distinct")
        if any(label != label for label in labels):  # dimod takes floating numbers for integers
            raise InputError("a label is nan; give every variable a name that equals itself")
        h.flags.writeable = J.flags.writeable = False
        for name, value in (
            ("h", h),
            ("J", J),
            ("labels", labels),
            ("offset", float(offset)),
            ("meta", dict(self.meta)),
        ):
            object.__setattr__(self, name, value)

    # -- construction ---------------------------------------------------------------------------

    @classmethod
    def from_symmetric(cls, h: ArrayLike, J: ArrayLike, **kwargs: Any) -> QuboProblem:
        """Build from a symmetric J with zero diagonal; each pair counts once, as ``J_pq n_p n_q``.

        Raises InputError if J is not symmetric to 1e-12 of its largest entry.
        """
        matrix = real_array("J", J)
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
            raise InputError(f"J has shape {matrix.shape}; give a square symmetric matrix")
        if not np.all(np.isfinite(matrix)):
            raise InputError("J holds entries that are not finite; remove or replace them")
        asymmetry = np.abs(matrix - matrix.T).max(initial=0.0)
        if asymmetry > 1e-12 * np.abs(matrix).max(initial=0.0):
            raise InputError(f"J is not symmetric: it differs from its transpose by {asymmetry:g}")
        if np.any(np.diag(matrix)):
            raise InputError("J has entries on its diagonal; put them into h")
        return cls(real_array("h", h), np.triu(matrix, 1), **kwargs)

    @classmethod
    def from_rewards(
        cls,
        rewards: ArrayLike,
        redundancy: ArrayLike,
        tradeoff: float,
        *,
        pair_weight: int = 1,
        size_term: SizeTerm | None = None,
        labels: Sequence[Hashable] = (),
        meta: Mapping[str, Any] | None = None,
    ) -> QuboProblem:
        """Feature selection: ``(1-tradeoff) sum_{p<q} w J_pq n n - tradeoff sum h_p n_p``.

        Parameters
        ----------
        rewards : (d,) h >= 0, the importance of each feature map.
        redundancy : (d, d) symmetric J with zero diagonal.
        tradeoff : in [0, 1], the paper's beta.
        pair_weight : 1 counts a pair once (the paper's text), 2 twice (one of its scripts).
        size_term : added to the energy as it stands; the pair weight does not scale it.

        Source: Venturelli et al., arXiv 2604.25649; the sign of the linear term as in its code.
        """
        share = real_array("tradeoff", tradeoff)
        if share.shape != () or not 0.0 <= share <= 1.0:
            raise InputError(f"tradeoff = {tradeoff} is not one number in [0, 1]")
        if pair_weight not in (1, 2):
            raise InputError(f"pair weight {pair_weight!r} is unknown; use 1 or 2")
        given = {
            "rewards": real_array("h", rewards),
            "redundancy": real_array("J", redundancy),
            "tradeoff": float(share),
            "pair_weight": int(pair_weight),
            **(size_term.to_meta() if size_term else {}),
        }
        if given["rewards"].ndim == 1 and np.any(given["rewards"] < 0):
            first = int(np.argmax(given["rewards"] < 0))
            value = given["rewards"][first]
            raise InputError(f"h[{first}] = {value:g}; rewards must not be negative")
        plain = cls.from_symmetric(
            -given["tradeoff"] * given["rewards"],
            (1.0 - given["tradeoff"]) * given["pair_weight"] * given["redundancy"],
            labels=labels,
        )
        for name in ("rewards", "redundancy"):
            given[name].flags.writeable = False
        return cls(
            plain.h + (size_term.linear if size_term else 0.0),
            plain.J + (size_term.couplings(plain.num_qubits) if size_term else 0.0),
            labels=plain.labels,
            offset=size_term.offset if size_term else 0.0,
            meta={**{key: x for key, x in (meta or {}).items() if key not in REWARD_META}, **given},
        )

    def to_rewards(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what ``from_rewards`` was given: (d,) rewards h and symmetric (d, d) redundancy J.

        They are kept in ``meta``, to the bit, with every tradeoff. (They could not be divided back
        out of the energies where the tradeoff is 0 or 1.)

        Raises InputError for a problem that was not built by ``from_rewards``, or whose energies
        were changed since.
        """
        kept = self.meta
        if not {"rewards", "redundancy", "tradeoff"} <= set(kept):
            raise InputError(
                f"{self!r} is no feature-selection problem; build it with QuboProblem.from_rewards"
            )
        again = QuboProblem.from_rewards(
            kept["rewards"],
            kept["redundancy"],
            kept["tradeoff"],
            pair_weight=kept["pair_weight"],
            size_term=SizeTerm.of(kept),
            labels=self.labels,
        )
        if again != self:
            raise InputError(
                f"the energies of {self!r} are not those of the rewards in its meta; build it anew "
                "with QuboProblem.from_rewards"
            )
        return kept["rewards"], kept["redundancy"]

    @classmethod
    def from_bqm(cls, bqm: dimod.BinaryQuadraticModel, **kwargs: Any) -> QuboProblem:
        """Build from a dimod model of either vartype; qubits follow ``bqm.variables``.

        Raises InputError for anything else, with what turns it into such a model.
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
        """Return the same energies as a dimod model of ``vartype``, variables in qubit order."""
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
        return self.content_hash == other.content_hash

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def __repr__(self) -> str:
        pairs = np.count_nonzero(self.J)
        return f"QuboProblem({self.num_qubits} variables, {pairs} pairs, hash {self.content_hash})"

    # -- energies -------------------------------------------------------------------------------

    @property
    def energy_scale(self) -> float:
        """``sum |h| + sum |J|``: no two energies differ by more."""
        return float(np.abs(self.h).sum() + np.abs(self.J).sum())

    def energy(self, occupations: ArrayLike, *, offset: bool = True) -> NDArray[np.float64]:
        """Energies of occupations n, shape S + (d,) -> S, columns in qubit order.

        Parameters
        ----------
        offset : bool
            Whether the problem's offset is added. Differences of energies are exact without it
            only: next to an offset of 1e12 a double resolves no more than 1e-4.
        """
        n = np.asarray(occupations, dtype=np.float64)
        if n.shape[-1:] != (self.num_qubits,):
            raise InputError(f"occupations have shape {n.shape}; the last axis must be d")
        energies = n @ self.h + np.einsum("...p,pq,...q->...", n, self.J, n)
        return np.asarray(self.offset + energies if offset else energies)

    @cached_property
    def diagonal(self) -> NDArray[np.float64]:
        """All 2^d energies *without* the offset, in the index order of ``problem.bits``.

        Raises MemoryLimitError if 1.5 * 2^d doubles do not fit.
        """
        require_memory(12 << self.num_qubits, f"the diagonal of {self.num_qubits} qubits")
        energies = quadratic_form_diagonal(self.h, self.J, 0.0)
        energies.flags.writeable = False
        return energies

    @property
    def ground_tolerance(self) -> float:
        """Energies within this of the lowest are ground energies: ``tolerance``, if it was given.

        Else 1e-13 of the energy scale: what rounding can do to energies that are equal, and no
        more, so that a large penalty does not make one level of two.
        """
        return GROUND_RTOL * self.energy_scale if self.tolerance is None else self.tolerance

    @property
    def ground_energy(self) -> float:
        """The lowest energy, offset included."""
        return float(self.diagonal.min()) + self.offset

    @cached_property
    def ground_indices(self) -> NDArray[np.int64]:
        """State indices of the ground space, ascending."""
        low = self.diagonal <= self.diagonal.min() + self.ground_tolerance
        return np.flatnonzero(low).astype(np.int64)

    @property
    def ground_states(self) -> NDArray[np.uint8]:
        """Occupations of the ground states, shape (degeneracy, d)."""
        return index_to_bits(self.ground_indices, self.num_qubits)

    @property
    def degeneracy(self) -> int:
        """The number of ground states."""
        return int(self.ground_indices.size)

    @cached_property
    def classical_gap(self) -> float:
        """First energy above the ground level minus the ground energy; inf if there is none."""
        lowest = self.diagonal.min()
        excited = self.diagonal[self.diagonal > lowest + self.ground_tolerance]
        return float(excited.min() - lowest) if excited.size else math.inf

    def ground_labels(self) -> list[list[Hashable]]:
        """For each ground state, the labels with n = 1."""
        return [
            [label for label, n in zip(self.labels, state, strict=True) if n]
            for state in self.ground_states
        ]


def real_array(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return ``values`` as a new float64 array; InputError by name if they are no real numbers.

    Complex numbers are refused even if their imaginary parts are zero, and so is text that reads as
    a number: both come from a mistake further up.
    """
    try:
        array = np.array(values)
        objects = array.dtype.kind == "O" and values is not None
        if array.dtype.kind in "biuf" or (
            objects and not any(isinstance(x, str) for x in array.flat)
        ):
            return array.astype(np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name} is {_kind(values)}; give real numbers in an array") from None
    kinds = {"c": "complex", "U": "text", "S": "text", "O": _kind(values)}
    held = kinds.get(array.dtype.kind, f"of type {array.dtype}")
    raise InputError(f"{name} is {held}; give real numbers")


def _require_bqm(model: object) -> None:
    if isinstance(model, dimod.BinaryQuadraticModel):
        return
    remedies = {
        dict: "dimod.BinaryQuadraticModel.from_qubo(Q) makes one of a dict",
        dimod.ConstrainedQuadraticModel: "dimod.cqm_to_bqm makes one of it",
        QuboProblem: "a QuboProblem needs no conversion",
    }
    known = (text for kind, text in remedies.items() if isinstance(model, kind))
    remedy = next(known, "QuboProblem(h, J) takes arrays")
    raise InputError(
        f"from_bqm takes a dimod.BinaryQuadraticModel, not {type(model).__name__}; {remedy}"
    )


def _kind(values: Any) -> str:
    """What ``values`` are, with the remedy where a common mistake is behind it."""
    if isinstance(values, Mapping):
        return "a dict (QuboProblem.from_bqm(dimod.BinaryQuadraticModel.from_qubo(Q)) takes one)"
    if isinstance(values, Sequence) and not isinstance(values, str):
        return "ragged or holds what is no number"
    return "missing" if values is None else f"a {type(values).__name__}"


def _labels(labels: Any) -> tuple[Hashable, ...]:
    """Labels as a tuple; numpy's integers and text become Python's, which compare and serialise."""
    try:
        plain = tuple(x.item() if isinstance(x, np.generic) else x for x in labels)
        hash(plain)
    except TypeError:
        raise InputError(f"labels {labels!r}: give one hashable name for each variable") from None
    return plain
