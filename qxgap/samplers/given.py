"""Reads that exist already, as a sampler: so that they go the same way as reads that are drawn."""

from __future__ import annotations

from typing import Any

import dimod


class GivenReads(dimod.Sampler):  # type: ignore[name-defined, misc]
    """A sampler that answers with reads that were drawn before, whatever it is asked.

    Parameters
    ----------
    name : str
        Name of the source of the reads, such as a file or an annealer.
    sampleset : dimod.SampleSet
        The reads.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.QuboProblem([-1.0, -2.0], [[0.0, 1.5], [0.0, 0.0]])
    >>> drawn = qx.sample(problem, num_reads=3, seed=1)
    >>> reads = qx.sample(problem, qx.samplers.GivenReads("annealer", drawn))
    >>> len(reads), reads.info["sampler"]
    (3, 'annealer')
    """

    def __init__(self, name: str, sampleset: dimod.SampleSet) -> None:
        self.name, self.sampleset = name, sampleset

    @property
    def parameters(self) -> dict[str, list[str]]:
        """Keyword arguments of ``sample``: none."""
        return {}

    @property
    def properties(self) -> dict[str, Any]:
        """Limits of the sampler: none."""
        return {}

    def sample(self, bqm: dimod.BinaryQuadraticModel, **kwargs: Any) -> dimod.SampleSet:
        """Return a copy of the reads.

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            The model, which is not used.
        **kwargs : object
            Arguments are ignored, because the reads exist already.

        Returns
        -------
        dimod.SampleSet
            The reads, in their own vartype.
        """
        copied: dimod.SampleSet = self.sampleset.copy()  # type: ignore[no-untyped-call]
        return copied
