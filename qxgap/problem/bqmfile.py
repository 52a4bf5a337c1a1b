"""Files in dimod's binary format, which are checked before dimod reads them.

dimod trusts the variables' numbers in such a file: with a damaged file it allocates memory until
the process is aborted. Here every number is compared with the size of the model first.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import dimod
import numpy as np
from dimod.binary.binary_quadratic_model import BQM_MAGIC_PREFIX
from dimod.serialization.fileview import read_header
from numpy.typing import NDArray

from ..errors import InputError


def read_bqm(path: Path) -> dimod.BinaryQuadraticModel:
    """Read a ``.bqm`` file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dimod.BinaryQuadraticModel
        The model.

    Raises
    ------
    InputError
        If the numbers of the file contradict each other. Other damage raises the exceptions of
        dimod and numpy.
    """
    content = path.read_bytes()
    _check(content)
    return dimod.BinaryQuadraticModel.from_file(io.BytesIO(content))


def _check(content: bytes) -> None:
    """Raise InputError if a coupling names a variable that the model does not have."""
    file = io.BytesIO(content)
    header = read_header(file, BQM_MAGIC_PREFIX).data
    number, pairs = map(int, header["shape"])
    bias, index = np.dtype(header["dtype"]), np.dtype(header["itype"])
    file.read(bias.itemsize)  # the offset
    linear = _records(file, number, [("begin", np.dtype(header["ntype"])), ("bias", bias)])
    coupled = _records(file, 2 * pairs, [("variable", index), ("bias", bias)])
    begins = np.append(linear["begin"].astype(np.int64), 2 * pairs)
    variables = coupled["variable"].astype(np.int64)
    if np.any(np.diff(begins) < 0) or np.any((variables < 0) | (variables >= number)):
        raise InputError("it is damaged: a coupling names a variable that is not there")


def _records(file: io.BytesIO, number: int, fields: list[tuple[str, Any]]) -> NDArray[np.void]:
    """Read ``number`` records at the position of the file; InputError if it is too short."""
    record = np.dtype(fields)
    content = file.getbuffer()[file.tell() :]
    if not 0 <= number * record.itemsize <= len(content):
        raise InputError("it is damaged: it is shorter than its header says")
    file.seek(number * record.itemsize, io.SEEK_CUR)
    return np.frombuffer(content, record, number)
