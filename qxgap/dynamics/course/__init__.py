"""The course of an anneal: levels, ground state and annealed state at many anneal fractions.

Begin with :func:`anneal_course`; its result shows itself in a notebook, with a slider over s.
"""

from .result import AnnealCourse as AnnealCourse
from .solve import anneal_course as anneal_course
