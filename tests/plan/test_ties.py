"""Money ties to the cent, and an independent recomputation agrees, on random cases with every table in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from random_cases import random_frames
from random_solutions import outcome_of, random_solution

from procure.audit import audit
from procure.case import Case
from procure.plan import Plan

if TYPE_CHECKING:
    import pandas as pd

CENT = 0.005
LENGTHS = ("month", "quarter", "half", "year")


def random_plan(seed: int) -> Plan:
    rng = np.random.default_rng(seed)
    frames = random_frames(
        rng, generations=2 + seed % 4, sites=1 + seed % 6, periods=6 + seed % 9, length=LENGTHS[seed % 4],
        depreciation_start=("delivery", "in_service")[seed // 4 % 2],
    )  # fmt: skip
    solution = random_solution(Case.from_frames(frames), rng)
    return Plan(solution, outcome_of(solution))


def by_period(plan: Plan, sheet: str, column: str, period: str = "period") -> pd.Series:
    labels = list(plan.case.calendar.labels)
    frame = plan.frames[sheet]
    return frame.groupby(period)[column].sum().reindex(labels, fill_value=0.0).astype(float)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 200, 25))
def test_finance_ties_to_the_cent_and_the_audit_agrees(first: int) -> None:
    """Proves: orders = additions = cash by kind, sales = disposals, every account rolls forward, D follows from cash;
    and the audit, which shares no code with the plan, recomputes every sheet and figure to a millionth."""
    for seed in range(first, first + 25):
        plan = random_plan(seed)
        report = audit(plan.case.tables, plan.frames)
        failed = report.checks[report.checks["verdict"] == "fail"]
        assert failed.empty, f"seed {seed}\n{failed.to_string()}\n{report.mismatches.head().to_string()}"
        cash = plan.cash_flow.set_index("period")
        books = plan.depreciation
        ordered = by_period(plan, "orders", "total", "delivery")
        assert (ordered - by_period(plan, "depreciation", "additions")).abs().max() < CENT, seed
        assert (by_period(plan, "orders", "balance", "delivery") + cash["capex_orders"]).abs().max() < CENT, seed
        assert (by_period(plan, "orders", "deposit", "order") + cash["deposits"]).abs().max() < CENT, seed
        assert abs(plan.orders["total"].sum() + cash["capex_orders"].sum() + cash["deposits"].sum()) < CENT, seed
        sold = by_period(plan, "sales", "book_value")
        assert (sold - by_period(plan, "depreciation", "disposals")).abs().max() < CENT, seed
        assert (by_period(plan, "sales", "proceeds") - cash["resale"]).abs().max() < CENT, seed
        assert (
            plan.sales["proceeds"] - plan.sales["book_value"] - plan.sales["gain"]
        ).abs().max() < CENT or plan.sales.empty
        flow = books["opening"] + books["additions"] - books["depreciation"] - books["disposals"] - books["closing"]
        assert flow.abs().max() < CENT, seed
        for _, rows in books.groupby("generation"):
            held = rows[rows["units"].shift(fill_value=0) > 0]
            before = rows["closing"].shift()[held.index]
            assert (held["opening"] - before).abs().max() < CENT or held.empty, seed
        f = plan.figures
        assert abs(f["opening_book"] - cash["discounted"].sum() - f["terminal_value_pv"] - f["cost_pv"]) < CENT, seed
        kinds = cash.drop(columns=["net", "discounted", "cumulative", "starts"])
        assert (kinds.sum(axis=1) - cash["net"]).abs().max() < CENT, seed


def test_both_start_conventions_carry_the_same_total_and_never_change_the_cost() -> None:
    """Proves: what in-service books have not depreciated yet stands in construction in progress or in fewer periods."""
    for seed in range(8):
        plans = []
        for start in ("delivery", "in_service"):
            rng = np.random.default_rng(seed)
            case = Case.from_frames(random_frames(rng, depreciation_start=start))
            solution = random_solution(case, rng)
            plans.append(Plan(solution, outcome_of(solution)))
        early, late = plans
        assert early.figures["cost_pv"] == late.figures["cost_pv"]
        assert early.orders.equals(late.orders)
        assert early.depreciation["additions"].tolist() == pytest.approx(late.depreciation["additions"].tolist())
        closing = [plan.depreciation.groupby("period")["closing"].sum() for plan in plans]
        disposed = [plan.depreciation["disposals"].sum() for plan in plans]
        written = [plan.depreciation["depreciation"].sum() for plan in plans]
        assert written[1] <= written[0] + CENT
        opening = [plan.depreciation.groupby("period")["opening"].sum().iloc[0] for plan in plans]
        for n in (0, 1):
            additions = plans[n].depreciation["additions"].sum()
            assert abs(opening[n] + additions - written[n] - disposed[n] - closing[n].iloc[-1]) < CENT
