"""The search for the minimum gap with estimated levels, and a check of them against each other.

The sum of the lowest levels lies below its tangents at all other points. So the states at one point
show where a level was missed at another: for instance at a point early in the anneal, where the
first sets of its expansion lead to one of two wells only. There the estimate of the gap is far too
large, and no error of its own says so.
"""

from __future__ import annotations

from ..search import NARROWEST, GapStatus, Report, Search, least_point
from .nodes import ERRORS, SelectedNodes

CONTRADICTION_SHARE = 0.25
"""Levels contradict others if their sum lies above a tangent by this share of the gap."""


def search_estimates(
    nodes: SelectedNodes, rtol: float, max_points: int, report: Report | None = None
) -> GapStatus:
    """Find where the estimated gap is least, with levels that do not contradict each other.

    Parameters
    ----------
    nodes : SelectedNodes
        The levels; points are added and refined.
    rtol : float
        Relative width of the estimated bracket at which the search ends.
    max_points : int
        Largest number of points that are computed or refined.
    report : callable, optional
        Called after every point.

    Returns
    -------
    GapStatus
        How the search ended.
    """
    while True:
        _, status = Search(nodes, rtol, max_points, report).run()
        if status is GapStatus.BUDGET:
            return status
        # Levels that were missed may hide the smallest gap, and so may those of new points.
        if not (refine_contradicted(nodes) or split_uncertain(nodes, rtol, max_points)):
            return status


def split_uncertain(nodes: SelectedNodes, rtol: float, max_points: int) -> bool:
    """Add points where the errors of the levels leave room for a smaller gap.

    The search takes the levels as they are. Where the gap is large, its error may be large too, and
    then the bound between two points with errors may lie far below the smallest gap.

    Parameters
    ----------
    nodes : SelectedNodes
        The levels; points are added.
    rtol : float
        Relative width of the estimated bracket.
    max_points : int
        Largest number of points that are computed or refined.

    Returns
    -------
    bool
        Whether points were added.
    """
    before = nodes.eigensolves
    s, value, least = least_point(nodes.path, nodes.nodes)
    error = ERRORS * nodes.path.at(s)[1] * nodes.errors.get(least.u, 0.0)
    wanted = value * (1 - rtol) - error
    while nodes.eigensolves < max_points:
        worst = nodes.lowest_bracket()
        if worst is None or worst.lower >= wanted or worst.ceiling(nodes.path) < wanted:
            break
        if worst.width <= NARROWEST:
            break
        nodes(worst.split)
    return nodes.eigensolves > before


def refine_contradicted(nodes: SelectedNodes) -> bool:
    """Refine all points whose levels contradict those of others; return whether any changed.

    Where the set can grow no further, the contradiction becomes part of the error.
    """
    changed = False
    for u in [node.u for node in nodes.nodes if node.u in nodes.points]:
        point, excess = nodes.points[u], contradiction(nodes, u)
        while excess > 0 and not point.is_finished:
            point.refine()
            nodes(u)
            excess, changed = contradiction(nodes, u), True
        if excess > 0:
            nodes.errors[u] = max(nodes.errors[u], excess / ERRORS)
    return changed


def contradiction(nodes: SelectedNodes, u: float) -> float:
    """Return by how much the levels at ``u`` lie too high, or zero if that matters little.

    Parameters
    ----------
    nodes : SelectedNodes
        All levels.
    u : float
        A point.

    Returns
    -------
    float
        The distance of the sum of the g + 1 levels from the lowest tangent below it, less the
        errors that all levels at a point share.
    """
    strengths = nodes.path.strengths(u)
    own = next(node for node in nodes.nodes if node.u == u)
    count = nodes.g + 1
    tangents = (
        node.tangent(strengths, count) + count * node.shared_error
        for node in nodes.nodes
        if node.u != u
    )
    excess = float(own.levels.values.sum()) - count * own.shared_error - min(tangents)
    return excess if excess > CONTRADICTION_SHARE * own.gap else 0.0
