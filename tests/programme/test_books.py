"""What a plan costs, said twice: in cash (the programme's D) and in the books (Preinreich 1938, Lücke 1955).

With terminal value = book, D is the present value of depreciation, capital charge on the opening book value and losses
on disposal, plus the running cost. The right side is computed here, cohort by cohort and period by period, for random
feasible points of random cases; interest on deposits counts from the order to the delivery.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from helpers import make, solve
from random_cases import random_frames

from procure.case import Case
from procure.solving.engine import Engine
from procure.solving.highs import new_highs
from procure.solving.solve import compile_case

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def random_point(case: Case, rng: np.random.Generator) -> tuple[Any, Any, Floats]:
    """A feasible whole-number point that is best for a random cost of every column."""
    draft, matrix = compile_case(case)
    engine = Engine(matrix, ["cost"])
    highs = new_highs(mip_rel_gap=0.5, time_limit=20.0)
    cost = np.zeros(len(engine.lower))
    cost[: engine.n] = rng.normal(size=engine.n)
    upper = np.where(engine.integer, np.minimum(engine.upper, 40.0), engine.upper)
    upper[: engine.n] = np.minimum(upper[: engine.n], 1e4)
    engine._pass(highs, cost, engine.lower, upper, integers=True)
    highs.run()
    assert highs.getInfo().primal_solution_status == 2
    return draft, matrix, np.array(highs.getSolution().col_value)[: engine.n]


def books(case: Case, draft: Any, matrix: Any, x: Floats) -> dict[str, float]:
    """Present value of each kind of cost of a point, from its decisions, in currency."""

    def value(name: str) -> Floats:
        columns = matrix.columns[name]
        return np.where(columns >= 0, x[np.maximum(columns, 0)], 0.0) if columns.size else np.zeros(columns.shape)

    c, g, T, Y = case.cohorts, case.generations, case.T, case.years
    rate = (1 + case.settings.discount_rate) ** Y - 1
    delta = [(1 + rate) ** -t for t in range(T + 1)]
    pv = dict.fromkeys(
        ("depreciation", "charge", "losses", "deposits", "opex", "orders", "moves", "sites", "energy", "options"), 0.0
    )
    lots, sell = value("order_lots"), value("sell")
    for i in range(len(c)):
        gen, v, order = int(c.generation[i]), int(c.delivered[i]), int(c.order[i])
        units = lots[gen, order] * g.lot[gen] if order >= 0 else float(c.units[i])
        price, life = float(c.price[i]), float(g.life_years[gen])
        for u in range(max(order, 0), v if order >= 0 else 0):  # interest on the deposit until delivery
            pv["deposits"] += rate * price * g.deposit[gen] * units * delta[u + 1]
        for t in range(max(0, v), T):
            book, after = (price * max(0.0, 1 - Y * (s - v) / life) for s in (t, t + 1))
            market = g.resale_price[gen, t]
            fetched = (
                market if market == market else price * g.resale[gen] * (1 - g.resale_decline[gen]) ** (Y * (t - v))
            )
            pv["losses"] += delta[t] * sell[i, t] * (book - fetched)
            units -= sell[i, t]
            pv["depreciation"] += delta[t + 1] * units * (book - after)
            pv["charge"] += delta[t + 1] * units * rate * book
            pv["opex"] += delta[t + 1] * units * g.opex_per_period[gen] * (1 + g.opex_growth[gen]) ** (Y * (t - v))
    ordered, installed, install = value("ordered"), value("installed"), value("install")
    s = case.sites
    for t in range(T):
        pv["orders"] += delta[t] * float(ordered[:, t] @ g.order_cost)
        step = installed[:, :, t] - (installed[:, :, t - 1] if t else s.initial)
        moved = np.where(matrix.columns["install"][:, :, t] >= 0, install[:, :, t], np.maximum(step, 0))
        pv["moves"] += delta[t] * float(
            (moved * g.install_cost[:, None] + (moved - step) * g.remove_cost[:, None]).sum()
        )
        kw = g.power_kw[:, None] * s.facility_factor[None, :]
        pv["sites"] += delta[t + 1] * float((installed[:, :, t] * kw * s.rent_per_kw[None, :]).sum())
        paid = np.where(s.capacity_per_kw > 0, s.capacity_per_kw * 1000 * s.take_or_pay_mw[:, t], 0.0)
        pv["sites"] += delta[t + 1] * float((paid + s.fixed_per_period).sum())
    carbon = case.settings.carbon_price_per_t / 1000
    grid = s.energy_price + carbon * s.carbon_kg_per_mwh
    index, run, draw = draft.run_index, value("run"), value("energy")
    for j in range(len(run)):
        gen, m, site, t = (int(index[name][j]) for name in ("generation", "mode", "site", "period"))
        mwh = case.hours * g.load_factor[gen] * g.power_kw[gen] * case.modes.power[m] * s.facility_factor[site] / 1000
        pv["energy"] += delta[t + 1] * run[j] * mwh * grid[site]
    for kind, options in (("build", case.power_options), ("build_shell", case.shell_options)):
        built = value(kind)
        for k, t in zip(*np.nonzero(built), strict=True):
            later = sum(delta[u + 1] for u in range(t + int(options.lead[k]), T))
            pv["options"] += built[k, t] * (delta[t] * options.capex[k] + later * options.fixed_per_period[k])
    for k, t in zip(*np.nonzero(draw), strict=True):
        own = case.power_options.energy_price[k] + carbon * case.power_options.carbon_kg_per_mwh[k]
        pv["energy"] += delta[t + 1] * draw[k, t] * (own - grid[case.power_options.site[k]])
    started, p = value("start"), case.projects
    for j, t in zip(*np.nonzero(started), strict=True):
        later = sum(delta[u + 1] for u in range(t + int(p.lead[j]), T))
        pv["options"] += started[j, t] * (delta[t] * p.cost[j] + later * p.cost_per_period[j])
    rent = value("rent")
    for r, t in zip(*np.nonzero(rent), strict=True):
        pv["energy"] += delta[t + 1] * rent[r, t] * case.hours * case.rental.price_per_unit_hour[r]
    return pv


def test_cost_in_cash_is_cost_in_the_books() -> None:
    """Proves: D equals PV(depreciation + capital charge + losses on disposal) + running cost, to a billionth.

    Sensitivity: a capital charge on the closing book value, a depreciation that starts a period late, or a purchase
    discounted to the end of its period would each be off by per cents.
    """
    largest: dict[str, float] = {}
    for seed, length in enumerate(("month", "quarter", "half", "year") * 2):
        rng = np.random.default_rng(seed)
        settings = {"terminal_value": "book", "discount_rate": 0.05 + 0.02 * seed}
        case = Case.from_frames(random_frames(rng, generations=3, sites=3, periods=6, length=length, **settings))
        draft, matrix, x = random_point(case, rng)
        pv = books(case, draft, matrix, x)
        size = max(abs(amount) for amount in pv.values())
        assert matrix.functionals["cost"](x) * draft.scales.money == pytest.approx(
            sum(pv.values()), rel=0, abs=1e-9 * size
        ), seed
        largest = {kind: max(largest.get(kind, 0.0), abs(amount) / size) for kind, amount in pv.items()}
    assert min(largest.values()) > 1e-6, largest  # every kind of cost is in one of the points, and not as dust


def test_books_of_one_unit_by_hand() -> None:
    """Proves: 1,000,000 USD over five years, kept for two at 10 %: in cash and in the books 504,132.23.

    Sensitivity: 504,132 = 1,000,000 − 600,000 / 1.21; with the charge on closing values it would be 471,074.
    """
    # year 1: depreciation 200,000 + charge 100,000 = 300,000 / 1.1; year 2: 200,000 + 80,000 = 280,000 / 1.21
    result = solve(
        make(
            periods=2,
            settings={"objective": "cost", "terminal_value": "book", "discount_rate": 0.1},
            generations=[{"depreciation_years": 5}],
            demand={("all", "minimum"): 100},
        )
    )
    assert result.cost == pytest.approx(1e6 - 600_000 / 1.21)
    assert result.cost == pytest.approx(300_000 / 1.1 + 280_000 / 1.21)


def test_without_interest_cost_is_depreciation_and_what_running_costs() -> None:
    """Proves: at a rate of 0 and kept to the end, D is two years' depreciation, operating cost and energy.

    Sensitivity: any discounting left in would lower it.
    """
    result = solve(
        make(
            periods=2,
            settings={"objective": "cost", "terminal_value": "book"},
            sites=[{"energy_per_mwh": 50}],
            generations=[{"depreciation_years": 5, "opex_per_year": 10_000}],
            demand={("all", "minimum"): 100},
        )
    )
    assert result.cost == pytest.approx(400_000 + 20_000 + 2 * 876 * 50)
