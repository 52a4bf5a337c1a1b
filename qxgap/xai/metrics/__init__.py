"""How well explanation maps show what a network uses: masked images, confidence, and their scores.

:func:`mask_scores` measures Average Drop and its kin, :func:`adcc_scores` one score of three
properties, :func:`insertion_curve` and :func:`deletion_curve` the order of the pixels.
"""

from .adcc import AdccScores as AdccScores
from .adcc import ExplanationFunction as ExplanationFunction
from .adcc import adcc_scores as adcc_scores
from .confidences import confidence as confidence
from .curves import ConfidenceCurve as ConfidenceCurve
from .curves import deletion_curve as deletion_curve
from .curves import insertion_curve as insertion_curve
from .drops import AverageDrop as AverageDrop
from .drops import MaskScores as MaskScores
from .drops import mask_scores as mask_scores
from .masks import AreaMask as AreaMask
from .masks import Constant as Constant
from .masks import Fill as Fill
from .masks import GaussianBlur as GaussianBlur
from .masks import Mask as Mask
from .masks import MinMaxMask as MinMaxMask
from .masks import SoftMask as SoftMask
from .masks import ThresholdMask as ThresholdMask
from .similarity import rank_correlation as rank_correlation
from .similarity import structural_similarity as structural_similarity
