"""Questions beside the best plan: the whole trade-off, what a bottleneck is worth, plans near it, switching prices."""

from __future__ import annotations

from typing import Any

__all__ = ["alternatives", "megawatt_values", "switching_prices"]

_HOME = {
    "alternatives": "procure.analysis.near_best",
    "megawatt_values": "procure.analysis.bottlenecks",
    "switching_prices": "procure.analysis.switching",
}


def __getattr__(name: str) -> Any:
    """Import a function of this package when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)
