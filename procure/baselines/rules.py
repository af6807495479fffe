"""The rules of thumb: what each buys, where it goes, and when a unit leaves. They are data; ``simulate`` plays them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from procure.case import Case

__all__ = ["RULES", "Rule", "statement"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of thumb: its name, what it does in a few words (``brief``) and in full (``says``).

    ``choice`` ranks what is on offer: ``newest``, ``dollar`` (least cost of ownership a unit-hour, at today's prices)
    or ``watt`` (most compute per MW). ``replaces``: units leave before the end of their service life for something that
    the choice prefers. ``first_site``: halls in the order in which they are energised, each full before the next.
    ``even``: no more is spent by any period than an even share of the whole budget.
    """

    name: str
    brief: str
    says: str
    choice: str
    replaces: bool = True
    first_site: bool = False
    even: bool = False


#: Every rule fills the power that will be free on delivery as far as budget, supply and demand allow, within the
#: limits of the case, and decides from what is known in the period.
RULES = (
    Rule(
        "newest",
        "the newest generation, as soon as it ships",
        "Buys the newest generation that can be had as soon as it ships, into free power first, then in the place of "
        "older units that give less compute per MW",
        "newest",
    ),
    Rule(
        "best per dollar",
        "the most compute per dollar, at today's prices",
        "Buys what gives the most compute per dollar today (price spread over its book life at the discount rate, "
        "energy, rent, operation); replaces a unit whose resale value and running cost make its compute dearer",
        "dollar",
    ),
    Rule(
        "best per watt",
        "the most compute per MW, whatever it costs",
        "Buys what gives the most compute per MW today; replaces units that give less",
        "watt",
    ),
    Rule(
        "first site",
        "sites in the order in which they are energised",
        "Fills the sites in the order in which they are energised, each before the next, with what gives the most "
        "compute per dollar there today; replaces as best per dollar",
        "dollar",
        first_site=True,
    ),
    Rule(
        "even budget",
        "the same spend every period",
        "Spends an even share of the budget each period on what gives the most compute per dollar today; replaces as "
        "best per dollar",
        "dollar",
        even=True,
    ),
    Rule(
        "keep",
        "as best per dollar, and nothing retires early",
        "Buys as best per dollar and keeps everything for its service life ({years}): nothing retires early",
        "dollar",
        replaces=False,
    ),
)


def statement(rule: Rule, case: Case) -> str:
    """Return what the rule does, in words that name the case's own figures."""
    periods = np.unique(case.generations.service_periods)
    years = [f"{value:g}" for value in np.unique(np.round(periods * case.years, 2))]
    span = years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"
    return rule.says.format(years=f"{span} year{'' if span == '1' else 's'}")
