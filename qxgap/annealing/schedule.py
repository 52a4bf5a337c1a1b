"""How the anneal moves: A(s) and B(s) over the anneal fraction s in [0, 1]."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants

from ..checks import kind_of, real_array, require_number
from ..errors import InputError
from ..files import digest
from .published_tables import shipped_table, table_from_file, table_names, unknown_name
from .waveform import check_waveform, follow

ANGULAR = {"dimensionless": 1.0, "GHz": 2.0 * math.pi}
"""The units of A and B, and the phase that one unit of energy gathers in one unit of time."""

MILLIKELVIN_PER_GHZ = 1e12 * constants.h / constants.k
"""h / k_B = 47.99243... mK/GHz, from the exact constants of the SI."""


@dataclass(frozen=True, eq=False)
class AnnealSchedule:
    """A piecewise linear schedule ``H(s) = A(s) H_D + B(s) H_P``.

    A pause or a reverse anneal is a schedule too, over the time fraction: :meth:`with_waveform`.
    Schedules with the same name, unit and breakpoints are equal.

    Parameters
    ----------
    s : (n,) strictly increasing breakpoints, from 0 to 1.
    A, B : (n,) driver and problem strength at the breakpoints, never negative, never both zero.
        They multiply ``H_D = -sum sigma_x`` and the problem's energies directly; D-Wave's tables,
        which are for ``A/2`` and ``B/2``, are halved when they are read.
    name : what results call it.
    unit : ``"dimensionless"`` (hbar = 1), or ``"GHz"``, energy over Planck's h, with time in ns.

    Raises
    ------
    InputError : for grids, values and units that break these rules.
    """

    s: NDArray[np.float64]
    A: NDArray[np.float64]
    B: NDArray[np.float64]
    name: str
    unit: str = "dimensionless"

    def __post_init__(self) -> None:
        if self.unit not in ANGULAR:
            raise InputError(
                f"schedule {self.name!r}: unit {self.unit!r} is unknown; use {' or '.join(ANGULAR)}"
            )
        arrays = {
            key: real_array(f"schedule {self.name!r}: {key}", getattr(self, key))
            for key in ("s", "A", "B")
        }
        s, A, B = arrays.values()
        if s.ndim != 1 or s.size < 2 or A.shape != s.shape or B.shape != s.shape:
            raise InputError(
                f"schedule {self.name!r}: s, A, B have shapes {s.shape}, {A.shape}, "
                f"{B.shape}; give three columns of equal length, two rows or more"
            )
        if not np.all(np.isfinite([s, A, B])):
            raise InputError(f"schedule {self.name!r} holds values that are not finite")
        if s[0] != 0.0 or s[-1] != 1.0 or np.any(np.diff(s) <= 0):
            raise InputError(
                f"schedule {self.name!r}: s must rise strictly from 0 to 1; it goes from "
                f"{s[0].item()!r} to {s[-1].item()!r}"
            )
        if np.any(A < 0) or np.any(B < 0) or np.any(A + B <= 0):
            raise InputError(
                f"schedule {self.name!r}: A, B >= 0 and A + B > 0 must hold everywhere"
            )
        for key, array in arrays.items():
            array.flags.writeable = False
            object.__setattr__(self, key, array)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AnnealSchedule):
            return NotImplemented
        return self.content_hash == other.content_hash

    def __hash__(self) -> int:
        return hash(self.content_hash)

    @functools.cached_property
    def content_hash(self) -> str:
        """16 hexadecimal digits of the SHA-256 of unit, name and every breakpoint."""
        table = [(array + 0.0).tolist() for array in (self.s, self.A, self.B)]  # -0 becomes 0
        return digest(json.dumps([self.unit, self.name, *table]))

    def __call__(self, s: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return (A(s), B(s)), each of the shape of ``s``; InputError outside [0, 1]."""
        fraction = _fraction(s)
        return np.interp(fraction, self.s, self.A), np.interp(fraction, self.s, self.B)

    def derivative(self, s: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(A'(s), B'(s)), each of the shape of ``s``; from the right, at s = 1 from the left."""
        piece = np.searchsorted(self.s, _fraction(s), side="right") - 1
        piece = np.minimum(piece, self.s.size - 2)
        steps = np.diff(self.s)
        return (np.diff(self.A) / steps)[piece], (np.diff(self.B) / steps)[piece]

    def canonical(self, s: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(u, scale) with ``H(s) = scale ((1 - u) H_D + u H_P)``; shapes as ``s``.

        ``u = B / (A + B)`` in [0, 1] is the place on the path that all schedules share, and
        ``scale = A + B`` carries their unit.
        """
        A, B = self(s)
        return B / (A + B), A + B

    @property
    def angular(self) -> float:
        """Phase per energy and time: 2 pi for GHz and ns, 1 for hbar = 1."""
        return ANGULAR[self.unit]

    def to_millikelvin(self, energy: ArrayLike) -> NDArray[np.float64]:
        """Energies in the unit of the schedule as temperatures E / k_B in mK.

        Raises InputError for a dimensionless schedule, which has no temperature scale.
        """
        if self.unit != "GHz":
            raise InputError(f"schedule {self.name!r} is {self.unit}; temperatures need one in GHz")
        return np.asarray(energy, dtype=np.float64) * MILLIKELVIN_PER_GHZ

    def thermal_energy(self, temperature: float) -> float:
        """Return k_B T in the unit of the schedule.

        ``temperature`` is in mK for a schedule in GHz; of a dimensionless one it is itself an
        energy. Raises InputError unless it is positive and finite.
        """
        require_number(temperature, "temperature", "one number, in mK for a schedule in GHz")
        if not 0 < temperature < math.inf:
            raise InputError(f"temperature {temperature} must be positive and finite")
        return temperature / (MILLIKELVIN_PER_GHZ if self.unit == "GHz" else 1.0)

    def with_waveform(self, points: ArrayLike, name: str = "waveform") -> AnnealSchedule:
        """Let s follow a waveform s(t): the schedule over the time fraction ``x = t / t_end``.

        Parameters
        ----------
        points : (n, 2) pairs (t, s), linear in between, as in D-Wave's ``anneal_schedule``. t
            starts at 0, in any unit: anneal for ``tau = t_end`` in the unit of tau (ns for GHz; a
            solver's own parameter is in us). s starts at 0 (forward) or 1 (reverse), ends at 1.
        name : appended to the schedule's name, as in ``linear*pause``.

        Returns
        -------
        The piecewise linear ``A(s(x)), B(s(x))``, with a breakpoint at every point of the waveform
        and wherever it passes a breakpoint of this schedule; nothing is interpolated anew.

        Raises
        ------
        InputError : for repeated or falling t, s outside [0, 1], and other ends.
        """
        x, s = follow(check_waveform(points), self.s)
        A, B = self(s)
        return AnnealSchedule(x, A, B, f"{self.name}*{name}", self.unit)

    def with_pause(self, at: float, duration: float) -> AnnealSchedule:
        """Hold s at ``at`` for ``duration``, in units of the anneal time without the pause."""
        if not (0 < at < 1 and 0 < duration < math.inf):
            raise InputError(
                f"pause at s = {at} for {duration}: at must lie inside (0, 1), duration above 0"
            )
        points = [(0, 0), (at, at), (at + duration, at), (1 + duration, 1)]
        return self.with_waveform(points, name="pause")

    def __repr__(self) -> str:
        return f"AnnealSchedule({self.name!r}, {self.unit})"


LINEAR = AnnealSchedule(np.array([0.0, 1.0]), np.array([1.0, 0.0]), np.array([0.0, 1.0]), "linear")
"""A = 1 - s, B = s: the schedule of arXiv 2604.25649."""


class _Schedules(Mapping[str, AnnealSchedule]):
    """Every schedule that has a name. Asking for names reads no table, looking up reads one."""

    def __getitem__(self, name: str) -> AnnealSchedule:
        if name not in self:
            raise KeyError(name)
        return LINEAR if name == LINEAR.name else _shipped(name)

    def __contains__(self, name: object) -> bool:
        return name == LINEAR.name or name in table_names()

    def __iter__(self) -> Iterator[str]:
        return iter((LINEAR.name, *table_names()))

    def __len__(self) -> int:
        return 1 + len(table_names())


SCHEDULES: Mapping[str, AnnealSchedule] = _Schedules()
"""``linear`` and D-Wave's published tables by solver and protocol, in GHz, read when looked up."""


@functools.cache
def _shipped(name: str) -> AnnealSchedule:
    return AnnealSchedule(*shipped_table(name), name, "GHz")


def schedule_named(name: str) -> AnnealSchedule:
    """Look up a schedule by name; InputError lists the known ones, sorted."""
    if not isinstance(name, str):
        raise InputError(f"name is {kind_of(name)}; give the name of a schedule, such as 'linear'")
    if name not in SCHEDULES:
        raise unknown_name(name, SCHEDULES)
    return SCHEDULES[name]


def load_schedule(path: str | Path) -> AnnealSchedule:
    """Read a schedule from CSV: columns s, A, B[, C] of ``H/h = -A/2 sum sigma_x + B/2 (...)``.

    GHz as D-Wave publishes them, with its headings or none; the halves are taken here. The name is
    that of the file. InputError names file, line, value and remedy.
    """
    if not isinstance(path, str | Path):
        raise InputError(f"path is {kind_of(path)}; give the name of a CSV file")
    path = Path(path)
    return AnnealSchedule(*table_from_file(path), path.stem, "GHz")


def _fraction(s: ArrayLike) -> NDArray[np.float64]:
    """``s`` as an array; InputError outside [0, 1]."""
    try:
        fraction = np.asarray(s, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"anneal fraction s is {kind_of(s)}; give a number in [0, 1], or a list of them"
        ) from error
    if not np.all((fraction >= 0) & (fraction <= 1)):
        raise InputError(f"anneal fraction {s!r} lies outside [0, 1]")
    return fraction
