"""Random schedules of single qubits."""

import numpy as np

import qxgap as qx


def random_qubit_schedules(d, rng, pieces=4):
    """Schedules of some pieces, with gains of any sign, zeros, and often pure ends."""
    s = np.concatenate([[0.0], np.sort(rng.uniform(0.02, 0.98, pieces - 1)), [1.0]])
    A, B = (rng.uniform(0, 1.5, (s.size, d)) for _ in range(2))
    fields = B * rng.uniform(-0.5, 1.5, B.shape) if rng.random() < 0.3 else None
    A[rng.random(A.shape) < 0.1] = 0.0
    if rng.random() < 0.7:
        B[0] = 0.0
        A[0] = rng.uniform(0.5, 1.5, d)
        fields = None if fields is None else np.where(B == 0, 0.0, fields)
    if rng.random() < 0.7:
        A[-1] = 0.0
        B[-1] = rng.uniform(0.5, 1.5, d)
    A[:, 0] += np.where(np.all(A == 0, axis=1) & np.all(B == 0, axis=1), 1.0, 0.0)
    return qx.QubitSchedules(s, A, B, fields)
