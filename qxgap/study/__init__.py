"""Many of them: instances from a network, their analysis, the results table and the report."""

from .config import Network as Network
from .config import Study as Study
from .executor import Dask as Dask
from .executor import Engine as Engine
from .executor import Given as Given
from .executor import Processes as Processes
from .executor import engine_named as engine_named
from .forecasting import Forecast as Forecast
from .forecasting import forecast as forecast
from .run import Outcome as Outcome
from .run import StudyFailedError as StudyFailedError
from .run import run_study as run_study
from .store import Store as Store
from .table import to_xarray as to_xarray
