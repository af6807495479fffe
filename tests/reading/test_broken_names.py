"""Names, columns and sheets that are not what they should be, each with the exact message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from workbooks import edit, messages

if TYPE_CHECKING:
    from pathlib import Path

BROKEN: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "unknown site",
        {"fleet!B2": "DUB3"},
        ["error E201 fleet!B2 (site): got 'DUB3'; expected the name of a site or warehouse. Did you mean DUB2?"],
    ),
    (
        "unknown site far",
        {"fleet!B2": "Reykjavik"},
        [
            (
                "error E201 fleet!B2 (site): got 'Reykjavik'; expected the name of a site or warehouse. Known: DAL1, "
                "DUB1, DUB2"
            )
        ],
    ),
    (
        "unknown generation",
        {"committed!A2": "GB30"},
        [("error E201 committed!A2 (generation): got 'GB30'; expected the name of a generation. Did you mean GB300?")],
    ),
    (
        "unknown power row",
        {"power!A2": "Dubln"},
        [("error E201 power!A2 (site): got 'Dubln'; expected the name of a site or a campus. Did you mean Dublin?")],
    ),
    (
        "unknown workload in sites",
        {"sites!H2": "training, infrence"},
        [("error E201 sites!H2 (workloads): got 'infrence'; expected the name of a workload. Did you mean inference?")],
    ),
    (
        "all with two workloads",
        {"demand!A2": "all"},
        [("error E201 demand!A2 (workload): got 'all'; expected the name of a workload. Known: inference, training")],
    ),
    (
        "dup site",
        {"sites!A3": "DUB1 "},
        [
            "error E202 sites!A3 (site): 'DUB1' stands twice; expected each site once. The first one is in row 2",
            "error E201 power!A3 (site): got 'DUB2'; expected the name of a site or a campus. Did you mean DUB1?",
            "error E201 space!A2 (site): got 'DUB2'; expected the name of a site. Did you mean DUB1?",
            "error E201 fleet!B2 (site): got 'DUB2'; expected the name of a site or warehouse. Did you mean DUB1?",
            "error E201 shell_options!B2 (site): got 'DUB2'; expected the name of a site. Did you mean DUB1?",
        ],
    ),
    (
        "dup power",
        {"power!A3": "DAL1"},
        ["error E202 power!A4 (site): 'DAL1' stands twice; expected each site once. The first one is in row 3"],
    ),
    (
        "dup demand",
        {"demand!B3": "minimum"},
        [
            (
                "error E202 demand!A3 (workload): 'training' and 'minimum' stand twice; expected each workload and "
                "measure once. The first one is in row 2"
            )
        ],
    ),
    (
        "dup licence",
        {"licences!A3": "*", "licences!B3": "DAL1"},
        [
            (
                "error E202 licences!A3 (generation): '*' and 'DAL1' stand twice; expected each generation and site "
                "once. The first one is in row 2"
            )
        ],
    ),
    (
        "reserved",
        {"sites!A2": "warehouse"},
        [
            ("error E203 sites!A2 (site): got 'warehouse'; expected another name: this one has a meaning of its own"),
            "error E201 licences!B3 (site): got 'DUB1'; expected the name of a site. Did you mean DUB2?",
        ],
    ),
    (
        "dup setting",
        {"settings!A8": "periods"},
        [("error E202 settings!A8 (key): periods stands twice; expected each setting once. The first one is in row 4")],
    ),
    (
        "setting typo",
        {"settings!A8": "utilizaton"},
        [("error E204 settings!A8 (key): got 'utilizaton'; expected the name of a setting. Did you mean utilisation?")],
    ),
    (
        "setting missing start",
        {"settings!A3": "begin"},
        [
            (
                "error E112 settings (start): there is no setting start; expected a period like 2027Q1. Add a row "
                "with start under key and its value under value"
            )
        ],
    ),
    (
        "value without key",
        {"settings!A8": None},
        [
            (
                "error E112 settings!A8 (key): the cell is blank; expected the name of a setting. 0.5 beside it is "
                "not read"
            )
        ],
    ),
    (
        "missing column",
        {"generations!D1": None},
        [
            (
                "error E021 generations (power_kw): there is no column power_kw; expected a column power_kw: "
                "Provisioned IT power of a unit. Add it"
            )
        ],
    ),
    (
        "renamed column",
        {"generations!D1": "power_kilowatt"},
        [
            (
                "error E021 generations (power_kw): there is no column power_kw; expected a column power_kw: "
                "Provisioned IT power of a unit. Rename the column 'power_kilowatt' to power_kw"
            )
        ],
    ),
    (
        "dup column",
        {"generations!L1": "price"},
        [
            (
                "error E022 generations!L1 (price): the header 'price' stands twice; expected one column price. The "
                "first one is column F"
            )
        ],
    ),
    (
        "bad period header",
        {"power!C1": "2027Q5"},
        [
            (
                "error E205 power!C1 (C): got the header '2027Q5'; expected a period like 2027Q1, 2027-03, 2027H1 or "
                "2027. Quarters are Q1 to Q4"
            )
        ],
    ),
    (
        "period header serial",
        {"power!C1": 46388},
        [
            (
                "error E205 power!C1 (C): got the header 46388; expected a period like 2027Q1, 2027-03, 2027H1 or "
                "2027. 46388 is the date 2027-01-01 as a number; format the cell as a date or type the period"
            )
        ],
    ),
    (
        "dup period header",
        {"power!C1": "2027Q1"},
        [
            (
                "error E022 power (2027Q1): the period 2027Q1 has two columns, B and C; expected one column a period."
                " Delete one of them"
            )
        ],
    ),
    (
        "error header",
        {"power!C1": "#REF!"},
        [
            (
                "error E024 power!C1 (C): got the header '#REF!'; expected the name of a column. Type the header as "
                "plain text"
            )
        ],
    ),
    (
        "no header",
        {"fleet": [["H200", "DUB2", 2025, 40, 310000]]},
        [
            (
                "error E020 fleet: no header row was found; expected the headers generation, site, delivered, units, "
                "price in row 1"
            )
        ],
    ),
    (
        "missing sheet",
        {"power": None},
        [
            (
                "error E010 workbook: there is no sheet power; expected a sheet power: Facility power available, one "
                "row a hall or campus; a campus row caps the sum of its halls. Add it, or start from a template: "
                "procure new CASE.xlsx"
            )
        ],
    ),
    (
        "no rows",
        {"sites": [["site", "pue", "energy_per_mwh"]], "power": [["site", "2027Q1"]]},
        [
            (
                "error E012 sites: the table has no rows; expected at least one row. Halls with their own power, "
                "space, density and cooling, one a row; split a campus where these differ."
            ),
            (
                "error E012 power: the table has no rows; expected at least one row. Facility power available, one "
                "row a hall or campus; a campus row caps the sum of its halls."
            ),
        ],
    ),
    (
        "misspelt sheet",
        {"allocation": "alocation"},
        [
            (
                "error E014 alocation: the sheet looks like the table allocation under another name; expected the "
                "name of a table. Rename it to allocation"
            )
        ],
    ),
    (
        "two sheets",
        {"Fleets": [["generation", "site", "delivered", "units", "price"]]},
        [("error E011 Fleets: a second sheet for the table fleet; expected one sheet fleet; the first one is 'fleet'")],
    ),
    (
        "scenarios",
        {"scenarios": [["scenario", "probability"], ["late", 0.3]]},
        [
            (
                "error E013 scenarios: the table scenarios is not supported yet, and it has rows. Delete the rows to "
                "plan without it"
            )
        ],
    ),
    (
        "title above",
        {
            "sites": [
                ["Our halls"],
                [None],
                ["site", "campus", "pue", "energy_per_mwh"],
                ["DUB1", "Dublin", 1.2, 100],
                ["DUB2", "Dublin", "1,3", 100],
                ["DAL1", None, 1.1, 60],
            ]
        },
        [
            (
                "error E023 sites!A3: the table starts in A3; expected the header in row 1 and the first column in A."
                " Delete the 2 rows above"
            ),
            (
                "error E107 sites!C5 (pue): got '1,3'; expected a number between 1 and 10. Looks like a decimal "
                "comma; enter 1.3"
            ),
        ],
    ),
    (
        "starts in B",
        {"rental": [[None, "workload", "price_per_unit_hour", "2027Q1"], [None, "training", 2.4, 100]]},
        [
            (
                "error E023 rental!B1: the table starts in B1; expected the header in row 1 and the first column in "
                "A. Delete the column on its left"
            )
        ],
    ),
    (
        "no period column",
        {"budget": [["budget", "note"], ["capex", "x"]]},
        ["error E021 budget: there is no period column; expected one column a period, the first one 2027Q1"],
    ),
]


@pytest.mark.parametrize(("changes", "expected"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_every_fault_has_its_exact_message(tmp_path: Path, changes: dict[str, Any], expected: list[str]) -> None:
    assert messages(edit(tmp_path / "case.xlsx", changes)) == expected
