"""What could explain reads: from the closed anneal to a uniform guess, each a law on the levels.

Disconnected components are solved each on its own, exactly, and multiplied; so the open system and
the quantum Gibbs state reach any problem whose components are small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import dimod
import numpy as np
from numpy.typing import NDArray

from ..annealing.drivers import Convention
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.schedule import AnnealSchedule
from ..dynamics import OhmicBath, PauliMaster, SplitOperator, anneal, gibbs, open_anneal
from ..errors import InputError
from ..problem.accept import ProblemLike, as_problem
from ..problem.decomposition import components, joint_probabilities
from ..problem.qubo import QuboProblem
from .alignment import align
from .energies import energy_levels, level_counts

CLOSED_LIMIT = 100.0
"""Nanoseconds of a closed anneal that are integrated; longer ones must have become adiabatic."""

ADIABATIC = 1e-3
"""Failure probability below which a closed anneal is as good as its adiabatic limit."""


@dataclass(frozen=True, eq=False)
class Model:
    """A prediction for the reads of one problem.

    Attributes
    ----------
    name : what tables call it.
    law : (k,) probabilities of the problem's energy levels, ascending.
    ground_probability : the first of them.
    probabilities : (2^d,) of the states; None where the model is known by its own reads only.
    counts : (k,) reads per level that ``law`` was estimated from; None for an exact law.
    note : the numbers that went in.
    """

    name: str
    law: NDArray[np.float64]
    probabilities: NDArray[np.float64] | None
    counts: NDArray[np.int64] | None = None
    note: str = ""

    @property
    def ground_probability(self) -> float:
        """Probability of reading a ground state."""
        return float(self.law[0])


def of_probabilities(
    problem: ProblemLike, name: str, probabilities: NDArray[np.float64], note: str = ""
) -> Model:
    """A model from its read-out probabilities (2^d,), in state index order."""
    problem = as_problem(problem)
    levels = energy_levels(problem)
    law = np.zeros(levels.energies.size)
    np.add.at(law, levels.index(problem.diagonal, problem.ground_tolerance), probabilities)
    return Model(name, law / law.sum(), probabilities, note=note)


def of_reads(problem: QuboProblem, name: str, sampleset: dimod.SampleSet, note: str = "") -> Model:
    """A model that is known by reads of its own.

    Raises InputError for reads of another problem.
    """
    counts = level_counts(energy_levels(problem), align(problem, sampleset))
    return Model(name, counts / counts.sum(), None, counts, note)


def closed_model(
    problem: ProblemLike,
    schedule: AnnealSchedule,
    tau: float,
    convention: Convention = Convention.PAPER,
) -> Model:
    """The Schrödinger equation, component by component.

    Of an anneal in GHz and ns that lasts longer than 100 ns, so much is integrated; if that fails
    with probability below 1e-3, its end stands for the adiabatic limit, which longer anneals only
    approach.

    Raises InputError if it is not adiabatic by then.
    """
    problem = as_problem(problem)
    integrated = min(tau, CLOSED_LIMIT) if schedule.unit == "GHz" else tau
    states = by_component(
        problem,
        schedule,
        lambda H: anneal(H, integrated, SplitOperator(1e-5)).probabilities,
        convention,
    )
    failure = 1.0 - float(states[problem.ground_indices].sum())
    if integrated < tau and failure > ADIABATIC:
        raise InputError(
            f"a closed anneal of {tau:g} ns is too long to integrate, and at {integrated:g} ns it "
            f"still fails with probability {failure:.2g}; give a shorter tau"
        )
    told = f"tau = {tau:g}" + (f", adiabatic at {integrated:g} ns" if integrated < tau else "")
    return of_probabilities(problem, "Schrödinger", states, f"{schedule.name}, {told}")


def open_model(
    problem: QuboProblem,
    schedule: AnnealSchedule,
    tau: float,
    bath: OhmicBath,
    method: PauliMaster | None = None,
) -> Model:
    """The adiabatic master equation of the populations, component by component (8 qubits each).

    Raises InputError for larger components.
    """
    chosen = method or PauliMaster()
    states = by_component(
        problem, schedule, lambda H: open_anneal(H, tau, bath, chosen).probabilities
    )
    note = f"{schedule.name}, tau = {tau:g}, {bath.temperature:g} mK"
    name = f"open system, coupling {bath.coupling:g}"
    return of_probabilities(problem, name, states, note)


def quantum_gibbs_model(
    problem: QuboProblem, schedule: AnnealSchedule, s: float, temperature: float
) -> Model:
    """The Gibbs state of H(s) with its driver, component by component (12 qubits each).

    ``temperature`` is in mK for a schedule in GHz, else an energy.
    Raises InputError for larger components.
    """
    states = by_component(
        problem, schedule, lambda H: gibbs(H, s, temperature, quantum=True).probabilities
    )
    unit = " mK" if schedule.unit == "GHz" else ""
    note = f"{schedule.name}, s = {s:g}, {temperature:g}{unit}"
    return of_probabilities(problem, "quantum Gibbs at freeze-out", states, note)


def boltzmann_model(problem: ProblemLike, temperature: float, name: str, note: str = "") -> Model:
    """The classical Gibbs state at a temperature in the problem's unit."""
    problem = as_problem(problem)
    levels = energy_levels(problem)
    law = levels.boltzmann(temperature)
    each = law / levels.degeneracies
    states = each[levels.index(problem.diagonal, problem.ground_tolerance)]
    return Model(name, law, states, note=note or f"T = {temperature:.4g}")


def uniform_model(problem: QuboProblem) -> Model:
    """Every state alike: a random guess."""
    return boltzmann_model(problem, np.inf, "uniform guess", "all states alike")


def by_component(
    problem: ProblemLike,
    schedule: AnnealSchedule,
    read_out: Callable[[AnnealHamiltonian], NDArray[np.float64]],
    convention: Convention = Convention.PAPER,
) -> NDArray[np.float64]:
    """Read-out probabilities (2^d,) of a problem whose components are solved one by one.

    The driver has the strength that ``convention`` gives to all d qubits.
    """
    problem = as_problem(problem)
    driver, parts = (
        Convention(convention).driver(problem.num_qubits),
        components(problem),
    )
    solved = [read_out(AnnealHamiltonian(part, schedule, driver)) for part in parts]
    return joint_probabilities(problem, parts, solved)
