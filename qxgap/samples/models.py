"""Models that could explain reads: each is a distribution over the energy levels of a problem.

The models range from the closed anneal to a uniform guess. Disconnected components of a problem are
solved separately and exactly, and their probabilities are multiplied. So the open system and the
quantum Gibbs state can be computed for any problem with small components.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dimod
import numpy as np
from numpy.typing import NDArray

from ..annealing.drivers import Convention
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.schedules import AnnealSchedule
from ..digits import percent
from ..dynamics import PauliMaster, SplitOperator, anneal, gibbs
from ..errors import InputError
from ..open_system import OhmicBath, open_anneal
from ..problem.accept import ProblemLike, as_problem
from ..problem.decomposition import components, joint_probabilities
from ..results import Result, plain
from .alignment import align
from .energies import energy_levels, level_counts

if TYPE_CHECKING:
    import pandas as pd

SCHRODINGER = "Schrödinger"
"""Name of the model of a closed anneal."""

CLOSED_LIMIT = 100.0
"""Longest closed anneal, in nanoseconds, that is integrated. It represents longer ones if it is
adiabatic."""

ADIABATIC = 1e-3
"""Largest failure probability of a closed anneal that may stand for its adiabatic limit."""

CLOSED_TOLERANCE = 1e-5
"""Tolerance of the success probability of a closed anneal."""


@dataclass(frozen=True, eq=False, repr=False)
class Model(Result):
    """A prediction for the reads of one problem.

    The functions of this module make models of physical processes; :meth:`from_probabilities` and
    :meth:`from_reads` make one of any other prediction.

    Attributes
    ----------
    name : str
        Name of the model, as tables show it.
    law : ndarray of float, shape (k,)
        Probabilities of the energy levels of the problem, in ascending order.
    probabilities : ndarray of float, shape (2^d,), or None
        Probabilities of the states, in the order of the state index; None if the model is known by
        its own reads only.
    counts : ndarray of int, shape (k,), or None
        The reads of each level that ``law`` was estimated from; None for an exact law.
    note : str
        The numbers that went into the model.
    """

    name: str
    law: NDArray[np.float64]
    probabilities: NDArray[np.float64] | None
    counts: NDArray[np.int64] | None = None
    note: str = ""

    @classmethod
    def from_probabilities(
        cls, problem: ProblemLike, name: str, probabilities: NDArray[np.float64], note: str = ""
    ) -> Model:
        """Make a model from the probabilities of all states.

        Parameters
        ----------
        problem : QuboProblem or dimod.BinaryQuadraticModel
            The problem to which the states belong.
        name : str
            Name of the model.
        probabilities : ndarray of float, shape (2^d,)
            Probabilities of the states, in the order of the state index.
        note : str
            The numbers that went into the model.

        Returns
        -------
        Model
            The model with its exact law on the levels.
        """
        problem = as_problem(problem)
        levels = energy_levels(problem)
        law = np.zeros(levels.energies.size)
        np.add.at(law, levels.index(problem.diagonal, problem.ground_tolerance), probabilities)
        return cls(name, law / law.sum(), probabilities, note=note)

    @classmethod
    def from_reads(
        cls, problem: ProblemLike, name: str, sampleset: dimod.SampleSet, note: str = ""
    ) -> Model:
        """Make a model that is known by reads of its own, such as those of another sampler.

        Parameters
        ----------
        problem : QuboProblem or dimod.BinaryQuadraticModel
            The problem that was sampled.
        name : str
            Name of the model.
        sampleset : dimod.SampleSet
            The reads of the model.
        note : str
            The numbers that went into the model.

        Returns
        -------
        Model
            The model with the law that the reads show, and their counts.

        Raises
        ------
        InputError
            If the reads are of another problem.
        """
        problem = as_problem(problem)
        counts = level_counts(energy_levels(problem), align(problem, sampleset))
        return cls(name, counts / counts.sum(), None, counts, note)

    @property
    def ground_probability(self) -> float:
        """Probability of reading a ground state."""
        return float(self.law[0])

    def to_dict(self) -> dict[str, Any]:
        """Return the model as plain Python values.

        Returns
        -------
        dict
            The name, the ground probability, the law on the levels, the counts, and the note. The
            probabilities of the 2^d states are left out.
        """
        return {
            "model": self.name,
            "ground_probability": self.ground_probability,
            "law": plain(self.law),
            "counts": plain(self.counts),
            "note": self.note,
        }

    def plot(self, ax: Any = None) -> Any:
        """Draw the predicted probability of each energy level.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import level_shares  # loads matplotlib

        levels = range(self.law.size)
        return level_shares(levels, self.law, xlabel="number of the level", title=self.name, ax=ax)

    def to_dataframe(self) -> pd.DataFrame:
        """Return the law as a table.

        Returns
        -------
        pandas.DataFrame
            The columns level and probability, a row for each energy level.
        """
        import pandas as pd

        return pd.DataFrame({"level": range(self.law.size), "probability": self.law})

    def __str__(self) -> str:
        note = f" ({self.note})" if self.note else ""
        return f"{self.name}{note} predicts {percent(self.ground_probability)} % ground states."


