"""The section of each instance: its gap, its success, its reads, and its selected maps."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.image import imsave
from numpy.typing import NDArray

from ..digits import fraction
from ..study.run import file_name
from .findings.wording import SAMPLER_NAMES, percent, two
from .instance_list import InstanceList, InstanceRow
from .results_table import Results, with_bounds
from .sidefiles import SideFiles, SmallImages
from .sketches import Curve, Level, Reads, Span, reads_sketch, sketch

RULES = {
    "selected": "exact optimum",
    "top_k": "top-k: as many maps, by importance alone",
    "greedy": "greedy: one map after the other",
    "random_k": "random-k: as many maps, drawn at random",
    "all_positive": "all maps of positive importance",
}
"""Columns of a gap row with selected maps, and their names on the page."""

OVERLAYS = {"selected": "exact optimum", "top_k": "top-k", "all_positive": "all positive"}
"""Those of which the page shows where in the image they look."""


@dataclass(frozen=True)
class Shown:
    """A small picture on the page.

    Attributes
    ----------
    source : str
        Its content as a ``data:`` address.
    name : str
        What stands below it.
    over : str
        The content of a second picture to lay over it; empty if there is none.
    """

    source: str
    name: str
    over: str = ""


@dataclass(frozen=True)
class InstanceSection:
    """What the page says about one instance.

    Attributes
    ----------
    row : InstanceRow
        Its row in the table of instances.
    facts : list of (str, str)
        Name and value of what is known of it.
    sketches : list of (str, str)
        Small figures as SVG, and what they show.
    image : Shown or None
        The image that the problem comes from.
    views : list of Shown
        Where in the image each rule looks.
    maps : list of Shown
        The selected maps.
    rules : list of (str, str, str)
        Name of each rule, its selection, and whether it is an optimum.
    previous, next : InstanceRow or None
        The neighbors in the order of hardness.
    """

    row: InstanceRow
    facts: list[tuple[str, str]] = field(default_factory=list)
    sketches: list[tuple[str, str]] = field(default_factory=list)
    image: Shown | None = None
    views: list[Shown] = field(default_factory=list)
    maps: list[Shown] = field(default_factory=list)
    rules: list[tuple[str, str, str]] = field(default_factory=list)
    previous: InstanceRow | None = None
    next: InstanceRow | None = None


def write_instance_sections(
    results: Results, side: SideFiles, listed: InstanceList
) -> list[InstanceSection]:
    """Return the section of each instance that has one, the hardest first.

    Parameters
    ----------
    results : Results
        The table of the study.
    side : SideFiles
        The files beside it, with the images.
    listed : InstanceList
        The table of instances.
    """
    rows = [row for row in listed.rows if row.has_section]
    tables = {
        task: {str(name): part for name, part in table.groupby("instance", sort=False)}
        for task in ("gap", "success", "compare")
        if len(table := _rows(results, task))
    }
    empty = pd.DataFrame()
    sections = []
    for i, row in enumerate(rows):
        gap, success, compare = (
            tables.get(task, {}).get(row.name, empty) for task in ("gap", "success", "compare")
        )
        first = gap.iloc[0] if len(gap) else None
        image, views, maps = _pictures(side.small.get(file_name(row.group)), first)
        sections.append(
            InstanceSection(
                row,
                [*_facts(row, gap), *_reads_facts(compare)],
                [part for part in (_gap(gap), _success(success), _reads(compare)) if part[0]],
                image,
                views,
                maps,
                _rules(first),
                rows[i - 1] if i else None,
                rows[i + 1] if i + 1 < len(rows) else None,
            )
        )
    return sections


def _rows(results: Results, task: str) -> pd.DataFrame:
    """Return the rows of a task; those of a comparison name their model.

    A problem without a prediction has the share of independent qubits in its place.
    """
    if task == "compare":
        large = results.unpredicted
        if large.empty:
            return results.compare
        names = [
            f"{setting}, tau = {tau:g}: {percent(share)}"
            for setting, tau, share in zip(
                large.setting, large.tau, large.null_product.astype(float), strict=True
            )
        ]
        large = large.assign(predicted=large.null_product, model=names)
        return pd.concat([part for part in (results.compare, large) if len(part)])
    rows = results.rows(task)
    return with_bounds(rows) if task == "gap" and len(rows) else rows


def _facts(row: InstanceRow, gap: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the facts of an instance in words and numbers of two digits."""
    facts = [("Class", row.class_name), ("Qubits d", row.num_qubits)]
    for part in gap.itertuples() if len(gap) else ():
        place = f", at s = {fraction(part.s_star)}" if np.isfinite(part.s_star) else ""
        facts.append((f"Minimum gap, {part.setting}", f"{part.gap:.4g}{place}{_sure(part)}"))
    if len(gap):
        first = gap.iloc[0]
        facts.append(("Classical gap", f"{first.classical_gap:.4g}"))
        facts.append(("Ground states", f"{int(first.degeneracy)}"))
    if row.selected:
        facts.append(("Selected maps", row.selected))
    return [(name, value) for name, value in facts if value]


