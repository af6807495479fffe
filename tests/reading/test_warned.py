"""Warnings and notes, each with its exact message: legal workbooks are never refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from workbooks import edit, messages

if TYPE_CHECKING:
    from pathlib import Path

WARNED: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "unknown column",
        {"sites!I1": "owner", "sites!J1": "Notes", "sites!K1": "tier"},
        ["note N501 sites: further columns are kept as notes: 'owner', 'tier'"],
    ),
    (
        "column like a known one",
        {"generations!M1": "opex_per_yr"},
        [
            (
                "warning W403 generations!M1 (opex_per_yr): the column 'opex_per_yr' is not known. Did you mean "
                "opex_per_year? It is kept as a note and not read"
            )
        ],
    ),
    (
        "workload column",
        {"performance!D1": "inferense", "performance!D2": 3},
        [
            (
                "warning W403 performance (inferense): the column 'inferense' (D) is no workload. Did you mean "
                "inference? it is kept as a note and not read"
            )
        ],
    ),
    ("unknown sheet", {"Budget notes": [["x"]]}, ["warning W402 Budget notes: the sheet is not read"]),
    (
        "sheet like a known one",
        {"project": [["x"]], "projects": None, "readme": [["how to"]]},
        [
            (
                "error E020 project: no header row was found; expected the headers project, workload, uplift, cost, "
                "cost_per_year, lead_time, earliest in row 1"
            )
        ],
    ),
    (
        "near sheet of another kind",
        {"alocations": [["what"], ["a list"]], "allocation": None},
        ["warning W402 alocations: the sheet is not read. Did you mean allocation?"],
    ),
    (
        "unknown setting",
        {"settings!A10": "author", "settings!B10": "me"},
        ["warning W404 settings!A10 (key): the setting 'author' is not known. It is not read"],
    ),
    ("other capitals", {"fleet!B2": "dub2"}, ["warning W407 fleet!B2 (site): got 'dub2'. Read as 'DUB2'"]),
    (
        "period columns out of order",
        {"power!B1": "2027Q2", "power!C1": "2027Q1", "power!C2": 4, "power!C3": 2},
        [
            (
                "warning W408 power: the period columns are not in order of time. A blank cell repeats the period "
                "before, not the cell on its left"
            )
        ],
    ),
    (
        "coarser column",
        {"power!D1": "2028"},
        [
            (
                "warning W411 power (2028Q1): the column '2028' is read as 2028Q1 and holds until the next column. "
                "Use period labels like 2027Q1"
            )
        ],
    ),
    (
        "budget under another name",
        {"budget!A2": "Total"},
        ["warning W412 budget!A2 (budget): got 'Total'. The only row is read as capex"],
    ),
    (
        "W for kW",
        {"generations!D4": 15600, "generations!F4": 40000000.0},
        [
            (
                "warning W406 generations!D4 (power_kw): got 15600; expected usually between 0.3 and 1,500 kW/unit. "
                "If that is W, enter 15.6"
            )
        ],
    ),
    (
        "kW for MW",
        {"power_options!C2": 5001},
        [
            (
                "warning W406 power_options!C2 (adds_mw): got 5001; expected usually between 0 and 5,000 MW. If that "
                "is kW, enter 5.001"
            )
        ],
    ),
    (
        "kW for MW in the ramp",
        {"power!D2": 8000},
        [("warning W406 power!D2 (2027Q3): got 8000; expected usually between 0 and 5,000 MW. If that is kW, enter 8")],
    ),
    (
        "price of a chip",
        {"generations!F3": 40000, "committed": None},
        [
            (
                "warning W406 generations!F3 (price): got 40000 for a unit of 140 kW; expected usually more than "
                "2,000 USD a kW. Is it the price of one accelerator, or in thousands? Enter that of the whole unit"
            )
        ],
    ),
    (
        "price of a kWh",
        {"sites!E4": 0.066},
        [
            (
                "warning W406 sites!E4 (energy_per_mwh): got 0.066; expected usually 20 to 300 currency/MWh. If that "
                "is the price of a kWh, enter 66"
            )
        ],
    ),
    ("high PUE", {"sites!D3": 3}, ["warning W406 sites!D3 (pue): got 3; expected usually between 1 and 2.5"]),
    (
        "depreciation of 60 years",
        {"settings!A10": "depreciation_years", "settings!B10": 60},
        ["warning W406 settings!B10 (depreciation_years): got 60; expected usually between 1 and 15 years"],
    ),
    (
        "fleet over power",
        {"fleet!D2": 200},
        [
            (
                "warning W420 fleet!B2 (site): the fleet at 'DUB2' needs 2.448 MW on day one, 2 MW are there. Some "
                "units will be off or leave"
            ),
            (
                "warning W421 fleet!B2 (site): the fleet at 'DUB2' takes 50 racks on day one, 40 are there. Some "
                "units must leave in the first period"
            ),
        ],
    ),
    (
        "fleet over the campus",
        {"power!A3": "DUB1", "power!B2": 0.3},
        [
            (
                "warning W420 fleet!B2 (site): the fleet at 'Dublin' needs 0.4896 MW on day one, 0.3 MW are there. "
                "Some units will be off or leave"
            )
        ],
    ),
    (
        "fleet without licence",
        {"licences!A4": "H200", "licences!B4": "DUB2", "licences!C4": "no"},
        [
            (
                "warning W422 fleet!B2 (site): 'H200' cannot stay at 'DUB2': there is no licence for it in the first "
                "period. The units leave in the first period"
            )
        ],
    ),
    (
        "fleet too dense",
        {"sites!F3": 20},
        [
            (
                "warning W422 fleet!B2 (site): 'H200' cannot stay at 'DUB2': it needs 40.8 kW a rack, the hall takes "
                "20. The units leave in the first period"
            )
        ],
    ),
    (
        "fleet past its life",
        {"fleet!C2": "2020Q4"},
        [
            (
                "warning W423 fleet!C2 (delivered): 'H200' is past its service life of 6 years. The units must be "
                "sold or scrapped in the first period"
            )
        ],
    ),
    (
        "lead beyond the horizon",
        {"generations!I4": 8},
        [
            (
                "warning W424 generations!I4 (lead_time): 'MI355X' can never be ordered. With a lead time of 8 it "
                "would arrive after 2028Q4"
            )
        ],
    ),
    (
        "available after the horizon",
        {"generations!G4": "2030Q1"},
        [
            (
                "warning W424 generations!G4 (available_from): 'MI355X' can never be ordered. It becomes available in"
                " 2030Q1, after the horizon"
            )
        ],
    ),
    (
        "allocation below the lot",
        {"generations!J3": 50},
        [
            (
                "warning W424 generations!A3 (generation): 'GB300' can never be ordered. The allocation of every "
                "period is below lot or min_order"
            )
        ],
    ),
    (
        "npv without value",
        {"settings!B6": "npv", "demand!B4": "maximum"},
        [
            (
                "warning W425 settings!B6 (objective): the objective npv needs rows of the measure value in the sheet"
                " demand; nothing is worth buying"
            )
        ],
    ),
    (
        "cost without minimum",
        {"settings!B6": "cost", "demand!D2": 0},
        [
            (
                "warning W425 settings!B6 (objective): the objective cost needs rows of the measure minimum in the "
                "sheet demand; buying nothing is cheapest"
            )
        ],
    ),
    (
        "committed after the horizon",
        {"committed!B2": "2030Q1"},
        [
            (
                "warning W426 committed!B2 (delivery): got 2030Q1; expected a period within the horizon, 2027Q1 to "
                "2028Q4. The order arrives after the horizon and is left out"
            )
        ],
    ),
    (
        "free energy",
        {"power_options!F2": None},
        [
            (
                "warning W427 power_options!F2 (energy_per_mwh): the cell is blank. It counts as 0; type 0 if that is"
                " meant"
            )
        ],
    ),
    (
        "campus named like a hall",
        {"sites!B2": "DUB2", "sites!B3": "DUB2", "power!A2": "DUB1"},
        [
            (
                "warning W428 power!A3 (site): 'DUB2' is a hall and a campus of 2 halls. The row caps both; give the "
                "campus another name if that is not meant"
            )
        ],
    ),
]


@pytest.mark.parametrize(("changes", "expected"), [case[1:] for case in WARNED], ids=[case[0] for case in WARNED])
def test_every_warning_has_its_exact_message(tmp_path: Path, changes: dict[str, Any], expected: list[str]) -> None:
    assert messages(edit(tmp_path / "case.xlsx", changes), "error", "warning", "note") == expected
