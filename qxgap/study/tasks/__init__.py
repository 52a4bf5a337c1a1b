"""The tasks of a study, one file each: name, columns, axes, settings, cost and computation."""

from __future__ import annotations

from typing import Any

from ...errors import InputError
from .base import Column as Column
from .base import Kind as Kind
from .base import Memory as Memory
from .base import ProblemTask as ProblemTask
from .base import Task as Task
from .compare import Compare
from .gap import Gap
from .sample import Sample
from .schedules import Schedules
from .select import Select
from .success import Success
from .work import Work as Work
from .xai import Xai

TASKS: dict[str, Task[Any]] = {
    task.name: task
    for task in (Gap(), Success(), Schedules(), Select(), Sample(), Compare(), Xai())
}
"""Name -> task, in the order of the rows of one instance when all are computed."""


def register(task: Task[Any]) -> None:
    """Make a task known by its name to study files, tables and reports.

    Parameters
    ----------
    task : Task
        The task. Another one of the same name is refused.

    Raises
    ------
    InputError
        If the name is taken.
    """
    if task.name in TASKS:
        raise InputError(f"task {task.name!r} exists; give the new task another name")
    TASKS[task.name] = task


def unregister(name: str) -> None:
    """Forget a task, so that its name means nothing to study files, tables and reports.

    Parameters
    ----------
    name : str
        Name of the task. A name that is unknown is ignored.

    Examples
    --------
    >>> from qxgap.study.tasks import TASKS, unregister
    >>> unregister("a task that nobody knows")
    >>> "gap" in TASKS
    True
    """
    TASKS.pop(name, None)
