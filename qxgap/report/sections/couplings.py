"""What are the couplings like, and how many maps does a selection therefore have?"""

from __future__ import annotations

from ... import plotting
from ..findings import Context, all_couplings, coupling_findings, sized_rows
from .parts import Picture, Section

TITLE = "What are the couplings like?"


def write_section(context: Context) -> Section:
    """Answer with laws of the redundancies J, and the mean-field size of the optimum."""
    section = Section(TITLE, findings=list(coupling_findings(context)))
    couplings = all_couplings(context)
    if couplings is None:
        section.missing.append("The table holds no couplings.")
        return section
    values, fits, noun = couplings
    if fits is None:
        section.missing.append(f"{values.size} couplings do not differ, so no law is fitted.")
    else:
        section.pictures.append(
            Picture(
                "coupling_histogram",
                plotting.coupling_histogram(values, fits, noun),
                f"Histogram of the {noun} with the laws fitted to them.",
                f"The {noun} J of all pairs of variables of all instances, with the laws that are "
                "fitted to them by maximum likelihood (AIC: lower is better; KS: largest distance "
                "of the distribution functions).",
            )
        )
    rows = sized_rows(context)
    if len(rows):
        frame = rows[["mean_field", "true_size"]].assign(status="OPTIMAL")
        section.pictures.append(
            Picture(
                "subset_size",
                plotting.selection_sizes(frame),
                "Mean-field size of the selection against the true one.",
                "Number of maps that the optimum selects, against its mean-field estimate "
                "1/2 + mean(-h) / mean(J), which does not depend on d.",
            )
        )
    return section
