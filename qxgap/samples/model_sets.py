"""All models of one source at once: what a solver's, or a schedule's, reads are held against."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import dwave.samplers

from ..annealing.schedule import AnnealSchedule
from ..dynamics import AnnealResult, OhmicBath
from ..dynamics.equilibrium import MAX_QUANTUM_QUBITS
from ..dynamics.reach import MAX_OPEN_QUBITS
from ..problem.accept import ProblemLike, as_problem
from ..problem.decomposition import components
from ..problem.qubo import QuboProblem
from ..samplers.dwave.published import published_temperature, solver_schedule
from ..samplers.monte_carlo import PathIntegralSampler
from ..samplers.registry import sample
from ..statistics.seeds import Seed, integer_seed
from .models import (
    Model,
    boltzmann_model,
    closed_model,
    of_probabilities,
    of_reads,
    open_model,
    quantum_gibbs_model,
    uniform_model,
)

MOST_WORLDLINES = 1000


def solver_models(
    problem: ProblemLike,
    solver: str,
    tau: float,
    *,
    couplings: Sequence[float] = (1e-4, 1e-3),
    num_reads: int = 5000,
    seed: Seed = 0,
) -> list[Model]:
    """All models of what a D-Wave solver reads, with its published schedule and temperatures.

    The Schrödinger equation, open systems, the quantum Gibbs state where single qubits freeze, the
    classical one at the effective temperature of single qubits, simulated annealing at dwave-neal's
    defaults, path-integral annealing, and a uniform guess.

    Parameters
    ----------
    problem : as programmed: scaled by auto_scale, if that was on.
    tau : anneal time in ns.
    couplings : of the bath to the qubits; D-Wave publishes none, 1e-4 to 1e-3 are usual. Each
        gives an open system.
    num_reads : drawn of the two samplers; 1000 at most of path-integral annealing, which is slow.

    Open systems are left out where a component has more than 8 qubits, the quantum Gibbs state
    where one has more than 12.

    Raises InputError for a solver without published numbers.
    """
    problem = as_problem(problem)
    published, schedule = published_temperature(solver), solver_schedule(solver)
    largest = max(part.num_qubits for part in components(problem))
    rungs = [closed_model(problem, schedule, tau)]
    if largest <= MAX_OPEN_QUBITS:
        baths = [OhmicBath(published.temperature, coupling) for coupling in couplings]
        rungs += [open_model(problem, schedule, tau, bath) for bath in baths]
    if largest <= MAX_QUANTUM_QUBITS:
        rungs.append(
            quantum_gibbs_model(problem, schedule, published.freezeout_s, published.temperature)
        )
    rungs.append(
        boltzmann_model(
            problem, published.single_qubit_temperature, "classical Gibbs, published temperature"
        )
    )
    seed = integer_seed(seed)
    return [
        *rungs,
        default_annealing_model(problem, num_reads, seed),
        path_integral_model(
            problem, schedule, published.temperature, min(num_reads, MOST_WORLDLINES), seed
        ),
        uniform_model(problem),
    ]


def schedule_models(
    prediction: AnnealResult, *, num_reads: int = 5000, seed: Seed = 0
) -> list[Model]:
    """Models where nothing is known of a machine: Schrödinger, simulated annealing, uniform guess.

    Parameters
    ----------
    prediction : what ``anneal`` returned: the Schrödinger equation's.
    num_reads : drawn of simulated annealing.
    """
    problem, note = prediction.problem, f"{prediction.schedule}, tau = {prediction.tau:g}"
    return [
        of_probabilities(problem, "Schrödinger", prediction.probabilities, note),
        default_annealing_model(problem, num_reads, seed),
        uniform_model(problem),
    ]


def default_annealing_model(problem: QuboProblem, num_reads: int, seed: Seed = 0) -> Model:
    """Simulated annealing as dwave-neal does it unasked: its beta range, 1000 sweeps."""
    drawn = dwave.samplers.SimulatedAnnealingSampler().sample(  # type: ignore[no-untyped-call]
        problem.to_bqm(), num_reads=num_reads, seed=integer_seed(seed)
    )
    hot, cold = drawn.info["beta_range"]
    note = f"neal's defaults, beta {hot:.3g} to {cold:.3g}, {num_reads} reads"
    return of_reads(problem, "simulated annealing", drawn, note)


@functools.lru_cache(maxsize=16)
def path_integral_model(
    problem: QuboProblem, schedule: AnnealSchedule, temperature: float, num_reads: int, seed: int
) -> Model:
    """Path-integral annealing of 1000 sweeps in the fields of a schedule, at kT.

    Sweeps are no time: it does not depend on the anneal time, and is drawn once for all of them.
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
    return of_reads(problem, "path integral", drawn, note)
