"""Explaining: why a case has no plan, which limits cannot hold together, and the cheapest ways out."""

from __future__ import annotations

from procure.explaining.findings import Binding, Cause, Clash, Explanation, Reason

__all__ = ["Binding", "Cause", "Clash", "Explanation", "Reason"]
