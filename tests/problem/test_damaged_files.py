"""Every single damage of small problem files: an InputError or a problem, never anything else."""

import dimod
import numpy as np
import pytest

import qxgap as qx
from qxgap.testing import random_feature_selection


def read(path):
    """What ``load`` makes of a file: a problem or InputError."""
    try:
        return qx.load(path)
    except qx.InputError:
        return None


@pytest.mark.parametrize("suffix", [".bqm", ".json", ".npz", ".coo", ".qubo"])
def test_any_damaged_byte_is_an_input_error_or_a_problem(tmp_path, suffix):
    problem = random_feature_selection(3, seed=1)
    path = qx.save(problem, tmp_path / f"p{suffix}")
    content = path.read_bytes()
    rng = np.random.default_rng(1)
    places = range(len(content)) if len(content) < 500 else rng.integers(0, len(content), 300)
    read_as_problem = 0
    for at in places:
        for changed in (
            content[:at],
            content[:at] + bytes([content[at] ^ 1 << int(rng.integers(0, 8))]) + content[at + 1 :],
            content[:at] + b"\xff\x7f" + content[at + 2 :],
        ):
            path.write_bytes(changed)
            read_as_problem += read(path) is not None
    path.write_bytes(content)
    assert read(path) is not None
    assert read_as_problem < 3 * len(places)


def test_a_bqm_that_names_a_variable_too_many_is_refused_before_memory_is(tmp_path):
    """dimod would ask for memory for two thousand million variables."""
    bqm = dimod.BinaryQuadraticModel({0: 1.0, 1: 2.0}, {(0, 1): 3.0}, 0.0, "BINARY")
    with bqm.to_file() as file:
        content = bytearray(file.read())
    at = content.index(np.float64(3.0).tobytes()) - 4
    assert content[at : at + 4] == np.int32(1).tobytes()
    content[at : at + 4] = np.int32(2**31 - 1).tobytes()
    path = tmp_path / "p.bqm"
    path.write_bytes(content)
    with pytest.raises(qx.InputError, match=r"p\.bqm: it is damaged: a coupling names a variable"):
        qx.load(path)


@pytest.mark.parametrize("content", [20_000 * "[", '{"a": ' + 20_000 * "[" + "}"])
def test_brackets_without_end_are_an_input_error(tmp_path, content):
    path = tmp_path / "p.json"
    path.write_text(content)
    with pytest.raises(qx.InputError, match=r"p\.json: not a readable \.json file"):
        qx.load(path)
    with pytest.raises(qx.InputError, match=r"p\.json: not a readable sample set"):
        qx.samples.load_sampleset(path)
