"""Anneals by splitting: layers of phases and rotations, their strengths, and the time steps."""

from .evolution import ROUNDING as ROUNDING
from .evolution import Precision as Precision
from .evolution import evolve as evolve
from .evolution import evolve_on as evolve_on
from .layer_strengths import COEFFICIENTS as COEFFICIENTS
from .layer_strengths import Array as Array
from .layer_strengths import column_strengths as column_strengths
from .layer_strengths import moments as moments
from .layer_strengths import strengths as strengths
from .steps import base_steps as base_steps
from .steps import coarsest_steps as coarsest_steps
from .steps import corners as corners
from .steps import spans_breakpoints as spans_breakpoints
from .steps import step_edges as step_edges
from .steps import strength_columns as strength_columns
from .steps import turns as turns
