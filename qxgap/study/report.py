"""The results folder: figures as PNG and one self-contained HTML page."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .. import plotting
from ..problem.provenance import versions
from .couplings import coupling_statistics, subset_sizes
from .findings import findings
from .instances import ImageInstance

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CAPTIONS = {
    "gap_histogram": "Minimum gap of every instance, with cumulative curves for both drivers and "
    "for the classical gap.",
    "success_by_size": "Success probability against the number of qubits. Dashed: the product of "
    "independent single-qubit sweeps; dotted: a random guess. With this network every d comes from "
    "a few classes only, so the trend in d is one in classes too.",
    "agreement": "Simulated annealing against the Schrödinger prediction, with 95 % Jeffreys "
    "intervals. On the diagonal the two agree.",
    "explanation_maps": "Where the network looks: all maps (Grad-CAM), the QUBO's selection, and "
    "as many maps by importance alone. One image of each class, titled with the class and how many "
    "of the selectable maps the QUBO takes; purple to yellow is low to high.",
    "class_overlap": "Overlap of the maps that two classes select (Bhattacharyya coefficient; "
    "values below 0.10 are not printed).",
    "coupling_histogram": "Redundancies of all pairs of maps of all instances, with three laws "
    "fitted by maximum likelihood (AIC: lower is better; KS: largest distance of the distribution "
    "functions).",
    "subset_size": "Number of maps that the optimum selects, against its mean-field estimate.",
}

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2.2rem; border-bottom: 1px solid var(--line); }
figure { margin: 1.5rem 0; } figcaption { font-size: .9rem; opacity: .8; }
img { max-width: 100%; height: auto; background: white; border-radius: 4px; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .9rem; }
th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid var(--line); }
th { background: var(--soft); } footer { margin-top: 3rem; font-size: .85rem; opacity: .8; }
@media print { body { max-width: none; } figure { break-inside: avoid; } }
"""


def write_report(
    folder: Path, frame: pd.DataFrame, items: Sequence[ImageInstance], facts: Mapping[str, Any]
) -> tuple[Path, list[str]]:
    """Write figures and ``report.html`` into ``folder``; return its path and the findings.

    Parameters
    ----------
    frame : results, a row per instance and convention.
    items : the instances, for the explanation maps and the class overlap.
    facts : see :func:`qxgap.study.findings.findings`.
    """
    problems = [item.problem for item in items if item.problem]
    couplings, sizes = coupling_statistics(problems), subset_sizes(problems)
    figures = {
        "gap_histogram": plotting.gap_histogram(frame),
        "success_by_size": plotting.success_by_size(frame),
        "agreement": plotting.agreement(frame),
        "explanation_maps": _explanations(frame, items),
        "class_overlap": _overlaps(frame, items),
        "coupling_histogram": plotting.coupling_histogram(couplings.values, couplings.fits),
        "subset_size": plotting.subset_size(sizes),
    }
    for name, figure in figures.items():
        figure.savefig(folder / f"{name}.png", dpi=160)
    facts = {**facts, "coupling_statistics": couplings, "subset_sizes": sizes}
    said = findings(frame, facts)
    path = folder / "report.html"
    path.write_text(_page(folder, figures, said, frame, facts), encoding="utf-8")
    return path, [line for lines in said.values() for line in lines]


