"""Explanations of images by the feature maps that the QUBO selects, with metrics and pictures.

:func:`image_instances` turns a network and images into selection problems. :class:`Explainer` adds
the selections and explanation maps of every method, :func:`score` measures them, and
:func:`picture` draws them.
"""

from .along_tradeoff import TradeoffDrops as TradeoffDrops
from .along_tradeoff import drops_along_tradeoff as drops_along_tradeoff
from .contrasts import describe as describe
from .contrasts import differences as differences
from .contrasts import mean_overlaps as mean_overlaps
from .disentanglement import ClassDisentanglement as ClassDisentanglement
from .disentanglement import class_disentanglement as class_disentanglement
from .explainer import Explainer as Explainer
from .explainer import Explanation as Explanation
from .folder import ImageFiles as ImageFiles
from .folder import explain_images as explain_images
from .folder import image_files as image_files
from .instances import ImageInstance as ImageInstance
from .instances import image_instances as image_instances
from .methods import DEFAULT_METHODS as DEFAULT_METHODS
from .methods import ExplanationMethod as ExplanationMethod
from .one_image import explain_image as explain_image
from .pictures import overlay as overlay
from .pictures import picture as picture
from .quantus import quantus_function as quantus_function
from .quantus import quantus_scores as quantus_scores
from .randomization import RandomizationCheck as RandomizationCheck
from .randomization import randomization_check as randomization_check
from .scores import Metrics as Metrics
from .scores import drops_by_convention as drops_by_convention
from .scores import score as score
from .scores import summary as summary
