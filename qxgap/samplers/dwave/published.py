"""Published data of D-Wave's annealers: schedules, temperatures and freeze-out points.

Late in an anneal the state freezes out near s*: ``P(z) ~ exp(-B(s*) E(z) / 2kT)`` in D-Wave's
convention (E with its couplings as programmed), so samples look Boltzmann at
``T_eff = 2kT / B(s*)`` in the problem's unit. D-Wave publishes the qubit temperature T, the
freeze-out s* of a single qubit, and the effective temperature measured on single qubits.

A version of a solver that is not listed takes the data of its series: ``Advantage_system6.5``
takes the table of ``Advantage_system6``
(:func:`qxgap.annealing.schedules.listed_solver`).
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from ...annealing.schedules import SCHEDULES, AnnealSchedule, listed_solver, listed_table
from ...errors import InputError
from ...results import Result, plain


@dataclass(frozen=True, repr=False)
class PublishedTemperature(Result):
    """The temperature of one solver as D-Wave's documentation gives it.

    Attributes
    ----------
    solver : str
        Name of the solver.
    temperature, temperature_error : float
        Temperature of the qubits in mK, and its standard error.
    single_qubit_temperature : float
        Effective temperature of single qubits, in units of h without auto-scaling.
    freezeout_s, ferromagnetic_freezeout_s : float
        Anneal fraction at which a single qubit, and a large ferromagnetic problem, freeze.
    """

    solver: str
    temperature: float
    temperature_error: float
    single_qubit_temperature: float
    freezeout_s: float
    ferromagnetic_freezeout_s: float

    def to_dict(self) -> dict[str, Any]:
        """Return the attributes as plain Python values.

        Returns
        -------
        dict of str
            The attributes by name.
        """
        return plain(vars(self))

    def __str__(self) -> str:
        return (
            f"The qubits of {self.solver} are at {self.temperature:g} +- "
            f"{self.temperature_error:g} mK; a single qubit freezes at s = {self.freezeout_s:g} "
            f"and then looks as if at the temperature {self.single_qubit_temperature:g}, in "
            "units of h."
        )


def published_temperature(solver: str) -> PublishedTemperature:
    """Return the temperature of a solver as D-Wave publishes it.

    Parameters
    ----------
    solver : str
        Name of the solver, such as ``"Advantage_system6.4"``; a version that is not listed takes
        the data of its series.

    Returns
    -------
    PublishedTemperature
        Temperatures and freeze-out points.

    Raises
    ------
    InputError
        For an unknown solver; the message lists the known ones.

    Notes
    -----
    Source: D-Wave documentation, QPU-specific physical properties (``data/NOTICE.txt``).

    Examples
    --------
    >>> from qxgap.samplers import published_temperature
    >>> published_temperature("Advantage_system6.4").temperature
    16.0
    """
    table = _temperatures()
    listed = listed_solver(solver, table)
    if listed is None:
        raise InputError(f"no published temperature of {solver!r}; known: {', '.join(table)}")
    return table[listed]


def solver_schedule_name(solver: str, *, fast: bool = False) -> str | None:
    """Return the name of the schedule that D-Wave publishes for a solver or its series.

    Parameters
    ----------
    solver : str
        Name of the solver, such as ``"Advantage_system6.4"``.
    fast : bool
        True for the fast anneal, False for the standard one.

    Returns
    -------
    str or None
        A name for :func:`qxgap.schedule_named`; None if nothing is published.

    Examples
    --------
    >>> from qxgap.samplers import solver_schedule_name
    >>> solver_schedule_name("Advantage_system6.5")
    'Advantage_system6_standard'
    """
    return listed_table(solver, fast=fast)


def solver_schedule(solver: str, *, fast: bool = False) -> AnnealSchedule:
    """Return D-Wave's table of A(s) and B(s) for a solver or its series.

    Parameters
    ----------
    solver : str
        Name of the solver, such as ``"Advantage_system6.4"``.
    fast : bool
        True for the fast anneal, False for the standard one.

    Returns
    -------
    AnnealSchedule
        In GHz; A and B multiply H_D and the energies directly.

    Raises
    ------
    InputError
        For a solver without a table; the message lists those that have one.

    Examples
    --------
    >>> from qxgap.samplers import solver_schedule
    >>> solver_schedule("Advantage_system6.4")
    AnnealSchedule('Advantage_system6.4_standard', GHz)
    """
    name = solver_schedule_name(solver, fast=fast)
    if name is None:
        protocol = "fast" if fast else "standard"
        known = ", ".join(known for known in SCHEDULES if known.endswith(f"_{protocol}"))
        raise InputError(f"no {protocol} schedule of {solver!r}; known: {known}")
    return SCHEDULES[name]


def freezeout_temperature(schedule: AnnealSchedule, s: float, temperature: float) -> float:
    """Return the effective temperature of reads that froze at s.

    It is ``kT`` over the scale B(s) of the energies at that point.

    Parameters
    ----------
    schedule : AnnealSchedule
        A schedule in GHz; its B multiplies the problem's energies (half of D-Wave's B).
    s : float
        Anneal fraction of the freeze-out.
    temperature : float
        In mK; for a dimensionless schedule, an energy.

    Returns
    -------
    float
        In the unit of the problem's energies.

    Raises
    ------
    InputError
        Where B(s) = 0, or for s outside [0, 1].

    Examples
    --------
    >>> import qxgap as qx
    >>> qx.samplers.freezeout_temperature(qx.LINEAR, 0.5, 0.2)
    0.4
    """
    scale = float(schedule(s)[1])
    if scale <= 0:
        raise InputError(
            f"B = 0 at s = {s:g}, so there is no freeze-out temperature; give a larger s"
        )
    return schedule.thermal_energy(temperature) / scale


@functools.cache
def _temperatures() -> Mapping[str, PublishedTemperature]:
    """Return the shipped table of temperatures by solver."""
    text = (files(__package__) / "data" / "temperatures.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {
        row["solver"]: PublishedTemperature(
            row["solver"], *(float(value) for key, value in row.items() if key != "solver")
        )
        for row in rows
    }
