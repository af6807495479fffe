"""What the notes compare each model with: rules of thumb, and changes of one assumption.

A variant edits the sheets of a model (lists of records, as ``frames`` returns them) in place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Frames = dict[str, Any]
Edit = Callable[[Frames], None]


def put(frames: Frames, key: str, value: Any) -> None:
    """Set a setting."""
    frames["settings"] = [r for r in frames["settings"] if r["key"] != key] + [{"key": key, "value": value, "note": ""}]


def order_none(*names: str) -> Edit:
    """Allow no orders of the named generations."""

    def edit(frames: Frames) -> None:
        start = next(r["value"] for r in frames["settings"] if r["key"] == "start")
        rows = [r for r in frames.get("allocation", []) if r["generation"] not in names]
        frames["allocation"] = rows + [{"generation": name, start: 0, "source": "variant"} for name in names]

    return edit


def order_only(frames: Frames, orders: dict[str, dict[str, int]]) -> None:
    """Allow no more than the given orders (generation → period → units)."""
    start = next(r["value"] for r in frames["settings"] if r["key"] == "start")
    labels = [start, *_later(start, 40)]
    rows = []
    for row in frames["generations"]:
        units = orders.get(row["generation"], {})
        rows.append({"generation": row["generation"], **{t: units.get(t, 0) for t in labels}, "source": "variant"})
    frames["allocation"] = rows


def _later(start: str, quarters: int) -> list[str]:
    zero = 4 * int(start[:4]) + int(start[-1]) - 1
    return [f"{(zero + q) // 4}Q{(zero + q) % 4 + 1}" for q in range(1, quarters)]


def change(sheet: str, where: Callable[[dict[str, Any]], bool], **values: Any) -> Edit:
    """Change columns of the rows for which ``where`` holds."""

    def edit(frames: Frames) -> None:
        rows = [row for row in frames[sheet] if where(row)]
        if not rows:
            raise ValueError(f"variant: no such row in {sheet}")
        for row in rows:
            row.update(values)

    return edit


def named(name: str) -> Callable[[dict[str, Any]], bool]:
    """Rows of a generation."""
    return lambda row: row.get("generation") == name


def setting(key: str, value: Any) -> Edit:
    """Change a setting."""
    return lambda frames: put(frames, key, value)


def without(*sheets: str) -> Edit:
    """Drop whole sheets."""

    def edit(frames: Frames) -> None:
        for sheet in sheets:
            frames.pop(sheet)

    return edit


def late(sites: tuple[str, ...], quarters: int) -> Edit:
    """Delay every step of a site's power."""

    def edit(frames: Frames) -> None:
        for row in frames["power"]:
            if row["site"] in sites:
                steps = [(k, v) for k, v in row.items() if k[:2] == "20"]
                for label, _ in steps:
                    del row[label]
                row[steps[0][0]] = steps[0][1]
                row.update({_later(label, quarters + 1)[-1]: value for label, value in steps[1:]})

    return edit


def scaled(sheet: str, where: Callable[[dict[str, Any]], bool], factor: float) -> Edit:
    """Scale the periods of wide rows."""

    def edit(frames: Frames) -> None:
        for row in frames[sheet]:
            if where(row):
                row.update({k: v * factor for k, v in row.items() if k[:2] == "20"})

    return edit


VARIANTS: dict[str, dict[str, Edit]] = {
    "warm-shells": {
        "rule: buy only what ships today (no Rubin)": order_none("Vera Rubin NVL72", "Kyber NVL144"),
        "rule: order nothing until Vera Rubin": order_none(
            "H200", "B200", "B300", "MI355X", "GB200 NVL72", "GB300 NVL72"
        ),
        "rule: never sell what is in the warehouse": change("generations", named("GB200 NVL72"), resale=0),
        "late halls two quarters later": late(("Ashburn", "New Albany", "Abilene", "Riyadh"), 2),
        "no licence for Riyadh": change("licences", lambda row: row["generation"] == "*", allowed="no"),
    },
    "wait-or-buy-mlperf": {
        "rule: GB300 only": order_none("Vera Rubin NVL72", "Kyber NVL144"),
        "rule: wait for Vera Rubin": order_none("GB300 NVL72"),
        "hours lose 15 % a year instead of 27 %": lambda frames: _slower(frames, 0.85),
    },
    "wait-or-buy-semianalysis": {
        "rule: GB300 only": order_none("Vera Rubin NVL72", "Kyber NVL144"),
        "Vera Rubin three quarters later": lambda frames: _allocation_late(frames, "Vera Rubin NVL72", 3),
    },
    "power-cap": {
        "rule: never cap": without("modes"),
        "MaxQ keeps 0.83 of the compute, as of the power": change(
            "modes", named("Vera Rubin NVL72"), compute_factor=0.83
        ),
        "twice the budget": scaled("budget", lambda _row: True, 2),
    },
    "behind-the-meter": {
        "rule: fuel cells only": lambda frames: _only(frames, "fuel_cell"),
        "no carbon price": setting("carbon_price_per_t", 0),
        "carbon at 200 a tonne": setting("carbon_price_per_t", 200),
        "grid in Columbus two years earlier": change(
            "power", lambda row: row["site"] == "Columbus", **{"2029Q1": 60, "2031Q1": 60}
        ),
    },
    "licence": {
        "no cap in Riyadh": lambda frames: _no_cap(frames),  # noqa: PLW0108 - defined below
        "nothing licensed for Riyadh": change("licences", lambda row: row["site"] == "Riyadh", allowed="no"),
        "Dallas a year later": late(("Dallas",), 4),
    },
    "refresh": {
        "rule: buy nothing": scaled("budget", lambda _row: True, 0),
        "rule: sell no old chips": lambda frames: frames.update(
            resale_prices=[{"generation": g, "2027Q1": 0, "source": "variant"} for g in ("A100", "H100")]
        ),
        "a used A100 at 9,000 a GPU": scaled("resale_prices", named("A100"), 9 / 5),
    },
    "neocloud": {
        "capital at 15 %": setting("discount_rate", 0.15),
        "B200 at 515,000": change("generations", named("B200"), price=515_000),
        "hours lose 25 % a year instead of 15 %": lambda frames: _slower(frames, 0.75),
        "hours lose 5 % a year": lambda frames: _slower(frames, 0.95),
    },
}
"""Model → what is varied → how."""


def _slower(frames: Frames, yearly: float) -> None:
    for row in frames["demand"]:
        if row["measure"] == "value":
            labels = [k for k in row if k[:2] == "20"]
            row.update({label: round(row[labels[0]] * yearly ** (q / 4), 3) for q, label in enumerate(labels)})


def _allocation_late(frames: Frames, name: str, quarters: int) -> None:
    for row in frames["allocation"]:
        if row["generation"] == name:
            steps = [(k, v) for k, v in row.items() if k[:2] == "20"]
            for label, _ in steps:
                del row[label]
            row[steps[0][0]] = 0
            row.update({_later(label, quarters + 1)[-1]: value for label, value in steps})


def _only(frames: Frames, kind: str) -> None:
    frames["power_options"] = [
        row | {"max_builds": 12} for row in frames["power_options"] if f", {kind}:" in row["source"]
    ]


def _no_cap(frames: Frames) -> None:
    for row in frames["licences"]:
        row.pop("max_units", None)
