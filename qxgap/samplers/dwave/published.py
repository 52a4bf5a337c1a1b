"""Temperatures that D-Wave publishes for its annealers, and the Boltzmann law that they predict.

Late in an anneal the state freezes out near s*: ``P(z) ~ exp(-B(s*) E(z) / 2kT)`` in D-Wave's
convention (E with its couplings as programmed), so samples look Boltzmann at
``T_eff = 2kT / B(s*)`` in the problem's unit. D-Wave publishes the qubit temperature T, the
freeze-out s* of a single qubit, and the effective temperature measured on single qubits.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files

from ...annealing.schedule import SCHEDULES, AnnealSchedule
from ...errors import InputError
from .machines import published_schedule


@dataclass(frozen=True)
class PublishedTemperature:
    """What D-Wave's documentation tells of one solver.

    Attributes
    ----------
    solver : its name.
    temperature, temperature_error : of the qubits, in mK.
    single_qubit_temperature : effective one of single qubits, in units of h (no auto-scaling).
    freezeout_s, ferromagnetic_freezeout_s : anneal fraction where a single qubit, and a large
        ferromagnetic problem, freeze.
    """

    solver: str
    temperature: float
    temperature_error: float
    single_qubit_temperature: float
    freezeout_s: float
    ferromagnetic_freezeout_s: float


def published_temperature(solver: str) -> PublishedTemperature:
    """Look a solver up, such as ``"Advantage_system6.4"``; a version not listed takes its series'.

    Raises InputError for an unknown solver, with the known ones.
    Source: D-Wave documentation, QPU-specific physical properties (``data/NOTICE.txt``).
    """
    table = _table()
    found = table.get(solver) or table.get(solver.rpartition(".")[0])
    if found is None:
        raise InputError(f"no published temperature of {solver!r}; known: {', '.join(table)}")
    return found


def solver_schedule(solver: str, *, fast: bool = False) -> AnnealSchedule:
    """D-Wave's table of A(s) and B(s) for a solver; a version without one takes its series'.

    Raises InputError for a solver without a table, with those that there are.
    """
    name = published_schedule(solver, fast=fast)
    if name is None:
        protocol = "fast" if fast else "standard"
        known = ", ".join(known for known in SCHEDULES if known.endswith(f"_{protocol}"))
        raise InputError(f"no {protocol} schedule of {solver!r}; known: {known}")
    return SCHEDULES[name]


def freezeout_temperature(schedule: AnnealSchedule, s: float, temperature: float) -> float:
    """Effective temperature of reads that froze at s: ``kT`` over the scale of the energies there.

    Parameters
    ----------
    schedule : one in GHz, whose B multiplies the problem's energies (half of D-Wave's B).
    s : anneal fraction of the freeze-out.
    temperature : in mK (for a dimensionless schedule, an energy).

    Returns
    -------
    In the unit of the problem's energies.

    Raises InputError where B(s) = 0, or for s outside [0, 1].
    """
    scale = float(schedule(s)[1])
    if scale <= 0:
        raise InputError(f"B = 0 at s = {s:g}; nothing of the problem is left to freeze there")
    return schedule.thermal_energy(temperature) / scale


def _table() -> dict[str, PublishedTemperature]:
    text = (files(__package__) / "data" / "temperatures.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {
        row["solver"]: PublishedTemperature(
            row["solver"], *(float(value) for key, value in row.items() if key != "solver")
        )
        for row in rows
    }
