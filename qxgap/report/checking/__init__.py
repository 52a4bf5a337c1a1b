"""One problem, all four questions: its rows, its answers, its figure and its page."""

from .problem_check import CheckStatus as CheckStatus
from .problem_check import ProblemCheck as ProblemCheck
from .problem_check import check as check
