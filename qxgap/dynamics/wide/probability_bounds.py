"""Bounds of a success probability, from what left the set of configurations.

Let psi be the state of the anneal, ``phi`` that in the set (of norm 1), and g the normalised
projection of ``phi`` on the ground states at the end. With ``eps(t)`` a bound of the distance of
the two states, the three statements that are used are proved in the documentation (theory):

* the distance: ``||psi - phi|| <= eps``, so the angle between them is at most ``2 asin(eps/2)``;
* the amplitude: ``|<g|psi> - <g|phi>| <= eta``, of second order in what leaves, because g can be
  followed backwards in time through the same set;
* the rest: ``|<phi|psi> - 1| <= eps^2/2``.
"""

from __future__ import annotations

import math


def probability_interval(
    weight: float, distance: float, amplitude: float, num_states: int, time_error: float = 0.0
) -> tuple[float, float]:
    """Return bounds of the success probability.

    Parameters
    ----------
    weight : float
        Weight of the computed state on the ground states.
    distance : float
        Bound of the distance of the computed state and the exact one.
    amplitude : float
        Bound of the error of the amplitude ``<g|phi>``; inf if it is not known.
    num_states : int
        Number of ground states.
    time_error : float
        The part of ``distance`` that is due to the time steps. It enters the third statement in
        first order, because the computed state is then not the one in the set.

    Returns
    -------
    lower, upper : float
        The bounds, in [0, 1].
    """
    weight = min(max(weight, 0.0), 1.0)
    inside, rest = math.sqrt(weight), math.sqrt(1.0 - weight)
    lower, upper = _by_angle(inside, distance)
    if math.isfinite(amplitude):
        lower = max(lower, max(inside - amplitude, 0.0) ** 2)
        if num_states == 1:
            upper = min(upper, (inside + amplitude) ** 2)
        if rest > 0:
            lost = (distance**2 / 2 + time_error + inside * amplitude) / rest
            upper = min(upper, 1.0 - max(rest - lost, 0.0) ** 2)
    return lower, max(upper, lower)


def _by_angle(inside: float, distance: float) -> tuple[float, float]:
    """Return the bounds that follow from the angle between the two states."""
    turn = 2 * math.asin(min(distance / 2, 1.0))
    angle = math.asin(inside)
    lower = math.sin(max(angle - turn, 0.0)) ** 2
    upper = math.sin(min(angle + turn, math.pi / 2)) ** 2
    return lower, upper
