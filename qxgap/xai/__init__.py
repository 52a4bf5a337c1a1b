"""Feature-selection QUBOs from convolutional networks, and explanation maps with their metrics.

Start with :func:`open_network` and :func:`capture`, which records the feature maps of one layer and
their gradients; :func:`feature_selection` builds the QUBO of one image from them. The package runs
networks and needs PyTorch (extra ``xai``).
"""

from importlib.util import find_spec

from ..errors import MissingExtraError

if find_spec("torch") is None:
    raise MissingExtraError.of("qxgap.xai, which runs networks,", "PyTorch", "xai")

from .cam import CamRelu as CamRelu
from .cam import grad_cam as grad_cam
from .cam import grad_cam_plus_plus as grad_cam_plus_plus
from .cam import hires_cam as hires_cam
from .cam import layer_cam as layer_cam
from .cam import normalize as normalize
from .cam import subset_cam as subset_cam
from .class_names import class_number as class_number
from .class_names import class_title as class_title
from .class_names import imagenet_classes as imagenet_classes
from .class_names import read_class_names as read_class_names
from .data import ImageSource as ImageSource
from .data import load_images as load_images
from .data import open_images as open_images
from .digits import digits_images as digits_images
from .digits import digits_metadata as digits_metadata
from .digits import pasted_digits as pasted_digits
from .features import SelectableMaps as SelectableMaps
from .features import SelectionStatus as SelectionStatus
from .features import feature_selection as feature_selection
from .features import importance as importance
from .features import redundancy as redundancy
from .features import selectable_maps as selectable_maps
from .head import HeadCheck as HeadCheck
from .head import HeadStatus as HeadStatus
from .head import check_head as check_head
from .head import check_layer as check_layer
from .hooked import HookedNetwork as HookedNetwork
from .hooked import open_network as open_network
from .hooks import Capture as Capture
from .hooks import capture as capture
from .hooks import capture_batches as capture_batches
from .hooks import num_classes as num_classes
from .hooks import predictions as predictions
from .last_layer import last_map_layer as last_map_layer
from .metrics import AdccScores as AdccScores
from .metrics import AreaMask as AreaMask
from .metrics import AverageDrop as AverageDrop
from .metrics import ConfidenceCurve as ConfidenceCurve
from .metrics import Constant as Constant
from .metrics import GaussianBlur as GaussianBlur
from .metrics import MaskScores as MaskScores
from .metrics import MinMaxMask as MinMaxMask
from .metrics import SoftMask as SoftMask
from .metrics import ThresholdMask as ThresholdMask
from .metrics import adcc_scores as adcc_scores
from .metrics import confidence as confidence
from .metrics import deletion_curve as deletion_curve
from .metrics import insertion_curve as insertion_curve
from .metrics import mask_scores as mask_scores
from .metrics import rank_correlation as rank_correlation
from .metrics import structural_similarity as structural_similarity
from .networks import DigitsNet as DigitsNet
from .networks import EfficientNetLite0 as EfficientNetLite0
from .networks import LastBlockNet as LastBlockNet
from .networks import PaperNet as PaperNet
from .networks import TrainingHistory as TrainingHistory
from .networks import evaluate as evaluate
from .networks import fit as fit
from .networks import load_network as load_network
from .networks import load_weights as load_weights
from .networks import resnet18_to_layer3 as resnet18_to_layer3
from .networks import split_rows as split_rows
from .networks import training_history as training_history
from .networks import untrained_resnet18_to_layer3 as untrained_resnet18_to_layer3
from .score_weights import score_cam as score_cam
