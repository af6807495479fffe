"""Mutations that each break one rule of running, power, energy, money or demand, with the violation known by hand."""

from __future__ import annotations

import pandas as pd
from audit_edits import NEW, OLD, add, at, limit, put, setting


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


#: Mutation, the rules that fail, the largest violation of the first of them.
BREAKS = [
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
