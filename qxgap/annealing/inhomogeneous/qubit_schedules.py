"""Schedules of single qubits: A_i(s), B_i(s) and the gain of the local fields."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...checks import kind_of, real_array
from ...errors import InputError
from ...files import digest
from ..schedules import AnnealSchedule
from ..schedules.columns import ANGULAR, check_breakpoints, check_duration, check_unit
from ..schedules.published_tables import control_bias, solver_table
from ..schedules.waveform import as_points, check_waveform, follow, interpolated

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class QubitSchedules:
    """A schedule for each qubit: the transverse field A_i(s) and the problem's strength B_i(s).

    In the spins ``sigma_z`` of the problem, with the fields h_i and the couplings J_ij,

        H(s) = -sum A_i sigma_x^i + sum F_i h_i sigma_z^i + sum C_ij J_ij sigma_z^i sigma_z^j

    with ``C_ij = sqrt(B_i B_j)``, and ``F_i = B_i`` if no strengths of the fields are given. In a
    flux qubit each B_i is the square of a persistent current, and a coupling is the product of two
    currents, hence the square root. All strengths, C_ij too, are piecewise linear in s between the
    breakpoints.

    Parameters
    ----------
    s : array_like of float, shape (n,)
        Breakpoints that increase strictly from 0 to 1.
    A : array_like of float, shape (n, d)
        The strength of the transverse field of each qubit, in qubit order, at least 0.
    B : array_like of float, shape (n, d)
        The strength of the problem at each qubit, at least 0.
    fields : array_like of float, shape (n, d), optional
        The strengths F_i of the local fields, of any sign; by default B.
    name : str
        The name that results give.
    unit : str
        ``"dimensionless"`` (hbar = 1), or ``"GHz"`` for energies over Planck's constant h and times
        in ns.
    duration : float, optional
        The anneal time of schedules that have one of their own.

    Raises
    ------
    InputError
        For arrays of other shapes, negative strengths, an unknown unit, and a breakpoint at which
        all strengths vanish.

    See Also
    --------
    InhomogeneousHamiltonian : The Hamiltonian of a problem under these schedules.

    Examples
    --------
    The first qubit is annealed before the second one.

    >>> import qxgap as qx
    >>> early = qx.AnnealSchedule([0, 0.5, 1], [1, 0, 0], [0, 1, 1], "early")
    >>> late = qx.AnnealSchedule([0, 0.5, 1], [1, 1, 0], [0, 0, 1], "late")
    >>> schedules = qx.QubitSchedules.from_schedules([early, late])
    >>> schedules.num_qubits
    2
    >>> A, fields, couplings = schedules(0.25)
    >>> A.tolist(), fields.tolist()
    ([0.5, 1.0], [0.5, 0.0])
    """

    s: Array
    A: Array
    B: Array
    fields: Array | None = None
    name: str = "qubit schedules"
    unit: str = "dimensionless"
    duration: float | None = None

    def __post_init__(self) -> None:
        source = f"schedules {self.name!r}"
        check_unit(source, self.unit)
        check_duration(source, self.duration)
        given = {"s": self.s, "A": self.A, "B": self.B}
        given["fields"] = self.B if self.fields is None else self.fields
        arrays = {key: real_array(f"{source}: {key}", value) for key, value in given.items()}
        _check_strengths(source, arrays)
        for key, array in arrays.items():
            array = array.copy()
            array.flags.writeable = False
            object.__setattr__(self, key, array)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, QubitSchedules):
            return NotImplemented
        return self.content_hash == other.content_hash

    def __hash__(self) -> int:
        return hash(self.content_hash)

    @functools.cached_property
    def content_hash(self) -> str:
        """16 hexadecimal digits of the SHA-256 of unit, name, all strengths and the duration."""
        table = [array.tolist() for array in (self.s, self.A, self.B, self.field_strengths)]
        own_time = [] if self.duration is None else [self.duration]
        return digest(json.dumps([self.unit, self.name, *table, *own_time]))

    @property
    def num_qubits(self) -> int:
        """The number of qubits d."""
        return int(self.A.shape[1])

    @property
    def angular(self) -> float:
        """The phase per energy and time: 2 pi for GHz and ns, 1 for hbar = 1."""
        return ANGULAR[self.unit]

    @property
    def field_strengths(self) -> Array:
        """The strengths F_i of the local fields at the breakpoints, shape (n, d)."""
        return self.B if self.fields is None else self.fields

    @functools.cached_property
    def coupling_strengths(self) -> Array:
        """The strengths C_ij of the couplings at the breakpoints, shape (n, d, d)."""
        root = np.sqrt(self.B)
        return root[:, :, None] * root[:, None, :]

    def __call__(self, s: float) -> tuple[Array, Array, Array]:
        """Return all strengths at one anneal fraction.

        Parameters
        ----------
        s : float
            Anneal fraction in [0, 1].

        Returns
        -------
        A : ndarray of float, shape (d,)
            The transverse fields A_i.
        fields : ndarray of float, shape (d,)
            The strengths F_i of the local fields.
        couplings : ndarray of float, shape (d, d)
            The strengths C_ij of the couplings.

        Raises
        ------
        InputError
            For a fraction outside [0, 1].
        """
        A, fields, couplings = self.A, self.field_strengths, self.coupling_strengths
        low, x = self.piece(s)
        A, fields, couplings = (
            (1 - x) * strengths[low] + x * strengths[low + 1]
            for strengths in (A, fields, couplings)
        )
        return A, fields, couplings

    def piece(self, s: float) -> tuple[int, float]:
        """Return the linear piece in which a fraction lies, and where in it.

        Parameters
        ----------
        s : float
            Anneal fraction in [0, 1].

        Returns
        -------
        index : int
            The piece begins at this breakpoint.
        x : float
            The position in the piece, from 0 to 1.

        Raises
        ------
        InputError
            For a fraction outside [0, 1].
        """
        if not 0 <= s <= 1:
            raise InputError(f"anneal fraction {s!r} lies outside [0, 1]")
        low = min(int(np.searchsorted(self.s, s, side="right")) - 1, self.s.size - 2)
        return low, float((s - self.s[low]) / (self.s[low + 1] - self.s[low]))

    @classmethod
    def from_schedules(
        cls, schedules: Sequence[AnnealSchedule], name: str = "qubit schedules", points: int = 0
    ) -> QubitSchedules:
        """Return the schedules of qubits of which each follows an :class:`AnnealSchedule`.

        An annealer with several anneal lines gives every line a waveform of its own: take
        ``table.with_waveform(points)`` of its line for each qubit.

        Parameters
        ----------
        schedules : sequence of AnnealSchedule
            One for each qubit, in qubit order; they have the same unit.
        name : str
            The name that results give.
        points : int
            Number of evenly spaced breakpoints that are added. Between two breakpoints a coupling
            ``sqrt(B_i B_j)`` is replaced by a line; where B_i and B_j differ, more breakpoints
            bring it closer.

        Returns
        -------
        QubitSchedules
            The schedules, with the breakpoints of all of them.

        Raises
        ------
        InputError
            For an empty list, anything but schedules, and different units.
        """
        wrong = [one for one in schedules if not isinstance(one, AnnealSchedule)]
        if wrong or not schedules:
            what = kind_of(wrong[0]) if wrong else "an empty list"
            raise InputError(f"schedules contain {what}; give one AnnealSchedule for each qubit")
        units = sorted({one.unit for one in schedules})
        if len(units) > 1:
            raise InputError(f"the schedules have the units {', '.join(units)}; give equal ones")
        s = np.unique(np.concatenate([np.linspace(0, 1, points + 2), *(x.s for x in schedules)]))
        A, B = np.stack([one(s) for one in schedules], axis=-1)
        return cls(s, A, B, name=name, unit=units[0])

    @classmethod
    def of_solver(
        cls, solver: str, offsets: ArrayLike, *, fast: bool = False, scale: float = 1.0
    ) -> QubitSchedules:
        """Return the schedules of an annealer's qubits with the parameter ``anneal_offsets``.

        An offset is added to the normalized control bias c(s), by which the annealer controls a
        qubit: A_i and B_i are those of ``c + offset``, and at the ends of the table those of its
        end. The flux of the local fields comes from one common line, so that the strength of a
        field is the geometric mean ``sqrt(B_i B)`` of that of the qubit and that without offset.

        Parameters
        ----------
        solver : str
            Name of the solver, such as ``"Advantage2_system1"``.
        offsets : array_like of float, shape (d,)
            The offset of each qubit, in qubit order; a positive one anneals the qubit earlier.
        fast : bool
            Whether it is the table of the fast anneal.
        scale : float
            Number by which the annealer divides the problem's energies.

        Returns
        -------
        QubitSchedules
            The schedules in GHz.

        Raises
        ------
        InputError
            For a solver without a table, and for offsets that are no list of numbers.

        Notes
        -----
        A(c) and B(c) are those of ``dwave.system.anneal_schedule_with_offset``. Sources: D-Wave's
        documentation, "Anneal Offsets"; T. Lanting et al., Phys. Rev. A 96, 042322 (2017).

        Examples
        --------
        >>> import qxgap as qx
        >>> schedules = qx.QubitSchedules.of_solver("Advantage2_system1", [0.05, 0.0, -0.05])
        >>> A, _, _ = schedules(0.3)
        >>> bool(A[0] < A[1] < A[2])
        True
        """
        shift = real_array("offsets", offsets)
        if shift.ndim != 1 or shift.size == 0 or not np.all(np.isfinite(shift)):
            raise InputError(f"offsets have shape {shift.shape}; give one number for each qubit")
        table = AnnealSchedule.of_solver(solver, fast=fast, scale=scale)
        c = control_bias(solver_table(solver, fast=fast))
        moved = c[:, None] + shift
        A, B = np.interp(moved, c, table.A), np.interp(moved, c, table.B)
        fields = np.sqrt(B * table.B[:, None])
        return cls(table.s, A, B, fields, f"{table.name}+offsets", table.unit)

    def with_h_gain(self, points: ArrayLike, samples: int = 200) -> QubitSchedules:
        """Return the schedules with a gain of the local fields that depends on s.

        It is D-Wave's parameter ``h_gain_schedule``, over the anneal fraction instead of time.

        Parameters
        ----------
        points : array_like of float, shape (n, 2)
            Pairs (s, gain), linear in between, from s = 0 to s = 1. Every field h_i is multiplied
            by the gain, which may be negative.
        samples : int
            Number of evenly spaced breakpoints that are added, because the product of two lines is
            no line.

        Returns
        -------
        QubitSchedules
            The schedules with other ``fields``.

        Raises
        ------
        InputError
            For points that do not rise in s from 0 to 1.

        Examples
        --------
        >>> import qxgap as qx
        >>> schedules = qx.QubitSchedules.from_schedules([qx.LINEAR, qx.LINEAR])
        >>> faded = schedules.with_h_gain([(0, 1), (1, 0)])
        >>> faded(1.0)[1].tolist()
        [0.0, 0.0]
        """
        at, gain = as_points(points).T
        if at[0] != 0 or at[-1] != 1 or np.any(np.diff(at) <= 0):
            raise InputError(
                f"h gain at s = {at.tolist()}: s must rise strictly from 0 to 1 in the pairs "
                "(s, gain)"
            )
        s = np.unique(np.concatenate([self.s, at, np.linspace(0, 1, samples + 2)]))
        denser = self._at(s)
        fields = denser.field_strengths * np.interp(s, at, gain)[:, None]
        return replace(denser, fields=fields, name=f"{self.name}*h gain")

    def with_waveform(self, points: ArrayLike, name: str = "waveform") -> QubitSchedules:
        """Return the schedules that result when s follows a waveform s(t) for all qubits.

        Parameters
        ----------
        points : array_like of float, shape (n, 2)
            Pairs (t, s), as in :meth:`AnnealSchedule.with_waveform`.
        name : str
            A text that is appended to the name.

        Returns
        -------
        QubitSchedules
            The schedules over the time fraction.

        Raises
        ------
        InputError
            As :meth:`AnnealSchedule.with_waveform`.
        """
        x, s = follow(check_waveform(points), self.s)
        return replace(self._at(s, x), name=f"{self.name}*{name}")

    def _at(self, s: Array, x: Array | None = None) -> QubitSchedules:
        """Return the schedules with the strengths at ``s`` as breakpoints, placed at ``x``."""
        columns = (self.A, self.B, self.field_strengths)
        A, B, fields = (interpolated(self.s, column, s) for column in columns)
        return replace(self, s=s if x is None else x, A=A, B=B, fields=fields)

    def __repr__(self) -> str:
        return f"QubitSchedules({self.name!r}, {self.num_qubits} qubits, {self.unit})"


def _check_strengths(source: str, arrays: dict[str, Array]) -> None:
    """Raise InputError unless the columns are those of schedules."""
    s, A, B, fields = arrays.values()
    if s.ndim != 1 or s.size < 2 or A.ndim != 2 or {A.shape, B.shape, fields.shape} != {A.shape}:
        raise InputError(
            f"{source}: s, A, B, fields have shapes {s.shape}, {A.shape}, {B.shape}, "
            f"{fields.shape}; give (n,) and three times (n, d)"
        )
    if A.shape[0] != s.size or A.shape[1] == 0:
        raise InputError(
            f"{source}: A has shape {A.shape} at {s.size} breakpoints; give one row for each"
        )
    if not all(np.all(np.isfinite(array)) for array in arrays.values()):
        raise InputError(f"{source} hold values that are not finite")
    check_breakpoints(source, s)
    if np.any(A < 0) or np.any(B < 0):
        raise InputError(f"{source}: A and B must not be negative")
    empty = s[~(np.any(A > 0, axis=1) | np.any(B > 0, axis=1))]
    if empty.size:
        raise InputError(
            f"{source}: at s = {float(empty[0]):g} all A and B are 0, which leaves no Hamiltonian"
        )
    if not math.isfinite(float(np.abs(A).sum())):
        raise InputError(f"{source}: the strengths are too large")
