"""Sets of models for a comparison with reads: those of a D-Wave solver, or of a schedule."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Sequence
from typing import TypeVar

import dimod
import dwave.samplers

from ..annealing.accept import QubitsLike, as_qubits
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.schedules import AnnealSchedule
from ..dynamics import (
    AnnealResult,
    IntegrationError,
    SplitOperator,
    product_success,
    random_guess,
)
from ..dynamics.equilibrium import MAX_QUANTUM_QUBITS
from ..dynamics.reach import MAX_OPEN_QUBITS, anneal_times
from ..errors import InputError
from ..memory import MemoryLimitError
from ..open_system import OhmicBath
from ..problem.accept import ProblemLike, as_problem
from ..problem.decomposition import components
from ..problem.proven_levels import KnownLevels
from ..problem.qubo import QuboProblem
from ..samplers.dwave.published import published_temperature, solver_schedule
from ..samplers.monte_carlo import PathIntegralSampler
from ..samplers.registry import sample
from ..statistics.seeds import Seed, integer_seed
from .alignment import Ground, align, ground_levels
from .models import (
    ADIABATIC,
    CLOSED_LIMIT,
    CLOSED_TOLERANCE,
    SCHRODINGER,
    Model,
    boltzmann_model,
    closed_model,
    open_model,
    quantum_gibbs_model,
    uniform_model,
)
from .share_tests import GroundPrediction

MOST_CLOSED_QUBITS = 16
"""Largest component for which the Schrödinger equation is integrated among other models: some
minutes on one core. Each further qubit doubles the time at least."""

MOST_WORLDLINES = 1000
"""Largest number of reads of path-integral annealing, which is slow."""


AnyModel = TypeVar("AnyModel", Model, GroundPrediction)

ANNEALED = "simulated annealing"
"""Name of the model of simulated annealing at dwave-neal's defaults."""

INDEPENDENT = "independent qubits"
"""Name of the model in which each qubit is annealed alone, in the field of the ground state."""

GUESS = "uniform guess"
"""Name of the random guess."""


class LeftOutModelWarning(UserWarning):
    """A model of a solver cannot be computed and is left out; the message says why."""


def solver_models(
    problem: ProblemLike,
    solver: str,
    tau: float,
    *,
    couplings: Sequence[float] = (1e-4, 1e-3),
    num_reads: int = 5000,
    seed: Seed = None,
) -> list[Model]:
    """Return all models for the reads of a D-Wave solver, with its published numbers.

    The models are the Schrödinger equation, an open system for each coupling to the bath, the
    quantum Gibbs state where single qubits freeze, the classical one at the effective temperature
    of single qubits, simulated annealing at dwave-neal's defaults, path-integral annealing, and a
    uniform guess. Open systems are left out where a component of the problem has more than 8
    qubits, and the quantum Gibbs state where one has more than 12. The Schrödinger equation and an
    open system are also left out, with a warning, if they cannot be integrated: a closed anneal
    must have become adiabatic after 100 ns (:func:`closed_model`), and above 16 qubits it would
    take hours.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem as it was programmed: scaled by auto_scale, if that was on.
    solver : str
        Name of the solver, such as "Advantage2_system1.4".
    tau : float
        Anneal time in ns.
    couplings : sequence of float
        Couplings of the bath to the qubits, an open system for each. D-Wave publishes none; 1e-4
        to 1e-3 are usual.
    num_reads : int
        Number of reads of the two samplers; of path-integral annealing at most 1000.
    seed : int, numpy.random.Generator or None
        Seed of the two samplers.

    Returns
    -------
    list of Model
        The models, with different names.

    Raises
    ------
    InputError
        If no numbers of the solver are published, or if tau is no anneal time.
    MemoryLimitError
        If numbers for all 2^d states do not fit into memory.

    Warns
    -----
    LeftOutModelWarning
        For each model that cannot be integrated; the message names the model and the reason.
    """
    problem = as_problem(problem)
    published, schedule = published_temperature(solver), solver_schedule(solver)
    anneal_times(tau)  # a bad tau is an error, and no reason to leave a model out
    largest = max(part.num_qubits for part in components(problem))
    models = _unless_left_out(
        SCHRODINGER, lambda: _closed_within_minutes(problem, schedule, tau, largest)
    )
    if largest <= MAX_OPEN_QUBITS:
        for coupling in couplings:
            bath = OhmicBath(published.temperature, coupling)
            compute = functools.partial(open_model, problem, schedule, tau, bath)
            models += _unless_left_out(f"open system, coupling {coupling:g}", compute)
    if largest <= MAX_QUANTUM_QUBITS:
        models.append(
            quantum_gibbs_model(problem, schedule, published.freezeout_s, published.temperature)
        )
    models.append(
        boltzmann_model(
            problem, published.single_qubit_temperature, "classical Gibbs, published temperature"
        )
    )
    seed = integer_seed(seed)
    return [
        *models,
        default_annealing_model(problem, num_reads, seed),
        path_integral_model(
            problem, schedule, published.temperature, min(num_reads, MOST_WORLDLINES), seed
        ),
        uniform_model(problem),
    ]


