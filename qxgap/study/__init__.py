"""Many of them: instances from a network, their analysis, the results table and the report."""

from .contrasts import describe as describe
from .contrasts import differences as differences
from .contrasts import overlaps as overlaps
from .couplings import CouplingStatistics as CouplingStatistics
from .couplings import coupling_statistics as coupling_statistics
from .couplings import mean_field_size as mean_field_size
from .couplings import subset_sizes as subset_sizes
from .demo import run_demo as run_demo
from .explanations import METHODS as METHODS
from .explanations import Explainer as Explainer
from .explanations import Explanation as Explanation
from .findings import findings as findings
from .instances import ImageInstance as ImageInstance
from .instances import instances as instances
from .pictures import explain_images as explain_images
from .pictures import picture as picture
from .pictures import picture_file as picture_file
from .pictures import problem_file as problem_file
from .report import write_report as write_report
from .run import analyse as analyse
from .scores import Metrics as Metrics
from .scores import score as score
from .scores import summary as summary
