"""What the cells of one batch share, computed once and together where that is faster."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

import dimod

from ..annealing.drivers import Convention
from ..annealing.hamiltonian import AnnealHamiltonian
from ..annealing.schedule import LINEAR
from ..dynamics import AnnealResult, SplitOperator, anneal_many, product_success_many
from ..problem import Selections, selections
from ..problem.qubo import QuboProblem
from ..samplers import sample, sampler_named
from .images import ImageCell
from .plan import Cell

log = logging.getLogger(__name__)

AnyCell = Cell | ImageCell


@dataclass(eq=False)
class Work:
    """What cells of one batch share: Hamiltonians, anneals, reads, selections."""

    cells: Sequence[AnyCell]
    _known: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what ``make`` returned when the key was first asked for."""
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    def problem(self, cell: Cell) -> QuboProblem:
        """A copy, whose 2^d energies go with the batch."""
        return self.once(("problem", cell.problem.content_hash), lambda: replace(cell.problem))

    def hamiltonian(self, cell: Cell) -> AnnealHamiltonian:
        """The problem in the cell's convention and schedule."""

        def make() -> AnnealHamiltonian:
            driver = Convention(cell.convention).driver(cell.num_qubits)
            return AnnealHamiltonian(self.problem(cell), cell.schedule or LINEAR, driver)

        return self.once(_where(cell), make)

    def run(self, cell: Cell) -> AnnealResult:
        """The anneal of a cell, among those of the whole batch if none of them fails."""
        key = (*_where(cell), cell.tau)
        if key not in self._known:
            same = [c for c in self.cells if isinstance(c, Cell) and c.tau is not None]
            self._together(self._anneal, same, lambda cell: (*_where(cell), cell.tau))
        return self._result(key)

    def null(self, cell: Cell) -> float:
        """The product null model of a cell, likewise."""
        key = ("null", *_where(cell), cell.tau)
        if key not in self._known:
            same = [
                c
                for c in self.cells
                if isinstance(c, Cell) and c.task == "success" and c.tau == cell.tau
            ]
            self._together(self._nulls, same, lambda cell: ("null", *_where(cell), cell.tau))
        return self._result(key)

    def reads(self, cell: Cell) -> dimod.SampleSet:
        """Reads of the cell's sampler, the same for all tau, conventions and schedules."""

        def draw() -> dimod.SampleSet:
            reads, seed = cell.settings.num_reads, cell.seed(cell.sampler)
            return sample(
                self.problem(cell), sampler_named(cell.sampler), num_reads=reads, seed=seed
            )

        return self.once(("reads", cell.problem.content_hash, cell.sampler), draw)

    def selections(self, cell: Cell) -> Selections:
        """The selections of the problem by every method."""

        def select() -> Selections:
            return selections(self.problem(cell), seed=cell.seed("selections"))

        return self.once(("selections", cell.problem.content_hash), select)

    def _together(
        self,
        compute: Callable[[Sequence[Cell]], None],
        cells: Sequence[Cell],
        key: Callable[[Cell], Hashable],
    ) -> None:
        """Compute for all cells; if that fails for each alone, so that only the guilty fail."""
        try:
            compute(cells)
        except Exception:
            log.debug("%d cells failed together; each is tried alone", len(cells), exc_info=True)
            for cell in cells:
                try:
                    compute([cell])
                except Exception as error:
                    self._known[key(cell)] = error

    def _result(self, key: Hashable) -> Any:
        found = self._known[key]
        if isinstance(found, Exception):
            raise found
        return found

    def _anneal(self, cells: Iterable[Cell]) -> None:
        times: dict[tuple, dict[float, None]] = {}
        first: dict[tuple, Cell] = {}
        for cell in cells:
            first.setdefault(_where(cell), cell)
            times.setdefault(_where(cell), {})[float(cell.tau or 0.0)] = None
        places = sorted(times, key=lambda place: tuple(times[place]))
        for taus, group in groupby(places, key=lambda place: tuple(times[place])):
            same = list(group)
            method = SplitOperator(first[same[0]].settings.tol)
            made = [self.hamiltonian(first[place]) for place in same]
            runs = anneal_many(made, list(taus), method, throw=False)
            for place, row in zip(same, runs, strict=True):
                self._known |= {(*place, tau): run for tau, run in zip(taus, row, strict=True)}

    def _nulls(self, cells: Sequence[Cell]) -> None:
        method = SplitOperator(cells[0].settings.tol)
        made = [self.hamiltonian(cell) for cell in cells]
        found = product_success_many(made, float(cells[0].tau or 0.0), method)
        for cell, value in zip(cells, found, strict=True):
            self._known["null", *_where(cell), cell.tau] = value


def _where(cell: Cell) -> tuple:
    """What tells the Hamiltonians of a batch apart."""
    return cell.problem.content_hash, cell.convention, cell.schedule
