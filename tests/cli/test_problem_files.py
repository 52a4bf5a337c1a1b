"""The command line writes and reads files of problems."""

import json

import numpy as np
import pytest

import qxgap as qx


@pytest.mark.parametrize("tradeoff", [0, 1])
def test_the_command_writes_problems_of_every_tradeoff(run, tmp_path, tradeoff):
    xai = pytest.importorskip("qxgap.xai")
    from PIL import Image

    picture = tmp_path / "digit.png"
    pixels = xai.digits_images()[0][0, 0].numpy() * 255
    Image.fromarray(pixels.astype(np.uint8)).save(picture)
    command = ("qubo", "--model", "digits", "--images", picture, "--tradeoff", tradeoff)
    status, text, error = run(*command, "-o", tmp_path / "out", "--json")
    assert status == 0, error
    (row,) = json.loads(text)
    problem = qx.load(row["file"])
    rewards, redundancy = problem.source.rewards, problem.source.redundancy
    assert rewards.max() == 1.0
    assert redundancy.max() > 0.1
    np.testing.assert_allclose(problem.h, -tradeoff * rewards)
    np.testing.assert_allclose(problem.J, (1 - tradeoff) * np.triu(redundancy))


def test_complex_numbers_are_refused_on_the_command_line(run, tmp_path):
    np.savez(tmp_path / "c.npz", h=[1 + 1j, 1.0], J=np.zeros((2, 2)), tradeoff=0.5)
    status, out, error = run("gap", tmp_path / "c.npz")
    assert (status, out, error.count("\n")) == (2, "", 1)
    assert "h is complex; give real numbers" in error
