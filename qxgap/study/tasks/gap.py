"""The task ``gap``: the certified minimum gap, and the selections of every rule."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ...annealing.hamiltonian import AnnealHamiltonian
from ...errors import InputError
from ...problem import QuboProblem
from ...problem.baselines import mean_field_size
from ...spectra import GapStatus, LandauZener, MinimumGap, landau_zener
from ..cells import ProblemCell, Row
from .base import Column, Kind, ProblemTask, references_of
from .select import REDUCTION, SELECTION_COLUMNS, selection_columns
from .work import Work


class Gap(ProblemTask):
    """Certified minimum gap of an anneal, its levels, and what each rule selects."""

    name = "gap"
    summary = "The certified minimum gap and the selections of every rule."
    axes = ("convention", "schedule")
    settings = ("rtol", "lz_slope")
    references = (*MinimumGap.references, *REDUCTION)
    batch_order = 0
    columns: ClassVar[Mapping[str, Column]] = {
        "gap": Column(Kind.FLOAT, "Minimum gap along the anneal, upper end of its bracket."),
        "gap_lower": Column(Kind.FLOAT, "Lower end of the bracket of the minimum gap."),
        "s_star": Column(Kind.FLOAT, "Anneal fraction at which the gap is smallest."),
        "unit": Column(Kind.TEXT, "Unit of the gap: dimensionless, or GHz."),
        "classical_gap": Column(
            Kind.FLOAT, "Distance of the two lowest distinct energies of the problem."
        ),
        "degeneracy": Column(Kind.INTEGER, "Number of ground states of the problem."),
        "ground_energy": Column(Kind.FLOAT, "Ground energy of the problem, with its offset."),
        "interior_gap": Column(Kind.FLOAT, "Smallest local minimum of the gap inside 0 < s < 1."),
        "interior_s": Column(Kind.FLOAT, "Anneal fraction of that local minimum."),
        "eigensolves": Column(Kind.INTEGER, "Number of eigen-solves of the search."),
        "matvecs": Column(Kind.INTEGER, "Number of products of the Hamiltonian with a vector."),
        "lz_slope": Column(
            Kind.FLOAT,
            "Landau-Zener slope at s_star; NaN at an end of the anneal and where no crossing fits.",
        ),
        "curve_s": Column(Kind.LIST, "Anneal fractions at which the gap was computed."),
        "curve_gap": Column(Kind.LIST, "Gap at these anneal fractions."),
        **SELECTION_COLUMNS,
        "num_couplings": Column(Kind.INTEGER, "Number of pairs of variables."),
        "mean_coupling": Column(Kind.FLOAT, "Mean of the couplings J_pq as in the energy."),
        "mean_gain": Column(Kind.FLOAT, "Mean of -h_p as in the energy."),
        "mean_field": Column(Kind.FLOAT, "Size of the optimum if all variables were alike."),
        "couplings": Column(Kind.LIST, "Couplings J_pq of all pairs p < q."),
    }

    def seconds(self, cell: ProblemCell) -> float:
        """Return the time of the eigen-solves, which grows with the 2^d amplitudes."""
        size = 2.0**cell.num_qubits
        slope = 0.1 + 1.5e-5 * size if cell.settings.lz_slope else 0.0
        return 0.12 + 3e-5 * size + slope

    def compute(self, cell: ProblemCell, work: Work) -> Row:
        """Bracket the minimum gap, fit a crossing, and select maps by every rule."""
        H, problem = work.hamiltonian(cell), work.problem(cell)
        gap = work.minimum_gap(cell)
        slope = _slope(H, gap) if cell.settings.lz_slope else math.nan
        return {
            "gap": gap.value,
            "gap_lower": gap.lower,
            "s_star": gap.s_star,
            "unit": gap.unit,
            "classical_gap": gap.classical_gap,
            "degeneracy": gap.degeneracy,
            "ground_energy": gap.ground_energy,
            "interior_gap": gap.interior_gap,
            "interior_s": gap.interior_s,
            "eigensolves": gap.eigensolves,
            "matvecs": gap.matvecs,
            "lz_slope": slope,
            "curve_s": gap.s.tolist(),
            "curve_gap": gap.gaps.tolist(),
            **selection_columns(work.selections(cell)),
            **_coupling_columns(problem),
            "method": repr(gap.requested_method) if gap.requested_method else "by size",
            "references": references_of(gap.method, *(() if math.isnan(slope) else (LandauZener,))),
            "tolerance": gap.rtol,
            "status": gap.status.name,
            "reason": "" if gap.status is GapStatus.BRACKETED else gap.status.value,
        }


def _slope(H: AnnealHamiltonian, gap: MinimumGap) -> float:
    """Slope of the diabatic levels at the minimum; NaN at an end and where no crossing fits."""
    try:
        return landau_zener(H, gap.s_star, seed=gap.seed).slope
    except InputError:
        return math.nan


def _coupling_columns(problem: QuboProblem) -> Row:
    pairs = problem.J[np.triu_indices(problem.num_qubits, 1)]
    return {
        "num_couplings": pairs.size,
        "mean_coupling": float(pairs.mean()) if pairs.size else math.nan,
        "mean_gain": -float(problem.h.mean()),
        "mean_field": mean_field_size(problem),
        "couplings": pairs.tolist(),
    }
