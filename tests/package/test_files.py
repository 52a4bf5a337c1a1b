"""Files that are written whole or not at all, and digests."""

import numpy as np
import pytest

from qxgap.files import WriteError, digest, temporary_path, write_whole


def test_a_digest_is_of_the_parts_one_after_the_other():
    array = np.arange(6.0).reshape(2, 3)
    assert digest("ab", array, b"c") == digest(b"a", "b", array.ravel(), "c")
    assert digest(array.T) == digest(np.ascontiguousarray(array.T)) != digest(array)
    assert digest() == "e3b0c44298fc1c14"  # the SHA-256 of nothing begins with this


@pytest.mark.parametrize("content", [b"new", lambda file: file.write(b"new")])
def test_a_file_is_replaced_whole(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    write_whole(path, content)
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("no number")])
def test_a_file_that_fails_leaves_the_old_one(tmp_path, error):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write(file):
        file.write(b"half")
        assert temporary_path(path).exists()
        raise error

    expected = WriteError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected, match=str(error.args[-1])) as caught:
        write_whole(path, write)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    if expected is WriteError:
        assert str(caught.value).startswith(f"{path}: cannot be written (No space left on device)")


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(WriteError, match="No such file or directory"):
        write_whole(tmp_path / "folder" / "file", b"new")