def _closed_within_minutes(
    problem: QuboProblem, schedule: AnnealSchedule, tau: float, largest: int
) -> Model:
    """Return the closed model; InputError if it would take hours."""
    if largest > MOST_CLOSED_QUBITS:
        raise InputError(
            f"to integrate a closed anneal of {min(tau, CLOSED_LIMIT):g} ns with {largest} qubits "
            f"takes hours, and more than {MOST_CLOSED_QUBITS} are not integrated unasked; "
            "samples.closed_model(problem, schedule, tau) does it"
        )
    return closed_model(problem, schedule, tau)


def _unless_left_out(name: str, compute: Callable[[], AnyModel]) -> list[AnyModel]:
    """Return the model in a list, which is empty if the model cannot be integrated.

    A lack of memory stops all models: each of them needs numbers for all 2^d states.
    """
    try:
        return [compute()]
    except MemoryLimitError:
        raise
    except (InputError, IntegrationError) as error:
        warnings.warn(f"the model {name!r} is left out: {error}", LeftOutModelWarning, stacklevel=3)
        return []


def schedule_models(
    prediction: AnnealResult, *, num_reads: int = 5000, seed: Seed = None
) -> list[Model]:
    """Return the models for reads if the machine that drew them is unknown.

    They are the Schrödinger equation, simulated annealing at dwave-neal's defaults, and a uniform
    guess.

    Parameters
    ----------
    prediction : AnnealResult
        The prediction of the Schrödinger equation, as :func:`~qxgap.anneal` returns it.
    num_reads : int
        Number of reads of simulated annealing.
    seed : int, numpy.random.Generator or None
        Seed of simulated annealing.

    Returns
    -------
    list of Model
        The three models.
    """
    problem, note = prediction.problem, f"{prediction.schedule}, tau = {prediction.tau:g}"
    return [
        Model.from_probabilities(problem, SCHRODINGER, prediction.probabilities, note),
        default_annealing_model(problem, num_reads, seed),
        uniform_model(problem),
    ]


def ground_predictions(
    H: QubitsLike,
    tau: float,
    *,
    ground: Ground = None,
    num_reads: int = 200,
    seed: Seed = None,
) -> list[GroundPrediction]:
    """Return the models that predict a share of ground states at any number of qubits.

    They are qubits that are annealed independently of each other
    (:func:`~qxgap.product_success`), simulated annealing at dwave-neal's defaults, and a uniform
    guess. None of them holds 2^d numbers.

    Parameters
    ----------
    H : AnnealHamiltonian, QuboProblem or dimod.BinaryQuadraticModel
        Hamiltonian; a problem is given the linear schedule and the driver ``-sum sigma_x``.
    tau : float
        Anneal time: in ns for a schedule in GHz, else in units of hbar over its energy. In place of
        an anneal in GHz that takes longer than 100 ns, one of 100 ns is integrated if that is
        adiabatic.
    ground : KnownLevels, AllStates, BranchAndBound, float or None
        The ground energy with the problem's offset, or the method that finds it. None takes all
        2^d states up to 24 qubits, and branch and bound beyond.
    num_reads : int
        Number of reads of simulated annealing.
    seed : int, numpy.random.Generator or None
        Seed of simulated annealing.

    Returns
    -------
    list of GroundPrediction
        The predictions, that of independent qubits first.

    Warns
    -----
    LeftOutModelWarning
        For each model that cannot be computed; the message names the model and the reason.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(100, seed=1)
    >>> predictions = qx.samples.ground_predictions(problem, tau=20.0, num_reads=20, seed=1)
    >>> [prediction.model for prediction in predictions]
    ['independent qubits', 'simulated annealing', 'uniform guess']
    """
    H = as_qubits(H)
    problem, seed = H.problem, integer_seed(seed)
    sampleset, note = _default_anneal(problem, num_reads, seed)
    drawn = align(problem, sampleset)
    levels = ground_levels([drawn], ground)
    share = drawn.ground_reads(levels) / drawn.num_reads

    def product() -> GroundPrediction:
        return _independent_qubits(H, tau, levels)

    def guess() -> GroundPrediction:
        value = random_guess(problem, levels)
        return GroundPrediction(problem, GUESS, value, tau, note="all states alike")

    return [
        *_unless_left_out(INDEPENDENT, product),
        GroundPrediction(problem, ANNEALED, share, tau, reads=drawn, note=note),
        *_unless_left_out(GUESS, guess),
    ]


