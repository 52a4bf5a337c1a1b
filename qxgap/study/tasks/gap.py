"""The task ``gap``: the minimum gap, certified or estimated, and the selections of every rule."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ...annealing.hamiltonian import AnnealHamiltonian
from ...errors import InputError
from ...problem import QuboProblem
from ...problem.baselines import mean_field_size
from ...spectra import EstimatedGap, GapStatus, LandauZener, MinimumGap, landau_zener
from ..cells import ProblemCell, Row, Settings
from .base import Column, Kind, Memory, ProblemTask, references_of
from .select import REDUCTION, SELECTION_COLUMNS, label_texts, selection_columns
from .work import ESTIMATION, Work

ESTIMATE_COLUMNS: Mapping[str, Column] = {
    "gap_standard_error": Column(
        Kind.FLOAT, "Standard error of an estimated gap; NaN for a certified one."
    ),
    "gap_interval": Column(
        Kind.LIST, "The 95 % interval of an estimated gap, low and high; None for a certified one."
    ),
    "gap_upper": Column(
        Kind.FLOAT, "Proven upper bound of an estimated gap; NaN for a certified one."
    ),
    "proven_from": Column(
        Kind.FLOAT,
        "Anneal fraction from which on the estimated gap is proven not to fall below proven_lower; "
        "NaN if nothing is proven.",
    ),
    "proven_lower": Column(Kind.FLOAT, "Proven lower bound of an estimated gap from there on."),
    "num_configurations": Column(
        Kind.INTEGER, "Number of configurations of the largest expansion of an estimated gap."
    ),
    "gained": Column(
        Kind.LABELS, "Labels that the ground state selects after an estimated s_star, not before."
    ),
    "lost": Column(
        Kind.LABELS, "Labels that the ground state selects before an estimated s_star, not after."
    ),
}
"""Columns of an estimated gap, which are empty for a certified one."""


ESTIMATE_SECONDS = 0.6
"""Approximate time of an estimate for each qubit, in seconds on one slow core.

Problems of photographs take 10 to 50 s at 60 qubits and 60 to 330 s at 160 to 180."""

ESTIMATE_BYTES = (300 << 20, 3 << 20)
"""Approximate memory of an estimate in bytes: of any, and besides that for each qubit."""


class Gap(ProblemTask):
    """Minimum gap of an anneal, its levels, and what each rule selects."""

    name = "gap"
    summary = (
        "The minimum gap, certified up to max_qubits and estimated above, and the selections of "
        "every rule."
    )
    any_size = True
    axes = ("convention", "schedule")
    settings = ("rtol", "lz_slope")
    references = (*MinimumGap.references, *REDUCTION)
    batch_order = 0
    columns: ClassVar[Mapping[str, Column]] = {
        "gap": Column(
            Kind.FLOAT, "Minimum gap along the anneal, upper end of its bracket, or estimated."
        ),
        "gap_lower": Column(
            Kind.FLOAT, "Proven lower bound of the minimum gap; 0 if none holds for all s."
        ),
        "s_star": Column(Kind.FLOAT, "Anneal fraction at which the gap is smallest."),
        "unit": Column(Kind.TEXT, "Unit of the gap: dimensionless, or GHz."),
        "classical_gap": Column(
            Kind.FLOAT, "Distance of the two lowest distinct energies of the problem."
        ),
        "degeneracy": Column(Kind.INTEGER, "Number of ground states of the problem."),
        "ground_energy": Column(Kind.FLOAT, "Ground energy of the problem, with its offset."),
        "interior_gap": Column(Kind.FLOAT, "Smallest local minimum of the gap inside 0 < s < 1."),
        "interior_s": Column(Kind.FLOAT, "Anneal fraction of that local minimum."),
        "eigensolves": Column(
            Kind.INTEGER,
            "Number of eigen-solves of the search, beside those of the problem's rows before it.",
        ),
        "matvecs": Column(Kind.INTEGER, "Number of products of the Hamiltonian with a vector."),
        "lz_slope": Column(
            Kind.FLOAT,
            "Landau-Zener slope at s_star, of estimated gaps above max_qubits; NaN at an end of "
            "the anneal and where no crossing fits.",
        ),
        "curve_s": Column(Kind.LIST, "Anneal fractions at which the gap was computed."),
        "curve_gap": Column(Kind.LIST, "Gap at these anneal fractions."),
        **ESTIMATE_COLUMNS,
        **SELECTION_COLUMNS,
        "num_couplings": Column(Kind.INTEGER, "Number of pairs of variables."),
        "mean_coupling": Column(Kind.FLOAT, "Mean of the couplings J_pq as in the energy."),
        "mean_gain": Column(Kind.FLOAT, "Mean of -h_p as in the energy."),
        "mean_field": Column(Kind.FLOAT, "Size of the optimum if all variables were alike."),
        "couplings": Column(Kind.LIST, "Couplings J_pq of all pairs p < q."),
    }

    def seconds(self, cell: ProblemCell) -> float:
        """Return the time of the eigen-solves, which grows with 2^d, or of an estimate."""
        if not self.takes_all_states(cell):
            return ESTIMATE_SECONDS * cell.num_qubits
        size = 2.0**cell.num_qubits
        slope = 0.1 + 1.5e-5 * size if cell.settings.lz_slope else 0.0
        return 0.12 + 3e-5 * size + slope

    def memory(self, cell: ProblemCell) -> Memory:
        """Return the workspace of 2^d amplitudes, or of an estimate."""
        if not self.takes_all_states(cell):
            base, each = ESTIMATE_BYTES
            return Memory(base + each * cell.num_qubits, 0)
        return super().memory(cell)

    def identity(self, problem: QuboProblem, settings: Settings) -> Mapping[str, Any]:
        """Return the method of an estimate, which tells its row from that of a certified gap."""
        estimated = problem.num_qubits > settings.max_qubits
        return {"method": repr(ESTIMATION)} if estimated else {}

    def compute(self, cell: ProblemCell, work: Work) -> Row:
        """Bracket or estimate the minimum gap, fit a crossing, and select maps by every rule."""
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
            **_estimate_columns(gap),
            **selection_columns(work.selections(cell)),
            **_coupling_columns(problem),
            "method": repr(gap.requested_method) if gap.requested_method else "by size",
            "references": references_of(
                gap.method, gap, *(() if math.isnan(slope) else (LandauZener,))
            ),
            "tolerance": gap.rtol,
            "status": gap.status.name,
            "reason": "" if gap.status is GapStatus.BRACKETED else gap.status.value,
        }


def _estimate_columns(gap: MinimumGap) -> Row:
    """Return the columns of an estimate; of a certified gap none, so that they are empty."""
    if not isinstance(gap, EstimatedGap):
        return {}
    values = gap.to_dict()
    columns = {name: values[name] for name in ESTIMATE_COLUMNS}
    return {**columns, "gained": label_texts(gap.gained), "lost": label_texts(gap.lost)}


def _slope(H: AnnealHamiltonian, gap: MinimumGap) -> float:
    """Slope of the diabatic levels at the minimum; NaN at an end and where no crossing fits."""
    method = gap.method if isinstance(gap, EstimatedGap) else None
    try:
        return landau_zener(H, gap.s_star, method=method, seed=gap.seed).slope
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
