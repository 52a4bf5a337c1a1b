"""The problem to be annealed: a quadratic form of binary variables."""

from __future__ import annotations

import hashlib
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

from .bits import index_to_bits
from .diagonal import quadratic_form_diagonal
from .errors import InputError, require_memory
from .size import SizeTerm

GROUND_RTOL = 1e-9
"""Energies this close to the lowest, relative to the energy scale, are one ground level."""


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

    Raises
    ------
    InputError : for no variables, wrong shapes, entries that are not finite or lie on or below
        the diagonal of J, and repeated labels.
    """

    h: NDArray[np.float64]
    J: NDArray[np.float64]
    labels: tuple[Hashable, ...] = ()
    offset: float = 0.0
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        h, J = np.array(self.h, dtype=np.float64), np.array(self.J, dtype=np.float64)
        if h.ndim != 1 or h.size == 0:
            raise InputError(f"h has shape {h.shape}; give one number for each of d >= 1 variables")
        if J.shape != (h.size, h.size):
            raise InputError(f"J has shape {J.shape}; {h.size} entries of h need {(h.size,) * 2}")
        for name, array in (("h", h), ("J", J), ("offset", np.asarray(self.offset))):
            if not np.all(np.isfinite(array)):
                where = [int(i) for i in np.argwhere(~np.isfinite(array))[0]]
                raise InputError(f"{name}{where} is not a finite number; remove or replace it")
        if np.any(np.tril(J)):
            p, q = np.argwhere(np.tril(J))[0]
            raise InputError(
                f"J[{p}, {q}] = {J[p, q]:g} lies on or below the diagonal; J is the strict upper "
                "triangle (QuboProblem.from_symmetric takes a symmetric matrix)"
            )
        labels = tuple(_plain(label) for label in self.labels) or tuple(range(h.size))
        if len(labels) != h.size:
            raise InputError(f"{len(labels)} labels for {h.size} variables; give one for each")
        if len(set(labels)) != len(labels):
            repeated = next(label for label in labels if labels.count(label) > 1)
            raise InputError(f"label {repeated!r} is used twice; labels must be distinct")
        h.flags.writeable = J.flags.writeable = False
        for name, value in (
            ("h", h),
            ("J", J),
            ("labels", labels),
            ("offset", float(self.offset)),
            ("meta", dict(self.meta)),
        ):
            object.__setattr__(self, name, value)

    # -- construction ---------------------------------------------------------------------------

    @classmethod
    def from_symmetric(cls, h: ArrayLike, J: ArrayLike, **kwargs: Any) -> QuboProblem:
        """Build from a symmetric J with zero diagonal; each pair counts once, as ``J_pq n_p n_q``.

        Raises InputError if J is not symmetric to 1e-12 of its largest entry.
        """
        matrix = np.asarray(J, dtype=np.float64)
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
            raise InputError(f"J has shape {matrix.shape}; give a square symmetric matrix")
        if not np.all(np.isfinite(matrix)):
            raise InputError("J holds entries that are not finite; remove or replace them")
        asymmetry = np.abs(matrix - matrix.T).max(initial=0.0)
        if asymmetry > 1e-12 * np.abs(matrix).max(initial=0.0):
            raise InputError(f"J is not symmetric: it differs from its transpose by {asymmetry:g}")
        if np.any(np.diag(matrix)):
            raise InputError("J has entries on its diagonal; put them into h")
        return cls(np.asarray(h, dtype=np.float64), np.triu(matrix, 1), **kwargs)

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
        if not 0.0 <= tradeoff <= 1.0:
            raise InputError(f"tradeoff = {tradeoff} lies outside [0, 1]")
        if pair_weight not in (1, 2):
            raise InputError(f"pair weight {pair_weight} is unknown; use 1 or 2")
        rewards = np.asarray(rewards, dtype=np.float64)
        if rewards.ndim == 1 and np.any(rewards < 0):
            first = int(np.argmax(rewards < 0))
            raise InputError(f"h[{first}] = {rewards[first]:g}; rewards must not be negative")
        bare = cls.from_symmetric(
            -tradeoff * rewards,
            (1.0 - tradeoff) * pair_weight * np.asarray(redundancy, dtype=np.float64),
            labels=tuple(labels),
            meta={**(meta or {}), "tradeoff": float(tradeoff), "pair_weight": int(pair_weight)},
        )
        if size_term is None:
            return bare
        return cls(
            bare.h + size_term.linear,
            bare.J + size_term.couplings(bare.num_qubits),
            labels=bare.labels,
            offset=size_term.offset,
            meta={**bare.meta, **size_term.to_meta()},
        )

    def to_rewards(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the (d,) rewards h and the symmetric (d, d) redundancy J of ``from_rewards``.

        They are right to rounding, which a large size term makes coarser.

        Raises InputError unless the problem knows a tradeoff strictly between 0 and 1 and has no
        offset but that of its size term.
        """
        tradeoff, term = self.meta.get("tradeoff"), SizeTerm.of(self.meta)
        if tradeoff is None or not 0 < tradeoff < 1 or self.offset != (term.offset if term else 0):
            raise InputError(
                f"{self!r} is no feature-selection problem (0 < tradeoff < 1, no offset); "
                "build it with QuboProblem.from_rewards"
            )
        h = self.h - (term.linear if term else 0.0)
        upper = self.J - (term.couplings(self.num_qubits) if term else 0.0)
        upper = upper / ((1.0 - tradeoff) * self.meta.get("pair_weight", 1))
        return -h / tradeoff, upper + upper.T

    @classmethod
    def from_bqm(cls, bqm: dimod.BinaryQuadraticModel, **kwargs: Any) -> QuboProblem:
        """Build from a dimod model of either vartype; qubits follow ``bqm.variables``."""
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
        digest = hashlib.sha256(json.dumps([repr(label) for label in self.labels]).encode())
        for array in (self.h, self.J, np.array([self.offset])):
            digest.update(np.ascontiguousarray(array + 0.0, dtype="<f8").tobytes())
        return digest.hexdigest()[:16]

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

    def energy(self, occupations: ArrayLike) -> NDArray[np.float64]:
        """Energies of occupations n, shape S + (d,) -> S, columns in qubit order."""
        n = np.asarray(occupations, dtype=np.float64)
        if n.shape[-1:] != (self.num_qubits,):
            raise InputError(f"occupations have shape {n.shape}; the last axis must be d")
        return self.offset + n @ self.h + np.einsum("...p,pq,...q->...", n, self.J, n)

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
        """Energies within this of the lowest count as ground energy (1e-9 of the energy scale)."""
        return GROUND_RTOL * self.energy_scale

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


def _plain(label: Any) -> Hashable:
    """Turn a numpy integer or string into the Python one, so that labels compare and serialise."""
    return label.item() if isinstance(label, np.generic) else label
