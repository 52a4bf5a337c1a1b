"""The sections of the report, one file per question, in the order of the page."""

from collections.abc import Callable

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

SECTIONS: tuple[Callable[[Context], Section], ...] = (
    instances.section,
    gaps.section,
    scaling.section,
    success.section,
    times.section,
    laws.section,
    samples.section,
    selections.section,
    couplings.section,
    explanations.section,
)
