"""Comparison of the runs of one source with all models that may explain them (``qxgap compare``).

Without a D-Wave solver the prediction is that of a closed anneal (:func:`compare_with_anneal`).
With one it is the nearest of all models of that solver (:func:`compare_with_solver`). Both give the
same kind of result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import dimod
import numpy as np

from ..annealing.hamiltonian import AnnealHamiltonian
from ..dynamics import AnnealResult
from ..errors import InputError
from ..observables import NearOptimum
from ..observables.near_optimum import WITHIN_ONE_PERCENT
from ..problem.accept import ProblemLike, as_problem
from ..problem.proven_levels import MOST_ENUMERATED
from ..problem.qubo import QuboProblem
from ..results import Result
from ..samplers.dwave.published import published_temperature, solver_schedule
from ..samplers.sampleset import annealing_time_us, require_runs
from ..statistics.seeds import Seed, integer_seed
from .alignment import Ground, align, aligned_runs, ground_levels, pooled, require_reads
from .comparison import Comparison, compare_reads
from .energies import energy_levels, level_counts
from .ground import ground_probability
from .ground_shares import GroundComparison, compare_ground_shares
from .ladder import Ladder, model_ladder
from .model_sets import ground_predictions, schedule_models, solver_models
from .models import SCHRODINGER, Model
from .solution import solution_time
from .temperature import level_temperature

if TYPE_CHECKING:
    import pandas as pd

LADDER_RESAMPLES = 500
"""Number of resamples of the model ladder, and of experiments behind its p-values."""


@dataclass(frozen=True, eq=False, repr=False)
class SourceComparison(Result):
    """The comparison of the runs of one source with a prediction, and with all other models.

    Attributes
    ----------
    source : str
        Name of the source: a solver with its anneal time, or a file.
    num_runs : int
        Number of runs.
    model : str
        Name of the model that ``comparison`` takes as the prediction.
    comparison : Comparison
        The reads of all runs against this model. For several runs the intervals and the p-value
        include how much the runs differ.
    ladder : Ladder
        The reads against all models, on the energy levels.
    """

    source: str
    num_runs: int
    model: str
    comparison: Comparison
    ladder: Ladder

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain Python values: a row of ``qxgap compare --json``.

        Returns
        -------
        dict
            The source, the keys of :class:`Comparison`, the number of runs, the model, and
            ``nearest``, ``acceptable`` and ``models`` of the ladder.
        """
        ladder = self.ladder.to_dict()
        return {
            "source": self.source,
            **self.comparison.to_dict(),
            "num_runs": self.num_runs,
            "model": self.model,
            **{name: ladder[name] for name in ("nearest", "acceptable", "models")},
        }

    def plot(self, ax: Any = None) -> Any:
        """Draw the distance of every model from the reads; see :meth:`Ladder.plot`.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        return self.ladder.plot(ax)

    def __str__(self) -> str:
        head, details = str(self.comparison).split("\n", 1)
        return f"{self.source}, compared with {self.model}: {head}\n{details}\n{self.ladder}"

    def to_dataframe(self) -> pd.DataFrame:
        """Return the table of all models, the nearest first; see :class:`Ladder`.

        Returns
        -------
        pandas.DataFrame
            A row for each model.
        """
        return self.ladder.to_dataframe()


def compare_with_anneal(
    prediction: AnnealResult,
    runs: Sequence[dimod.SampleSet],
    *,
    models: Sequence[Model] | None = None,
    near: NearOptimum = WITHIN_ONE_PERCENT,
    source: str = "reads",
    seed: Seed = None,
) -> SourceComparison:
    """Compare the runs of one source with the prediction of a closed anneal, and with other models.

    Parameters
    ----------
    prediction : AnnealResult
        The prediction of the Schrödinger equation, as :func:`~qxgap.anneal` returns it.
    runs : sequence of dimod.SampleSet
        The runs of the source.
    models : sequence of Model or None
        All models of the ladder, the one of the prediction among them; None takes those of
        :func:`schedule_models`. Give them to use the same models for several sources.
    near : NearOptimum
        Which states count as near the optimum, for the time to epsilon.
    source : str
        Name of the source.
    seed : int, numpy.random.Generator or None
        Seed of all random numbers.

    Returns
    -------
    SourceComparison
        The reads of all runs against the prediction, over all 2^d states, and the ladder of models.

    Raises
    ------
    InputError
        If there are no runs, or if ``align`` refuses one.
    MemoryLimitError
        If numbers for all 2^d states do not fit into memory.
    """
    require_runs(runs)
    for run in runs:
        require_reads(run)
    problem, seed = prediction.problem, integer_seed(seed)
    models = schedule_models(prediction, seed=seed) if models is None else models
    ladder = model_ladder(
        problem, runs, models, source=source, num_resamples=LADDER_RESAMPLES, seed=seed
    )
    reads = pooled([align(problem, run) for run in runs])
    comparison = compare_reads(prediction, reads, near=near, seed=seed)
    if len(runs) > 1:
        # Runs may differ by more than chance. So their spread enters the intervals, and the p-value
        # is that of the run that fits worst, adjusted for all tests.
        measured = ground_probability(problem, runs, seed=seed)
        row = ladder.table.set_index("model").loc[SCHRODINGER]
        comparison = replace(
            comparison,
            ground_probability_interval=measured.interval,
            tts99_interval=solution_time(measured, prediction.tau).anneal_interval,
            near=ground_probability(problem, runs, near=near, seed=seed),
            p_value=float(row.p_value),
            num_resamples=LADDER_RESAMPLES,
        )
    return SourceComparison(source, len(runs), SCHRODINGER, comparison, ladder)


def compare_with_solver(
    problem: ProblemLike,
    runs: Sequence[dimod.SampleSet],
    solver: str,
    *,
    tau: float | None = None,
    ground: Ground = None,
    near: NearOptimum = WITHIN_ONE_PERCENT,
    source: str = "reads",
    seed: Seed = None,
) -> SourceComparison | GroundComparison:
    """Compare the runs of one source with all models of a D-Wave solver.

    Beyond 24 qubits the states are too many to list. Then the share of ground states is compared
    with those models that predict it without such a list, and the optimum is proven by branch and
    bound.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem as it was programmed.
    runs : sequence of dimod.SampleSet
        The runs of the source, all of one anneal time.
    solver : str
        Name of the solver whose published schedule and temperature make the models, such as
        "Advantage2_system1.4".
    tau : float or None
        Anneal time in ns; None takes the one that the first run carries.
    ground : KnownLevels, AllStates, BranchAndBound, float or None
        The ground energy with the problem's offset, or the method that finds it. If it is given,
        only the share of ground states is compared.
    near : NearOptimum
        Which states count as near the optimum, for the time to epsilon.
    source : str
        Name of the source.
    seed : int, numpy.random.Generator or None
        Seed of all random numbers.

    Returns
    -------
    SourceComparison or GroundComparison
        The reads of all runs against the nearest model, over the energy levels, and the ladder of
        models; or, beyond 24 qubits, their share of ground states against those of the models.

    Raises
    ------
    InputError
        If there are no runs, if ``align`` refuses one, if no anneal time is known, or if no numbers
        of the solver are published.
    MemoryLimitError
        If up to 24 qubits the energies of all 2^d states do not fit into memory.

    Warns
    -----
    LeftOutModelWarning
        For each model that cannot be integrated; the others are compared all the same.
    """
    problem, seed = as_problem(problem), integer_seed(seed)
    require_runs(runs)
    tau = anneal_time_ns(source, runs) if tau is None else tau
    if ground is not None or problem.num_qubits > MOST_ENUMERATED:
        return _shares_with_solver(problem, runs, solver, tau, ground, near, source, seed)
    models = solver_models(problem, solver, tau, seed=seed)
    ladder = model_ladder(
        problem, runs, models, source=source, num_resamples=LADDER_RESAMPLES, seed=seed
    )
    aligned, levels = aligned_runs(problem, runs), energy_levels(problem)
    counts = [level_counts(levels, reads) for reads in aligned]
    fitted = level_temperature(levels, counts if len(counts) > 1 else counts[0], seed=seed)
    measured = ground_probability(problem, aligned, seed=seed)
    time = solution_time(measured, tau)
    nearest = ladder.table.iloc[0]
    comparison = Comparison(
        num_reads=measured.num_reads,
        ground_probability=measured.value,
        ground_probability_interval=measured.interval,
        predicted=float(nearest.ground_probability),
        tv_distance=float(nearest.tv),
        tv_expected=float(nearest.tv_by_chance),
        p_value=float(nearest.p_value),
        effective_temperature=fitted.value,
        tts99=time.anneal_time,
        tts99_interval=time.anneal_interval,
        tau=tau,
        confidence_level=measured.confidence_level,
        num_resamples=LADDER_RESAMPLES,
        seed=seed,
        instance_hash=problem.content_hash,
        energies=levels.energies - levels.energies[0],
        counts=np.sum(counts, axis=0),
        law=ladder.laws[ladder.nearest],
        near=ground_probability(problem, aligned, near=near, seed=seed),
    )
    return SourceComparison(source, len(runs), ladder.nearest, comparison, ladder)


def _shares_with_solver(
    problem: QuboProblem,
    runs: Sequence[dimod.SampleSet],
    solver: str,
    tau: float,
    ground: Ground,
    near: NearOptimum,
    source: str,
    seed: int,
) -> GroundComparison:
    """Compare the share of ground states with those models of a solver that list no states."""
    published_temperature(solver)  # a wrong name is an error before anything is computed
    H = AnnealHamiltonian(problem, solver_schedule(solver))
    for run in runs:
        require_reads(run)
    levels = ground_levels(aligned_runs(problem, runs), ground)
    return compare_ground_shares(
        problem,
        runs,
        ground_predictions(H, tau, ground=levels, seed=seed),
        tau=tau,
        ground=levels,
        near=near,
        source=source,
        left_out=[
            f"Of the models of {solver}, the Schrödinger equation, open systems and thermal states "
            "need 2^d numbers, and path-integral annealing takes about a second for each read; "
            "they are left out."
        ],
        seed=seed,
    )


def anneal_time_ns(source: str, runs: Sequence[dimod.SampleSet]) -> float:
    """Return the anneal time in ns that the first run carries; raise InputError if it has none."""
    time = annealing_time_us(runs[0].info) if runs else None
    if time is None:
        raise InputError(
            f"{source} does not say its anneal time; give it by --tau in ns (in Python tau=)"
        )
    return 1000.0 * time
