"""Annealing schedules: the strengths A(s) and B(s) over the anneal fraction s in [0, 1]."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants

from ...checks import kind_of, require_number
from ...errors import InputError
from ...files import digest
from .annealer_waveform import AnnealWaveform, follow_within, with_ramps
from .columns import ANGULAR, check_duration, check_unit, checked_columns
from .fast_reverse import FastReverseWaveform, fast_reverse_waveform
from .paths import same_path
from .published_tables import shipped_table, solver_table
from .solver_limits import waveform_limits
from .waveform import check_waveform, follow

MILLIKELVIN_PER_GHZ = 1e12 * constants.h / constants.k
"""The temperature h / k_B = 47.99243... mK of 1 GHz, from the exact constants of the SI."""


@dataclass(frozen=True, eq=False)
class AnnealSchedule:
    """A piecewise linear schedule of the Hamiltonian ``H(s) = A(s) H_D + B(s) H_P``.

    A pause and a reverse anneal are schedules over the time fraction, see :meth:`with_waveform`.
    Schedules with the same name, unit, breakpoints and duration are equal.

    Parameters
    ----------
    s : array_like of float, shape (n,)
        Breakpoints that increase strictly from 0 to 1.
    A : array_like of float, shape (n,)
        The strength of the driver at the breakpoints, at least 0. A and B are never both zero.
    B : array_like of float, shape (n,)
        The strength of the problem at the breakpoints, at least 0. A and B multiply ``H_D = -sum
        sigma_x`` and the problem's energies directly. D-Wave's tables are for ``A/2`` and ``B/2``;
        they are halved when they are read.
    name : str
        The name that results give.
    unit : str
        ``"dimensionless"`` (hbar = 1), or ``"GHz"`` for energies over Planck's constant h and times
        in ns.
    duration : float, optional
        The anneal time of a schedule that has one of its own, such as that of
        :meth:`fast_reverse`, in the unit of time; None if the schedule is meant for any.

    Raises
    ------
    InputError
        For breakpoints, strengths and units that break these rules.

    See Also
    --------
    load_schedule : Read a schedule from a file.
    schedule_named : Look up a schedule that is part of qxgap.

    Examples
    --------
    >>> import qxgap as qx
    >>> schedule = qx.AnnealSchedule([0, 0.5, 1], [1, 0.2, 0], [0, 0.2, 1], "slow in the middle")
    >>> A, B = schedule(0.25)
    >>> float(A), float(B)
    (0.6, 0.1)
    """

    s: NDArray[np.float64]
    A: NDArray[np.float64]
    B: NDArray[np.float64]
    name: str
    unit: str = "dimensionless"
    duration: float | None = None

    def __post_init__(self) -> None:
        check_unit(f"schedule {self.name!r}", self.unit)
        arrays = checked_columns(f"schedule {self.name!r}", self.s, self.A, self.B)
        check_duration(f"schedule {self.name!r}", self.duration)
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
        """16 hexadecimal digits of the SHA-256 of unit, name, every breakpoint and the duration."""
        table = [(array + 0.0).tolist() for array in (self.s, self.A, self.B)]  # -0 becomes 0
        own_time = [] if self.duration is None else [self.duration]
        return digest(json.dumps([self.unit, self.name, *table, *own_time]))

    def __call__(self, s: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the strengths at anneal fractions.

        Parameters
        ----------
        s : array_like of float
            Anneal fractions in [0, 1].

        Returns
        -------
        A : ndarray of float
            The strength of the driver, of the shape of ``s``.
        B : ndarray of float
            The strength of the problem, of the shape of ``s``.

        Raises
        ------
        InputError
            For fractions outside [0, 1].
        """
        fraction = _fraction(s)
        return np.interp(fraction, self.s, self.A), np.interp(fraction, self.s, self.B)

    def derivative(self, s: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the derivatives of the strengths with respect to s.

        Parameters
        ----------
        s : array_like of float
            Anneal fractions in [0, 1]. At a breakpoint the derivative from the right is returned,
            and at s = 1 that from the left.

        Returns
        -------
        dA : ndarray of float
            The derivative of A, of the shape of ``s``.
        dB : ndarray of float
            The derivative of B, of the shape of ``s``.
        """
        piece = np.searchsorted(self.s, _fraction(s), side="right") - 1
        piece = np.minimum(piece, self.s.size - 2)
        steps = np.diff(self.s)
        return (np.diff(self.A) / steps)[piece], (np.diff(self.B) / steps)[piece]

    def canonical(self, s: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return position and scale on the path that all schedules share.

        ``H(s) = scale ((1 - u) H_D + u H_P)`` with ``u = B / (A + B)`` in [0, 1] and ``scale = A +
        B``, which has the unit of the schedule.

        Parameters
        ----------
        s : array_like of float
            Anneal fractions in [0, 1].

        Returns
        -------
        u : ndarray of float
            The position on the path, of the shape of ``s``.
        scale : ndarray of float
            The scale, of the shape of ``s``.
        """
        A, B = self(s)
        return B / (A + B), A + B

    @property
    def angular(self) -> float:
        """The phase per energy and time: 2 pi for GHz and ns, 1 for hbar = 1."""
        return ANGULAR[self.unit]

    def to_millikelvin(self, energy: ArrayLike) -> NDArray[np.float64]:
        """Return energies as temperatures E / k_B.

        Parameters
        ----------
        energy : array_like of float
            Energies in the unit of the schedule.

        Returns
        -------
        ndarray of float
            Temperatures in mK.

        Raises
        ------
        InputError
            For a dimensionless schedule, which has no temperature scale.
        """
        if self.unit != "GHz":
            raise InputError(f"schedule {self.name!r} is {self.unit}; temperatures need one in GHz")
        return np.asarray(energy, dtype=np.float64) * MILLIKELVIN_PER_GHZ

    def thermal_energy(self, temperature: float) -> float:
        """Return the thermal energy k_B T in the unit of the schedule.

        Parameters
        ----------
        temperature : float
            The temperature in mK for a schedule in GHz; for a dimensionless schedule it is an
            energy already.

        Returns
        -------
        float
            The thermal energy.

        Raises
        ------
        InputError
            If the temperature is not positive and finite.
        """
        require_number(temperature, "temperature", "one number, in mK for a schedule in GHz")
        if not 0 < temperature < math.inf:
            raise InputError(f"temperature {temperature} must be positive and finite")
        return temperature / (MILLIKELVIN_PER_GHZ if self.unit == "GHz" else 1.0)

    def with_waveform(self, points: ArrayLike, name: str = "waveform") -> AnnealSchedule:
        """Return the schedule that results when s follows a waveform s(t).

        The result is a schedule over the time fraction ``x = t / t_end``. It is piecewise linear,
        with a breakpoint at every point of the waveform and wherever the waveform passes a
        breakpoint of this schedule, so that it is exact.

        Parameters
        ----------
        points : array_like of float, shape (n, 2)
            Pairs (t, s) of the waveform, which is linear in between, as in D-Wave's
            ``anneal_schedule``. t begins at 0 and may have any unit: anneal for ``tau = t_end`` in
            the unit of tau (ns for a schedule in GHz; D-Wave's own parameter is in us). s begins at
            0 (forward annealing) or 1 (reverse annealing) and ends at 1.
        name : str
            A text that is appended to the name of the schedule, as in ``linear*pause``.

        Returns
        -------
        AnnealSchedule
            The schedule ``A(s(x)), B(s(x))``.

        Raises
        ------
        InputError
            For times that do not increase, s outside [0, 1], and other ends.

        Examples
        --------
        >>> import qxgap as qx
        >>> qx.LINEAR.with_waveform([(0, 0), (5, 0.4), (15, 0.4), (25, 1)], name="pause")
        AnnealSchedule('linear*pause', dimensionless)
        """
        x, s = follow(check_waveform(points), self.s)
        A, B = self(s)
        return AnnealSchedule(x, A, B, f"{self.name}*{name}", self.unit)

    def with_pause(self, at: float, duration: float) -> AnnealSchedule:
        """Return the schedule with a pause, during which s does not change.

        Parameters
        ----------
        at : float
            The anneal fraction of the pause, inside (0, 1).
        duration : float
            The length of the pause, in units of the anneal time without it.

        Returns
        -------
        AnnealSchedule
            The schedule over the time fraction of the whole anneal.

        Raises
        ------
        InputError
            If the fraction or the duration is out of range.
        """
        if not (0 < at < 1 and 0 < duration < math.inf):
            raise InputError(
                f"pause at s = {at} for {duration}: at must lie inside (0, 1), duration above 0"
            )
        points = [(0, 0), (at, at), (at + duration, at), (1 + duration, 1)]
        return self.with_waveform(points, name="pause")

    def to_dwave(
        self,
        solver: str,
        tau: float,
        *,
        fast: bool = False,
        scale: float = 1.0,
        max_points: int | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> AnnealWaveform:
        """Return the points (time, s) by which an annealer follows the path of this schedule.

        The annealer has a table A(s), B(s) of its own, so a schedule is followed by its path: the
        annealer passes every ratio A : B of the schedule, and stays at it for the same phase
        ``(A + B) dt``. A schedule made from the annealer's table by :meth:`with_waveform`,
        :meth:`with_pause` or :func:`qxgap.locally_adiabatic` is followed as it is. Any other one,
        such as a dimensionless one, keeps its path and pace, and the scale A + B becomes the
        annealer's own: it is the same evolution with the anneal time ``schedule_tau``.

        Parameters
        ----------
        solver : str
            Name of the solver, such as ``"Advantage2_system1"``; a version without a table takes
            that of its series.
        tau : float
            Anneal time in ns. Annealers round it to 10 ns; a standard anneal takes 500 ns at least.
        fast : bool
            Whether the fast anneal is used, which has a table of its own, takes two points only,
            and can therefore follow only that table itself.
        scale : float
            Number by which the annealer divides the problem's energies to fit its ranges
            (:func:`qxgap.samplers.auto_scale`).
        max_points : int, optional
            Largest number of points; the default is the limit of the annealer, mostly 12. If more
            would be needed, those are taken that stay nearest in s, on average over the anneal.
        properties : mapping of str, optional
            Properties of the solver, such as ``DWaveSampler().properties``; see
            :func:`qxgap.annealing.waveform_limits`.

        Returns
        -------
        AnnealWaveform
            The points, and how far they stay from the schedule.

        Raises
        ------
        InputError
            For a solver without a table, an anneal time that it does not have, and a schedule that
            does not begin and end where an anneal does.

        Examples
        --------
        >>> import qxgap as qx
        >>> table = qx.schedule_named("Advantage2_system1_standard")
        >>> paused = table.with_waveform([(0, 0), (4, 0.3), (16, 0.3), (20, 1)])
        >>> paused.to_dwave("Advantage2_system1", tau=20_000).anneal_schedule
        [[0.0, 0.0], [4.0, 0.3], [16.0, 0.3], [20.0, 1.0]]
        """
        table = self.of_solver(solver, fast=fast, scale=scale)
        limits = waveform_limits(properties, fast=fast)
        require_number(tau, "tau", "one number, in ns")
        path = same_path((self.s, self.A, self.B), (table.s, table.A, table.B))
        start, end = [(float(self.A[i]), float(self.B[i])) for i in (0, -1)]
        per_tau = path[-1, 0] * self.angular / table.angular
        followed = follow_within(
            with_ramps(path, start, end, self.name), limits, tau, max_points, properties
        )
        return AnnealWaveform(
            schedule=self.name,
            table=solver_table(solver, fast=fast),
            schedule_tau=followed["tau"] / per_tau,
            fast=fast,
            **followed,
        )

    @classmethod
    def from_dwave(
        cls, points: ArrayLike, solver: str, *, fast: bool = False, scale: float = 1.0
    ) -> AnnealSchedule:
        """Return the schedule that an annealer follows with an ``anneal_schedule``.

        Parameters
        ----------
        points : array_like of float, shape (n, 2)
            Points (time in us, s), as D-Wave's parameter takes them.
        solver : str
            Name of the solver, such as ``"Advantage2_system1"``.
        fast : bool
            Whether it is a fast anneal.
        scale : float
            Number by which the annealer divides the problem's energies.

        Returns
        -------
        AnnealSchedule
            The schedule in GHz. Its ``duration`` is the anneal time in ns.

        Raises
        ------
        InputError
            For points that are no waveform, and for a solver without a table.

        Examples
        --------
        >>> import qxgap as qx
        >>> qx.AnnealSchedule.from_dwave([[0, 0], [10, 0.5], [10.5, 1]], "Advantage2_system1")
        AnnealSchedule('Advantage2_system1_standard*points', GHz)
        """
        table = cls.of_solver(solver, fast=fast, scale=scale)
        schedule = table.with_waveform(points, name="points")
        return replace(schedule, duration=1000.0 * float(np.asarray(points)[-1, 0]))

    @classmethod
    def of_solver(cls, solver: str, *, fast: bool = False, scale: float = 1.0) -> AnnealSchedule:
        """Return the table of an annealer, also for energies that it divides to fit its ranges.

        Parameters
        ----------
        solver : str
            Name of the solver; a version without a table takes that of its series.
        fast : bool
            Whether it is the table of the fast anneal.
        scale : float
            Number by which the annealer divides the problem's energies.

        Returns
        -------
        AnnealSchedule
            The schedule in GHz, with B divided by ``scale``.

        Raises
        ------
        InputError
            For a solver without a table, and for a scale that is not positive.
        """
        require_number(scale, "scale", "a number above 0")
        if not 0 < scale < math.inf:
            raise InputError(f"scale = {scale}: the energies are divided by a number above 0")
        name = solver_table(solver, fast=fast)
        s, A, B = shipped_table(name)
        return cls(s, A, B / scale, name if scale == 1 else f"{name}/{scale:.6g}", "GHz")

    def fast_reverse(
        self, target: float, waveform: FastReverseWaveform | None = None
    ) -> AnnealSchedule:
        """Return the schedule of a fast reverse anneal: from c = 1 back to a target, and to 1.

        The anneal lasts nanoseconds, so that coherent oscillations of the qubits can be seen. It
        begins in a state of the computational basis: give ``initial`` to :func:`qxgap.anneal`.

        Parameters
        ----------
        target : float
            The smallest normalized control bias c, in [0, 1). c is the anneal fraction s of this
            schedule.
        waveform : FastReverseWaveform, optional
            The course of c in time. The default is the waveform that D-Wave published for the
            solver of this schedule, with the nominal pause 0.

        Returns
        -------
        AnnealSchedule
            The schedule over the time fraction. Its ``duration`` is the time in ns for which it
            must be annealed.

        Raises
        ------
        InputError
            For a target outside [0, 1); for a schedule that is not in GHz or whose solver has no
            published waveform.

        Examples
        --------
        One qubit precesses about the transverse field; 60 % of the reads find it turned.

        >>> import qxgap as qx
        >>> schedule = qx.schedule_named("Advantage2_system4_fast").fast_reverse(0.45)
        >>> round(schedule.duration, 1)
        14.1
        >>> H = qx.AnnealHamiltonian(qx.QuboProblem([0.0], [[0.0]]), schedule)
        >>> run = qx.anneal(H, schedule.duration, initial=[0])
        >>> float(run.probabilities[1].round(2))
        0.6
        """
        if self.unit != "GHz":
            raise InputError(
                f"schedule {self.name!r} is {self.unit}; a fast reverse anneal needs one in GHz, "
                "such as schedule_named('Advantage2_system4_fast')"
            )
        points = (waveform or fast_reverse_waveform(self.name)).points(target)
        schedule = self.with_waveform(points, name=f"fast reverse to {target:.6g}")
        return replace(schedule, duration=float(points[-1, 0]))

    def __repr__(self) -> str:
        return f"AnnealSchedule({self.name!r}, {self.unit})"


def _fraction(s: ArrayLike) -> NDArray[np.float64]:
    """Return ``s`` as an array; InputError for anything but numbers in [0, 1]."""
    try:
        fraction = np.asarray(s, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"anneal fraction s is {kind_of(s)}; give a number in [0, 1], or a list of them"
        ) from error
    if not np.all((fraction >= 0) & (fraction <= 1)):
        raise InputError(f"anneal fraction {s!r} lies outside [0, 1]")
    return fraction