def _independent_qubits(H: AnnealHamiltonian, tau: float, levels: KnownLevels) -> GroundPrediction:
    """Return the prediction of qubits that are annealed independently of each other."""
    anneal_times(tau)
    schedule = H.schedule
    integrated = min(tau, CLOSED_LIMIT) if schedule.unit == "GHz" else tau
    value = product_success(H, integrated, SplitOperator(CLOSED_TOLERANCE), ground=levels)
    note = f"{schedule.name}, tau = {tau:g}"
    if integrated < tau:
        if value < 1 - ADIABATIC:
            raise InputError(
                f"an anneal of {tau:g} ns is too long to integrate, and at {integrated:g} ns it "
                f"still fails with probability {1 - value:.2g}; give a shorter tau"
            )
        note += f", adiabatic at {integrated:g} ns"
    return GroundPrediction(H.problem, INDEPENDENT, value, tau, note=note)


def default_annealing_model(problem: ProblemLike, num_reads: int, seed: Seed = None) -> Model:
    """Return simulated annealing at the defaults of dwave-neal: its beta range, 1000 sweeps.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem.
    num_reads : int
        Number of reads that are drawn.
    seed : int, numpy.random.Generator or None
        Seed of the sampler.

    Returns
    -------
    Model
        The model "simulated annealing", known by its reads.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(4, seed=1)
    >>> model = qx.samples.default_annealing_model(problem, num_reads=100, seed=1)
    >>> model.name
    'simulated annealing'
    """
    problem = as_problem(problem)
    drawn, note = _default_anneal(problem, num_reads, seed)
    return Model.from_reads(problem, ANNEALED, drawn, note)


def _default_anneal(
    problem: QuboProblem, num_reads: int, seed: Seed
) -> tuple[dimod.SampleSet, str]:
    """Return reads of simulated annealing at the defaults of dwave-neal, and what these are."""
    drawn: dimod.SampleSet = dwave.samplers.SimulatedAnnealingSampler().sample(  # type: ignore[no-untyped-call]
        problem.to_bqm(), num_reads=num_reads, seed=integer_seed(seed)
    )
    hot, cold = drawn.info["beta_range"]
    return drawn, f"neal's defaults, beta {hot:.3g} to {cold:.3g}, {num_reads} reads"


@functools.lru_cache(maxsize=16)
def path_integral_model(
    problem: QuboProblem, schedule: AnnealSchedule, temperature: float, num_reads: int, seed: int
) -> Model:
    """Return path-integral annealing of 1000 sweeps in the fields of a schedule.

    A sweep is no physical time: the model does not depend on the anneal time, so it is drawn only
    once and stored.

    Parameters
    ----------
    problem : QuboProblem
        The problem.
    schedule : AnnealSchedule
        The anneal schedule.
    temperature : float
        Temperature: in mK for a schedule in GHz, else an energy.
    num_reads : int
        Number of reads that are drawn.
    seed : int
        Seed of the sampler.

    Returns
    -------
    Model
        The model "path integral", known by its reads.
    """
    drawn = sample(
        problem,
        PathIntegralSampler(),
        num_reads=num_reads,
        seed=seed,
        schedule=schedule,
        temperature=temperature,
    )
    note = f"{schedule.name}, {temperature:g} mK, 1000 sweeps, {num_reads} reads"
    return Model.from_reads(problem, "path integral", drawn, note)
