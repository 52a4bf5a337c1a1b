"""Intermediate results that the cells of one batch share, each computed once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

import dimod
import numpy as np

from ...annealing.hamiltonian import AnnealHamiltonian
from ...annealing.schedules import AnnealSchedule
from ...dynamics import (
    AnnealResult,
    SplitOperator,
    anneal_many,
    product_success,
    product_success_many,
)
from ...problem import KnownLevels, Selections, selections
from ...problem.proven_levels import levels_above
from ...problem.qubo import QuboProblem
from ...samplers import sample
from ...samplers.registry import sampler_name
from ...samples import (
    Comparison,
    GroundComparison,
    GroundPrediction,
    compare,
    compare_ground_shares,
)
from ...spectra import EstimateProgress, GapProgress, MinimumGap, SelectedConfigurations
from ...spectra.gap import minimum_gap
from ...spectra.minimum import certified_gap
from ...spectra.wide.nodes import ESTIMATE_RTOL
from ..cells import Cell, ProblemCell

log = logging.getLogger(__name__)

ESTIMATION = SelectedConfigurations()
"""The method of gaps above ``max_qubits``."""

ANNEAL_AXES = ("convention", "schedule", "tau")
"""Axes that a cell must have to be annealed."""


@dataclass(eq=False)
class Work:
    """Hamiltonians, gaps, anneals, reads and selections that the cells of one batch share.

    Parameters
    ----------
    cells : sequence of Cell
        The cells of the batch.
    follow_gap : callable, optional
        Called with a :class:`~qxgap.spectra.GapProgress` after every eigen-solve of a gap, and with
        an :class:`~qxgap.spectra.EstimateProgress` after every point of an estimate.
    follow_anneal : callable, optional
        Called with a short text on how far an anneal of a large problem is.
    """

    cells: Sequence[Cell]
    follow_gap: Callable[[GapProgress | EstimateProgress], None] | None = None
    follow_anneal: Callable[[str], None] | None = None
    _known: dict[Hashable, Any] = field(default_factory=dict, init=False)

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return the result of ``make``, which is called only the first time that a key is used.

        Parameters
        ----------
        key : hashable
            The key under which the result is kept.
        make : callable
            Computes the result; it takes no argument.
        """
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    def problem(self, cell: ProblemCell) -> QuboProblem:
        """Return a copy of the problem, so that its 2^d energies are freed with the batch.

        Parameters
        ----------
        cell : ProblemCell
            The cell of one row.
        """
        return self.once(("problem", cell.subject), lambda: replace(cell.problem))

    def hamiltonian(self, cell: ProblemCell) -> AnnealHamiltonian:
        """Return the Hamiltonian of the problem in the cell's convention and schedule.

        Parameters
        ----------
        cell : ProblemCell
            The cell of one row.
        """

        def make() -> AnnealHamiltonian:
            driver = cell.convention.driver(cell.num_qubits)
            return AnnealHamiltonian(self.problem(cell), cell.schedule, driver)

        return self.once(_hamiltonian_key(cell), make)

    def minimum_gap(self, cell: ProblemCell) -> MinimumGap:
        """Return the minimum gap of the problem in the cell's convention and schedule.

        It is certified up to ``max_qubits``, and estimated above. All conventions and schedules of
        a problem take their levels from one path, so a certified gap begins with the levels that
        those before it have computed.

        Parameters
        ----------
        cell : ProblemCell
            The cell of one row.
        """
        settings = cell.settings

        def certify() -> MinimumGap:
            key, H, follow = ("path", cell.subject), self.hamiltonian(cell), self.follow_gap
            if key in self._known:
                first, last = self._known[key]
                schedule = _with_driver_of(first, H)
                gap: MinimumGap = last.for_schedule(first, schedule, throw=False, progress=follow)
            else:
                first, seed = H, cell.seed("gap")
                gap = certified_gap(H, settings.rtol, seed=seed, throw=False, progress=follow)
            self._known[key] = first, gap
            return gap

        def follow(step: EstimateProgress) -> None:
            log.debug("gap of %s (%d qubits): %s", cell.subject, cell.num_qubits, step)
            if self.follow_gap:
                self.follow_gap(step)

        def estimate() -> MinimumGap:
            return minimum_gap(
                self.hamiltonian(cell),
                max(settings.rtol, ESTIMATE_RTOL),
                method=ESTIMATION,
                throw=False,
                progress=follow,
            )

        make = estimate if is_large(cell) else certify
        return self.once(("gap", *_hamiltonian_key(cell)), make)

    def anneal(self, cell: ProblemCell) -> AnnealResult:
        """Return the anneal of a cell; all anneals of the batch are computed with the first one.

        Parameters
        ----------
        cell : ProblemCell
            The cell of one row.
        """
        if _anneal_key(cell) not in self._known:
            annealed = [
                other
                for other in self.cells
                if isinstance(other, ProblemCell)
                and other.position.keys() >= set(ANNEAL_AXES)
                and not is_large(other)
            ]
            self._compute_together(self._anneal_all, annealed, _anneal_key)
        return self._result(_anneal_key(cell))

    def null_product(self, cell: ProblemCell) -> float:
        """Return the success probability of independent qubits at the cell's anneal time.

        All cells of the batch with the same task and anneal time are computed with the first one.
        A problem above ``max_qubits`` is computed by itself, from its known ground states.

        Parameters
        ----------
        cell : ProblemCell
            The cell of one row.
        """

        def from_levels() -> float:
            method = SplitOperator(cell.settings.tol)
            levels = self.known_levels(cell)
            return product_success(self.hamiltonian(cell), cell.tau, method, ground=levels)

        if is_large(cell):
            return self.once(_null_key(cell), from_levels)
        if _null_key(cell) not in self._known:
            similar = [
                other
                for other in self.cells
                if isinstance(other, ProblemCell)
                and other.task == cell.task
                and other.tau == cell.tau
            ]
            self._compute_together(self._null_products_of, similar, _null_key)
        return self._result(_null_key(cell))

    def reads(self, cell: ProblemCell) -> dimod.SampleSet:
        """Return reads of the cell's sampler: one set for all anneal times and conventions.

        Parameters
        ----------
        cell : ProblemCell
            The cell of one row.
        """
        name = sampler_name(cell.sampler)

        def draw() -> dimod.SampleSet:
            reads, seed = cell.settings.num_reads, cell.seed(name)
            return sample(self.problem(cell), cell.sampler, num_reads=reads, seed=seed)

        return self.once(("reads", cell.subject, name), draw)

    def comparison(self, cell: ProblemCell) -> Comparison:
        """Return the comparison of the reads of the cell's sampler with the cell's anneal.

        Parameters
        ----------
        cell : ProblemCell
            The cell of one row.
        """
        name = sampler_name(cell.sampler)

        def make() -> Comparison:
            return compare(self.anneal(cell), self.reads(cell), seed=cell.seed(f"compare {name}"))

        return self.once(("comparison", *_anneal_key(cell), name), make)

    def ground_comparison(self, *cells: ProblemCell) -> GroundComparison:
        """Return the reads of a sampler beside the proven optimum and independent qubits.

        Nothing of size 2^d is needed. The optimum is searched once for all rows of a problem.

        Parameters
        ----------
        *cells : ProblemCell
            Cells of one problem and sampler. Each adds what independent qubits predict in its
            convention and schedule, at its anneal time. They predict nothing if the ground states
            are not all known.
        """
        (cell, *_), name = cells, sampler_name(cells[0].sampler)

        def make() -> GroundComparison:
            problem, levels = self.problem(cell), self.known_levels(cell)
            predictions = [
                GroundPrediction(
                    problem,
                    f"independent qubits, tau = {each.tau:g}",
                    self.null_product(each),
                    each.tau,
                )
                for each in (cells if levels.ground_states is not None else ())
            ]
            return compare_ground_shares(
                problem,
                [self.reads(cell)],
                predictions,
                tau=cell.tau,
                ground=levels,
                source=name,
                seed=cell.seed(f"compare {name}"),
            )

        return self.once(("shares", *(one.key for one in cells)), make)

    def known_levels(self, cell: ProblemCell) -> KnownLevels:
        """Return the lowest levels of the problem, by branch and bound from its exact selection.

        Parameters
        ----------
        cell : ProblemCell
            The cell of one row.
        """

        def search() -> KnownLevels:
            return levels_above(self.problem(cell), self.selections(cell).optimum)

        return self.once(("levels", cell.subject), search)

    def selections(self, cell: ProblemCell) -> Selections:
        """Return the selections of the problem by every rule.

        Parameters
        ----------
        cell : ProblemCell
            The cell of one row.
        """

        def select() -> Selections:
            return selections(self.problem(cell), seed=cell.seed("selections"))

        return self.once(("selections", cell.subject), select)

    def _compute_together(
        self,
        compute: Callable[[Sequence[ProblemCell]], None],
        cells: Sequence[ProblemCell],
        key: Callable[[ProblemCell], Hashable],
    ) -> None:
        """Compute all cells in one call.

        If the call fails, each cell is computed in its own call. Then only the cells at fault fail,
        and their exceptions are stored in the place of results.
        """
        try:
            compute(cells)
        except Exception:
            log.debug("%d cells failed together; each is tried again", len(cells), exc_info=True)
            for cell in cells:
                try:
                    compute([cell])
                except Exception as error:
                    self._known[key(cell)] = error

    def _result(self, key: Hashable) -> Any:
        """Return the result under a key, or raise the exception that is stored in its place."""
        result = self._known[key]
        if isinstance(result, Exception):
            raise result
        return result

    def _anneal_all(self, cells: Iterable[ProblemCell]) -> None:
        """Anneal the cells; Hamiltonians with the same anneal times go through one call."""
        times: dict[tuple, dict[float, None]] = {}
        first: dict[tuple, ProblemCell] = {}
        for cell in cells:
            first.setdefault(_hamiltonian_key(cell), cell)
            times.setdefault(_hamiltonian_key(cell), {})[cell.tau] = None
        keys = sorted(times, key=lambda key: tuple(times[key]))
        for taus, group in groupby(keys, key=lambda key: tuple(times[key])):
            same = list(group)
            method = SplitOperator(first[same[0]].settings.tol)
            hamiltonians = [self.hamiltonian(first[key]) for key in same]
            runs = anneal_many(
                hamiltonians, list(taus), method, throw=False, progress=self.follow_anneal
            )
            for key, row in zip(same, runs, strict=True):
                self._known |= {(*key, tau): run for tau, run in zip(taus, row, strict=True)}

    def _null_products_of(self, cells: Sequence[ProblemCell]) -> None:
        """Compute the product null model of cells with one anneal time."""
        method = SplitOperator(cells[0].settings.tol)
        hamiltonians = [self.hamiltonian(cell) for cell in cells]
        products = product_success_many(hamiltonians, cells[0].tau, method)
        for cell, value in zip(cells, products, strict=True):
            self._known[_null_key(cell)] = value


def _with_driver_of(first: AnnealHamiltonian, H: AnnealHamiltonian) -> AnnealSchedule:
    """Return the schedule with which ``first`` is H, if the one driver is a multiple of the other.

    ``A (w H_D) + B H_P = (w A) H_D + B H_P``, and conventions differ in such a factor w.
    """
    factor = H.driver_weights / first.driver_weights
    assert np.allclose(factor, factor[0], rtol=1e-12)
    return replace(H.schedule, A=H.schedule.A * factor[0])


def is_large(cell: Cell) -> bool:
    """Return whether a problem is above ``max_qubits``, so that nothing of size 2^d is computed.

    Parameters
    ----------
    cell : Cell
        The cell of one row.
    """
    return cell.num_qubits > cell.settings.max_qubits


def _hamiltonian_key(cell: ProblemCell) -> tuple:
    return cell.subject, cell.convention, cell.schedule


def _anneal_key(cell: ProblemCell) -> tuple:
    return *_hamiltonian_key(cell), cell.tau


def _null_key(cell: ProblemCell) -> tuple:
    return "null", *_hamiltonian_key(cell), cell.tau
