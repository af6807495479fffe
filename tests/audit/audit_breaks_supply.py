"""Mutations that each break one rule of supply, stock, sites or builds, with the violation known by hand."""

from __future__ import annotations

from audit_edits import NEW, NORTH, OLD, YEARS, add, at, limit, put


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


#: Mutation, the rules that fail, the largest violation of the first of them.
BREAKS = [
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
]
