"""The sections of the report: a module for each question, in the order of the page.

``answer`` writes the section of one question; ``parts`` has what a section is made of.
"""

import logging
from collections.abc import Callable, Mapping

from ..findings import Context
from . import (
    couplings,
    explanations,
    gaps,
    instances,
    laws,
    samples,
    scaling,
    schedules,
    selections,
    success,
    times,
)
from .parts import Picture as Picture
from .parts import Section as Section
from .parts import Table as Table
from .parts import reason_of

log = logging.getLogger(__name__)

SECTIONS: Mapping[str, Callable[[Context], Section]] = {
    instances.TITLE: instances.write_section,
    gaps.TITLE: gaps.write_section,
    scaling.TITLE: scaling.write_section,
    success.TITLE: success.write_section,
    times.TITLE: times.write_section,
    laws.TITLE: laws.write_section,
    schedules.TITLE: schedules.write_section,
    samples.TITLE: samples.write_section,
    selections.TITLE: selections.write_section,
    couplings.TITLE: couplings.write_section,
    explanations.TITLE: explanations.write_section,
}
"""The function that answers each question."""


def answer(question: str, context: Context) -> Section:
    """Return the section of one question; if it fails, a section that says so.

    The traceback of the failure is logged at DEBUG.
    """
    try:
        return SECTIONS[question](context)
    except Exception as error:
        log.debug("the section %r failed", question, exc_info=True)
        return Section(question, failure=reason_of(error))