def closed_model(
    problem: ProblemLike,
    schedule: AnnealSchedule,
    tau: float,
    convention: Convention = Convention.PAPER,
) -> Model:
    """Return the prediction of the Schrödinger equation, solved for each component.

    In place of an anneal in GHz and ns that takes longer than 100 ns, one of 100 ns is integrated.
    If that one fails with probability below 1e-3, it stands for the adiabatic limit, which the
    longer anneal approaches still more closely.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.
    schedule : AnnealSchedule
        The anneal schedule.
    tau : float
        Anneal time: in ns for a schedule in GHz, else in units of hbar over its energy.
    convention : Convention
        The convention of the driver's strength.

    Returns
    -------
    Model
        The model "Schrödinger".

    Raises
    ------
    InputError
        If the anneal is too long to integrate and is not adiabatic after 100 ns.
    """
    problem = as_problem(problem)
    integrated = min(tau, CLOSED_LIMIT) if schedule.unit == "GHz" else tau
    method = SplitOperator(CLOSED_TOLERANCE)
    states = by_component(
        problem, schedule, lambda H: anneal(H, integrated, method).probabilities, convention
    )
    failure = 1.0 - float(states[problem.ground_indices].sum())
    if integrated < tau and failure > ADIABATIC:
        raise InputError(
            f"a closed anneal of {tau:g} ns is too long to integrate, and at {integrated:g} ns it "
            f"still fails with probability {failure:.2g}; give a shorter tau"
        )
    note = f"{schedule.name}, tau = {tau:g}"
    if integrated < tau:
        note += f", adiabatic at {integrated:g} ns"
    return Model.from_probabilities(problem, SCHRODINGER, states, note)


def open_model(
    problem: ProblemLike,
    schedule: AnnealSchedule,
    tau: float,
    bath: OhmicBath,
    method: PauliMaster | None = None,
) -> Model:
    """Return the prediction of the adiabatic master equation of the populations.

    It is solved for each component, which may have up to 8 qubits.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.
    schedule : AnnealSchedule
        The anneal schedule.
    tau : float
        Anneal time: in ns for a schedule in GHz, else in units of hbar over its energy.
    bath : OhmicBath
        Temperature and coupling of the bath.
    method : PauliMaster or None
        How the master equation is solved; None takes the defaults.

    Returns
    -------
    Model
        The model "open system", named with its coupling.

    Raises
    ------
    InputError
        If a component has more qubits than that.
    """
    problem = as_problem(problem)
    solver = method or PauliMaster()
    states = by_component(
        problem, schedule, lambda H: open_anneal(H, tau, bath, solver).probabilities
    )
    note = f"{schedule.name}, tau = {tau:g}, {bath.temperature:g} mK"
    name = f"open system, coupling {bath.coupling:g}"
    return Model.from_probabilities(problem, name, states, note)


def quantum_gibbs_model(
    problem: ProblemLike, schedule: AnnealSchedule, s: float, temperature: float
) -> Model:
    """Return the Gibbs state of H(s) with its driver, read out in the computational basis.

    It is computed for each component, which may have up to 12 qubits.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.
    schedule : AnnealSchedule
        The anneal schedule.
    s : float
        The anneal fraction at which the state freezes.
    temperature : float
        Temperature: in mK for a schedule in GHz, else an energy.

    Returns
    -------
    Model
        The model "quantum Gibbs at freeze-out".

    Raises
    ------
    InputError
        If a component has more qubits than that.
    """
    problem = as_problem(problem)
    states = by_component(
        problem, schedule, lambda H: gibbs(H, s, temperature, quantum=True).probabilities
    )
    unit = " mK" if schedule.unit == "GHz" else ""
    note = f"{schedule.name}, s = {s:g}, {temperature:g}{unit}"
    return Model.from_probabilities(problem, "quantum Gibbs at freeze-out", states, note)


def boltzmann_model(problem: ProblemLike, temperature: float, name: str, note: str = "") -> Model:
    """Return the classical Gibbs state at a temperature.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.
    temperature : float
        Temperature in the problem's energy unit.
    name : str
        Name of the model.
    note : str
        The numbers that went into the model; by default the temperature.

    Returns
    -------
    Model
        The model with its exact law.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0], [[0.0]])
    >>> round(qx.samples.boltzmann_model(problem, 1.0, "warm").ground_probability, 3)
    0.731
    """
    problem = as_problem(problem)
    levels = energy_levels(problem)
    law = levels.boltzmann(temperature)
    state_law = law / levels.degeneracies
    states = state_law[levels.index(problem.diagonal, problem.ground_tolerance)]
    return Model(name, law, states, note=note or f"T = {temperature:.4g}")


def uniform_model(problem: ProblemLike) -> Model:
    """Return the random guess, in which all states are equally probable.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.

    Returns
    -------
    Model
        The model "uniform guess".
    """
    return boltzmann_model(problem, np.inf, "uniform guess", "all states alike")


def by_component(
    problem: ProblemLike,
    schedule: AnnealSchedule,
    read_out: Callable[[AnnealHamiltonian], NDArray[np.float64]],
    convention: Convention = Convention.PAPER,
) -> NDArray[np.float64]:
    """Return the read-out probabilities of a problem from those of its components.

    The driver has the strength that ``convention`` gives it for all d qubits.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.
    schedule : AnnealSchedule
        The anneal schedule.
    read_out : callable
        Returns the probabilities of the states of one component's Hamiltonian.
    convention : Convention
        The convention of the driver's strength.

    Returns
    -------
    ndarray of float, shape (2^d,)
        Probabilities of the states, in the order of the state index.
    """
    problem = as_problem(problem)
    driver = Convention(convention).driver(problem.num_qubits)
    parts = components(problem)
    solved = [read_out(AnnealHamiltonian(part, schedule, driver)) for part in parts]
    return joint_probabilities(problem, parts, solved)
