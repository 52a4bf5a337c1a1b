"""The passes over memory in which the kernels turn all bits of a vector.

The bits are divided into groups, which a tile of the kernels can hold: the lowest TILE bits, and
then up to TILE - 2 at a time, because two more bits make runs of four neighbours in memory. A pass
turns one group. Turns of different bits commute, phases commute with none: so the last pass of a
layer also multiplies by the phases of the next layer and turns its group once more, and the next
layer goes through the groups in the opposite order. With g groups a layer takes g - 1 passes, or
one if there is a single group.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..torch_device import Tensor, torch
from ..torch_energies import doubled
from .compiler import HELD, TILE, Argument, Program

LEVELS = (TILE - HELD, 3, 0)
"""Bits of a tile from which on a thread may hold bits."""

RUN = 2
"""Least number of lowest bits in a tile, so that memory is read in runs of 2^RUN pairs."""

TABLE_ENTRIES = 1 << 22
"""Largest number of phases in the tables that are computed together."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """Bits that one pass turns, out of n; the tile is completed by the lowest bits.

    Attributes
    ----------
    num_bits : int
        Number n of all bits.
    run : int
        Number c of lowest bits in the tile.
    first : int
        Bit p from which on the other TILE - c bits of the tile lie.
    """

    num_bits: int
    run: int
    first: int

    @property
    def mask(self) -> int:
        """The bits of the tile that are turned, as a binary number."""
        return (1 << TILE) - (1 << (self.run % TILE))

    @property
    def level(self) -> int:
        """The lowest bit of the tile from which on threads must hold bits: 7, 3 or 0."""
        lowest = self.run % TILE
        return max(level for level in LEVELS if level <= lowest)

    @property
    def inside(self) -> list[int]:
        """The bits of the index that are in the tile."""
        return [*range(self.run), *range(self.first, self.first + TILE - self.run)]

    @property
    def outside(self) -> list[int]:
        """The bits of the index that are fixed in a tile."""
        return [bit for bit in range(self.num_bits) if bit not in self.inside]

    @property
    def tiles(self) -> int:
        """Number of tiles of a vector."""
        return 1 << (self.num_bits - TILE)


def fits(num_bits: int) -> bool:
    """Return whether vectors of 2^num_bits pairs fill at least one tile."""
    return num_bits >= TILE


@functools.cache
def groups_of(num_bits: int, widest: int = TILE - RUN) -> tuple[Group, ...]:
    """Divide bits into groups: the lowest TILE, then up to ``widest`` at a time."""
    count = -(-(num_bits - TILE) // widest)
    # the widest groups come first: the last one has phases, too
    edges = [num_bits - (num_bits - TILE) * i // max(count, 1) for i in range(count, -1, -1)]
    higher = [
        Group(num_bits, TILE - (last - first), first) for first, last in itertools.pairwise(edges)
    ]
    return (Group(num_bits, TILE, TILE), *higher)


@dataclass(frozen=True)
class Pass:
    """One pass: what it turns, multiplies by, and turns again, by the numbers of the layers.

    Attributes
    ----------
    group : Group
        The bits that are turned.
    before, phase, after : int or None
        The layers whose turns come first, whose phases follow, and whose turns follow these.
    """

    group: Group
    before: int | None = None
    phase: int | None = None
    after: int | None = None


def passes_of(groups: tuple[Group, ...], layers: int) -> Iterator[Pass]:
    """Give the passes of so many layers, each of which is a phase and all turns, and a last phase.

    Parameters
    ----------
    groups : tuple of Group
        The groups of all bits.
    layers : int
        Number of layers.
    """
    yield Pass(groups[0], phase=0, after=0 if layers else None)
    for layer in range(layers):
        following = layer + 1 if layer + 1 < layers else None
        for group in groups[1:-1]:
            yield Pass(group, before=layer)
        groups = groups[::-1]
        ending = layer if len(groups) > 1 else None  # a single group is turned already
        yield Pass(groups[0], before=ending, phase=layer + 1, after=following)


class _Phases:
    """The energies of a batch of quadratic forms, in the parts that the kernel takes for a group.

    The bits inside and outside of a tile have energies of their own, and are coupled.
    """

    def __init__(self, group: Group, h: Array, J: Array, device: torch.device) -> None:
        inside, outside = group.inside, group.outside
        self._level = group.level
        self._inner = _energies(h[:, inside], J[:, inside][:, :, inside], device)
        self.outer = _energies(h[:, outside], J[:, outside][:, :, outside], device)
        self.couplings = torch.as_tensor(
            np.ascontiguousarray(J[:, inside][:, :, outside]), device=device
        )

    def tables(self, phases: Array, dtype: torch.dtype) -> Tensor:
        """Return ``exp(-i phi E)`` inside of a tile as real numbers, (layers, batch, 2^TILE, 2).

        They come in the order in which the threads read them: first by the bits that one holds.
        """
        phi = torch.as_tensor(phases, device=self._inner.device)
        table = torch.exp(-1j * phi[:, None, None] * self._inner)
        table = table.reshape(*table.shape[:2], -1, 1 << HELD, 1 << self._level)
        return torch.view_as_real(table.transpose(-3, -2).contiguous()).to(dtype).flatten(2, -2)


class FusedLayers:
    """Layers of phases and real turns of a batch of states, in few passes over memory.

    Parameters
    ----------
    program : Program
        The kernels, for the real type of the states.
    h : ndarray of float, shape (batch, d)
        Linear coefficients in bit order.
    J : ndarray of float, shape (batch, d, d)
        Couplings, symmetric with a zero diagonal.
    device : torch.device
        The device of the states.
    dtype : torch.dtype
        Their real type.
    groups : tuple of Group, optional
        The groups of bits; by default the fewest.
    """

    def __init__(
        self,
        program: Program,
        h: Array,
        J: Array,
        device: torch.device,
        dtype: torch.dtype,
        groups: tuple[Group, ...] | None = None,
    ) -> None:
        self._program, self._device, self._dtype = program, device, dtype
        self._num_bits, self._batch = h.shape[1], h.shape[0]
        self._groups = groups or groups_of(self._num_bits)
        ends = {self._groups[0], self._groups[-1]}  # the passes of the others have no phases
        self._phases = {group: _Phases(group, h, J, device) for group in ends}

    def apply(self, psi: Tensor, phases: Array, angles: Array) -> None:
        """Apply all layers, and the last phase, in place.

        Parameters
        ----------
        psi : complex tensor, shape (batch, 2^d)
            The states; they are contiguous.
        phases : ndarray of float, shape (m + 1,)
            The phase per energy of each layer, and the last one.
        angles : ndarray of float, shape (m, d)
            The angle of each bit in each layer.
        """
        pairs = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
        turns = torch.as_tensor(pairs, dtype=self._dtype, device=self._device)
        chunk = max(TABLE_ENTRIES // (self._batch << TILE), 2)
        tables: dict[int, Tensor] = {}
        for step in passes_of(self._groups, len(angles)):
            if step.phase is not None and step.phase not in tables:
                tables = self._tables(phases, step.phase, min(step.phase + chunk, len(phases)))
            self._run(step, psi, phases, turns, tables)

    def _tables(self, phases: Array, begin: int, end: int) -> dict[int, Tensor]:
        """Return the tables of some layers, whose phases the two ends take in turn."""
        tables: dict[int, Tensor] = {}
        for parity, group in enumerate((self._groups[0], self._groups[-1])):
            own = [layer for layer in range(begin, end) if layer % 2 == parity]
            if own:
                computed = self._phases[group].tables(phases[own], self._dtype)
                tables.update(zip(own, computed, strict=True))
        return tables

    def _run(
        self, step: Pass, psi: Tensor, phases: Array, turns: Tensor, tables: dict[int, Tensor]
    ) -> None:
        """Launch the kernel of one pass."""
        group, phase = step.group, step.phase
        of_phases: list[Argument] = [None, None, None, 0.0]
        if phase is not None:
            parts = self._phases[group]
            of_phases = [tables[phase], parts.outer, parts.couplings, float(phases[phase])]
        self._program.launch(
            f"turn_and_phase_{group.level}",
            group.tiles,
            self._batch,
            [
                *(psi, psi, self._num_bits, group.run, group.first, group.mask),
                None if step.before is None else turns[step.before],
                None if step.after is None else turns[step.after],
                *(None, *of_phases),
            ],
        )


def fused_rotation(program: Program, turns: Tensor, v: Tensor, out: Tensor) -> None:
    """Set ``out`` to real vectors of which each bit is turned, in one pass for each group of bits.

    Parameters
    ----------
    program : Program
        The kernels, for the type of the vectors.
    turns : tensor, shape (d, 2)
        Cosine and sine for each bit.
    v, out : tensor, shape (2^d,) or (m, 2^d)
        The vectors, and where they go; contiguous. They may be the same.
    """
    n = len(turns) - 1  # the lowest bit lies inside of a pair
    for group in groups_of(n):
        lowest = group.run == TILE
        program.launch(
            f"turn_and_phase_{group.level}",
            group.tiles,
            v.numel() >> (n + 1),
            [
                *(v, out, n, group.run, group.first, group.mask, turns[1:], None),
                *(turns if lowest else None, None, None, None, 0.0),
            ],
        )
        v = out


def fused_flips(
    program: Program,
    weights: Tensor,
    diagonal: Tensor,
    A: float,
    B: float,
    v: Tensor,
    out: Tensor,
) -> None:
    """Set ``out`` to ``B diagonal v + A sum_k weights[k] X_k v``, one pass for each group of bits.

    Parameters
    ----------
    program : Program
        The kernels, for the type of the vectors.
    weights : tensor, shape (d,)
        The weight of the flip of each bit.
    diagonal : tensor, shape (2^d,)
        The diagonal.
    A, B : float
        The two strengths.
    v, out : tensor, shape (2^d,) or (m, 2^d)
        The vectors, and where the products go; contiguous, and not the same.
    """
    n = len(weights) - 1
    for group in groups_of(n):
        lowest = group.run == TILE
        program.launch(
            "flips",
            group.tiles,
            v.numel() >> (n + 1),
            [
                *(v, out, n, group.run, group.first, group.mask, weights[1:]),
                *((weights, diagonal, B) if lowest else (None, None, 0.0)),
                *(A, 0 if lowest else 1),
            ],
        )


def _energies(h: Array, J: Array, device: torch.device) -> Tensor:
    """Return the energies, (batch, 2^k), of h, (batch, k), and symmetric J, (batch, k, k)."""
    return doubled(*(torch.as_tensor(np.ascontiguousarray(x), device=device) for x in (h, J)))
