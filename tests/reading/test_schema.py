from __future__ import annotations

import math
import subprocess
import sys

import pytest

from procure.schema import PERIOD, Interval, load_schema, reference_markdown

SCHEMA = load_schema()
LITERALS = {"*", "warehouse", "campus"}

DESIGN = {
    "settings": (
        "title start periods period_length objective watt_basis discount_rate depreciation_years "
        "terminal_value currency compute_unit compute_value_decline utilisation budget_carry_over "
        "max_generation_share carbon_price_per_t carbon_cap_t compute_floor depreciation_start mip_gap "
        "time_limit_s frontier_points commit_periods solver random_seed"
    ),
    "generations": (
        "generation vendor compute power_kw load_factor racks rack_kw cooling price price_decline "
        "available_from last_order lead_time lot min_order deposit depreciation_years service_years resale "
        "resale_decline opex_per_year opex_growth order_cost install_cost remove_cost obsolescence"
    ),
    "sites": (
        "site campus market pue energy_per_mwh max_rack_kw cooling overhead rent_per_kw_month "
        "capacity_per_kw_month fixed_per_year carbon_kg_per_mwh utilisation workloads racks"
    ),
    "power": "site",
    "space": "site",
    "budget": "budget",
    "allocation": "generation",
    "prices": "generation",
    "resale_prices": "generation",
    "modes": "generation mode power_factor compute_factor",
    "compute_path": "generation",
    "workloads": "workload utilisation",
    "performance": "generation",
    "demand": "workload measure",
    "fleet": "generation site delivered units price",
    "committed": "generation delivery units price",
    "licences": "generation site allowed from max_units",
    "power_options": (
        "option site adds_mw availability capex fixed_per_year energy_per_mwh carbon_kg_per_mwh lead_time "
        "earliest latest max_builds"
    ),
    "shell_options": "option site adds_racks capex fixed_per_year lead_time earliest latest max_builds",
    "projects": "project workload uplift cost cost_per_year lead_time earliest",
    "rental": "workload price_per_unit_hour kw_per_compute_unit",
    "scenarios": (
        "scenario probability site power_delay power_factor generation slip price_factor compute_factor "
        "demand_factor energy_factor allocation_factor"
    ),
}


def test_every_table_and_column_of_the_contract_is_in_the_dictionary() -> None:
    assert list(SCHEMA) == list(DESIGN)
    for name, columns in DESIGN.items():
        assert sorted(column.name for column in SCHEMA[name].fixed) == sorted(columns.split()), name


@pytest.mark.parametrize(
    ("sheet", "column", "default"),
    [
        ("settings", "discount_rate", 0.08),
        ("settings", "depreciation_years", 6),
        ("settings", "utilisation", 0.4),
        ("settings", "terminal_value", "book"),
        ("settings", "budget_carry_over", True),
        ("settings", "objective", "balanced"),
        ("settings", "carbon_cap_t", math.inf),
        ("settings", "compute_floor", 0.5),
        ("settings", "mip_gap", 0.001),
        ("settings", "time_limit_s", 300),
        ("settings", "max_generation_share", 1),
        ("settings", "commit_periods", 2),
        ("generations", "load_factor", 1),
        ("generations", "racks", 1),
        ("generations", "lot", 1),
        ("generations", "deposit", 0),
        ("generations", "opex_growth", 0),
        ("generations", "cooling", "air"),
        ("sites", "pue", 1.2),
        ("sites", "cooling", "both"),
        ("sites", "max_rack_kw", math.inf),
        ("sites", "racks", math.inf),
        ("licences", "allowed", True),
        ("licences", "max_units", math.inf),
        ("power_options", "availability", 1),
        ("power_options", "max_builds", 1),
        ("scenarios", "power_factor", 1),
    ],
)
def test_defaults_are_those_of_the_contract(sheet: str, column: str, default: object) -> None:
    assert SCHEMA[sheet].column(column).default_value() == default


def test_every_entry_is_complete_and_consistent() -> None:
    for sheet in SCHEMA.values():
        assert sheet.kind in {"settings", "long", "wide"}
        assert sheet.description.endswith(".")
        for column in sheet.columns:
            where = f"{sheet.name}.{column.name}"
            assert column.description.endswith("."), where
            assert set(column.references) <= set(SCHEMA) | LITERALS, where
            assert column.type != "choice" or column.choices, where
            assert column.range is not None or not column.numeric, where
            default = column.default_value()
            if column.numeric and isinstance(default, int | float) and math.isfinite(default):
                assert default in (column.range or ()), where
            if column.choices and default:
                assert default in column.choices, where
        if sheet.kind == "wide":
            assert sheet.spread is not None
            assert (sheet.spread.name, bool(sheet.spread.blank)) == (PERIOD, True)


def test_blank_rule_of_wide_tables() -> None:
    def fill(sheet: str, measure: str = "") -> float:
        column = SCHEMA[sheet].spread
        assert column is not None
        return column.blank_fill(measure)

    assert [fill(name) for name in ("power", "space", "rental", "compute_path")] == [0, 0, 0, 1]
    assert [fill(name) for name in ("budget", "allocation")] == [math.inf, math.inf]
    assert [math.isnan(fill(name)) for name in ("prices", "resale_prices")] == [True, True]
    assert [fill("demand", measure) for measure in ("minimum", "maximum", "value")] == [0, math.inf, 0]


@pytest.mark.parametrize(
    ("text", "inside", "outside", "words"),
    [
        ("[0,1]", (0, 0.5, 1), (-0.1, 1.1), "between 0 and 1"),
        ("(0,)", (1e-9, 1e9), (0, -1), "above 0"),
        ("[0,)", (0, 1e9), (-1e-9,), "0 or more"),
        ("(0,10]", (0.1, 10), (0, 10.1), "above 0, at most 10"),
    ],
)
def test_intervals(text: str, inside: tuple[float, ...], outside: tuple[float, ...], words: str) -> None:
    interval = Interval.parse(text)
    assert all(value in interval for value in inside)
    assert not any(value in interval for value in outside)
    assert interval.words() == words


def test_the_reference_page_names_every_column() -> None:
    page = reference_markdown()
    for sheet in SCHEMA.values():
        assert f"### `{sheet.name}`" in page
        for column in sheet.columns:
            assert f"| `{column.name}` |" in page
            assert column.description.replace("|", "\\|") in page


def test_a_check_needs_no_heavy_import() -> None:
    code = (
        "import sys\nfrom procure.reading import check_workbook\ncheck_workbook('no.xlsx')\n"
        "bad = {'numpy', 'pandas', 'openpyxl', 'pyomo', 'highspy'} & set(sys.modules)\nsys.exit(', '.join(bad) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