def _paper_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per instance: the selections do not depend on the driver."""
    return frame[frame.convention == "paper"].set_index("instance")


def _explanations(frame: pd.DataFrame, items: Sequence[ImageInstance]) -> Figure:
    from ..xai import normalise, subset_cam

    rows = _paper_rows(frame)
    first = {item.pred: item for item in reversed(items)}
    shown = [first[pred] for pred in sorted(first)]

    def cams(labels_of: Any) -> list[np.ndarray]:
        return [
            normalise(
                subset_cam(item.maps, item.alpha, labels_of(item), item.image.shape[-2:])
            ).numpy()
            for item in shown
        ]

    methods = {
        "Grad-CAM": cams(lambda item: range(len(item.alpha))),
        "QUBO": cams(lambda item: rows.selected[item.name]),
        "top-k": cams(lambda item: rows.top_k[item.name]),
    }
    images = [item.image.mean(axis=0) for item in shown]
    titles = [
        f"{item.pred}: {len(rows.selected[item.name])} of {item.num_qubits}" for item in shown
    ]
    return plotting.explanation_maps(images, methods, titles)


def _overlaps(frame: pd.DataFrame, items: Sequence[ImageInstance]) -> Figure:
    from ..xai import class_overlap

    rows = _paper_rows(frame)
    classes = sorted({item.pred for item in items})
    number = [classes.index(item.pred) for item in items]
    names = [item.name for item in items]
    num_maps = len(items[0].alpha)
    every = [[int(a) for a in np.flatnonzero(item.alpha > 0)] for item in items]
    selections = {
        "QUBO": [rows.selected[name] for name in names],
        "top-k": [rows.top_k[name] for name in names],
        "all of positive importance": every,
    }
    matrices = {
        name: class_overlap(chosen, number, num_maps, len(classes))
        for name, chosen in selections.items()
    }
    return plotting.class_overlap(matrices, [str(c) for c in classes])


def _page(
    folder: Path,
    figures: Mapping[str, Figure],
    said: Mapping[str, Sequence[str]],
    frame: pd.DataFrame,
    facts: Mapping[str, Any],
) -> str:
    parts = [f"<p>{html.escape(INTRODUCTION)}</p>"]
    for question, lines in said.items():
        items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
        parts.append(f"<h2>{html.escape(question)}</h2><ul>{items}</ul>")
    parts.append("<h2>Figures</h2>")
    for name in figures:
        data = base64.b64encode((folder / f"{name}.png").read_bytes()).decode()
        caption = html.escape(CAPTIONS[name])
        parts.append(
            f'<figure><img alt="{caption}" src="data:image/png;base64,{data}">'
            f"<figcaption>{caption}</figcaption></figure>"
        )
    parts.append("<h2>By size</h2><div class=wide>" + _table(frame) + "</div>")
    made = ", ".join(f"{name} {version}" for name, version in versions().items())
    parts.append(
        f"<footer>Seed {facts['seed']}; {html.escape(made)}. Every number is in results.parquet. "
        "Square brackets: 95 % intervals from resampling classes. Images: MNIST (LeCun, Cortes, "
        "Burges), CC BY-SA 3.0. Method: Venturelli et al., arXiv 2604.25649.</footer>"
    )
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width, initial-scale=1">'
        f"<title>qxgap: {len(figures)} views of a quantum anneal</title><style>{STYLE}</style>"
        f"</head><body><h1>qxgap demo: feature selection by quantum annealing</h1>{''.join(parts)}"
        "</body></html>"
    )


INTRODUCTION = (
    "A small CNN reads handwritten digits. For each image the feature maps that speak for the "
    "predicted digit are selected by a QUBO, which rewards importance and punishes redundancy. "
    "This page says how hard these QUBOs are for a quantum annealer, how likely it is to solve "
    "them, whether simulated annealing agrees, and whether annealing was needed."
)


def _table(frame: pd.DataFrame) -> str:
    """Medians by size and driver."""
    tau = frame.tau.iloc[0]
    columns = {
        "gap": frame.gap,
        "classical gap": frame.classical_gap,
        "s*": frame.s_star,
        **{f"success, tau = {t:g}": frame.success_probability.str[i] for i, t in enumerate(tau)},
        "random guess": frame.random_guess,
        "SA ground share": frame.sa_ground_probability,
    }
    data = pd.DataFrame({"d": frame.num_qubits, "driver": frame.convention, **columns})
    groups = data.groupby(["d", "driver"])
    medians = groups.median().astype(float)
    medians.insert(0, "instances", groups.size().astype(str))
    return medians.reset_index().to_html(index=False, border=0, float_format=lambda x: f"{x:.3g}")
