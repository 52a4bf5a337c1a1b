"""Reads of real hardware in the package; sources and licences are in ``data/NOTICE.txt``."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import dimod
import numpy as np

from ..errors import InputError
from ..problem.bits import index_to_bits
from ..problem.qubo import QuboProblem


@dataclass(frozen=True, eq=False)
class RecordedReads:
    """A problem and runs of it.

    Attributes
    ----------
    problem : what was run.
    runs : one BINARY sample set for each run, aggregated. ``info`` tells ``source`` (solver),
        ``run`` (the recorder's number) and, for hardware, ``annealing_time_us`` and
        ``timing_us``; where recorded, ``embedding`` and ``chain_strength``; for simulated
        annealing ``beta_range``.
    credit : title, source, licence and changes of the data.
    """

    problem: QuboProblem
    runs: tuple[dimod.SampleSet, ...]
    credit: dict[str, str]

    @property
    def sources(self) -> list[tuple[str, float | None]]:
        """Pairs (source, anneal time in microseconds or None), in the order of the runs."""
        pairs = ((run.info["source"], run.info.get("annealing_time_us")) for run in self.runs)
        return list(dict.fromkeys(pairs))

    def select(
        self,
        source: str,
        annealing_time_us: float | None = None,
        *,
        num_reads: int | None = None,
        without: Sequence[int] = (),
    ) -> list[dimod.SampleSet]:
        """Runs of a source, ascending by run number.

        Parameters
        ----------
        annealing_time_us : only those; None takes all.
        num_reads : only runs with so many reads; None takes all.
        without : run numbers to leave out.

        Raises
        ------
        InputError : if none is left, listing what there is.
        """
        found = [
            run
            for run in self.runs
            if run.info["source"] == source
            and annealing_time_us in (None, run.info.get("annealing_time_us"))
            and num_reads in (None, int(run.record.num_occurrences.sum()))
            and run.info["run"] not in without
        ]
        if not found:
            raise InputError(
                f"no run of {source!r} at {annealing_time_us} us with {num_reads} reads; "
                f"recorded are {self.sources}"
            )
        return sorted(found, key=lambda run: run.info["run"])


def iitis() -> RecordedReads:
    """110 runs of one 16-variable QUBO on two D-Wave annealers and simulated annealing.

    Advantage_system6.4 and Advantage2_system1.4 at 10, 100, 200 and 500 us, and ``neal``. The
    problem consists of four disconnected complete graphs of four variables.
    Credit: iitis/dynamics-benchmark, CC-BY-4.0.
    """
    return _recorded("iitis")


def dwisc() -> RecordedReads:
    """Four sets of 25000 reads of DW_2000Q_2_1: 32 native qubits, J = +-1, no fields.

    Credit: lanl-ansi/dwisc, LANL's BSD-style licence.
    """
    return _recorded("dwisc")


def _recorded(name: str) -> RecordedReads:
    packed = (files(__package__) / "data" / f"{name}.json.gz").read_bytes()
    content = json.loads(gzip.decompress(packed))
    problem = QuboProblem.from_bqm(
        dimod.BinaryQuadraticModel.from_serializable(content.pop("problem"))
    )
    runs = tuple(_sampleset(problem, run) for run in content.pop("runs"))
    return RecordedReads(problem, runs, content)


def _sampleset(problem: QuboProblem, run: dict[str, Any]) -> dimod.SampleSet:
    occupations = index_to_bits(np.array(run["states"]), problem.num_qubits)
    return dimod.SampleSet.from_samples(  # type: ignore[no-untyped-call]
        (occupations.astype(np.int8), list(problem.labels)),
        "BINARY",
        energy=problem.energy(occupations),
        num_occurrences=run["counts"],
        info={**run["info"], "instance_hash": problem.content_hash},
        sort_labels=False,
    )
