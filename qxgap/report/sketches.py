"""Small figures of one instance, as plain SVG text of one or two kilobytes.

A page holds three of them for each of up to a hundred instances. Drawn by matplotlib they would
take half a minute and several megabytes; the figures of whole studies are drawn by it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from markupsafe import Markup

WIDTH, HEIGHT = 320, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 308, 12, 172
"""The rectangle of the axes, in the units of the figure."""

COLORS = ("var(--blue)", "var(--orange)", "var(--green)", "var(--purple)")
DASHES = ("", "6 3", "2 3", "8 3 2 3")
"""Colors and dashes of the series, which repeat after four."""


@dataclass(frozen=True)
class Curve:
    """A line of a sketch.

    Attributes
    ----------
    name : str
        Its name in the legend.
    x, y : sequence of float
        Its points.
    style : int
        Number of its color and dashes.
    marks : bool
        Whether the points are marked.
    is_faint : bool
        Whether it is a thin dotted line, for a comparison.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    style: int = 0
    marks: bool = False
    is_faint: bool = False

    @property
    def attributes(self) -> str:
        """The attributes of its element."""
        dashes = "1 4" if self.is_faint else DASHES[self.style % 4]
        return f'style="--c:{COLORS[self.style % 4]}" stroke-dasharray="{dashes}"'


@dataclass(frozen=True)
class Level:
    """A dotted horizontal line of a sketch with its name and height."""

    name: str
    y: float


@dataclass(frozen=True)
class Span:
    """A vertical bar of a sketch, from a lower to an upper bound, with a dot at the height y."""

    x: float
    low: float
    high: float
    y: float
    style: int = 0


@dataclass(frozen=True)
class Reads:
    """The reads of a sampler beside what models predict.

    Attributes
    ----------
    sampler : str
        Name of the sampler.
    low, share, high : float
        Share of ground states among the reads, and its interval.
    predictions : sequence of (str, float)
        Name of each model and its predicted share.
    """

    sampler: str
    low: float
    share: float
    high: float
    predictions: Sequence[tuple[str, float]]


