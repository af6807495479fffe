"""Tables that are sound one by one and cannot hold together, each with the exact message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from workbooks import edit, messages

if TYPE_CHECKING:
    from pathlib import Path

BROKEN: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "fleet after start",
        {"fleet!C2": "2027Q3"},
        [
            (
                "error E301 fleet!C2 (delivered): got 2027Q3; expected a period before the start, 2027Q1. Units that "
                "are still to come belong in the sheet committed"
            )
        ],
    ),
    (
        "committed before start",
        {"committed!B2": "2026Q4"},
        [
            (
                "error E302 committed!B2 (delivery): got 2026Q4; expected a period from the start on, 2027Q1. Units "
                "that are there already belong in the sheet fleet"
            )
        ],
    ),
    (
        "site without power",
        {"power!A3": "DAL1", "power!A4": None, "power!C4": None, "power!D4": None, "sites!B3": None},
        [
            (
                "error E303 sites!A3 (site): 'DUB2' has no power; expected a row for it or for a campus it belongs to"
                " in the sheet power. Where all its power comes from options, give it a row with 0"
            )
        ],
    ),
    (
        "committed over budget",
        {"committed!C2": 40},
        [
            (
                "error E304 budget!B2 (2027Q2): the budget in 2027Q2 is 60,000,000, committed orders cost "
                "156,000,000; expected at least 156,000,000. Raise the budget by 96,000,000, or move or drop "
                "committed orders"
            )
        ],
    ),
    (
        "committed over budget carry",
        {"committed!C2": 40, "settings!B9": "yes"},
        [
            (
                "error E304 budget!B2 (2027Q2): the budget up to 2027Q2 is 120,000,000, committed orders cost "
                "156,000,000; expected at least 156,000,000. Raise the budget by 36,000,000, or move or drop "
                "committed orders"
            )
        ],
    ),
    (
        "demand beyond units",
        {"demand!D2": 100000, "demand!D3": None, "demand!C3": None},
        [
            (
                "error E305 demand!D2 (2027Q4): the minimum of 'training' in 2027Q4 is 100,000; expected at most "
                "26,995.5, with all power that could be there by then in use. Lower it, or add supply, power or "
                "rental"
            )
        ],
    ),
    (
        "min over max",
        {"demand!D2": 6000},
        [
            (
                "error E306 demand!D2 (2027Q4): the minimum of 'training' in 2027Q4 is 6,000; expected at most the "
                "maximum, 5,000. The maximum is in row 3"
            )
        ],
    ),
    (
        "window",
        {"generations!H3": "2026Q3"},
        [
            (
                "error E307 generations!H3 (last_order): got 2026Q3; expected available_from (2027Q1) or later. One "
                "of the two periods is wrong"
            )
        ],
    ),
    (
        "option window",
        {"power_options!H2": "2027Q1", "power_options!I1": "earliest", "power_options!I2": "2028"},
        [
            (
                "error E307 power_options!H2 (latest): got 2027Q1; expected earliest (2028Q1) or later. One of the "
                "two periods is wrong"
            )
        ],
    ),
    (
        "resale machine",
        {"resale_prices!B2": 400000, "budget": None},
        [
            (
                "error E308 resale_prices!B2 (2027Q2): a unit of 'H200' ordered in 2027Q1 sells at a profit in "
                "2027Q2, and nothing limits how many are ordered; expected a resale price below the purchase price, "
                "or an allocation or a budget. Lower it, or add a row to allocation"
            )
        ],
    ),
    (
        "no compute",
        {"generations!C4": None},
        [
            (
                "error E309 generations!C4 (compute): the cell is blank; expected a number in compute units/unit, 0 "
                "or more. Fill it in, or give 'MI355X' performance for training, inference"
            )
        ],
    ),
    (
        "no price",
        {"generations!F2": None},
        [
            (
                "error E310 generations!F2 (price): the cell is blank; expected a number in currency/unit, 0 or more."
                " Fill it in, or give 'H200' a price for 2027Q1 in the sheet prices"
            )
        ],
    ),
    (
        "no racks",
        {"generations!K2": 0},
        [
            (
                "error E311 generations row 2 (rack_kw): the cell is blank; expected a number in kW/rack, above 0. "
                "With 0 racks a unit the density cannot be worked out"
            )
        ],
    ),
    (
        "two budget rows",
        {"budget!A3": "capex", "budget!B3": 5},
        ["error E202 budget!A3 (budget): 'capex' stands twice; expected one row. The first one is in row 2"],
    ),
    (
        "a second budget row",
        {"budget!A3": "opex", "budget!B3": 5},
        ["error E110 budget!A3 (budget): got 'opex'; expected the word capex. Did you mean capex?"],
    ),
]


@pytest.mark.parametrize(("changes", "expected"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_every_fault_has_its_exact_message(tmp_path: Path, changes: dict[str, Any], expected: list[str]) -> None:
    assert messages(edit(tmp_path / "case.xlsx", changes)) == expected
