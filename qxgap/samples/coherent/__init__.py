"""Coherent oscillations that an annealer showed, against the Schrödinger equation.

Begin with :func:`larmor`, which loads a recorded curve, and :func:`compare_corrections`, which
compares it with theory, first with nothing fitted and then with one correction at a time.
"""

from .corrections import Correction as Correction
from .fits import CorrectionFit as CorrectionFit
from .fits import CorrectionStatus as CorrectionStatus
from .fits import CorrectionTable as CorrectionTable
from .fits import compare_corrections as compare_corrections
from .recorded_curve import ReverseCurve as ReverseCurve
from .recorded_curve import larmor as larmor
