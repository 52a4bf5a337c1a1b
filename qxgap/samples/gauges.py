"""Samples of several gauges, taken apart for statistics that cluster."""

from __future__ import annotations

import dimod
import numpy as np

from ..problem.errors import InputError


def by_gauge(sampleset: dimod.SampleSet) -> list[dimod.SampleSet]:
    """Split the samples of :class:`~qxgap.samples.DWaveAnnealer` by gauge, in their order.

    Reads of one gauge share its control errors: :func:`~qxgap.samples.ground_probability` and the
    other statistics of runs take the list as clusters. Every part keeps the whole ``info``.

    Raises InputError for samples that do not number their gauges.
    """
    record = sampleset.record
    if "gauge" not in (record.dtype.names or ()):
        raise InputError("these samples number no gauges; draw them with the sampler dwave")
    return [
        dimod.SampleSet(  # type: ignore[no-untyped-call]
            record[record.gauge == gauge], sampleset.variables, sampleset.info, sampleset.vartype
        )
        for gauge in np.unique(record.gauge)
    ]
