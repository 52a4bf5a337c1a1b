"""The kernels of ``kernels.cu``: compiled by NVRTC, and launched through the CUDA driver."""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from ..torch_device import Tensor, torch

SOURCE = Path(__file__).with_name("kernels.cu")

REAL_NAMES = {torch.float64: "double", torch.float32: "float"}
"""The name in CUDA of each real type."""

TILE, HELD = 11, 4
"""Bits of the index of a pair in a tile, and those of which a thread holds all values; the source
says the same."""

THREADS = 1 << (TILE - HELD)
"""Threads of a block."""

Argument = Tensor | int | float | None
"""A tensor is passed as its address, None as a null pointer, a float as a double."""


class Program(Protocol):
    """The compiled kernels for one real type."""

    def launch(self, kernel: str, blocks: int, rows: int, arguments: list[Argument]) -> None:
        """Run a kernel in ``blocks`` x ``rows`` blocks of THREADS threads."""


class CudaError(RuntimeError):
    """The CUDA driver or its compiler reports an error."""


class NvrtcProgram:
    """The kernels for one real type on one GPU.

    Parameters
    ----------
    compiler : ctypes.CDLL
        NVRTC.
    device : torch.device
        The GPU.
    dtype : torch.dtype
        torch.float64 or torch.float32.

    Raises
    ------
    CudaError
        If the source does not compile, with the compiler's message, or the driver refuses it.
    """

    def __init__(self, compiler: ctypes.CDLL, device: torch.device, dtype: torch.dtype) -> None:
        self._driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        self._device = device
        index = device.index
        self._device_index = torch.cuda.current_device() if index is None else index
        torch.cuda.current_stream(device).synchronize()  # makes the GPU's context exist
        with torch.cuda.device(device):
            image, self._module = _compiled(compiler, device, dtype), ctypes.c_void_p()
            self._check(self._driver.cuModuleLoadData(ctypes.byref(self._module), image))
        self._functions: dict[str, ctypes.c_void_p] = {}

    def launch(self, kernel: str, blocks: int, rows: int, arguments: list[Argument]) -> None:
        """Run a kernel in ``blocks`` x ``rows`` blocks of THREADS threads on the current stream."""
        values = [c_value(argument) for argument in arguments]
        pointers = (ctypes.c_void_p * len(values))(*(ctypes.addressof(value) for value in values))
        stream = ctypes.c_void_p(torch.cuda.current_stream(self._device).cuda_stream)
        grid, block = (blocks, rows, 1), (THREADS, 1, 1)
        launch = (self._function(kernel), *grid, *block, 0, stream, pointers, None)
        if torch.cuda.current_device() == self._device_index:
            self._check(self._driver.cuLaunchKernel(*launch))
        else:
            with torch.cuda.device(self._device):
                self._check(self._driver.cuLaunchKernel(*launch))

    def _function(self, kernel: str) -> ctypes.c_void_p:
        """Return the handle of a kernel."""
        if kernel not in self._functions:
            handle = ctypes.c_void_p()
            name = kernel.encode()
            self._check(self._driver.cuModuleGetFunction(ctypes.byref(handle), self._module, name))
            self._functions[kernel] = handle
        return self._functions[kernel]

    def _check(self, result: int) -> None:
        """Raise CudaError unless the driver reports success."""
        if result:
            message = ctypes.c_char_p()
            self._driver.cuGetErrorString(result, ctypes.byref(message))
            raise CudaError(f"the CUDA driver: {(message.value or b'unknown error').decode()}")


def c_value(argument: Argument) -> ctypes.c_void_p | ctypes.c_int | ctypes.c_double:
    """Return an argument as the kernels take it."""
    if argument is None:
        return ctypes.c_void_p(None)
    if isinstance(argument, Tensor):
        return ctypes.c_void_p(argument.data_ptr())
    return ctypes.c_int(argument) if isinstance(argument, int) else ctypes.c_double(argument)


@functools.cache
def program_for(device: torch.device, dtype: torch.dtype) -> Program | None:
    """Return the kernels for a device, compiled once; None if it is no GPU or NVRTC is absent.

    Parameters
    ----------
    device : torch.device
        The device of the vectors.
    dtype : torch.dtype
        Their real type, torch.float64 or torch.float32.

    Raises
    ------
    CudaError
        If the kernels cannot be compiled or loaded.
    """
    if device.type != "cuda" or torch.version.cuda is None:
        return None
    compiler = nvrtc()
    return NvrtcProgram(compiler, device, dtype) if compiler else None


@functools.cache
def nvrtc() -> ctypes.CDLL | None:
    """Return the compiler NVRTC of this PyTorch's version of CUDA; None if there is none."""
    for name in _nvrtc_names():
        try:
            return ctypes.CDLL(name)
        except OSError:  # not where the system looks, or not this name: try the next
            continue
    return None


def _nvrtc_names() -> Iterator[str]:
    """Give the names of NVRTC's library, then its files in the packages of NVIDIA."""
    major = (torch.version.cuda or "0").split(".")[0]
    pattern = f"nvrtc64_{major}*_0.dll" if sys.platform == "win32" else f"libnvrtc.so.{major}"
    if "*" not in pattern:
        yield pattern
    packages = importlib.util.find_spec("nvidia")
    for folder in (packages and packages.submodule_search_locations) or ():
        yield from map(str, sorted(Path(folder).rglob(pattern)))


def _compiled(compiler: ctypes.CDLL, device: torch.device, dtype: torch.dtype) -> bytes:
    """Compile the source for the GPU, and return the machine code."""
    capability = "{}{}".format(*torch.cuda.get_device_capability(device))
    real = REAL_NAMES[dtype]
    options = [
        f"--gpu-architecture=sm_{capability}",
        f"-DREAL={real}",
        f"-DREAL2={real}2",
    ]
    program = ctypes.c_void_p()
    _check_nvrtc(
        compiler,
        compiler.nvrtcCreateProgram(
            ctypes.byref(program), SOURCE.read_bytes(), SOURCE.name.encode(), 0, None, None
        ),
    )
    encoded = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
    result = compiler.nvrtcCompileProgram(program, len(options), encoded)
    size = ctypes.c_size_t()
    if result:
        compiler.nvrtcGetProgramLogSize(program, ctypes.byref(size))
        log = ctypes.create_string_buffer(size.value)
        compiler.nvrtcGetProgramLog(program, log)
        raise CudaError(f"{SOURCE.name} does not compile:\n{log.value.decode()}")
    _check_nvrtc(compiler, compiler.nvrtcGetCUBINSize(program, ctypes.byref(size)))
    image = ctypes.create_string_buffer(size.value)
    _check_nvrtc(compiler, compiler.nvrtcGetCUBIN(program, image))
    compiler.nvrtcDestroyProgram(ctypes.byref(program))
    return image.raw


def _check_nvrtc(compiler: ctypes.CDLL, result: int) -> None:
    """Raise CudaError unless the compiler reports success."""
    if result:
        compiler.nvrtcGetErrorString.restype = ctypes.c_char_p
        raise CudaError(f"NVRTC: {compiler.nvrtcGetErrorString(result).decode()}")
