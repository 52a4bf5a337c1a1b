"""One image, explained: from network and image to problem, selections, maps, scores and picture."""

from .contrasts import describe as describe
from .contrasts import differences as differences
from .contrasts import overlaps as overlaps
from .explainer import METHODS as METHODS
from .explainer import Explainer as Explainer
from .explainer import Explanation as Explanation
from .image_instances import ImageInstance as ImageInstance
from .image_instances import instances as instances
from .pictures import explain_images as explain_images
from .pictures import picture as picture
from .pictures import picture_file as picture_file
from .pictures import problem_file as problem_file
from .scores import Metrics as Metrics
from .scores import score as score
from .scores import summary as summary
