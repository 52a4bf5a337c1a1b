"""The whole chain on the embedded digits: from a network and images to a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from ..annealing.drivers import Convention
from ..annealing.hamiltonian import AnnealHamiltonian
from ..errors import InputError
from ..progress import Say, silent
from ..spectra import minimum_gap
from ..study.config import Network, Study
from ..study.executors import WorkerPool
from ..study.instance import Instance
from ..study.run import run_study
from .study_page import Report, write_report

DEMO_NETWORK = "digits-nonlinear"
"""Name of the network that the demo takes, unless another is named."""
TASKS = ("gap", "success", "sample", "compare", "xai")
"""Names of the tasks: all but ``select``, whose columns the rows of ``gap`` have."""


def run_demo(
    out: str | Path,
    *,
    network: str = DEMO_NETWORK,
    per_class: int = 6,
    num_reads: int = 1000,
    seed: int = 1,
    pool: WorkerPool | None = None,
    overwrite: bool = False,
    progress: Say | None = None,
    show: Callable[[str], None] | None = None,
) -> Report:
    """Study the embedded digits through an embedded network with every task, and write the report.

    Parameters
    ----------
    out : str or Path
        The results folder, which is made if needed.
    network : str, optional
        Name of an embedded network, as :func:`qxgap.xai.load_network` takes it. In the default one
        the importance of a map depends on the image. ``"digits"`` ends as the network of
        arXiv 2604.25649 does, where it depends on the class only.
    per_class : int, optional
        Number of correctly classified images of each digit, in the order of the test set.
    num_reads : int, optional
        Number of reads of simulated annealing for each instance.
    seed : int, optional
        Seed of all random numbers.
    pool : WorkerPool, optional
        The workers, as in :func:`qxgap.study.run_study`.
    overwrite : bool, optional
        Whether to delete the results of another study in ``out``.
    progress : callable, optional
        Called with a line of text about what is going on.
    show : callable, optional
        Called once with a sentence, the gap of the first problem, long before the rest is computed.

    Returns
    -------
    Report
        The report that was written into ``out``.

    Raises
    ------
    InputError
        If ``per_class`` is not positive, no such network is embedded, or ``out`` cannot be used.
    """
    if per_class < 1:
        raise InputError(f"per_class = {per_class}; take at least one image of each digit")
    from ..xai.digits import EMBEDDED  # loads PyTorch

    if network not in EMBEDDED:
        known = ", ".join(map(repr, EMBEDDED))
        raise InputError(f"network = {network!r}; the demo takes an embedded one: {known}")
    study = Study(
        networks=[Network(network, per_class=per_class)],
        tasks=TASKS,
        conventions=tuple(Convention),
        num_reads=num_reads,
        seed=seed,
    )
    first = partial(_show_first, show, progress or silent) if show else None
    run_study(study, out, pool, overwrite=overwrite, progress=progress, on_start=first)
    return write_report(out, seed=seed, progress=progress)


def _show_first(show: Callable[[str], None], say: Say, instances: Sequence[Instance]) -> None:
    """Show the gap of the first problem of some instances.

    Little must be compiled for that, and no worker be started.
    """
    say("the first problem")
    for instance in instances:
        if instance.problem is not None:
            size = f"{instance.problem.num_qubits} qubits"
            gap = minimum_gap(AnnealHamiltonian(instance.problem))
            say("")
            show(f"The first of {len(instances)} problems, a digit {instance.label}, {size}: {gap}")
            return
