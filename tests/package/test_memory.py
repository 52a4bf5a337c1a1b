"""Memory is asked for before it is taken."""

import pytest

import qxgap as qx
from qxgap.memory import require_memory


@pytest.mark.parametrize(
    ("num_bytes", "text"),
    [
        (1 << 50, "no memory for it: 1.0 PiB needed, "),
        (1023 << 50, "no memory for it: 1023.0 PiB needed, "),
        (12 << 158, "no memory for it: more needed than any computer has; use fewer qubits"),
    ],
)
def test_missing_memory_is_reported_in_numbers_that_people_read(num_bytes, text):
    with pytest.raises(qx.MemoryLimitError) as stop:
        require_memory(num_bytes, "it")
    assert str(stop.value).startswith(text)
    assert "qxgap select" in str(stop.value)
    with pytest.raises(qx.MemoryLimitError, match=r"; wait$"):
        require_memory(num_bytes, "it", "wait")
