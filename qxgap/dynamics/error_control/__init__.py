"""The choice of time steps by which the error of an anneal becomes known."""

from .distances import Distance as Distance
from .distances import read_out_distance as read_out_distance
from .distances import state_distance as state_distance
from .extrapolation import Extrapolation as Extrapolation
from .refine import ErrorControl as ErrorControl
from .refine import Refinement as Refinement
from .refine import SeenStates as SeenStates
from .refine import converge_together as converge_together
