"""The report of a study, the page of a comparison, and the citations of the used methods.

Start with ``check`` for one problem, with ``write_report`` for a results folder, or with
``run_demo``, which makes one. Each page is one HTML file that loads nothing.
"""

from .checking import CheckStatus as CheckStatus
from .checking import ProblemCheck as ProblemCheck
from .checking import check as check
from .citations import CitedMethod as CitedMethod
from .citations import bibtex as bibtex
from .citations import cited_methods as cited_methods
from .citations import references as references
from .demo import run_demo as run_demo
from .results_table import CONVENTION_NAMES as CONVENTION_NAMES
from .results_table import Results as Results
from .results_table import load_results as load_results
from .results_table import read_results as read_results
from .samples_page import write_comparison as write_comparison
from .study_page import Report as Report
from .study_page import write_report as write_report
from .terms import Term as Term
from .terms import glossary as glossary
from .terms import term_of as term_of