@dataclass(frozen=True)
class Axis:
    """A range of values that is mapped to a range of pixels, linearly or logarithmically."""

    low: float
    high: float
    first: float
    last: float
    log: bool = False

    def at(self, value: float) -> float:
        """Return the pixel of a value, limited to the range."""
        low, high, here = self.low, self.high, min(max(value, self.low), self.high)
        if self.log:
            low, high, here = math.log(low), math.log(high), math.log(here)
        share = (here - low) / (high - low) if high > low else 0.5
        return round(self.first + share * (self.last - self.first), 1)

    def ticks(self) -> list[float]:
        """Return two to six round numbers within the range."""
        if self.log:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            for steps in ((1,), (1, 3), (1, 2, 5), tuple(range(1, 10))):
                every = [s * 10.0**power for power in range(first, last + 1) for s in steps]
                inside = [value for value in every if self.low <= value <= self.high]
                if len(inside) >= 3:
                    return inside[:: -(-len(inside) // 6)]
            return inside
        raw = (self.high - self.low) / 4 or 1.0
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(s * power for s in (1, 2, 5, 10) if s * power >= raw * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        return [n * step for n in range(first, math.floor(self.high / step + 1e-9) + 1)]


def sketch(
    alt: str,
    xlabel: str,
    ylabel: str,
    curves: Sequence[Curve],
    *,
    levels: Sequence[Level] = (),
    spans: Sequence[Span] = (),
    log: bool = False,
    percent: bool = False,
    xticks: Sequence[float] = (),
) -> Markup:
    """Return a small figure as an SVG element.

    Parameters
    ----------
    alt : str
        A description for those who cannot see it.
    xlabel, ylabel : str
        Names of the axes.
    curves : sequence of Curve
        The lines; those without a name are not in the legend.
    levels : sequence of Level, optional
        Horizontal lines.
    spans : sequence of Span, optional
        Vertical bars with a dot.
    log : bool, optional
        Whether the vertical scale is logarithmic; values that are not positive are left out.
    percent : bool, optional
        Whether the vertical axis shows percent of 0 to 1.
    xticks : sequence of float, optional
        Where the horizontal axis has numbers; by default at round ones.
    """
    heights = [y for curve in curves for y in curve.y] + [level.y for level in levels]
    heights += [end for span in spans for end in (span.low, span.high)]
    heights = [y for y in heights if math.isfinite(y) and (y > 0 or not log)]
    places = [x for curve in curves for x in curve.x] + [span.x for span in spans]
    if not heights or not places:
        return Markup("")
    x_axis = _axis(places, LEFT, RIGHT)
    if percent:
        y_axis = Axis(0.0, 1.0, BOTTOM, TOP)
    elif log:
        y_axis = Axis(0.8 * min(heights), 1.25 * max(heights), BOTTOM, TOP, log=True)
    else:
        y_axis = _axis([0.0, *heights], BOTTOM, TOP)
    across = list(xticks) or x_axis.ticks()
    parts = [_frame(x_axis, y_axis, across, xlabel, ylabel, percent)]
    parts += [_level(level, y_axis) for level in levels if level.y > 0 or not log]
    parts += [_curve(curve, x_axis, y_axis, log) for curve in curves]
    parts += [_span(span, x_axis, y_axis) for span in spans]
    named = [curve for curve in curves if curve.name]
    legend = [_key(curve, HEIGHT + 16 * i + 4) for i, curve in enumerate(named)]
    return Markup(
        f'<svg class="sketch" viewBox="0 0 {WIDTH} {HEIGHT + 16 * len(legend)}" role="img" '
        f"aria-label={quoteattr(alt)}>{''.join(parts + legend)}</svg>"
    )


def reads_sketch(alt: str, samplers: Sequence[Reads]) -> Markup:
    """Return a figure with a line for each prediction, and the reads as a band across them.

    Parameters
    ----------
    alt : str
        A description for those who cannot see it.
    samplers : sequence of Reads
        The reads, from top to bottom.
    """
    axis = Axis(0.0, 1.0, 10, RIGHT)
    parts, y = [], TOP
    for reads in samplers:
        start = y
        y += 16
        lines = [f'<text x="10" y="{start + 11}" class="strong">{escape(reads.sampler)}</text>']
        for name, predicted in reads.predictions:
            lines.append(f'<text x="10" y="{y + 12}">{escape(name)}</text>')
            lines.append(f'<path class="grid" d="M10 {y + 21}H{RIGHT}"/>')
            lines.append(f'<circle class="dot" cx="{axis.at(predicted)}" cy="{y + 21}" r="4"/>')
            y += 30
        low, share, high = (axis.at(value) for value in (reads.low, reads.share, reads.high))
        band = (
            f'<rect class="band" x="{low}" y="{start}" width="{max(high - low, 1)}" '
            f'height="{y - start}"/><path class="read" d="M{share} {start}V{y}"/>'
        )
        parts += [band, *lines]
        y += 8
    parts.append(f'<path class="axis" d="M10 {y}H{RIGHT}"/>')
    for value in (0.0, 0.5, 1.0):
        anchor = {0.0: "start", 1.0: "end"}.get(value, "middle")
        place = f'x="{axis.at(value)}" y="{y + 14}" text-anchor="{anchor}"'
        parts.append(f"<text {place}>{value:.0%}</text>")
    return Markup(
        f'<svg class="sketch" viewBox="0 0 {WIDTH} {y + 20}" role="img" '
        f"aria-label={quoteattr(alt)}>{''.join(parts)}</svg>"
    )


def _axis(values: Sequence[float], first: float, last: float) -> Axis:
    low, high = min(values), max(values)
    room = 0.04 * (high - low) or 0.5
    return Axis(low - room if low else 0.0, high + room, first, last)


def _frame(
    x_axis: Axis,
    y_axis: Axis,
    across: Sequence[float],
    xlabel: str,
    ylabel: str,
    percent: bool,
) -> str:
    """Return the axes with ticks and names."""
    parts = [f'<path class="axis" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}"/>']
    for value in y_axis.ticks():
        y = y_axis.at(value)
        text = f"{value:.0%}" if percent else f"{value:.3g}"
        parts.append(f'<path class="grid" d="M{LEFT} {y}H{RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 4}" y="{y + 3.5}" text-anchor="end">{text}</text>')
    for value in across:
        x = x_axis.at(value)
        parts.append(f'<text x="{x}" y="{BOTTOM + 14}" text-anchor="middle">{value:.3g}</text>')
    middle = (LEFT + RIGHT) / 2
    parts.append(
        f'<text x="{middle}" y="{BOTTOM + 30}" text-anchor="middle">{escape(xlabel)}</text>'
    )
    parts.append(
        f'<text transform="translate(11 {(TOP + BOTTOM) / 2})rotate(-90)" '
        f'text-anchor="middle">{escape(ylabel)}</text>'
    )
    return "".join(parts)


def _level(level: Level, y_axis: Axis) -> str:
    y = y_axis.at(level.y)
    above = y - 4 if y > TOP + 14 else y + 12
    return (
        f'<path class="level" d="M{LEFT} {y}H{RIGHT}"/>'
        f'<text x="{LEFT + 5}" y="{above}">{escape(level.name)}</text>'
    )


def _curve(curve: Curve, x_axis: Axis, y_axis: Axis, log: bool) -> str:
    pairs = [
        (x_axis.at(x), y_axis.at(y))
        for x, y in zip(curve.x, curve.y, strict=True)
        if math.isfinite(y) and (y > 0 or not log)
    ]
    line = " ".join(f"{x},{y}" for x, y in pairs)
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="3"/>' for x, y in pairs) if curve.marks else ""
    return f'<g class="curve" {curve.attributes}><polyline points="{line}"/>{dots}</g>'


def _span(span: Span, x_axis: Axis, y_axis: Axis) -> str:
    x, low, high = x_axis.at(span.x), y_axis.at(span.low), y_axis.at(span.high)
    return (
        f'<g class="span" style="--c:{COLORS[span.style % 4]}">'
        f'<path d="M{x - 5} {low}H{x + 5}M{x} {low}V{high}M{x - 5} {high}H{x + 5}"/>'
        f'<circle cx="{x}" cy="{y_axis.at(span.y)}" r="3.5"/></g>'
    )


def _key(curve: Curve, y: float) -> str:
    """Return a line of the legend."""
    return (
        f'<g class="curve" {curve.attributes}><path d="M{LEFT} {y - 4}h22"/></g>'
        f'<text x="{LEFT + 28}" y="{y}">{escape(curve.name)}</text>'
    )
