"""The page of a comparison: the reads of every source against every model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import dimod
import pandas as pd

from .. import plotting
from ..digits import counted
from ..problem.qubo import QuboProblem
from ..progress import Say, silent
from ..samples import GroundComparison, GroundProbability, Ladder, align, ground_probability
from ..version import versions
from .findings import share_findings, source_findings
from .page import Chapter, write_page
from .sections import Picture, Section, Table

PAGE = "comparison.html"
HEADER = (
    "model",
    "with",
    "predicted ground probability",
    "distance",
    "by chance",
    "runs that reject it",
    "nearest in",
    "log likelihood of a read",
)
LEAD = (
    "Reads against models, on energy levels. The distance is total variation, 0 to 1, with a 95 % "
    "bootstrap interval over runs where there are several, else over reads. A model is acceptable "
    "if no run rejects it at 5 %, all runs and models of the source counted (Benjamini and "
    "Yekutieli). The fitted law has seen the reads and does not compete."
)

SHARE_LEAD = (
    "Reads against models, by the share of ground states alone, because the states are too many to "
    "list. The lowest energy is proven by branch and bound where that is said. A model is rejected "
    "at 5 %, all runs and models of the source counted (Benjamini and Yekutieli)."
)
SHARE_HEADER = (
    "model",
    "with",
    "predicted ground probability",
    "p-value",
    "runs that reject it",
)


def write_comparison(
    problem: QuboProblem,
    runs: Mapping[str, Sequence[dimod.SampleSet]],
    ladders: Mapping[str, Ladder | GroundComparison],
    out: str | Path,
    *,
    name: str = "problem",
    seed: int = 0,
    progress: Say | None = None,
) -> Path:
    """Write a comparison of reads with models as ``comparison.html``, with its figures.

    Parameters
    ----------
    problem : QuboProblem
        The problem that was sampled.
    runs : dict of str to sequence of SampleSet
        Name of each source, and the runs of reads from it.
    ladders : dict of str to Ladder or GroundComparison
        Name of each source, and the models that its reads were compared with.
    out : str or Path
        Folder to write to, which is made if needed.
    name : str, optional
        Name of the problem, for the title.
    seed : int, optional
        Seed of the bootstrap over runs.
    progress : callable, optional
        Called with a line of text before each section and each figure is made.

    Returns
    -------
    Path
        Path of the page.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    sections, titles = [], short_names(list(ladders))
    say = progress or silent
    for number, (source, ladder) in enumerate(ladders.items(), 1):
        say(f"page, section {number} of {len(ladders)}  {titles[source]}")
        if isinstance(ladder, GroundComparison):
            sections.append(_share_section(number, titles[source], ladder))
            continue
        measured = ground_probability(
            problem, [align(problem, run) for run in runs[source]], seed=seed
        )
        sections.append(_section(number, titles[source], ladder, measured))
    made = ", ".join(f"{package} {version}" for package, version in versions().items())
    footer = [
        f"{problem.num_qubits} variables, instance {problem.content_hash}. {made}; seed {seed}.",
    ]
    return write_page(
        Path(out),
        PAGE,
        f"Samples of {name}",
        SHARE_LEAD if sections and not _compares_levels(ladders) else LEAD,
        [_chapter(number, section) for number, section in enumerate(sections, 1)],
        footer,
        say=say,
        summary=[section.headline for section in sections],
    ).path


def _compares_levels(ladders: Mapping[str, Ladder | GroundComparison]) -> bool:
    """Return whether the reads of some source were compared on all energy levels."""
    return any(isinstance(ladder, Ladder) for ladder in ladders.values())


def _share_section(number: int, title: str, comparison: GroundComparison) -> Section:
    """Return the section of one source whose reads are compared by their ground states alone."""
    findings = list(share_findings(comparison))
    what = f"{counted(comparison.measured.num_reads, 'read')} of {title}"
    picture = Picture(
        f"levels_{number}",
        comparison.plot(),
        f"{what} on the known energy levels, with predicted shares of the lowest",
        "Share of the reads on each known level and above all of them (bars), and the shares of "
        "ground states that models predict. Below the last named level no level is missing.",
    )
    rows = [
        [
            row.model,
            row.note,
            f"{row.ground_probability:.2g}",
            f"{row.p_value:.2g}",
            f"{row.rejected_runs} of {len(comparison.measured.clusters)}",
        ]
        for row in comparison.predictions.itertuples()
    ]
    table = Table(f"Models of {title}", SHARE_HEADER, rows, labels=2)
    return Section(title, f"{title}: {findings[0]}", findings, [picture], [table])


def short_names(sources: Sequence[str]) -> dict[str, str]:
    """Return a short heading for each source, all of them different.

    Parameters
    ----------
    sources : sequence of str
        Names of sources, which are unchanged, or paths of files. A path is shortened to its name,
        with as many parent folders as are needed to distinguish it from the others.

    Returns
    -------
    dict of str to str
        The heading of each source.
    """
    names = {}
    for source in sources:
        parts = source.replace("\\", "/").split("/") if Path(source).suffix else [source]
        number = 1
        while number < len(parts) and any(
            other != source and f"/{other}".endswith("/".join(["", *parts[-number:]]))
            for other in sources
        ):
            number += 1
        names[source] = "/".join(parts[-number:])
    return names


def _chapter(number: int, section: Section) -> Chapter:
    """Return the chapter of one source, with its distances and its table folded away."""
    levels, *pictures = section.pictures
    details = replace(section, title="All models", findings=[], pictures=pictures)
    lines = [str(line) for line in section.findings if not line.minor]
    return Chapter(f"source-{number}", section.title, None, None, levels, lines, (), [details])


def _section(number: int, title: str, ladder: Ladder, measured: GroundProbability) -> Section:
    """Return the section of one source, with the measured values and the acceptable models."""
    findings = list(source_findings(ladder, measured))
    headline = f"{title}: {findings[0]}"
    pictures, tables = _pictures(number, title, ladder), [_table(title, ladder)]
    return Section(title, headline, findings, pictures, tables)


def _pictures(number: int, title: str, ladder: Ladder) -> list[Picture]:
    """Return the figures of one source, the ``number``-th of the page."""
    what = f"{counted(ladder.num_reads, 'read')} of {title}"
    return [
        Picture(
            f"levels_{number}",
            plotting.level_histogram(ladder.counts, ladder.energies, ladder.laws),
            f"{what} on the energy levels, with the laws of all models",
            "Share of the reads on each level (bars) and the laws of the models; a model below the "
            "dotted line expects less than one read there.",
        ),
        Picture(
            f"distances_{number}",
            plotting.model_distances(ladder.table),
            f"distance of every model from {what}",
            "Total variation over levels, with 95 % intervals; the ticks show what so many reads "
            "of the model itself would have.",
        ),
    ]


def _table(title: str, ladder: Ladder) -> Table:
    """Return the table of the models of one source."""
    rows = []
    for row in ladder.table.itertuples():
        interval = f"{row.tv:.3f} [{row.tv_low:.3f}, {row.tv_high:.3f}]"
        nearest = "fitted" if row.fitted else f"{row.nearest_share:.0%}"
        likely = "-" if pd.isna(row.log_likelihood) else f"{row.log_likelihood:.3f}"
        rows.append(
            [
                row.model,
                row.note,
                f"{row.ground_probability:.3f}",
                interval,
                f"{row.tv_by_chance:.3f}",
                f"{row.rejected_runs} of {ladder.num_runs}",
                nearest,
                likely,
            ]
        )
    return Table(f"Models of {title}", HEADER, rows, labels=2)
