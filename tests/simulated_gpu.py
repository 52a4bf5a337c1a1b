"""The GPU's kernels on the processor: the same source, whose threads run one after another."""

import ctypes
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

from qxgap.annealing.cuda.compiler import REAL_NAMES, SOURCE, c_value

HARNESS = Path(__file__).parent / "annealing" / "simulated_gpu.cpp"


class SimulatedProgram:
    """What :class:`qxgap.annealing.cuda.compiler.NvrtcProgram` is on a GPU; it counts launches."""

    def __init__(self, dtype):
        self._library = _library(REAL_NAMES[dtype])
        self.launches = []

    def launch(self, kernel, blocks, rows, arguments):
        self.launches.append(kernel)
        getattr(self._library, f"run_{kernel}")(blocks, rows, *map(c_value, arguments))


@cache
def _library(real):
    """Compile the kernels for one real type."""
    if shutil.which("g++") is None:
        pytest.skip("needs g++, to run the GPU's kernels on the processor")
    file = Path(tempfile.mkdtemp(prefix="simulated-gpu-")) / f"{real}.so"
    defined = [f"-DREAL={real}", f"-DREAL2={real}2", f'-DKERNELS="{SOURCE}"']
    command = ["g++", "-O1", "-shared", "-fPIC", "-w", *defined, str(HARNESS), "-o", str(file)]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(file))
