"""The evolution of a state through the layers of an anneal, on the processor or on a device."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from numpy.typing import NDArray

from ...annealing.accept import QubitHamiltonian
from ...annealing.batch import MAX_QUBITS, apply_layers, apply_varying_layers
from ...annealing.hamiltonian import AnnealHamiltonian
from ...annealing.inhomogeneous import InhomogeneousHamiltonian
from ...annealing.layers import Layer
from ...linalg.amplitudes import Amplitudes
from ...linalg.arrays import Precision as Precision
from ...memory import aligned_empty
from .layer_strengths import Array, column_strengths, strengths

LAYERS_PER_CALL = 256
"""Layers that one call applies to the state of a small problem."""

ROUNDING = {Precision.DOUBLE: 5e-16, Precision.SINGLE: 3e-7}
"""Bound of the rounding error of the read-out distribution per step, in total variation. Most of it
averages out; in a pause of the schedule it does not, but grows with the number of steps. In single
precision the error was below a quarter of this bound in all of some 400 runs of 16 to 6000 layers
at d <= 14."""


def evolve(
    H: QubitHamiltonian,
    tau: float,
    edges: Array,
    start: Amplitudes,
    order: int,
    device: str | None = None,
    precision: Precision = Precision.DOUBLE,
    *,
    first_layer: int = 0,
    watch: Callable[[int, Array], None] | None = None,
) -> Amplitudes:
    """Propagate a state through the steps between ``edges``.

    Parameters
    ----------
    H : AnnealHamiltonian or InhomogeneousHamiltonian
        Hamiltonian of the anneal.
    tau : float
        Anneal time.
    edges : ndarray of float, shape (steps + 1,)
        Fractions s at which the steps begin and end.
    start : ndarray or tensor of complex, shape (2^d,)
        State at the first edge; a tensor, if it is on the device already.
    order : int
        Order of the splitting, 2 or 4.
    device : str, optional
        Device on which PyTorch propagates the state; by default the CPU with numba.
    precision : Precision
        Precision on a device.
    first_layer : int
        Layer with which to begin; ``start`` is then the state before it. Only with numba.
    watch : callable, optional
        ``watch(layers, psi)`` is called after every few layers, with the number of layers applied
        and the state then, shape (2, 2^d). An evolution that is begun again with that number and
        that state ends in the same state to the last bit. Only with numba.

    Returns
    -------
    ndarray or tensor of complex, shape (2^d,)
        State at the last edge; on the device, if there is one.
    """
    if device is not None and isinstance(H, AnnealHamiltonian):
        return evolve_on([H], tau, edges, start, order, device, precision)[0]
    if isinstance(H, AnnealHamiltonian):
        return _by_numba(_Layers(H, tau, edges, order), start, first_layer, watch)
    if device is not None:
        return _inhomogeneous_on(H, tau, edges, start, order, device, precision)
    return _by_numba(_VaryingLayers(H, tau, edges, order), start, first_layer, watch)


def evolve_on(
    hamiltonians: Sequence[AnnealHamiltonian],
    tau: float,
    edges: Array,
    starts: Amplitudes,
    order: int,
    device: str,
    precision: Precision,
) -> Amplitudes:
    """Propagate the states of n anneals of one schedule and driver together, on a torch device.

    Parameters
    ----------
    hamiltonians : sequence of AnnealHamiltonian
        The n Hamiltonians, of equal size.
    tau : float
        Anneal time.
    edges : ndarray of float, shape (steps + 1,)
        Fractions s at which the steps begin and end.
    starts : ndarray or tensor of complex, shape (n, 2^d) or (2^d,)
        States at the first edge, or one for all.
    order : int
        Order of the splitting, 2 or 4.
    device : str
        Device on which PyTorch propagates the states.
    precision : Precision
        Precision on the device.

    Returns
    -------
    tensor of complex, shape (n, 2^d)
        States at the last edge, on the device.
    """
    from ...annealing.torch_device import FLOAT
    from ...annealing.torch_kernels import TorchLayers

    H, problems = hamiltonians[0], [H.problem for H in hamiltonians]
    layers = TorchLayers(problems, H.driver_weights, device, FLOAT[precision])
    return layers.propagate(starts, *strengths(H.schedule, tau, edges, order))


def _inhomogeneous_on(
    H: InhomogeneousHamiltonian,
    tau: float,
    edges: Array,
    start: Amplitudes,
    order: int,
    device: str,
    precision: Precision,
) -> Amplitudes:
    """Propagate the state of one anneal with schedules of single qubits on a torch device."""
    from ...annealing.torch_device import FLOAT
    from ...annealing.torch_kernels import TorchLayers

    layers = TorchLayers([H.problem], H.transverse[0], device, FLOAT[precision])
    forms, angles = _varying_strengths(H, tau, edges, order)
    return layers.propagate_varying(start, *forms, angles)


def _varying_strengths(
    H: InhomogeneousHamiltonian, tau: float, edges: Array, order: int
) -> tuple[tuple[Array, Array], Array]:
    """Return the quadratic form of the phases before each rotation and at the end, and angles."""
    schedules = H.schedules
    phases, angles = column_strengths(
        schedules.s, H.problem_terms, H.transverse, tau * schedules.angular, edges, order
    )
    return H.unpacked(phases), angles


class _Layers:
    """The layers of an anneal with one schedule for all qubits."""

    def __init__(self, H: AnnealHamiltonian, tau: float, edges: Array, order: int) -> None:
        self._layer = Layer(H.problem, H.driver_weights)
        self._phases, self._angles = strengths(H.schedule, tau, edges, order)
        self.size, self.num_qubits = self._angles.size, H.num_qubits

    def apply(self, psi: Array, first: int, last: int) -> None:
        """Apply the layers from ``first`` to the one before ``last``."""
        apply_layers(self._layer, psi, self._phases[first:last], self._angles[first:last])

    def finish(self, psi: Array) -> None:
        """Apply the phases after the last rotation."""
        self._layer.phase(psi, float(self._phases[-1]))


class _VaryingLayers:
    """The layers of an anneal in which each qubit has its own schedule."""

    def __init__(self, H: InhomogeneousHamiltonian, tau: float, edges: Array, order: int) -> None:
        (self._h, self._J), self._angles = _varying_strengths(H, tau, edges, order)
        self.size, self.num_qubits = len(self._angles), H.num_qubits

    def apply(self, psi: Array, first: int, last: int) -> None:
        """Apply the layers from ``first`` to the one before ``last``."""
        part = slice(first, last)
        apply_varying_layers(psi, self._h[part], self._J[part], self._angles[part])

    def finish(self, psi: Array) -> None:
        """Apply the phases after the last rotation."""
        Layer.of_form(self._h[-1], self._J[-1], 0.0 * self._h[-1]).phase(psi, 1.0)


def _by_numba(
    layers: _Layers | _VaryingLayers,
    start: NDArray,
    first_layer: int,
    watch: Callable[[int, Array], None] | None,
) -> NDArray:
    """Apply the layers from ``first_layer`` on, and the last phase."""
    psi = aligned_empty((2, start.size))
    psi[0], psi[1] = start.real, start.imag
    # A layer of a large problem takes so long that a call costs little: ``watch`` follows each one.
    stride = 1 if layers.num_qubits > MAX_QUBITS else LAYERS_PER_CALL
    for first in range(first_layer, layers.size, stride):
        last = min(first + stride, layers.size)
        layers.apply(psi, first, last)
        if watch:
            watch(last, psi)
    layers.finish(psi)
    return psi[0] + 1j * psi[1]
