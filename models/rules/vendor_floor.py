"""A rule of one's own: at least a share of what runs comes from each of two or more vendors.

Counted in kW of running units (so that a server and a rack weigh what they are), over the horizon. What is ordered and
left in the warehouse does not count: a rule on orders could be met by chips that never run. Rows added, 1 per vendor:

    sum over its generations of kW[g] * power factor[m] * run[g, m, s, t, w]  >=  share * the same sum over all vendors

Use: ``procure.solve("case.xlsx", rules=[vendor_floor(0.2, ["NVIDIA", "AMD"])])``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyomo.environ as pe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def vendor_floor(share: float, vendors: Sequence[str]) -> Callable[[Any], None]:
    """Return the rule; raises ValueError for a vendor the case does not know or shares that add up to more than 1."""
    if not 0 <= share * len(vendors) <= 1:
        raise ValueError(f"{len(vendors)} vendors at {share:.0%} each are more than all there is")

    def rule(model: Any) -> None:
        products, modes = model.case.generations, model.case.modes
        vendor = dict(zip(products.names, products.vendor, strict=True))
        kilowatts = {
            (products.names[g], mode): float(products.power_kw[g]) * factor
            for g, mode, factor in zip(modes.generation, modes.names, modes.power.tolist(), strict=True)
        }
        unknown = sorted(set(vendors) - set(vendor.values()))
        if unknown:
            raise ValueError(f"no generation is sold by {', '.join(unknown)}")
        running: dict[str, Any] = dict.fromkeys(vendor.values(), 0.0)
        for (g, mode, _, _, _), units in model.run.items():
            running[vendor[g]] += kilowatts[g, mode] * units
        everything = sum(running.values())
        model.vendor_floor = pe.Constraint(list(vendors), rule=lambda _, name: running[name] >= share * everything)

    return rule
