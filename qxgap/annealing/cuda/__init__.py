"""Kernels for NVIDIA GPUs that turn many bits of a vector in each pass over memory.

They are compiled when they are first used, by the compiler NVRTC that comes with every PyTorch for
CUDA; neither a CUDA toolkit nor a C compiler is needed. Where NVRTC is absent, PyTorch's matrix
products do the same work in more passes.
"""

from .compiler import program_for as program_for
from .passes import FusedLayers as FusedLayers
from .passes import fits as fits
from .passes import fused_flips as fused_flips
from .passes import fused_rotation as fused_rotation
