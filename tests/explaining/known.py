"""Infeasible cases with known causes: name → (parts of the case, what must be among the limits named).

The unit of most: generation A has 100 compute and 100 kW for 1 M, one rack; a year has one period; Hall has power 1 MW.
"""

from __future__ import annotations

from typing import Any

M = 1e6
MIN = ("all", "minimum")
TWO = [{"workload": "train"}, {"workload": "serve"}]

Known = tuple[dict[str, Any], set[tuple[str, str]]]

KNOWN: dict[str, Known] = {
    "power": (
        {"periods": 3, "power": {"Hall": [1.0, 1.0, 1.2]}, "demand": {MIN: [500, 900, 1500]}},
        {("power", "Hall"), ("minimum", "all")},
    ),
    "power of two workloads": (
        {"periods": 2, "workloads": TWO,
         "demand": {("train", "minimum"): [400, 700], ("serve", "minimum"): [500, 600]}},
        {("power", "Hall"), ("minimum", "train"), ("minimum", "serve")},
    ),
    "campus": (
        {"periods": 2, "sites": [{"campus": "C"}, {"site": "Hall 2", "campus": "C"}], "workloads": TWO,
         "power": {"Hall": 1.0, "Hall 2": 1.0, "C": 1.5},
         "demand": {("train", "minimum"): [400, 900], ("serve", "minimum"): [400, 900]}},
        {("campus", "C")},
    ),
    "energised too late": (
        {"periods": 4, "power": {"Hall": [0.0, 0.0, 2.0, 2.0]}, "demand": {MIN: [0, 800, 800, 800]}},
        {("power", "Hall")},
    ),
    "space": (
        {"periods": 2, "power": {"Hall": 5.0}, "space": {"Hall": 5}, "demand": {MIN: [300, 800]}}, {("space", "Hall")},
    ),
    "racks of the hall": (
        {"periods": 2, "power": {"Hall": 5.0}, "sites": [{"racks": 5}],
         "demand": {MIN: [300, 800]}}, {("space", "Hall")},
    ),
    "budget with carry-over": (
        {"periods": 4, "power": {"Hall": 5.0}, "budget": {"capex": [2 * M, M, M, 5 * M]},
         "demand": {MIN: [100, 200, 700, 700]}},
        {("budget", "capex")},
    ),
    "budget without carry-over": (
        {"periods": 3, "power": {"Hall": 5.0}, "settings": {"budget_carry_over": "no"},
         "budget": {"capex": [2 * M, M, 3 * M]},
         "demand": {MIN: [100, 400, 700]}},
        {("budget", "capex")},
    ),
    "deposit against the budget": (
        {"periods": 3, "generations": [{"lead_time": 1, "deposit": 0.5}], "power": {"Hall": 5.0},
         "settings": {"budget_carry_over": "no"}, "budget": {"capex": [2 * M, 6 * M, 0]},
         "demand": {MIN: [0, 600, 600]}},
        {("budget", "capex")},
    ),
    "allocation": (
        {"periods": 3, "power": {"Hall": 5.0}, "allocation": {"A": [2, 1, 3]}, "workloads": TWO,
         "demand": {("train", "minimum"): [0, 200, 300], ("serve", "minimum"): [0, 0, 400]}},
        {("allocation", "A")},
    ),
    "last order": (
        {"periods": 3, "generations": [{"last_order": "2030"}], "power": {"Hall": 5.0},
         "budget": {"capex": [2 * M, 0, 5 * M]}, "demand": {MIN: [100, 100, 500]}},
        {("last_order", "A"), ("budget", "capex")},
    ),
    "available too late": (
        {"periods": 3, "generations": [{"available_from": "2032"}], "demand": {MIN: [0, 300, 300]}},
        {("available_from", "A")},
    ),
    "lead time": (
        {"periods": 4, "generations": [{"lead_time": 2}], "demand": {MIN: [0, 300, 300, 300]}}, {("lead_time", "A")},
    ),
    "licence date": (
        {"periods": 4, "licences": [{"generation": "A", "site": "Hall", "allowed": "yes", "from": "2033"}],
         "demand": {MIN: [0, 300, 300, 300]}},
        {("licence", "Hall")},
    ),
    "licence refused": (
        {"periods": 2, "sites": [{}, {"site": "Hall 2"}], "power": {"Hall": 1.0, "Hall 2": 0.2},
         "licences": [{"generation": "*", "site": "Hall", "allowed": "no"}], "demand": {MIN: [0, 500]}},
        {("licence", "Hall"), ("power", "Hall 2")},
    ),
    "licence cap": (
        {"periods": 2, "power": {"Hall": 5.0}, "demand": {MIN: [0, 800]},
         "licences": [{"generation": "A", "site": "Hall", "allowed": "yes", "max_units": 5}]},
        {("licence_cap", "Hall")},
    ),
    "licence cap below the fleet": (
        {"periods": 2, "power": {"Hall": 5.0},
         "fleet": [{"generation": "A", "site": "Hall", "delivered": "2029", "units": 8, "price": M}],
         "licences": [{"generation": "A", "site": "Hall", "allowed": "yes", "max_units": 5}]},
        {("licence_cap", "Hall")},
    ),
    "density": (
        {"periods": 2, "sites": [{"max_rack_kw": 50}, {"site": "Hall 2"}], "power": {"Hall": 2.0, "Hall 2": 0.3},
         "demand": {MIN: [0, 500]}},
        {("density", "Hall"), ("power", "Hall 2")},
    ),
    "cooling": (
        {"periods": 2, "generations": [{"cooling": "liquid"}], "sites": [{"cooling": "air"}, {"site": "Hall 2"}],
         "power": {"Hall": 2.0, "Hall 2": 0.3}, "demand": {MIN: [0, 500]}},
        {("cooling", "Hall"), ("power", "Hall 2")},
    ),
    "carbon cap": (
        {"periods": 3, "sites": [{"carbon_kg_per_mwh": 500}], "settings": {"carbon_cap_t": 3000},
         "demand": {MIN: [300, 300, 300]}},
        {("carbon", "")},
    ),
    "minimum above maximum": (
        {"periods": 2, "demand": {MIN: [100, 400], ("all", "maximum"): [500, 300]}},
        {("minimum", "all"), ("maximum", "all")},
    ),
    "generation share": (
        {"periods": 2, "generations": [{}, {"generation": "B"}], "settings": {"max_generation_share": 0.5},
         "allocation": {"B": [1, 1]}, "power": {"Hall": 5.0}, "demand": {MIN: [0, 600]}},
        {("generation_share", ""), ("allocation", "B")},
    ),
    "lots": (
        {"periods": 2, "generations": [{"lot": 4}], "power": {"Hall": 5.0}, "budget": {"capex": [5 * M, 0]},
         "demand": {MIN: [0, 500]}},
        {("lot", "A"), ("budget", "capex")},
    ),
    "minimum order": (
        {"periods": 2, "generations": [{"min_order": 10}], "power": {"Hall": 5.0}, "budget": {"capex": [5 * M, 0]},
         "demand": {MIN: [0, 300]}},
        {("min_order", "A"), ("budget", "capex")},
    ),
    "whole units": (
        {"periods": 2, "power": {"Hall": 5.0}, "budget": {"capex": [1.5 * M, 0]}, "demand": {MIN: [0, 110]}},
        {("budget", "capex"), ("minimum", "all")},
    ),
    "committed over budget": (
        {"periods": 3, "budget": {"capex": [M, 2 * M, M]},
         "committed": [{"generation": "A", "delivery": "2031", "units": 5, "price": M}]},
        {("committed", "A"), ("budget", "capex")},
    ),
    "committed and demand over budget": (
        {"periods": 2, "generations": [{}, {"generation": "B", "price": 2 * M}], "power": {"Hall": 5.0},
         "budget": {"capex": [6 * M, 0]}, "demand": {MIN: [500, 500]},
         "committed": [{"generation": "B", "delivery": "2030", "units": 2, "price": 2 * M}]},
        {("committed", "B"), ("budget", "capex")},
    ),
    "shell lead time": (
        {"periods": 4, "power": {"Hall": 5.0}, "space": {"Hall": 2}, "demand": {MIN: [0, 800, 800, 800]},
         "shell_options": [{"option": "annex", "site": "Hall", "adds_racks": 20, "lead_time": 2}]},
        {("shell_lead", "annex"), ("space", "Hall")},
    ),
    "option window": (
        {"periods": 4, "power": {"Hall": 0.3}, "demand": {MIN: [0, 800, 800, 800]},
         "power_options": [{"option": "gas", "site": "Hall", "adds_mw": 1.0, "earliest": "2032"}]},
        {("option_earliest", "gas"), ("power", "Hall")},
    ),
    "option closes before its money": (
        {"periods": 4, "power": {"Hall": 0.3}, "budget": {"capex": [3 * M, 0, 9 * M, 0]},
         "demand": {MIN: [0, 0, 0, 800]},
         "power_options": [{"option": "gas", "site": "Hall", "adds_mw": 1.0, "capex": 4 * M, "latest": "2031"}]},
        {("option_latest", "gas"), ("budget", "capex"), ("power", "Hall")},
    ),
    "builds of an option": (
        {"periods": 2, "power": {"Hall": 0.3}, "demand": {MIN: [0, 1200]},
         "power_options": [{"option": "gas", "site": "Hall", "adds_mw": 0.5, "max_builds": 1}]},
        {("max_builds", "gas"), ("power", "Hall")},
    ),
    "service life": (
        {"periods": 4, "generations": [{"service_years": 3, "last_order": "2028"}], "demand": {MIN: [300, 300, 0, 300]},
         "fleet": [{"generation": "A", "site": "Hall", "delivered": "2029", "units": 4, "price": M}]},
        {("service", "A"), ("last_order", "A")},
    ),
    "rental": (
        {"periods": 2, "power": {"Hall": 0.0}, "rental": {("all", 2.0, 0.0): [100, 120]}, "demand": {MIN: [100, 150]}},
        {("rental", "all")},
    ),
    "workloads of a hall": (
        {"periods": 2, "workloads": TWO, "sites": [{"workloads": "train"}, {"site": "Hall 2"}],
         "power": {"Hall": 3.0, "Hall 2": 0.2}, "demand": {("serve", "minimum"): [0, 500]}},
        {("workloads", "Hall"), ("power", "Hall 2")},
    ),
    "two troubles": (
        {"periods": 4, "workloads": TWO, "power": {"Hall": [0.5, 5, 5, 5]}, "budget": {"capex": [9 * M, 0, 0, 0]},
         "demand": {("train", "minimum"): [400, 400, 400, 700], ("serve", "minimum"): [300, 300, 300, 700]}},
        {("power", "Hall"), ("budget", "capex")},
    ),
    "three limits together": (
        {"periods": 4, "generations": [{"lead_time": 1, "available_from": "2031"}, {"generation": "B", "price": 3 * M}],
         "power": {"Hall": 5.0}, "budget": {"capex": [6 * M, 6 * M, 6 * M, 6 * M]},
         "demand": {MIN: [0, 500, 500, 500]}},
        {("budget", "capex"), ("lead_time", "A"), ("available_from", "A")},
    ),
    "three troubles": (
        {"periods": 4, "workloads": TWO, "generations": [{"lead_time": 1}], "power": {"Hall": [1, 1, 0.5, 5]},
         "budget": {"capex": [9 * M, 0, 0, 0]}, "space": {"Hall": [9, 9, 9, 9]},
         "fleet": [{"generation": "A", "site": "Hall", "delivered": "2029", "units": 4, "price": M}],
         "demand": {("train", "minimum"): [450, 400, 300, 700], ("serve", "minimum"): [0, 300, 300, 700]}},
        {("lead_time", "A"), ("power", "Hall")},
    ),
}  # fmt: skip
