"""What the functions that take an eigensolver accept."""

from __future__ import annotations

from typing import Any

from ..problem.accept import kind_of
from ..problem.errors import InputError
from .eigen import EigenMethod


def require_method(method: Any) -> None:
    """Raise InputError unless ``method`` is an eigensolver's object, or None for the usual one."""
    if method is not None and not isinstance(method, EigenMethod):
        raise InputError(
            f"method is {kind_of(method)}; give an eigensolver such as Davidson(), Lanczos(), "
            "Lobpcg() or Dense(), or None for the usual one"
        )
