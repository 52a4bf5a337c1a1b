"""Studies, which compute a grid of tasks on many instances and write one results table.

Describe the grid as a :class:`Study`, in Python or as a TOML file that :meth:`Study.load` reads.
:func:`run_study` computes it into a results folder, continues there after an interruption, and
returns the table. :func:`forecast` estimates the time and memory before.
"""

from .config import Network as Network
from .config import Study as Study
from .executors import Dask as Dask
from .executors import ExistingExecutor as ExistingExecutor
from .executors import Processes as Processes
from .executors import WorkerPool as WorkerPool
from .executors import pool_named as pool_named
from .forecasting import Forecast as Forecast
from .forecasting import forecast as forecast
from .run import Outcome as Outcome
from .run import StudyFailedError as StudyFailedError
from .run import collect as collect
from .run import run_study as run_study
from .store import Store as Store
from .table import describe_columns as describe_columns
from .table import to_xarray as to_xarray
from .tasks import TASKS as TASKS
from .tasks import register as register
from .tasks import unregister as unregister
