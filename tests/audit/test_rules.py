"""One mutation a rule: the hand-made plan, broken in that rule alone, fails that check, by what is known by hand.

``change`` edits the case or the plan in place; the plan has no figure sheets, so nothing but rules can fail. The sound
plan (``test_figures``) passes all of them, most limits being exactly met: power, space, budget and licences.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

NEW, OLD, NORTH, SOUTH = 1, 0, 0, 1
YEARS = ["2027", "2028", "2029", "2030"]


def at(frame: pd.DataFrame, **keys: Any) -> int:
    """Row of a sheet by its keys."""
    match = pd.Series(True, index=frame.index)
    for name, value in keys.items():
        match &= frame[name] == value
    (row,) = frame.index[match]
    return int(row)


def put(plan, sheet, column, value, **keys):
    if isinstance(value, float):
        plan[sheet][column] = plan[sheet][column].astype(float)
    plan[sheet].loc[at(plan[sheet], **keys), column] = value


def add(plan, sheet, **row):
    plan[sheet] = pd.concat([plan[sheet], pd.DataFrame([row])], ignore_index=True)


def setting(case, key, value):
    case["settings"] = [row for row in case["settings"] if row["key"] != key] + [{"key": key, "value": value}]


def limit(case, sheet, row, values):
    case[sheet][row] |= dict(zip(YEARS, values, strict=True))


# --- supply -----------------------------------------------------------------------------------------------------------
def ordered_after_last_order(case, plan):
    case["generations"][NEW]["last_order"] = "2027"


def ordered_too_early(case, plan):
    case["generations"][NEW] |= {"available_from": "2029", "last_order": "2030"}
    setting_budget(case, 10**6)  # without a decline so far, both orders cost 1000


def setting_budget(case, amount):
    limit(case, "budget", 0, [amount] * 4)


def longer_lead_time(case, plan):
    case["generations"][NEW]["lead_time"] = 2


def delivered_after_the_end(case, plan):
    case["generations"][NEW].pop("last_order")
    setting_budget(case, 10**6)
    add(plan, "orders", order="2030", delivery="2031", generation="new", units=4, committed="no")


def lot_of_three(case, plan):
    case["generations"][NEW]["lot"] = 3  # an order of 4 is 1 more than 3


def least_order_of_five(case, plan):
    case["generations"][NEW]["min_order"] = 6


def allocation_of_three(case, plan):
    limit(case, "allocation", 0, [6, 3, 6, 6])


def two_rows_over_the_allocation(case, plan):
    """Rows of one generation and period add up: 4 = 2 + 2 is above 3, though each row is below."""
    limit(case, "allocation", 0, [3, 6, 6, 6])
    put(plan, "orders", "units", 2, order="2027")
    add(plan, "orders", order="2027", delivery="2028", generation="new", units=2, committed="no")


def committed_order_forgotten(case, plan):
    plan["orders"] = plan["orders"].drop(index=0)


def committed_order_too_large(case, plan):
    put(plan, "orders", "units", 5, order="2026")


# --- stock ------------------------------------------------------------------------------------------------------------
def half_a_unit_moved(case, plan):
    put(plan, "deployment", "installed", 4.5, period="2029", generation="new")
    put(plan, "deployment", "removed", 2.5, period="2029", generation="new")


def negative_move(case, plan):
    put(plan, "deployment", "installed", -1, period="2028", generation="old")
    put(plan, "deployment", "removed", -1, period="2028", generation="old")


def sold_what_never_came(case, plan):
    add(plan, "sales", period="2029", generation="new", delivered="2026", units=3, price_paid=900.0)


def sold_twice_from_one_cohort(case, plan):
    """Five sold of four bought at 400, none of the one bought at 300; a longer life, so that the one may stay."""
    case["generations"][OLD]["service_years"] = 10
    put(plan, "sales", "units", 5, generation="old", price_paid=400.0)
    plan["sales"] = plan["sales"].drop(index=at(plan["sales"], price_paid=300.0))


def sold_before_delivery(case, plan):
    """The four delivered in 2028 sold in 2027 instead of 2030: owned −4 in 2027, and two rules know what stands."""
    put(plan, "sales", "period", "2027", delivered="2028")


def kept_beyond_service_life(case, plan):
    case["generations"][NEW]["service_years"] = 1


def one_more_in_the_warehouse(case, plan):
    put(plan, "warehouse", "stored", 2, period="2028", generation="old")


def installed_flow_short(case, plan):
    put(plan, "deployment", "installed", 3, period="2028", generation="new")


def initial_fleet_installed_anew(case, plan):
    put(plan, "deployment", "installed", 4, period="2027", generation="old")


# --- sites ------------------------------------------------------------------------------------------------------------
def racks_too_dense(case, plan):
    case["sites"][NORTH]["max_rack_kw"] = 45


def no_liquid_in_north(case, plan):
    case["sites"][NORTH]["cooling"] = "air"


def licence_from_2028(case, plan):
    case["licences"][0]["from"] = "2028"


def no_demand_for_serve(case):
    limit(case, "demand", 2, [0, 0, 0, 0])


def licence_refused(case, plan):
    no_demand_for_serve(case)  # the reader refuses a minimum that nothing can serve
    case["licences"][0] = {"generation": "*", "site": "south", "allowed": "no"}


def star_row_overridden(case, plan):
    """The row of new allows it although * does not: nothing is broken but what * refuses to old, in south."""
    no_demand_for_serve(case)
    case["licences"] = [
        {"generation": "*", "site": "north", "allowed": "no"},
        {"generation": "new", "site": "north", "allowed": "yes"},
        {"generation": "*", "site": "south", "from": "2028"},
    ]


def licence_cap_passed(case, plan):
    put(plan, "deployment", "installed", 7, period="2029", generation="new")
    put(plan, "deployment", "removed", 5, period="2029", generation="new")


def star_cap_counts_the_fleet(case, plan):
    case["licences"].append({"generation": "*", "site": "south", "max_units": 3})


def pod_not_built(case, plan):
    plan["builds"] = plan["builds"].drop(index=at(plan["builds"], name="pod"))


def space_row_rules(case, plan):
    case["space"] = [{"site": "north", **dict(zip(YEARS, [4, 12, 11, 12], strict=True))}]


def pod_too_early(case, plan):
    case["shell_options"][0]["earliest"] = "2030"


def gas_too_late(case, plan):
    case["power_options"][0] |= {"earliest": "2026", "latest": "2026"}


def gas_too_early(case, plan):
    case["power_options"][0] |= {"earliest": "2028", "latest": "2028"}


def tune_too_early(case, plan):
    case["projects"][0]["earliest"] = "2029"


def tuned_twice(case, plan):
    put(plan, "builds", "count", 2, name="tune")


def gas_built_too_often(case, plan):
    case["power_options"][0] |= {"max_builds": 1, "capex": 500, "carbon_kg_per_mwh": 100}
    put(plan, "builds", "count", 2, name="gas")


# --- running and power ------------------------------------------------------------------------------------------------
def more_run_than_stand(case, plan):
    put(plan, "running", "running", 2.25, period="2027", generation="new")


def unknown_mode(case, plan):
    put(plan, "running", "mode", "turbo", period="2027", generation="new")


def mode_of_another_generation(case, plan):
    put(plan, "running", "mode", "eco", period="2029", generation="old")


def serve_in_north(case, plan):
    """0.1 units take the last 0.0125 MW of hall and campus, exactly."""
    row = {"period": "2029", "site": "north", "generation": "new", "mode": "full"}
    add(plan, "running", **row, workload="serve", running=0.1)


def unknown_workload(case, plan):
    row = {"period": "2029", "site": "north", "generation": "new", "mode": "full"}
    add(plan, "running", **row, workload="tarin", running=0.1)


def light_load(case):
    """Half the load: power is broken, while the energy still comes from somewhere."""
    for generation in case["generations"]:
        generation["load_factor"] = 0.4


def hall_over_its_row(case, plan):
    light_load(case)
    limit(case, "power", 0, [0.2, 0.5, 0.5, 0.5])


def campus_over_its_row(case, plan):
    light_load(case)
    limit(case, "power", 1, [0.4, 0.6, 0.6, 0.6])


def gas_a_year_late(case, plan):
    """On line in 2029 only: 2028 lacks 0.1 MW, of which 0.0125 were free, and the capex moves into 2028."""
    light_load(case)
    put(plan, "builds", "period", "2028", name="gas")
    limit(case, "budget", 0, [3600, 5120, 2880, 0])


def gas_less_available(case, plan):
    light_load(case)
    case["power_options"][0]["availability"] = 0.25  # 0.05 MW instead of 0.1


def options_of_another_hall(case, plan):
    """0.1 MW of the campus' 0.7 are gas in north, idle in 2027; south draws 0.65 MW, its grid may give 0.6.

    Power counts campus and options as one; energy of an option stays in its hall (no sheet `energy` is given).
    """
    plan["builds"] = pd.concat([plan["builds"], plan["builds"].iloc[[0]].assign(period="2027")], ignore_index=True)
    plan["builds"] = plan["builds"].drop(index=0)
    case["power_options"][0]["lead_time"] = 0
    case["generations"][OLD] |= {"load_factor": 1, "power_kw": 162.5}
    limit(case, "power", 0, [0, 0.5, 0.5, 0.5])
    limit(case, "demand", 0, [0, 22, 21, 16])
    limit(case, "power", 1, [0.6, 2, 2, 2])
    plan["running"] = plan["running"].drop(index=0)


# --- energy -----------------------------------------------------------------------------------------------------------
def energy_missing(case, plan, bench):
    plan["energy"] = bench.energy_sheet()
    put(plan, "energy", "energy_mwh", 2180.0, period="2027", site="north")
    put(plan, "energy", "cost", 2180.0 * 40, period="2027", site="north")
    put(plan, "energy", "carbon_t", 218.0, period="2027", site="north")


def more_gas_than_there_is(case, plan, bench):
    shift(plan, bench, 24.0)


def less_gas_than_is_cheap(case, plan, bench):
    shift(plan, bench, -100.0)


def shift(plan, bench, gas):
    """Move energy of 2028 from grid (40, 0.1 t) to gas (30, 0.5 t)."""
    plan["energy"] = bench.energy_sheet()
    for source, mwh, price, carbon in (("grid", 4270.5 - gas, 40, 0.1), ("gas", 876.0 + gas, 30, 0.5)):
        keys = {"period": "2028", "site": "north", "source": source}
        put(plan, "energy", "energy_mwh", mwh, **keys)
        put(plan, "energy", "cost", mwh * price, **keys)
        put(plan, "energy", "carbon_t", mwh * carbon, **keys)


def gas_from_another_hall(case, plan, bench):
    plan["energy"] = bench.energy_sheet()
    row = at(plan["energy"], period="2028", site="south")
    plan["energy"].loc[row, ["source", "cost", "carbon_t"]] = ["gas", 700.8 * 30, 350.4]


def campus_grid_overdrawn(case, plan, bench):
    """North has all its gas need met, yet the campus draws 5071.3 MWh from a grid of 0.57 MW: 4993.2."""
    shift(plan, bench, -100.0)
    limit(case, "power", 1, [0.6, 0.57, 0.6, 0.6])
    case["power_options"][0]["adds_mw"] = 0.26
    case["power_options"][0]["energy_per_mwh"] = 40  # grid and gas equally dear: no merit order
    plan["energy"].loc[plan["energy"]["source"] == "gas", "cost"] *= 40 / 30
    case["generations"][NEW]["power_kw"] = 100


def carbon_over_its_cap(case, plan):
    setting(case, "carbon_cap_t", 2700)


# --- money and demand -------------------------------------------------------------------------------------------------
def budget_of_one_period(case, plan):
    limit(case, "budget", 0, [3600, 4119, 10**6, 0])


def budget_carried_over(case, plan):
    """What is left (50 in 2027) is carried, but 49 of it are used up by 2029: 1 short."""
    setting(case, "budget_carry_over", "yes")
    limit(case, "budget", 0, [3650, 4100, 2849, 0])


def share_of_one_generation(case, plan):
    setting(case, "max_generation_share", 0.9)


def train_demand_missed(case, plan):
    limit(case, "demand", 0, [10, 22.25, 21, 16])


def serve_demand_missed_by_rental(case, plan):
    put(plan, "rental", "compute", 1.5, workload="serve")


def demand_exceeded(case, plan):
    limit(case, "demand", 0, [9, 22, 21, 16])
    limit(case, "demand", 1, [9.5, 50, 50, 50])


def rented_too_much(case, plan):
    limit(case, "rental", 0, [2, 2, 2, 1.25])


RULES = [
    (ordered_after_last_order, "order_window", 1),
    (ordered_too_early, "order_window", 2),
    (longer_lead_time, "lead_time", 1),
    (delivered_after_the_end, "delivery_in_horizon", 1),
    (lot_of_three, "lot", 1),
    (least_order_of_five, "min_order", 2),
    (allocation_of_three, "allocation", 1),
    (two_rows_over_the_allocation, "allocation", 1),
    (committed_order_forgotten, "committed_orders", 2),
    (committed_order_too_large, "committed_orders", 3),
    (half_a_unit_moved, "whole_numbers", 0.5),
    (negative_move, "non_negative", 1),
    (sold_what_never_came, "cohort_balance", 3),
    (sold_twice_from_one_cohort, "cohort_balance", 1),
    (sold_before_delivery, "cohort_balance conservation", 4),
    (kept_beyond_service_life, "service_life", 4),
    (one_more_in_the_warehouse, "conservation", 1),
    (installed_flow_short, "installed_total", 1),
    (initial_fleet_installed_anew, "installed_total", 4),
    (racks_too_dense, "density", 5),
    (no_liquid_in_north, "cooling", 8),
    (licence_from_2028, "licence_dates", 2),
    (licence_refused, "licence_dates", 4),
    (star_row_overridden, "licence_dates", 4),
    (licence_cap_passed, "licence_caps", 1),
    (star_cap_counts_the_fleet, "licence_caps", 1),
    (pod_not_built, "space", 4),
    (space_row_rules, "space", 1),
    (pod_too_early, "shell_option_window", 2),
    (gas_too_late, "power_option_window", 1),
    (gas_too_early, "power_option_window", 1),
    (tune_too_early, "project_window", 1),
    (tuned_twice, "max_builds", 1),
    (gas_built_too_often, "max_builds", 1),
    (more_run_than_stand, "run_within_installed", 0.25),
    (unknown_mode, "modes", 2),
    (mode_of_another_generation, "modes", 2),
    (serve_in_north, "workloads", 0.1),
    (unknown_workload, "workloads", 0.1),
    (hall_over_its_row, "power_site", 0.05),
    (campus_over_its_row, "power_campus", 0.05),
    (gas_a_year_late, "power_site power_campus", 0.0875),
    (gas_less_available, "power_site power_campus", 0.0375),
    (options_of_another_hall, "energy_sources", 0.05 * 8760),
    (energy_missing, "energy_balance", 10),
    (more_gas_than_there_is, "energy_sources", 24),
    (less_gas_than_is_cheap, "merit_order", 1000),
    (gas_from_another_hall, "energy_balance energy_sources", 700.8),
    (campus_grid_overdrawn, "energy_sources", 5071.3 - 0.57 * 8760),
    (carbon_over_its_cap, "carbon_cap", 37.5),
    (budget_of_one_period, "budget", 1),
    (budget_carried_over, "budget", 1),
    (share_of_one_generation, "max_generation_share", 940),
    (train_demand_missed, "demand_minimum", 0.2),
    (serve_demand_missed_by_rental, "demand_minimum", 0.5),
    (demand_exceeded, "demand_maximum", 0.5),
    (rented_too_much, "rental_cap", 0.75),
]


@pytest.mark.parametrize(("change", "rules", "violation"), RULES, ids=[row[0].__name__ for row in RULES])
def test_a_broken_rule_fails_alone_with_its_violation(bench, change, rules, violation):
    case, plan = bench.case(), bench.plan()
    change(case, plan, bench) if change.__code__.co_argcount == 3 else change(case, plan)
    report = bench.report(case, plan)
    assert report.failed == rules.split(), report.checks[report.checks["verdict"] == "fail"].to_string()
    assert not report.passed
    row = bench.check(report, rules.split()[0])
    assert row["largest_violation"] == pytest.approx(violation, rel=1e-9)
    assert "broken" in row["statement"]


def test_every_rule_has_its_mutation(bench):
    """Proves: no rule of the audit is left that no test can break (``cost_two_ways`` holds for any plan)."""
    rules = {rule for _, names, _ in RULES for rule in names.split()}
    checks = set(bench.report(bench.case(), bench.full_plan()).checks["rule"])
    elsewhere = {"plan_sheets", "plan_cells", "roll_forward", "bound_and_gap", "compute_floor", "cost_two_ways"}
    assert {rule for rule in checks if not rule.startswith("sheet_")} - elsewhere == rules


def test_a_dearer_dispatch_is_allowed_where_the_carbon_cap_needs_it(bench):
    """Cheapest: 2737.5 t. With 100 MWh less of gas 40 t less, so a cap of 2700 needs it, and 2697.5 keeps it."""
    case, plan = bench.case(), bench.plan()
    setting(case, "carbon_cap_t", 2700)
    less_gas_than_is_cheap(case, plan, bench)
    assert bench.report(case, plan).passed
    setting(case, "carbon_cap_t", 2690)
    report = bench.report(case, plan)
    assert report.failed == ["carbon_cap"]
    assert bench.check(report, "carbon_cap")["largest_violation"] == pytest.approx(7.5)


def test_limits_that_are_exactly_met_show_no_violation(bench):
    """0.1 units of 0.125 MW fill north and the campus exactly: exact arithmetic reports 0, not 1e-17."""
    case, plan = bench.case(), bench.plan()
    case["sites"][NORTH]["workloads"] = "train, serve"
    serve_in_north(case, plan)
    report = bench.report(case, plan)
    assert report.passed
    for rule in ("power_site", "power_campus", "space", "budget"):
        assert bench.check(report, rule)["largest_violation"] == 0.0
