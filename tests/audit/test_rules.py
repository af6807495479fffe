"""One mutation a rule: the hand-made plan, broken in that rule alone, fails that check, by what is known by hand.

A mutation edits the case or the plan in place; the plan has no figure sheets, so nothing but rules can fail. The sound
plan (``test_figures``) passes all of them, most limits being exactly met: power, space, budget and licences.
"""

from __future__ import annotations

import audit_breaks_power
import audit_breaks_supply
import pytest
from audit_breaks_power import less_gas_than_is_cheap, serve_in_north
from audit_edits import NORTH, setting

BREAKS = audit_breaks_supply.BREAKS + audit_breaks_power.BREAKS


@pytest.mark.parametrize(("change", "rules", "violation"), BREAKS, ids=[row[0].__name__ for row in BREAKS])
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
    rules = {rule for _, names, _ in BREAKS for rule in names.split()}
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
