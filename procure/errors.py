"""What can go wrong, as exceptions with the exit status that the command line gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["InfeasibleError", "InputError", "NoPlanError", "OutputError", "ProcureError", "UnboundedError"]


class ProcureError(Exception):
    """Base of every error that a planner can meet."""

    exit_status = 1


class InputError(ProcureError):
    """The input has faults; ``faults`` lists all of them in the order of the workbook."""

    exit_status = 3

    def __init__(self, faults: Sequence[Any]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class InfeasibleError(ProcureError):
    """No plan satisfies every limit; ``reasons`` says why, a line each, ``explanation`` (if there is one) all of it."""

    exit_status = 4

    def __init__(self, message: str, reasons: Sequence[Any] = (), explanation: Any = None) -> None:
        self.reasons = list(reasons)
        self.explanation = explanation
        super().__init__(message)


class UnboundedError(ProcureError):
    """The objective can grow without end: something that should limit it is missing."""

    exit_status = 3


class NoPlanError(ProcureError):
    """No plan was found within the limit; nothing is known to forbid one."""

    exit_status = 5

    def __init__(self, message: str, *, interrupted: bool = False) -> None:
        self.interrupted = interrupted
        if interrupted:
            self.exit_status = 130
        super().__init__(message)


class OutputError(ProcureError):
    """The output cannot be written (open in Excel, a full disk, no such folder); the old file is whole."""

    exit_status = 7
