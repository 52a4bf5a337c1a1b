"""Annealing schedules, the waveforms that they follow, and the tables that D-Wave published."""

from .annealer_waveform import AnnealWaveform as AnnealWaveform
from .fast_reverse import FastReverseWaveform as FastReverseWaveform
from .fast_reverse import fast_reverse_waveform as fast_reverse_waveform
from .following import waveform_on as waveform_on
from .following import with_fewer_points as with_fewer_points
from .named import LINEAR as LINEAR
from .named import SCHEDULES as SCHEDULES
from .named import load_schedule as load_schedule
from .named import schedule_named as schedule_named
from .published_tables import listed_solver as listed_solver
from .published_tables import listed_table as listed_table
from .schedule import MILLIKELVIN_PER_GHZ as MILLIKELVIN_PER_GHZ
from .schedule import AnnealSchedule as AnnealSchedule
from .solver_limits import WaveformLimits as WaveformLimits
from .solver_limits import check_anneal_schedule as check_anneal_schedule
from .solver_limits import check_h_gain_schedule as check_h_gain_schedule
from .solver_limits import waveform_limits as waveform_limits
