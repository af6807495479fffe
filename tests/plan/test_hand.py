"""Every figure of a plan that can be worked out on paper."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hand import cohort_of, hand_case, hand_frames, hand_solution, outcome, solution, wide

from procure.plan import Plan
from procure.planning.notes import estimated_columns


@pytest.fixture(scope="module")
def plan() -> Plan:
    case = hand_case()
    return Plan(hand_solution(case), outcome())


def test_orders_split_the_total_into_deposit_and_balance_with_their_days(plan: Plan) -> None:
    """Proves: 4 units at 1 M, a quarter with the order, the rest on delivery a quarter later."""
    row = plan.orders.iloc[0]
    assert (row["order"], row["delivery"], row["generation"], row["units"]) == ("2027Q1", "2027Q2", "A", 4)
    assert (row["unit_price"], row["total"], row["deposit"], row["balance"]) == (1e6, 4e6, 1e6, 3e6)
    assert row["order_by"] == row["deposit_due"] == pd.Timestamp(dt.date(2027, 1, 1))
    assert row["balance_due"] == pd.Timestamp(dt.date(2027, 4, 1))
    assert (row["committed"], row["first_to"]) == ("no", "S")
    assert plan.orders["units"].dtype == np.int64


def test_units_run_store_and_leave(plan: Plan) -> None:
    """Proves: a unit draws 100 kW × 1.25 = 0.125 MW, 219 MWh a quarter, delivers 2190 h × 0.5 × 10."""
    assert plan.deployment[["installed", "removed", "installed_total", "racks"]].to_numpy().tolist() == [
        [4, 0, 4, 8], [0, 0, 4, 8], [0, 2, 2, 4],
    ]  # fmt: skip
    assert plan.running["peak_mw"].tolist() == [0.5, 0.5, 0.25]
    assert plan.running["energy_mwh"].tolist() == pytest.approx([876.0, 876.0, 438.0])
    assert plan.running["compute_hours"].tolist() == pytest.approx([43_800.0, 43_800.0, 21_900.0])
    assert plan.warehouse.empty
    assert plan.power["stranded_mw"].tolist() == [1.0, 0.5, 0.5, 0.75]
    assert plan.power["energised_mw"].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert plan.power["racks_used"].tolist() == [0, 8, 8, 4]
    assert plan.energy["carbon_t"].tolist() == pytest.approx([175.2, 175.2, 87.6])


def test_sale_gains_or_loses_against_the_books(plan: Plan) -> None:
    """Proves: two quarters of eight are gone, so 750,000 a unit stand in the books; it sells at half its price.

    Sensitivity: with an in-between age of one or three quarters the book value would be 875,000 or 625,000.
    """
    row = plan.sales.iloc[0]
    assert (row["period"], row["delivered"], row["units"]) == ("2027Q4", "2027Q2", 2)
    assert (row["proceeds"], row["book_value"], row["gain"]) == (1_000_000.0, 1_500_000.0, -500_000.0)


def test_cash_flow_by_kind(plan: Plan) -> None:
    cash = plan.cash_flow.set_index("period")
    expected = {
        "deposits": [-1e6, 0, 0, 0],
        "capex_orders": [0, -3e6, 0, 0],
        "resale": [0, 0, 0, 1e6],
        "energy": [0, -87_600, -87_600, -43_800],
        "opex": [0, -40_000, -40_000, -20_000],
        "site_rent": [0, -15_000, -15_000, -7_500],
        "site_capacity": [-6_000] * 4,
        "site_fixed": [-1_000] * 4,
        "install": [0, -4_000, 0, 0],
        "remove": [0, 0, 0, -1_000],
        "order_cost": [-7_000, 0, 0, 0],
        "builds": [0] * 4,
    }
    for kind, values in expected.items():
        assert cash[kind].tolist() == pytest.approx(values), kind
    assert cash["net"].iloc[0] == pytest.approx(-1_014_000.0)
    assert cash["cumulative"].iloc[-1] == pytest.approx(cash["net"].sum())
    assert not np.signbit(cash["builds"]).any(), "a payment of nothing is 0, not −0"


def test_books_roll_forward(plan: Plan) -> None:
    rows = plan.depreciation[["opening", "additions", "depreciation", "disposals", "closing"]].to_numpy()
    assert rows.tolist() == [
        [0.0, 4e6, 5e5, 0.0, 3.5e6],
        [3.5e6, 0.0, 5e5, 0.0, 3e6],
        [3e6, 0.0, 2.5e5, 1.5e6, 1.25e6],
    ]


def test_cohort_goes_under_water_when_it_sells_for_less_than_it_stands_in_the_books(plan: Plan) -> None:
    """Proves: at the end of the first quarter the books say 875,000 and the market 500,000 a unit."""
    row = plan.impairment.iloc[0]
    assert (row["under_water"], row["carrying_value"], row["resale_value"]) == ("2027Q2", 3.5e6, 2e6)
    assert (row["worst"], row["largest_shortfall"], row["shortfall"]) == ("2027Q2", 1.5e6, 1.5e6)


def test_summary_adds_up(plan: Plan) -> None:
    """Proves: D = 4,000,000 − 1,000,000 resale − 1,250,000 terminal + 396,500 of running cost."""
    f = plan.figures
    assert f["cost_pv"] == pytest.approx(2_146_500.0)
    assert f["terminal_value"] == pytest.approx(1_250_000.0)
    assert f["compute_unit_hours"] == f["compute_pv"] == pytest.approx(109_500.0)
    assert (f["energy_mwh"], f["available_mwh"]) == pytest.approx((2_190.0, 8_760.0))
    assert f["compute_per_watt_available"] == pytest.approx(12.5)
    assert f["compute_per_watt_consumed"] == pytest.approx(50.0)
    assert f["compute_per_dollar"] == pytest.approx(109_500 / 2_146_500)
    assert f["levelised_cost"] == pytest.approx(2_146_500 / 109_500)
    assert (f["gap"], f["coverage"]) == pytest.approx((0.1, 0.5))
    assert f["capex"] == 4e6
    assert f["stranded_mwh"] == pytest.approx(2.75 * 2190)
    assert f["idle_unit_periods"] == 0.0
    assert plan.status == f["status"] == "feasible"


def test_discounting_counts_running_cost_at_the_end_of_its_period() -> None:
    """Proves: at 10 % a year the rent of the second quarter is discounted by half a year, its balance by a quarter.

    Sensitivity: with all flows at the start of the period the present value would differ by a quarter's interest.
    """
    case = hand_case(discount_rate=0.1)
    plan = Plan(hand_solution(case), outcome())
    quarter = 1.1**0.25
    start, end = -3_000_000 - 4_000, -87_600 - 40_000 - 15_000 - 6_000 - 1_000
    assert plan.cash_flow["discounted"].iloc[1] == pytest.approx(start / quarter + end / quarter**2, rel=1e-12)
    assert plan.figures["compute_pv"] == pytest.approx(sum(
        hours / quarter**n for n, hours in ((2, 43_800), (3, 43_800), (4, 21_900))
    ))  # fmt: skip


@pytest.mark.parametrize(("objective", "value"), [
    ("compute", 109_500.0), ("cost", -2_146_500.0), ("compute_per_dollar", 109_500 / 2_146_500),
    ("compute_per_watt", 12.5), ("balanced", 0.5),
])  # fmt: skip
def test_objective_value_is_recomputed_from_the_plan(objective: str, value: float) -> None:
    """Proves: balanced is the smaller of 12.5 / 25 and (109,500 / 2,146,500) / 0.06."""
    more = {"best_watt": 25.0, "best_dollar": 0.06} if objective == "balanced" else {}
    plan = Plan(hand_solution(hand_case()), outcome(objective, value * 1.5, value + 1.0, **more))
    assert plan.figures["objective_value"] == pytest.approx(value)
    assert plan.figures["gap"] == pytest.approx(1.0 / abs(value))


def test_balanced_without_known_best_ratios_has_no_value_rather_than_a_wrong_one() -> None:
    plan = Plan(hand_solution(hand_case()), outcome("balanced", 9.0, float("inf")))
    assert plan.figures["objective_value"] is None
    assert plan.figures["gap"] is None


def test_committed_orders_are_paid_in_full_on_delivery() -> None:
    """Proves: a deposit made before the plan is sunk; the committed price, not the list price, counts."""
    committed = pd.DataFrame([{"generation": "A", "delivery": "2027Q2", "units": 3, "price": 900_000}])
    case = hand_case({"committed": committed})
    plan = Plan(solution(case, ordered={}, installed=[[[0, 0, 0, 0]]]), outcome())
    row = plan.orders.iloc[0]
    assert (row["order"], row["delivery"], row["committed"]) == ("2027Q1", "2027Q2", "yes")
    assert (row["total"], row["deposit"], row["balance"]) == (2_700_000.0, 0.0, 2_700_000.0)
    assert pd.isna(row["deposit_due"])
    assert row["first_to"] == "warehouse"
    assert plan.warehouse["stored"].tolist() == [3, 3, 3]
    assert plan.cash_flow["order_cost"].sum() == 0.0


def test_builds_add_power_from_completion_and_projects_lift_compute() -> None:
    """Proves: 2 MW nameplate at 50 % firm add 1 MW a quarter after the build; the uplift counts from completion."""
    extra = {
        "power_options": pd.DataFrame([{
            "option": "gas", "site": "S", "adds_mw": 2, "availability": 0.5, "capex": 600_000, "fixed_per_year": 8_000,
            "energy_per_mwh": 150, "carbon_kg_per_mwh": 400, "lead_time": 1,
        }]),
        "projects": pd.DataFrame([{
            "project": "scheduler", "workload": "*", "uplift": 0.1, "cost": 50_000, "cost_per_year": 20_000,
            "lead_time": 2,
        }]),
    }  # fmt: skip
    case = hand_case(extra, carbon_price_per_t=10)
    built = solution(
        case, ordered={(0, 0): 4}, installed=[[[0, 4, 4, 4]]],
        running=[(0, 0, 0, t, 0, 4.0) for t in (1, 2, 3)],
        power_builds=[[1, 0, 0, 0]], project_starts=[[0, 1, 0, 0]], option_energy=[[0, 100.0, 0, 0]],
    )  # fmt: skip
    built = type(built)(**{
        name: np.asarray(getattr(built, name)) if name in {"power_builds", "project_starts", "option_energy"}
        else getattr(built, name)
        for name in built.__dataclass_fields__
    })  # fmt: skip
    plan = Plan(built, outcome())
    assert plan.power["available_mw"].tolist() == [1.0, 2.0, 2.0, 2.0]
    assert plan.running["compute_hours"].tolist() == pytest.approx([43_800.0, 43_800.0, 48_180.0])
    assert plan.power["price_of_power"].tolist() == pytest.approx([102.0, 154.0, 102.0, 102.0])
    gas = plan.energy[plan.energy["source"] == "gas"].iloc[0]
    assert (gas["cost"], gas["carbon_t"]) == pytest.approx((100 * 154.0, 40.0))
    assert plan.cash_flow["builds"].tolist() == [-600_000.0, 0, 0, 0]
    assert plan.cash_flow["build_fixed"].tolist() == [0, -2_000.0, -2_000.0, -2_000.0]
    assert plan.cash_flow["projects"].tolist() == [0, -50_000.0, 0, -5_000.0]
    assert plan.builds[["kind", "name", "count", "complete", "added"]].to_numpy().tolist() == [
        ["power", "gas", 1, "2027Q2", 1.0], ["project", "scheduler", 1, "2027Q4", 0.0],
    ]  # fmt: skip
    assert plan.figures["capex"] == 4_600_000.0


def test_campus_power_is_shared_out_as_used_then_as_headroom_in_site_order() -> None:
    """Proves: sites' figures sum to the campus, no site exceeds its own row, what a site uses it has.

    The campus has 1.0 MW; S (own row 0.4) uses 0.125, T (no row) 0.25: the headroom of 0.625 goes to S up to 0.4, then
    to T.
    """
    frames = hand_frames()
    extra = {
        "sites": pd.concat([frames["sites"], frames["sites"].assign(site="T")], ignore_index=True).assign(campus="N"),
        "power": wide("site", {"S": [0.4] * 4, "N": [1.0] * 4}),
        "fleet": pd.DataFrame([
            {"generation": "A", "site": "S", "delivered": "2026Q4", "units": 1, "price": 1e6},
            {"generation": "A", "site": "T", "delivered": "2026Q4", "units": 2, "price": 1e6},
        ]),
    }  # fmt: skip
    case = hand_case(extra)
    plan = Plan(solution(
        case, ordered={}, installed=[[[1] * 4, [2] * 4]],
        running=[(0, 0, s, t, 0, float(s + 1)) for s in (0, 1) for t in range(4)],
    ), outcome())  # fmt: skip
    power = plan.power.set_index(["period", "site"])["available_mw"]
    assert power["2027Q1", "S"] == pytest.approx(0.4)
    assert power["2027Q1", "T"] == pytest.approx(0.6)
    assert plan.power.set_index("site")["campus"].to_dict() == {"S": "N", "T": "N"}
    assert plan.deployment["installed"].sum() == 0, "the fleet at the start is not a flow"


def test_in_service_books_hold_idle_units_at_cost_first_in_first_out() -> None:
    """Proves: of 4 + 2 units three go into service in the second and two more in the third quarter, oldest first.

    Sensitivity: from-delivery books would depreciate the idle unit as well (250,000 less at the end).
    """
    case = hand_case(depreciation_start="in_service")
    plan = Plan(solution(case, ordered={(0, 0): 4, (0, 1): 2}, installed=[[[0, 3, 5, 5]]]), outcome())
    books = plan.depreciation
    assert books["additions"].tolist() == [4e6, 2e6, 0.0]
    assert books["depreciation"].tolist() == [3 * 125_000.0, 5 * 125_000.0, 5 * 125_000.0]
    assert books["in_progress"].tolist() == [1e6, 1e6, 1e6]
    assert books["to_service"].tolist() == [0.0, 2e6 - 1e6 + 0.0, 0.0]
    assert books["closing"].iloc[-1] == pytest.approx(6e6 - 13 * 125_000.0)
    assert plan.figures["cost_pv"] == pytest.approx(
        Plan(solution(hand_case(), ordered={(0, 0): 4, (0, 1): 2}, installed=[[[0, 3, 5, 5]]]), outcome()).figures[
            "cost_pv"
        ]
    ), "the convention never changes D"


def test_a_sale_takes_spares_that_were_in_service_before_units_that_never_were() -> None:
    """Proves: with two of four back in the warehouse, both sold units are old ones; the idle fifth stays at cost."""
    case = hand_case(depreciation_start="in_service")
    cohort = cohort_of(case, 0, 0)
    plan = Plan(solution(case, ordered={(0, 0): 5}, installed=[[[0, 4, 2, 2]]], sold={(cohort, 2): 2}), outcome())
    assert plan.sales["book_value"].tolist() == [2 * 875_000.0]
    assert plan.depreciation["in_progress"].tolist() == [1e6, 1e6, 1e6]


def test_orders_say_why() -> None:
    """Proves: the text names the hall that is filled, the last chance to order, the least order."""
    frames = hand_frames()
    frames["generations"] = frames["generations"].assign(last_order="2027Q1", min_order=8, lot=8)
    case = hand_case({"generations": frames["generations"]})
    plan = Plan(solution(
        case, ordered={(0, 0): 8}, installed=[[[0, 7, 8, 8]]],
        running=[(0, 0, 0, 1, 0, 7.0), (0, 0, 0, 2, 0, 8.0), (0, 0, 0, 3, 0, 8.0)],
    ), outcome())  # fmt: skip
    row = plan.orders.iloc[0]
    assert row["first_to"] == "S 7, warehouse 1"
    assert row["why"].startswith("takes 875 kW at S from 2027Q2")
    assert "1 wait, the last until 2027Q3: the last chance to order" in row["why"]
    full = Plan(solution(case, ordered={(0, 0): 8}, installed=[[[0, 8, 8, 8]]],
                         running=[(0, 0, 0, t, 0, 8.0) for t in (1, 2, 3)]), outcome())  # fmt: skip
    assert full.orders["why"].iloc[0].startswith("fills 1.0 MW at S from 2027Q2")
    assert full.power["binds"].tolist() == ["no", "yes", "yes", "yes"]


def test_provenance_weighs_what_rests_on_estimates() -> None:
    """Proves: a price that is an estimate weighs in capex, not in compute; a later date weighs in both."""
    frames = hand_frames()
    second = frames["generations"].assign(generation="B", available_from="2027Q2")
    both = pd.concat([frames["generations"], second], ignore_index=True).assign(estimate_fields=["price", ""])
    case = hand_case({"generations": both})
    plan = Plan(solution(
        case, ordered={(0, 0): 1, (1, 1): 3}, installed=[[[0, 1, 1, 1]], [[0, 0, 3, 3]]],
        running=[(0, 0, 0, 3, 0, 1.0), (1, 1, 0, 3, 0, 3.0)],
    ), outcome())  # fmt: skip
    facts = dict(zip(plan.provenance["key"], plan.provenance["value"], strict=True))
    assert facts["share_of_hardware_capex_estimated"] == pytest.approx(0.25)
    assert facts["share_of_hardware_capex_unreleased"] == pytest.approx(0.75)
    assert facts["share_of_compute_estimated_or_unreleased"] == pytest.approx(0.75)
    assert facts["generations_with_estimated_price"] == "A"
    assert facts["generations_with_estimated_compute_or_power"] == ""
    assert facts["unreleased_generations"] == "B"


@pytest.mark.parametrize(("header", "note", "columns"), [
    ("note", "compute: no result, estimate from GB300; price: bank estimate", {"compute", "price"}),
    ("note", "price decline, opex, lead time, moving: estimates", {"price_decline", "opex_per_year", "lead_time"}),
    ("source", "data/x.csv: price; estimate: opex_per_year, 2 % of price", {"opex_per_year"}),
    ("estimate_fields", "price;power_kw", {"price", "power_kw"}),
    ("estimate_fields", "no", set()),
    ("note", "a list price", set()),
])  # fmt: skip
def test_notes_say_which_columns_are_estimates(header: str, note: str, columns: set[str]) -> None:
    assert estimated_columns(header, note) == columns


def test_a_note_that_names_no_column_means_all() -> None:
    assert {"compute", "price", "resale"} <= estimated_columns("note", "rough estimate")


def test_a_plan_gives_its_sheets_by_name_and_refuses_others(plan: Plan) -> None:
    assert plan.orders is plan.frames["orders"]
    assert "cash_flow" in dir(plan)
    with pytest.raises(AttributeError, match="no sheet 'ordres'"):
        _ = plan.ordres
    with pytest.raises(ValueError, match="checks lack"):
        plan.attach_checks(pd.DataFrame({"rule": []}))
    plan.attach("bottlenecks", pd.DataFrame({"site": ["S"]}))
    assert list(plan.frames)[-3:] == ["bottlenecks", "checks", "provenance"]
    del plan.frames["bottlenecks"]