def _reads_facts(compare: pd.DataFrame) -> list[tuple[str, str]]:
    """Return what is known of the reads of a problem without a prediction, by sampler."""
    if compare.empty or "flip_temperature" not in compare:
        return []
    facts = []
    for sampler, part in compare[compare.flip_temperature.notna()].groupby("sampler", sort=False):
        row = part.iloc[0]
        words = "the lowest energy is not proven, so that ground states cannot be counted"
        mean = two(row.residual_energy)
        if np.isfinite(row.ground_probability):
            low, high = row.ground_probability_interval
            words = (
                f"{percent(row.ground_probability)} are ground states (95 %: {percent(low)} to "
                f"{percent(high)}); mean energy {mean} above the optimum"
            )
        if row.flip_temperature == 0:
            words += "; no single flip lowers the energy of any read"
        elif 0 < row.flip_temperature < np.inf:
            words += f"; temperature of single flips {two(row.flip_temperature)}"
        name = SAMPLER_NAMES.get(str(sampler), str(sampler))
        facts.append((f"{int(row.num_reads)} reads of {name}", words))
    return facts


def _sure(row: Any) -> str:
    """Return what is proven of a gap, and the interval of an estimate."""
    if not row.estimated:
        return f", proven to be at least {row.gap_lower:.4g}" if np.isfinite(row.gap_lower) else ""
    words = f", estimated (95 %: {row.low:.4g} to {row.high:.4g}), proven to be at most "
    words += f"{row.upper:.4g}"
    if np.isfinite(row.proven_from):
        words += f", and at least {row.proven_lower:.4g} from s = {fraction(row.proven_from)} on"
    return words


def _gap(gap: pd.DataFrame) -> tuple[str, str]:
    """Return the sketch of the gap along the anneal, with the bracket of its minimum."""
    known = gap[gap.curve_s.notna()] if "curve_s" in gap else gap.iloc[:0]
    if known.empty:
        return "", ""
    rows = list(enumerate(known.itertuples()))
    curves = [Curve(r.setting, list(r.curve_s), list(r.curve_gap), i) for i, r in rows]
    spans = [Span(r.s_star, r.low, r.high, r.gap, i) for i, r in rows]
    level = Level("classical gap", float(known.classical_gap.iloc[0]))
    picture = sketch(
        "Gap against the anneal fraction s, with its minimum and the classical gap.",
        "anneal fraction s",
        "gap",
        curves,
        levels=[level] if np.isfinite(level.y) else [],
        spans=[span for span in spans if np.isfinite([span.x, span.low, span.high]).all()],
        log=bool((known.gap > 0).all()),
    )
    text = (
        "The gap along the anneal. The dot is the minimum; the bar across it goes down to the "
        "proven lower bound, and is often too short to be seen."
    )
    if known.estimated.any():
        text = (
            "The gap along the anneal. The dot is the minimum. The bar across it is the 95 % "
            "interval of an estimate, or goes down to the proven lower bound of a certified gap; "
            "it is often too short to be seen."
        )
    return picture, text


def _success(success: pd.DataFrame) -> tuple[str, str]:
    """Return the sketch of the success against the anneal time, with independent qubits."""
    if success.empty:
        return "", ""
    curves, taus = [], sorted(success.tau.unique().tolist())
    for i, (setting, part) in enumerate(success.groupby("setting", sort=False)):
        rows = part.sort_values("tau")
        values = rows.success_probability.tolist()
        curves.append(Curve(str(setting), rows.tau.tolist(), values, i, marks=True))
        if "null_product" in rows and rows.null_product.notna().all():
            null = rows.null_product.tolist()
            curves.append(Curve("", rows.tau.tolist(), null, i, is_faint=True))
    picture = sketch(
        "Success probability against the anneal time.",
        "anneal time tau",
        "success",
        curves,
        percent=True,
        xticks=taus if len(taus) <= 5 else (),
    )
    text = (
        "Probability that one anneal ends in the optimum. Dotted: qubits that do not interact, "
        "each at the cost of flipping it in the optimum."
    )
    return picture, text


