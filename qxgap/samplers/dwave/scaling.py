"""How D-Wave rescales a programmed model to the ranges of its annealer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dimod


@dataclass(frozen=True)
class AutoScale:
    """What auto-scaling divides a model by.

    Attributes
    ----------
    factor : every h and J is divided by it; below 1 they grow to fill the range. 1 for a model
        without coefficients.
    limited_by : the range that decides: ``"h"``, ``"J"``, ``"per_qubit_coupling"`` or
        ``"per_group_coupling"``.
    ratios : what each range alone would divide by.
    """

    factor: float
    limited_by: str
    ratios: Mapping[str, float]


def auto_scale(
    embedded: dimod.BinaryQuadraticModel, properties: Mapping[str, Any], graph: Any = None
) -> AutoScale:
    """Scale factor of a model on qubits, as D-Wave documents its ``auto_scale``.

    The largest of ``max(h) / max(h_range)``, ``min(h) / min(h_range)``, the same for J with
    ``extended_j_range``, and for the total of J on each qubit with ``per_qubit_coupling_range``
    (Pegasus) or on each group of couplers with ``per_group_coupling_range`` (Zephyr).

    Parameters
    ----------
    embedded : over qubits; converted to Ising.
    properties : of the solver.
    graph : its working graph. Needed for ``per_group_coupling_range``, and left out of account
        without one.

    Source: D-Wave documentation, QPU solver parameters, ``auto_scale``.
    """
    ising = embedded.change_vartype(dimod.SPIN, inplace=False)
    totals: dict[str, list[float]] = {
        "h": list(ising.linear.values()),
        "J": list(ising.quadratic.values()),
    }
    ranges = {
        "h": properties["h_range"],
        "J": properties.get("extended_j_range", properties["j_range"]),
    }
    if "per_group_coupling_range" in properties and graph is not None:
        totals["per_group_coupling"] = _per_group(ising, graph)
        ranges["per_group_coupling"] = properties["per_group_coupling_range"]
    elif "per_qubit_coupling_range" in properties:
        totals["per_qubit_coupling"] = [sum(ising.adj[v].values()) for v in ising.variables]
        ranges["per_qubit_coupling"] = properties["per_qubit_coupling_range"]
    ratios = {
        name: float(max(max(values) / ranges[name][1], min(values) / ranges[name][0], 0.0))
        for name, values in totals.items()
        if values
    }
    limited_by = max(ratios, key=lambda name: ratios[name])
    return AutoScale(ratios[limited_by] or 1.0, limited_by, ratios)


def _per_group(ising: dimod.BinaryQuadraticModel, graph: Any) -> list[float]:
    """Total of J in every group of couplers that touches the model's qubits."""
    from dwave.system.coupling_groups import coupling_groups

    used = graph.subgraph(ising.variables)
    return [
        sum(ising.adj[p].get(q, 0.0) for p, q in group) for group in coupling_groups(used) if group
    ]
