"""Each input that shifts a figure, shifting it by what is known by hand from the base plan."""

from __future__ import annotations

import pytest

NEW, NORTH, SOUTH = 1, 0, 1
H = 8760.0
TRAIN, SERVE = [10.0, 22.05, 21.8295, 16.038], [6.0, 3.0, 3.0, 2.0]


def setting(case, key, value):
    case["settings"] = [row for row in case["settings"] if row["key"] != key] + [{"key": key, "value": value}]


def by_year(*values):
    return dict(zip(["2027", "2028", "2029", "2030"], values, strict=True))


def prices(case):
    """1100 in 2027, 1200 in 2028: capex 4 × 100 and 4 × 300 above the base."""
    case["prices"] = [{"generation": "new", **by_year(1100, 1200, None, None)}]
    return {"capex": 10600 + 400 + 1200}


def deposits(case):
    """A share of 1: all is paid with the order; capex undiscounted stays."""
    case["generations"][NEW]["deposit"] = 1
    # 3200 and 2880 are paid a year sooner: their cost rises by a year's interest of 1/11.
    return {"capex": 10600, "cost_pv+": 3200 * (1 - 1 / 1.1) + 2880 * (1 / 1.1 - 1 / 1.21)}


def resale_prices(case):
    """Used units sell at 70 in 2029 and 80 in 2030, which also holds at the end: 4 × 80 by resale value."""
    case["resale_prices"] = [{"generation": "new", **by_year(50, 60, 70, 80)}]
    setting(case, "terminal_value", "resale")
    sales = 2 * (70 - 90) / 1.1**2 + 4 * (80 - 100) / 1.1**3
    return {"terminal_value": 320, "cost_pv+": -sales + (1800 - 320) / 1.1**4}


def terminal_by_resale(case):
    """40 % of 900, halved twice, by 4: 360."""
    setting(case, "terminal_value", "resale")
    return {"terminal_value": 360}


def terminal_of_nothing(case):
    setting(case, "terminal_value", "zero")
    return {"terminal_value": 0, "cost_pv+": 1800 / 1.1**4}


def compute_path(case):
    """A path of 1, 1.2, 1.2, 1.5 replaces obsolescence (1, 0.9, 0.81, 0.729)."""
    case["compute_path"] = [{"generation": "new", **by_year(1, 1.2, None, 1.5)}]
    train = 10 + 22.05 / 0.9 * 1.2 + 21.8295 / 0.81 * 1.2 + 16.038 / 0.729 * 1.5
    return {"compute_unit_hours": H * (train + sum(SERVE))}


def performance_for_new(case):
    case["performance"].append({"generation": "new", "train": 20})
    return {"compute_unit_hours": H * (2 * sum(TRAIN) + sum(SERVE))}


def utilisation_of_the_site(case):
    """The hall's own 0.6 beats the workload's 0.5."""
    case["sites"][NORTH]["utilisation"] = 0.6
    return {"compute_unit_hours": H * (1.2 * sum(TRAIN) + sum(SERVE))}


def utilisation_of_the_setting(case):
    """Without one of its own, train has the setting's 0.4 instead of 0.5."""
    case["workloads"][0].pop("utilisation")
    return {"compute_unit_hours": H * (0.8 * sum(TRAIN) + sum(SERVE))}


def eco_for_all(case):
    """A row of new's own beats the * row of the same mode; without its own row the * row holds."""
    case["modes"] = [{"generation": "*", "mode": "eco", "power_factor": 0.7, "compute_factor": 0.5}]
    # eco: one of 4.9 equivalents, now 4.5, in 2028 and 2029
    train = [10, 22.05 / 4.9 * 4.5, 21.8295 / 4.9 * 4.5, 16.038]
    return {"compute_unit_hours": H * (sum(train) + sum(SERVE))}


def worth_declines(case):
    setting(case, "compute_value_decline", 0.2)
    pv = sum(H * (a + b) * 0.8**t / 1.1 ** (t + 1) for t, (a, b) in enumerate(zip(TRAIN, SERVE, strict=True)))
    return {"compute_pv": pv, "compute_unit_hours": H * (sum(TRAIN) + sum(SERVE))}


def carbon_price(case):
    """10 a tonne on 219, 865.05, 865.05 and 788.4 t."""
    setting(case, "carbon_price_per_t", 10)
    tonnes = [219, 427.05 + 438, 427.05 + 438, 350.4 + 438]
    return {"carbon_t": 2737.5, "cost_pv+": sum(10 * x / 1.1 ** (t + 1) for t, x in enumerate(tonnes))}