def _reads(compare: pd.DataFrame) -> tuple[str, str]:
    """Return the sketch of the share of ground states, predicted and read."""
    known = compare.dropna(subset=["ground_probability", "predicted"]) if len(compare) else compare
    if known.empty:
        return "", ""
    samplers = []
    for sampler, part in known.groupby("sampler", sort=False):
        rows = part.drop_duplicates("model")
        low, high = (float(end) for end in rows.ground_probability_interval.iloc[0])
        share = float(rows.ground_probability.iloc[0])
        predictions = list(zip(rows.model.astype(str), rows.predicted.astype(float), strict=True))
        samplers.append(Reads(f"reads of {sampler}", low, share, high, predictions))
    picture = reads_sketch(
        "Share of ground states that was read, and that each model predicts.", samplers
    )
    text = (
        "Share of ground states. The line is what was read, the band around it its 95 % interval; "
        "each dot is what one model predicts."
    )
    if "null_p_value" in known and known.null_p_value.notna().all():
        text += (
            " No quantum prediction is computed for so many qubits: the dots are qubits that "
            "do not interact, which is no test of the anneal."
        )
    return picture, text


def _pictures(
    small: SmallImages | None, row: pd.Series | None
) -> tuple[Shown | None, list[Shown], list[Shown]]:
    """Return the image of an instance, where each rule looks, and the selected maps."""
    at = None if small is None or row is None else small.position(str(row["name"]))
    if small is None or row is None or at is None:
        return None, [], []
    image = Shown(_png(small.images[at]), "image")
    if at >= len(small.maps) or row.get("selected") is None:
        return image, [], []
    views = []
    for column, name in OVERLAYS.items():
        labels = row.get(column)
        if labels is not None and np.ndim(labels):
            views.append(Shown(image.source, name, _overlay(small.cam(at, labels))))
    views.append(Shown(image.source, "Grad-CAM, all maps", _overlay(small.cam(at, None))))
    maps = [Shown(_png(_grey(small.maps[at][int(k)])), f"map {int(k)}") for k in row.selected]
    return image, views, maps


def _grey(values: NDArray[np.int8]) -> NDArray[np.uint8]:
    """Return a feature map as pixels, its lowest value black and its highest white."""
    low, high = int(values.min()), int(values.max())
    return (255.0 * (values.astype(float) - low) / max(high - low, 1)).round().astype(np.uint8)


def _overlay(cam: NDArray[np.float64]) -> str:
    """Return an explanation map as a picture that covers where it is large."""
    strength = cam / max(float(cam.max()), 1e-300)
    colors = colormaps["plasma"](strength)
    colors[..., 3] = 0.8 * strength**0.8
    return _png((255 * colors).round().astype(np.uint8))


def _png(pixels: NDArray[np.uint8]) -> str:
    """Return pixels of shape (H, W), (H, W, 3) or (H, W, 4) as a ``data:`` address."""
    sink = io.BytesIO()
    options: dict[str, Any] = {"cmap": "gray", "vmin": 0, "vmax": 255} if pixels.ndim == 2 else {}
    options["metadata"] = {"Software": None}  # the same bytes with every version of matplotlib
    imsave(sink, pixels, format="png", **options)
    return "data:image/png;base64," + base64.b64encode(sink.getvalue()).decode()


def _rules(row: pd.Series | None) -> list[tuple[str, str, str]]:
    """Return the selection of every rule, and whether it is an optimum."""
    if row is None or row.get("selected") is None or not np.ndim(row["selected"]):
        return []
    lines = []
    for column, name in RULES.items():
        labels = row.get(column)
        if labels is None or not np.ndim(labels):
            continue
        chosen: Sequence[Any] = labels
        is_optimal = row.get(f"{column}_is_optimal", column == "selected")
        text = ", ".join(str(label) for label in chosen) or "none"
        lines.append((name, text, "yes" if is_optimal else "no"))
    return lines
