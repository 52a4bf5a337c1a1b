"""How many bits a number has."""

from enum import Enum


class Precision(Enum):
    """Of vectors on a device; on the CPU without one all are double."""

    DOUBLE = "double"
    SINGLE = "single"
