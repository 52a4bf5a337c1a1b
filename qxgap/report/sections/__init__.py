"""The sections of the report, one file per question, in the order of the page."""

import logging
from collections.abc import Callable, Mapping

from . import (
    couplings,
    explanations,
    gaps,
    instances,
    laws,
    samples,
    scaling,
    selections,
    success,
    times,
)
from .parts import Context as Context
from .parts import Picture as Picture
from .parts import Section as Section
from .parts import Table as Table
from .parts import reason_of

log = logging.getLogger(__name__)

SECTIONS: Mapping[str, Callable[[Context], Section]] = {
    instances.TITLE: instances.section,
    gaps.TITLE: gaps.section,
    scaling.TITLE: scaling.section,
    success.TITLE: success.section,
    times.TITLE: times.section,
    laws.TITLE: laws.section,
    samples.TITLE: samples.section,
    selections.TITLE: selections.section,
    couplings.TITLE: couplings.section,
    explanations.TITLE: explanations.section,
}
"""Question -> what answers it."""


def answer(question: str, context: Context) -> Section:
    """Answer one question; a section that fails says so in its place, and the others stand.

    The traceback of a failure is logged at DEBUG.
    """
    try:
        return SECTIONS[question](context)
    except Exception as error:
        log.debug("the section %r failed", question, exc_info=True)
        return Section(question, failure=reason_of(error))