def carbon_price_turns_the_order(case):
    """At 50 a tonne gas costs 30 + 25, grid 40 + 5: north draws the grid first, up to 4380 MWh, then gas."""
    setting(case, "carbon_price_per_t", 50)
    return {"carbon_t": (2190 + 4380 + 4380 + 4380) * 0.1 + 2 * 766.5 * 0.5}


def take_or_pay_on_its_own_row(case):
    """North: 3 a kW and month on 500 kW, options not counted, for four years."""
    case["sites"][NORTH]["capacity_per_kw_month"] = 3
    return {"cost_pv+": sum(12 * 3 * 500 / 1.1 ** (t + 1) for t in range(4))}


def opex_of_an_old_fleet(case):
    """5 old units, two years of age by 2028, at 10 a year growing by half; they leave in 2030."""
    case["generations"][0] |= {"opex_per_year": 10, "opex_growth": 0.5}
    return {"cost_pv+": sum(5 * 10 * 1.5 ** (t + 1) / 1.1 ** (t + 1) for t in range(3))}


def overhead(case):
    """A tenth more IT power in south: 0.022 more MW where 0.22 are used."""
    case["sites"][SOUTH]["overhead"] = 0.1
    return {"energy_mwh": H * (0.25 + 0.5875 + 0.5875 + 0.5 + 1.1 * (0.16 + 0.08 + 0.08)) + 35.04}


SHIFTS = [
    prices, deposits, resale_prices, terminal_by_resale, terminal_of_nothing, compute_path, performance_for_new,
    utilisation_of_the_site, utilisation_of_the_setting, eco_for_all, worth_declines, carbon_price,
    carbon_price_turns_the_order, take_or_pay_on_its_own_row, opex_of_an_old_fleet, overhead,
]  # fmt: skip


@pytest.mark.parametrize("change", SHIFTS, ids=[change.__name__ for change in SHIFTS])
def test_an_input_shifts_the_figures_as_by_hand(bench, change):
    """Proves: the table acts, by the amount worked out. ``key+``: the shift from the base plan's figure."""
    case = bench.case()
    case["demand"] = [row for row in case["demand"] if row["measure"] == "value"]
    expected = change(case)
    figures = bench.report(case, bench.plan()).figures
    base = bench.hand_summary()
    for key, value in expected.items():
        name = key.rstrip("+")
        right = base[name] + value if key.endswith("+") else value
        assert figures[name] == pytest.approx(right, rel=1e-12), key
    assert figures["cost_pv"] == pytest.approx(figures["cost_pv_books"], rel=1e-12)


def test_months_quarters_and_halves_scale_alike(bench):
    """Proves: hours, rates and yearly amounts follow the period length: four quarters cost what the year's flows cost.

    One unit of 10 kW stands and runs for a year; no discounting. Energy 87.6 MWh at 50; rent 10 kW × 12 × 2; fixed 7;
    opex 40; 120 of straight line over 3 years are 40 lost.
    """
    costs = []
    for length, label, periods in (("month", "2027-{:02d}", 12), ("quarter", "2027Q{}", 4), ("half", "2027H{}", 2),
                                   ("year", "2027", 1)):  # fmt: skip
        labels = [label.format(i + 1) for i in range(periods)]
        case = {
            "settings": [
                {"key": "start", "value": labels[0]}, {"key": "periods", "value": periods},
                {"key": "period_length", "value": length}, {"key": "discount_rate", "value": 0},
            ],
            "generations": [
                {"generation": "g", "compute": 1, "power_kw": 10, "price": 120, "depreciation_years": 3,
                 "opex_per_year": 40},
            ],
            "sites": [{"site": "hall", "pue": 1, "energy_per_mwh": 50, "rent_per_kw_month": 2, "fixed_per_year": 7}],
            "power": [{"site": "hall", labels[0]: 0.01}],
        }  # fmt: skip
        plan = {
            "orders": bench.table("order delivery generation units", (labels[0], labels[0], "g", 1)),
            "deployment": bench.table(
                "period site generation installed removed installed_total",
                *[(name, "hall", "g", int(i == 0), 0, 1) for i, name in enumerate(labels)],
            ),
            "running": bench.table(
                "period site generation mode workload running",
                *[(name, "hall", "g", "full", "all", 1.0) for name in labels],
            ),
        }
        report = bench.report(case, plan)
        assert report.passed
        assert report.figures["energy_mwh"] == pytest.approx(87.6)
        assert report.figures["stranded_mwh"] == pytest.approx(0.0, abs=1e-9)
        costs.append(report.figures["cost_pv"])
    assert costs == pytest.approx([87.6 * 50 + 240 + 7 + 40 + 40] * 4)
