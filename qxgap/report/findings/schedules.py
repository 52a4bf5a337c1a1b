"""Does a schedule made from the gap help, in the same anneal time."""

from __future__ import annotations

from ...analysis import ScheduleGain, schedule_gains
from .claims import share_words
from .context import Context, once
from .finding import Finding, Support, judged
from .wording import duration, interval, sentence, two, under

NAMES = {
    "even": "an even anneal",
    "local": "a schedule that is slow where the gap is small",
    "points": "that schedule in the 12 points that annealers take",
    "coupled": "a schedule that is slow only where the gap is small beside the coupling",
    "pause": "a pause at the smallest gap for half of the time",
}
"""The schedules in words."""

FULL = "the schedule that is slow where the gap is small"
"""The schedule of which 12 points are compared with itself."""


@once
def gains_of(context: Context) -> tuple[ScheduleGain, ...]:
    """Return the gains of all schedules; none without the task."""
    rows = context.results.schedules
    return tuple(schedule_gains(rows, seed=context.seed)) if len(rows) else ()


@once
def schedule_findings(context: Context) -> tuple[Finding, ...]:
    """Return a finding for each schedule at the longest anneal time; the slow one is in front.

    The table of the section has the other anneal times.
    """
    gains = gains_of(context)
    several = len({gain.setting for gain in gains}) > 1
    longest = max((gain.tau for gain in gains), default=0.0)
    schedules = list(NAMES)
    ordered = sorted(gains, key=lambda gain: schedules.index(gain.schedule))
    return tuple(_finding(gain, several) for gain in ordered if gain.tau == longest)


def _finding(gain: ScheduleGain, several: bool) -> Finding:
    """Return what one schedule changes at the anneal time of ``gain``."""
    what, than = NAMES[gain.schedule], NAMES[gain.reference]
    if gain.reference == "local":
        than = FULL
    when = f"at tau = {duration(gain.tau)}" + (f" {under(gain.setting)}" if several else "")
    hits = [True] * gain.num_better + [False] * (gain.num_problems - gain.num_better)
    often = f"it is better in {share_words(hits)}"
    estimate = gain.difference
    size = f"by {two(abs(estimate.value))} on average"
    up, down = (f"({interval(estimate, factor=sign)})" for sign in (1.0, -1.0))
    words = {
        Support.ABOVE: sentence(
            f"{what} succeeds more often than {than} {when}, {size} {up}; {often}"
        ),
        Support.BELOW: sentence(
            f"{what} succeeds less often than {than} {when}, {size} {down}; {often}"
        ),
        Support.EQUAL: sentence(f"{what} on average succeeds exactly as often as {than} {when}"),
        Support.COMPATIBLE: sentence(
            f"no mean difference in success between {what} and {than} can be "
            f"shown {when} {up}; {often.replace('it is', 'the first is')}"
        ),
        Support.UNDECIDED: sentence(
            f"whether {what} succeeds more often than {than} {when} cannot be said, as there is no "
            f"interval; {often}"
        ),
    }
    return judged(
        f"schedule-{gain.schedule}-{gain.reference}",
        estimate,
        0.0,
        words,
        subject=f"{gain.setting}, tau = {gain.tau:g}",
        minor=gain.schedule != "local",
    )
