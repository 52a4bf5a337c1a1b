"""Does a schedule made from the gap help?"""

from __future__ import annotations

from ... import plotting
from ..findings import Context, gains_of, schedule_findings
from .parts import Picture, Section, Table, cell_text

TITLE = "Does a schedule made from the gap help?"

SCHEDULE_NAMES = {
    "local": "slow at the gap",
    "points": "12 points of it",
    "coupled": "gap and coupling",
    "pause": "pause",
}
REFERENCE_NAMES = {"even": "even anneal", "local": "slow at the gap"}


def write_section(context: Context) -> Section:
    """Answer with the problems in which each schedule beats the even one, and by how much."""
    section = Section(TITLE, findings=list(schedule_findings(context)))
    rows = context.results.schedules
    if rows.empty:
        section.missing.append("No schedule was compared with another one.")
        return section
    section.pictures.append(
        Picture(
            "schedule_gains",
            plotting.schedule_gains(rows, SCHEDULE_NAMES),
            "Success probability by each schedule against that of an even anneal of equal time.",
            "Each dot is one problem at one anneal time. Across: its success probability if s "
            "rises evenly. Up: by the schedule of the panel, in the same time. Above the dashed "
            "line the schedule helps.",
        )
    )
    lines = [
        [
            gain.setting,
            f"{gain.tau:g}",
            SCHEDULE_NAMES[gain.schedule],
            REFERENCE_NAMES[gain.reference],
            f"{gain.num_better} of {gain.num_problems}",
            cell_text(gain.share_better),
            cell_text(gain.difference),
        ]
        for gain in gains_of(context)
    ]
    header = ["driver", "tau", "schedule", "than", "better", "share", "mean change"]
    caption = (
        "Problems in which a schedule succeeds more often than another one in the same time, their "
        "share (the interval takes problems as independent), and the mean change of the success "
        "probability, 95 % intervals."
    )
    section.tables.append(Table(caption, header, lines, labels=4))
    return section
