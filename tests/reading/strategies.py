"""Random sound cases with every table in use (hypothesis), as records by sheet name."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from procure.calendar import Calendar

NAMES = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S"), exclude_characters="*,;"), min_size=1, max_size=12
).filter(lambda s: s.casefold() not in {"all", "warehouse", "generation", "note", "notes", "source", "comment", "unit"})


def _names(least: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(NAMES, min_size=least, max_size=most, unique_by=lambda s: s.casefold())


def _number(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high).map(lambda x: round(x, 3))


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a sound case: whatever it holds, a planner may mean it."""
    length = draw(st.sampled_from(("month", "quarter", "half", "year")))
    start = f"{draw(st.integers(2025, 2030))}-{draw(st.integers(1, 12)):02d}"
    calendar = Calendar.make(start, length, draw(st.integers(1, 12)))
    generations, sites = draw(_names(1, 4)), draw(_names(1, 4))
    campuses = draw(_names(0, 2))
    workloads = draw(st.one_of(st.just([]), _names(1, 3)))

    def maybe(strategy: st.SearchStrategy[Any]) -> Any:
        return draw(st.one_of(st.none(), strategy))

    def fraction() -> Any:
        return maybe(_number(0, 1))

    def label(low: int, high: int) -> str:
        return calendar.label(draw(st.integers(low, high)))

    def wide(low: float, high: float) -> dict[str, Any]:
        return {name: maybe(_number(low, high)) for name in calendar.labels if draw(st.booleans())} | {
            calendar.labels[0]: maybe(_number(low, high))
        }

    T = calendar.periods
    last = draw(st.integers(0, T + 4))
    case: dict[str, Any] = {
        "settings": {
            "start": calendar.start,
            "periods": T,
            "period_length": length,
            "objective": draw(st.sampled_from(("compute", "balanced", "npv", "cost", "compute_per_watt"))),
            "discount_rate": fraction(),
            "carbon_cap_t": maybe(_number(0, 1e6)),
            "budget_carry_over": maybe(st.booleans()),
        },
        "generations": [
            {
                "generation": name,
                "vendor": maybe(NAMES),
                "compute": draw(_number(0, 500)),
                "power_kw": draw(_number(0.5, 600)),
                "cooling": draw(st.sampled_from(("air", "liquid", "Air", None))),
                "price": draw(_number(0, 1e7)),
                "price_decline": fraction(),
                "lead_time": maybe(st.integers(0, 5)),
                "lot": maybe(st.integers(1, 8)),
                "racks": maybe(_number(0.1, 8)),
                "available_from": maybe(st.just(label(-4, last))),
                "last_order": maybe(st.just(calendar.label(last + draw(st.integers(0, 4))))),
                "resale": fraction(),
                "deposit": fraction(),
                "opex_growth": maybe(_number(-0.5, 0.5)),
                "service_years": maybe(_number(0.5, 20)),
            }
            for name in generations
        ],
        "sites": [
            {
                "site": name,
                "campus": maybe(st.sampled_from(campuses)) if campuses else None,
                "market": maybe(NAMES),
                "pue": maybe(_number(1, 3)),
                "energy_per_mwh": draw(_number(0, 500)),
                "max_rack_kw": maybe(_number(1, 900)),
                "cooling": maybe(st.sampled_from(("air", "liquid", "both"))),
                "utilisation": fraction(),
                "workloads": ", ".join(draw(st.lists(st.sampled_from(workloads), unique=True))) if workloads else None,
            }
            for name in sites
        ],
    }
    used = {site["campus"] for site in case["sites"]} - {None} - set(sites)
    case["power"] = [{"site": name, **wide(0, 900)} for name in dict.fromkeys([*sites, *sorted(used)])]
    case["space"] = [{"site": name, **wide(0, 900)} for name in sites if draw(st.booleans())]
    for table, low, high in (("allocation", 0, 500), ("prices", 1, 1e7), ("compute_path", 0, 3)):
        case[table] = [{"generation": name, **wide(low, high)} for name in generations if draw(st.booleans())]
    if draw(st.booleans()):
        case["budget"] = [{"budget": "capex", **wide(1e9, 1e12)}]
    case["modes"] = [
        {
            "generation": draw(st.sampled_from([*generations, "*"])),
            "mode": f"m{i}",
            "power_factor": draw(_number(0.1, 1)),
            "compute_factor": draw(_number(0, 1.2)),
        }
        for i in range(draw(st.integers(0, 2)))
    ]
    if workloads:
        case["workloads"] = [{"workload": name, "utilisation": fraction()} for name in workloads]
        case["performance"] = [
            {"generation": name, **{w: maybe(_number(0, 500)) for w in workloads}}
            for name in generations
            if draw(st.booleans())
        ]
    case["demand"] = [
        {"workload": name, "measure": measure, **wide(0, 1e6)}
        for name in (workloads or ["all"])
        for measure in ("maximum", "value")
        if draw(st.booleans())
    ]
    places = [*sites, "warehouse"]
    case["fleet"] = [
        {
            "generation": draw(st.sampled_from(generations)),
            "site": draw(st.sampled_from(places)),
            "delivered": label(-30, -1),
            "units": draw(st.integers(0, 500)),
            "price": draw(_number(0, 1e7)),
        }
        for _ in range(draw(st.integers(0, 3)))
    ]
    case["committed"] = [
        {
            "generation": draw(st.sampled_from(generations)),
            "delivery": label(0, T - 1),
            "units": draw(st.integers(0, 9)),
            "price": draw(_number(0, 1e7)),
        }
        for _ in range(draw(st.integers(0, 2)))
    ]
    case["licences"] = [
        {
            "generation": name,
            "site": site,
            "allowed": maybe(st.sampled_from(("yes", "no"))),
            "from": maybe(st.just(label(-2, T + 2))),
            "max_units": maybe(st.integers(0, 500)),
        }
        for name in [*generations, "*"]
        for site in sites
        if draw(st.integers(0, 3)) == 0
    ]
    case["power_options"] = [
        {
            "option": f"o{i}",
            "site": draw(st.sampled_from(sites)),
            "adds_mw": draw(_number(0, 99)),
            "energy_per_mwh": 40,
            "capex": 1e6,
            "lead_time": maybe(st.integers(0, 4)),
            "latest": maybe(st.just(label(0, T + 3))),
        }
        for i in range(draw(st.integers(0, 2)))
    ]
    case["shell_options"] = [{"option": "annex", "site": sites[0], "adds_racks": draw(_number(0, 500)), "capex": 0}]
    case["projects"] = [
        {
            "project": "p",
            "workload": draw(st.sampled_from([*workloads, "*", "all", None])),
            "uplift": draw(_number(0, 0.5)),
        }
    ]
    case["rental"] = [
        {"workload": name, "price_per_unit_hour": draw(_number(0, 9)), **wide(0, 1e4)}
        for name in (workloads or ["*"])
        if draw(st.booleans())
    ]
    return case
