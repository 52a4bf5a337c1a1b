"""Fast reverse anneals of a few qubits, with the imperfections of an annealer.

Begin with :func:`reverse_curve`, which returns what is read after reverse anneals to many targets.
"""

from .curve import reverse_curve as reverse_curve
from .imperfections import IDEAL as IDEAL
from .imperfections import Imperfections as Imperfections
