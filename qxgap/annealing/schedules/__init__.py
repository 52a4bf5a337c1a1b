"""Annealing schedules, the waveforms that they follow, and the tables that D-Wave published."""

from .named import LINEAR as LINEAR
from .named import SCHEDULES as SCHEDULES
from .named import load_schedule as load_schedule
from .named import schedule_named as schedule_named
from .published_tables import listed_solver as listed_solver
from .schedule import MILLIKELVIN_PER_GHZ as MILLIKELVIN_PER_GHZ
from .schedule import AnnealSchedule as AnnealSchedule
