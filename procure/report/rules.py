"""The rules of a plan as live formulas over its own sheets and the echoed inputs.

Rules carry the audit's names where the audit has the same rule; the statement says what the formula computes. A
violation is in the rule's unit and 0 where the rule is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from procure.report import rules_money, rules_power, rules_units
from procure.report.rule import WORK_LIMIT, LiveRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from procure.report.book import Book

    Part = Callable[[Book], Iterator[LiveRule]]

__all__ = ["LiveRule", "live_rules"]

_BY_NAME: tuple[Part, ...] = (
    rules_units.orders, rules_units.stock, rules_units.moves, rules_units.running, rules_units.sites,
    rules_units.licences, rules_power.power, rules_power.campus, rules_power.units_at_work, rules_power.energy,
    rules_power.demand, rules_money.budget,
)  # fmt: skip
_BY_PERIOD: tuple[Part, ...] = (rules_money.books, rules_money.ties, rules_money.sheets, rules_money.figures)


def live_rules(book: Book) -> list[LiveRule]:
    """Return the rules that apply to a plan; a rule without data (no order, no licence) or too large is left out.

    Where names cannot be told apart by a spreadsheet (``*``, ``?``, ``~``, a leading ``<``, ``>`` or ``=``, or two
    that differ only in case), only rules that look up no name are returned.
    """
    parts = (*_BY_NAME, *_BY_PERIOD) if _names_are_plain(book) else _BY_PERIOD
    return [rule for part in parts for rule in part(book) if rule.violation.work <= WORK_LIMIT]


def _names_are_plain(book: Book) -> bool:
    names = {str(value) for key in ("key", "key2") for value in book.frames["inputs"][key]} - {"*", ""}
    odd = any(set(name) & set("*?~") or name[0] in "<>=" for name in names)
    return not odd and len({name.casefold() for name in names}) == len(names)
