"""Recorded reads of hardware, as examples; ``data/NOTICE.txt`` has their sources and licences."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import dimod
import numpy as np

from ..errors import InputError
from ..problem.bits import index_to_bits
from ..problem.qubo import QuboProblem
from ..results import Result, plain

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class RecordedReads(Result):
    """A problem and recorded runs of it.

    Attributes
    ----------
    problem : QuboProblem
        The problem that was run.
    runs : tuple of dimod.SampleSet
        One BINARY sample set for each run, aggregated. Its ``info`` has ``source`` (the solver),
        ``run`` (the number that the recorder gave it), for hardware ``annealing_time_us`` and
        ``timing_us``, where recorded ``embedding`` and ``chain_strength``, and for simulated
        annealing ``beta_range``.
    credit : dict of str
        Title, source, licence and changes of the data.
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
        """Return the runs of a source, in ascending order of their run numbers.

        Parameters
        ----------
        source : str
            Name of the source.
        annealing_time_us : float or None
            Anneal time in microseconds; None takes all.
        num_reads : int or None
            Number of reads that a run must have; None takes all.
        without : sequence of int
            Numbers of runs to leave out.

        Returns
        -------
        list of dimod.SampleSet
            The runs.

        Raises
        ------
        InputError
            If no run is left; the message lists the recorded sources.
        """
        selected = [
            run
            for run in self.runs
            if run.info["source"] == source
            and annealing_time_us in (None, run.info.get("annealing_time_us"))
            and num_reads in (None, int(run.record.num_occurrences.sum()))
            and run.info["run"] not in without
        ]
        if not selected:
            raise InputError(
                f"no run of {source!r} at {annealing_time_us} us with {num_reads} reads; "
                f"recorded are {self.sources}"
            )
        return sorted(selected, key=lambda run: run.info["run"])

    def to_dict(self) -> dict[str, Any]:
        """Return the recorded data as plain Python values, without the reads.

        Returns
        -------
        dict
            The instance hash, the number of variables and runs, the sources, and the credit.
        """
        return {
            "instance_hash": self.problem.content_hash,
            "num_qubits": self.problem.num_qubits,
            "num_runs": len(self.runs),
            "sources": plain(self.sources),
            "credit": plain(self.credit),
        }

    def to_dataframe(self) -> pd.DataFrame:
        """Return a table with one row for each run.

        Returns
        -------
        pandas.DataFrame
            The columns source, run, reads and annealing_time_us.
        """
        import pandas as pd

        return pd.DataFrame(
            {
                "source": [run.info["source"] for run in self.runs],
                "run": [run.info["run"] for run in self.runs],
                "reads": [int(run.record.num_occurrences.sum()) for run in self.runs],
                "annealing_time_us": [run.info.get("annealing_time_us") for run in self.runs],
            }
        )

    def __str__(self) -> str:
        names = ", ".join(dict.fromkeys(source for source, _ in self.sources))
        return (
            f"{len(self.runs)} recorded runs of a problem of {self.problem.num_qubits} variables, "
            f"by {names}."
        )


def iitis() -> RecordedReads:
    """Load 110 runs of one 16-variable QUBO on two D-Wave annealers and by simulated annealing.

    The annealers are Advantage_system6.4 and Advantage2_system1.4, at 10, 100, 200 and 500 us;
    simulated annealing is the source "neal". The problem consists of four disconnected complete
    graphs of four variables.

    Returns
    -------
    RecordedReads
        The problem and its runs. Credit: iitis/dynamics-benchmark, CC-BY-4.0.

    Examples
    --------
    >>> import qxgap as qx
    >>> recorded = qx.samples.iitis()
    >>> len(recorded.select("Advantage2_system1.4", annealing_time_us=200))
    28
    """
    return _recorded("iitis")


def iitis24() -> RecordedReads:
    """Load 45 runs of one connected 24-variable QUBO on two annealers and by simulated annealing.

    The sources are those of :func:`iitis`: 5 runs of 1000 reads at each of 10, 100, 200 and 500 us
    for each annealer, and 5 runs of simulated annealing. Each of the 24 variables is coupled to 14
    others, so that an annealer represents it by chains of qubits; ``info`` of the annealers' runs
    has the ``chain_break_fraction``, the mean share of chains whose qubits disagreed. The ground
    state is not degenerate.

    Returns
    -------
    RecordedReads
        The problem and its runs. Credit: iitis/dynamics-benchmark, CC-BY-4.0.

    Examples
    --------
    >>> import qxgap as qx
    >>> recorded = qx.samples.iitis24()
    >>> recorded.problem.num_qubits, len(recorded.runs)
    (24, 45)
    """
    return _recorded("iitis24")


def dwisc() -> RecordedReads:
    """Load four sets of 25000 reads of DW_2000Q_2_1: 32 native qubits, J = +-1, no fields.

    Returns
    -------
    RecordedReads
        The problem and its runs. Credit: lanl-ansi/dwisc, under the BSD-style licence of LANL.
    """
    return _recorded("dwisc")


def _recorded(name: str) -> RecordedReads:
    """Read a packed file of the package."""
    packed = (files(__package__) / "data" / f"{name}.json.gz").read_bytes()
    content = json.loads(gzip.decompress(packed))
    problem = QuboProblem.from_bqm(
        dimod.BinaryQuadraticModel.from_serializable(content.pop("problem"))
    )
    runs = tuple(_sampleset(problem, run) for run in content.pop("runs"))
    return RecordedReads(problem, runs, content)


def _sampleset(problem: QuboProblem, run: dict[str, Any]) -> dimod.SampleSet:
    """Return a packed run, of state indices and counts, as a sample set."""
    occupations = index_to_bits(np.array(run["states"]), problem.num_qubits)
    return dimod.SampleSet.from_samples(  # type: ignore[no-untyped-call]
        (occupations.astype(np.int8), list(problem.labels)),
        "BINARY",
        energy=problem.energy(occupations),
        num_occurrences=run["counts"],
        info={**run["info"], "instance_hash": problem.content_hash},
        sort_labels=False,
    )
