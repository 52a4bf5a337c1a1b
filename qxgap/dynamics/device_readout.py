"""The read-out of a state on a device: nothing of its size travels to the host.

Only anneals on a device import this module, because it needs PyTorch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..annealing.torch_device import Tensor, torch
from ..annealing.torch_energies import quadratic_form
from ..linalg.amplitudes import squared
from ..problem.qubo import QuboProblem


def expectations_on_device(problem: QuboProblem, state: Tensor) -> tuple[float, float, float]:
    """Return success probability, energy and residual energy of a state on a device.

    Parameters
    ----------
    problem : QuboProblem
        The problem that is read out.
    state : tensor of complex, shape (2^d,)
        The state; it is used as it is, without normalization.
    """
    form, weights = quadratic_form([(problem.h, problem.J)], state.device), squared(state)
    pieces = [(energies.min(), weights[part] @ energies[0]) for part, energies in form.slices()]
    lowest, energy = torch.stack([low for low, _ in pieces]).min(), sum(mean for _, mean in pieces)
    limit = lowest + problem.ground_tolerance
    success = sum(
        torch.where(energies[0] <= limit, weights[part], 0.0).sum()
        for part, energies in form.slices()
    )
    numbers = torch.stack([torch.as_tensor(success), torch.as_tensor(energy), lowest])
    success, energy, lowest = numbers.tolist()  # one transfer
    return success, energy + problem.offset, energy - lowest * float(weights.sum())


def drawn_on_device(state: Tensor, uniform: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return reads of a state on a device.

    Parameters
    ----------
    state : tensor of complex, shape (2^d,)
        The state; its norm need not be 1.
    uniform : ndarray of float, shape (n,)
        A random number in [0, 1) for each read.

    Returns
    -------
    ndarray of int, shape (n,)
        State indices.
    """
    cumulated = squared(state).cumsum(0)
    wanted = torch.as_tensor(uniform, device=state.device) * cumulated[-1]
    index = torch.searchsorted(cumulated, wanted, right=True)
    return np.minimum(index.cpu().numpy(), len(state) - 1)
