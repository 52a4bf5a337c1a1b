"""Networks: the embedded ones, that of the paper, one for photographs, and how they are trained.

:func:`load_network` opens a network by its name; :func:`fit` trains one.
"""

from .imagenet import EfficientNetLite0 as EfficientNetLite0
from .last_block import DigitsNet as DigitsNet
from .last_block import LastBlockNet as LastBlockNet
from .loading import load_network as load_network
from .loading import training_history as training_history
from .papernet import PaperNet as PaperNet
from .papernet import resnet18_to_layer3 as resnet18_to_layer3
from .resnet18 import untrained_resnet18_to_layer3 as untrained_resnet18_to_layer3
from .training import TrainingHistory as TrainingHistory
from .training import evaluate as evaluate
from .training import fit as fit
from .training import split_rows as split_rows
from .weights import load_weights as load_weights
