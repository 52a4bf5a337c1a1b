"""The lower bound of the gap between two points with known levels, on the path of an anneal."""

from .canonical_path import SchedulePath as SchedulePath
from .canonical_path import path_hash as path_hash
from .fraction_path import FractionPath as FractionPath
from .intervals import Bracket as Bracket
from .intervals import GapPath as GapPath
from .intervals import Node as Node
from .intervals import bracket as bracket
from .intervals import scheduled_gap as scheduled_gap
from .moment_nodes import moment_node as moment_node
