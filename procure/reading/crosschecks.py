"""What cannot hold together across tables; see ``cross_check``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procure.reading.digest import Digest

__all__ = ["cross_check"]


def cross_check(result: Digest) -> None:
    """Check what depends on several tables."""
