"""Annealing schedules, the waveforms that they follow, and the tables that D-Wave published."""

from .published_tables import listed_solver as listed_solver
from .schedule import LINEAR as LINEAR
from .schedule import MILLIKELVIN_PER_GHZ as MILLIKELVIN_PER_GHZ
from .schedule import SCHEDULES as SCHEDULES
from .schedule import AnnealSchedule as AnnealSchedule
from .schedule import load_schedule as load_schedule
from .schedule import schedule_named as schedule_named
