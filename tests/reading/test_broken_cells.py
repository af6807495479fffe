"""Cells that a reader might swallow, each with its exact message."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from workbooks import edit, messages

if TYPE_CHECKING:
    from pathlib import Path

BROKEN: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "error cell",
        {"sites!D2": "#N/A"},
        [
            (
                "error E104 sites!D2 (pue): got '#N/A'; expected a number between 1 and 10. The formula in this cell "
                "failed; repair it or type the value"
            )
        ],
    ),
    (
        "div0 in wide",
        {"power!B2": "#DIV/0!"},
        [
            (
                "error E104 power!B2 (2027Q1): got '#DIV/0!'; expected a number in MW, 0 or more. The formula in this"
                " cell failed; repair it or type the value"
            )
        ],
    ),
    (
        "formula uncalculated",
        {"generations!F2": "=300*1000"},
        [
            (
                "error E105 generations!F2 (price): got '=300*1000'; expected a number in currency/unit, 0 or more, "
                "but the formula was never calculated. Open the workbook in Excel or LibreOffice, let it calculate, "
                "save it, and try again"
            )
        ],
    ),
    (
        "formula uncalculated text",
        {"fleet!A2": "=generations!A2"},
        [
            (
                "error E105 fleet!A2 (generation): got '=generations!A2'; expected one of the generations, but the "
                "formula was never calculated. Open the workbook in Excel or LibreOffice, let it calculate, save it, "
                "and try again"
            )
        ],
    ),
    (
        "bool in number",
        {"generations!D2": True},
        [
            (
                "error E103 generations!D2 (power_kw): got TRUE; expected a number in kW/unit, above 0. TRUE and "
                "FALSE are not numbers; type 1 or 0 if that is meant"
            )
        ],
    ),
    (
        "bool in wide",
        {"budget!B2": False},
        [
            (
                "error E103 budget!B2 (2027Q1): got FALSE; expected a number in currency, 0 or more. TRUE and FALSE "
                "are not numbers; type 1 or 0 if that is meant"
            )
        ],
    ),
    (
        "decimal comma",
        {"sites!D2": "1,15"},
        [
            (
                "error E107 sites!D2 (pue): got '1,15'; expected a number between 1 and 10. Looks like a decimal "
                "comma; enter 1.15"
            )
        ],
    ),
    (
        "unit",
        {"power!B2": "12 MW"},
        [
            (
                "error E107 power!B2 (2027Q1): got '12 MW'; expected a number in MW, 0 or more. Enter 12: only the "
                "number belongs in the cell"
            )
        ],
    ),
    (
        "unit converted",
        {"power!B2": "500 kW"},
        [
            (
                "error E107 power!B2 (2027Q1): got '500 kW'; expected a number in MW, 0 or more. Enter 0.5: only the "
                "number belongs in the cell"
            )
        ],
    ),
    (
        "thousands",
        {"generations!F3": "4,000,000"},
        [
            (
                "error E107 generations!F3 (price): got '4,000,000'; expected a number in currency/unit, 0 or more. "
                "Looks like separators of thousands; enter 4000000"
            )
        ],
    ),
    (
        "currency",
        {"generations!F3": "$4.0M"},
        [
            (
                "error E107 generations!F3 (price): got '$4.0M'; expected a number in currency/unit, 0 or more. Enter"
                " 4000000: only the number belongs in the cell"
            )
        ],
    ),
    (
        "percent text",
        {"settings!B7": "9 %"},
        [
            (
                "error E107 settings!B7 (discount_rate): got '9 %'; expected a fraction between 0 and 1. Enter 0.09, "
                "or 9 % in a cell formatted as percent"
            )
        ],
    ),
    (
        "number as text",
        {"generations!D2": "10.2"},
        [
            (
                "error E107 generations!D2 (power_kw): got '10.2'; expected a number in kW/unit, above 0. The number "
                "is stored as text; enter 10.2 as a number"
            )
        ],
    ),
    (
        "word for number",
        {"generations!D2": "ten"},
        ["error E101 generations!D2 (power_kw): got 'ten'; expected a number in kW/unit, above 0"],
    ),
    (
        "word in wide number",
        {"demand!D2": "n/a"},
        [
            (
                "error E101 demand!D2 (2027Q4): got 'n/a'; expected a number in compute units (value: currency/unit-"
                "hour), 0 or more. Leave the cell blank to repeat the one on its left"
            )
        ],
    ),
    (
        "negative price",
        {"generations!F2": -300000},
        [
            (
                "error E102 generations!F2 (price): got -300000; expected a number in currency/unit, 0 or more. Enter"
                " 300000 if the sign is wrong"
            )
        ],
    ),
    (
        "utilisation 40",
        {"settings!B8": 40},
        [("error E102 settings!B8 (utilisation): got 40; expected a fraction between 0 and 1. For 40 % enter 0.4")],
    ),
    (
        "fraction in long",
        {"power_options!D2": 90},
        [
            (
                "error E102 power_options!D2 (availability): got 90; expected a fraction between 0 and 1. For 90 % "
                "enter 0.9"
            )
        ],
    ),
    (
        "pue below 1",
        {"sites!D2": 0.15},
        [
            (
                "error E102 sites!D2 (pue): got 0.15; expected a number between 1 and 10. PUE is facility power over "
                "IT power, never below 1; for 15 % of overhead enter 1.15"
            )
        ],
    ),
    (
        "pue zero",
        {"sites!D3": 0},
        [
            (
                "error E102 sites!D3 (pue): got 0; expected a number between 1 and 10. PUE is facility power over IT "
                "power, never below 1"
            )
        ],
    ),
    (
        "zero power",
        {"generations!D2": 0},
        ["error E102 generations!D2 (power_kw): got 0; expected a number in kW/unit, above 0"],
    ),
    (
        "fractional units",
        {"fleet!D2": 40.5},
        ["error E106 fleet!D2 (units): got 40.5; expected a whole number in units, 0 or more. Enter 40 or 41"],
    ),
    (
        "fractional lead",
        {"generations!I2": 0.5},
        [
            (
                "error E106 generations!I2 (lead_time): got 0.5; expected a whole number in periods between 0 and "
                "480. Enter 0 or 1"
            )
        ],
    ),
    (
        "zero lot",
        {"generations!J2": 0},
        ["error E102 generations!J2 (lot): got 0; expected a whole number in units, 1 or more"],
    ),
    (
        "periods zero",
        {"settings!B4": 0},
        ["error E102 settings!B4 (periods): got 0; expected a whole number in periods between 1 and 480"],
    ),
    (
        "periods fractional",
        {"settings!B4": 7.5},
        [
            (
                "error E106 settings!B4 (periods): got 7.5; expected a whole number in periods between 1 and 480. "
                "Enter 7 or 8"
            )
        ],
    ),
    (
        "period 2027Q5",
        {"generations!G3": "2027Q5"},
        [
            (
                "error E108 generations!G3 (available_from): got '2027Q5'; expected a period like 2027Q1. Quarters "
                "are Q1 to Q4"
            )
        ],
    ),
    (
        "period 27Q1",
        {"generations!G3": "27Q1"},
        ["error E108 generations!G3 (available_from): got '27Q1'; expected a period like 2027Q1. Enter 2027Q1"],
    ),
    (
        "period word",
        {"fleet!C2": "last summer"},
        ["error E108 fleet!C2 (delivered): got 'last summer'; expected a period like 2027Q1"],
    ),
    (
        "date serial",
        {"fleet!C2": 45962},
        [
            (
                "error E109 fleet!C2 (delivered): got 45962; expected a period like 2027Q1. 45962 is the date "
                "2025-11-01 as a number; enter 2025Q4 or format the cell as a date"
            )
        ],
    ),
    (
        "start serial",
        {"settings!B3": 46388},
        [
            (
                "error E109 settings!B3 (start): got 46388; expected a period like 2027Q1. 46388 is the date "
                "2027-01-01 as a number; enter 2027Q1 or format the cell as a date"
            )
        ],
    ),
    (
        "start word",
        {"settings!B3": "soon"},
        ["error E108 settings!B3 (start): got 'soon'; expected a period like 2027Q1"],
    ),
    (
        "huge number",
        {"budget!B2": 1e30},
        [
            (
                "error E116 budget!B2 (2027Q1): got 1e+30; expected a number in currency, 0 or more. It is far too "
                "large to be meant"
            )
        ],
    ),
    (
        "date for number",
        {"generations!F2": dt.date(2027, 3, 1)},
        [
            (
                "error E114 generations!F2 (price): got 2027-03-01; expected a number in currency/unit, 0 or more. "
                "The cell is formatted as a date; format it as a number and type it again"
            )
        ],
    ),
    (
        "date for name",
        {"generations!A2": dt.date(2027, 3, 1)},
        [
            (
                "error E113 generations!A2 (generation): got 2027-03-01; expected a name. Names like MAR1 turn into "
                "dates; format the cell as text and type it again"
            )
        ],
    ),
    (
        "bool for name",
        {"sites!A2": True},
        [("error E103 sites!A2 (site): got TRUE; expected a name. Format the cell as text and type the name again")],
    ),
    (
        "choice",
        {"generations!E2": "liqiud"},
        ["error E110 generations!E2 (cooling): got 'liqiud'; expected one of air, liquid. Did you mean liquid?"],
    ),
    (
        "choice unknown",
        {"sites!G2": "immersion"},
        ["error E110 sites!G2 (cooling): got 'immersion'; expected one of air, liquid, both"],
    ),
    (
        "objective typo",
        {"settings!B6": "balance"},
        [
            (
                "error E110 settings!B6 (objective): got 'balance'; expected one of compute_per_dollar, "
                "compute_per_watt, balanced, compute, cost, npv. Did you mean balanced?"
            )
        ],
    ),
    ("yesno", {"licences!C2": "maybe"}, ["error E111 licences!C2 (allowed): got 'maybe'; expected yes or no"]),
    (
        "carry over",
        {"settings!B9": "perhaps"},
        ["error E111 settings!B9 (budget_carry_over): got 'perhaps'; expected yes or no"],
    ),
    (
        "blank price of fleet",
        {"fleet!E2": None},
        [
            (
                "error E112 fleet!E2 (price): the cell is blank; expected a number in currency/unit, 0 or more. Fill "
                "it in or clear the row"
            )
        ],
    ),
    (
        "blank name",
        {"generations!A2": None},
        [("error E112 generations!A2 (generation): the cell is blank; expected a name. Fill it in or clear the row")],
    ),
    (
        "blank key in wide",
        {"power!A2": None},
        [
            (
                "error E112 power!A2 (site): the cell is blank; expected one of the sites or campuses. Fill it in or "
                "clear the row"
            )
        ],
    ),
    (
        "blank energy price",
        {"sites!E2": None},
        [
            (
                "error E112 sites!E2 (energy_per_mwh): the cell is blank; expected a number in currency/MWh, 0 or "
                "more. Fill it in or clear the row"
            )
        ],
    ),
    (
        "long name",
        {"sites!A2": "x" * 300},
        [
            (
                "error E115 sites!A2 (site): got 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'; "
                "expected a name of at most 255 characters. It has 300 characters"
            )
        ],
    ),
]


@pytest.mark.parametrize(("changes", "expected"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_every_fault_has_its_exact_message(tmp_path: Path, changes: dict[str, Any], expected: list[str]) -> None:
    assert messages(edit(tmp_path / "case.xlsx", changes)) == expected
