"""D-Wave's rescaling of a programmed model to the ranges of its annealer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dimod

from ...results import Result, plain


@dataclass(frozen=True, repr=False)
class AutoScale(Result):
    """The factor by which auto-scaling divides a model.

    Attributes
    ----------
    factor : float
        Every h and J is divided by it; below 1 they grow to fill the range. 1 for a model without
        coefficients.
    limited_by : str
        The range that decides: ``"h"``, ``"J"``, ``"per_qubit_coupling"`` or
        ``"per_group_coupling"``.
    ratios : mapping of str to float
        The factor that each range would require if it were the only one.
    """

    factor: float
    limited_by: str
    ratios: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Return the attributes as plain Python values.

        Returns
        -------
        dict of str
            The attributes by name.
        """
        return plain(vars(self))

    def __str__(self) -> str:
        limit = f"limited by {self.limited_by}"
        if self.factor < 1:
            return f"The annealer multiplies h and J by {1 / self.factor:.3g} ({limit})."
        return f"The annealer divides h and J by {self.factor:.3g} ({limit})."


def auto_scale(
    embedded: dimod.BinaryQuadraticModel, properties: Mapping[str, Any], graph: Any = None
) -> AutoScale:
    """Return the scale factor of a model on qubits, as D-Wave documents its ``auto_scale``.

    It is the largest of ``max(h) / max(h_range)``, ``min(h) / min(h_range)``, the same for J with
    ``extended_j_range``, and the same for the total of J on each qubit with
    ``per_qubit_coupling_range`` (Pegasus) or on each group of couplers with
    ``per_group_coupling_range`` (Zephyr).

    Parameters
    ----------
    embedded : dimod.BinaryQuadraticModel
        The model over qubits; it is converted to Ising form.
    properties : mapping of str
        Properties of the solver, with its ranges.
    graph : networkx.Graph or None
        Working graph of the solver. ``per_group_coupling_range`` needs it and is left out of
        account without it.

    Returns
    -------
    AutoScale
        The factor, and the range that decides.

    Notes
    -----
    Source: D-Wave documentation, QPU solver parameters, ``auto_scale``.

    Examples
    --------
    >>> import dimod
    >>> from qxgap.samplers import auto_scale
    >>> pair = dimod.BQM({0: 1.0, 1: 0.0}, {(0, 1): -3.0}, "SPIN")
    >>> print(auto_scale(pair, {"h_range": (-4, 4), "j_range": (-1, 1)}))
    The annealer divides h and J by 3 (limited by J).
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
    """Return the total of J in every group of couplers that touches the model's qubits."""
    from dwave.system.coupling_groups import coupling_groups

    used = graph.subgraph(ising.variables)
    return [
        sum(ising.adj[p].get(q, 0.0) for p, q in group) for group in coupling_groups(used) if group
    ]
