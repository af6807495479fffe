"""The functionals that objectives are made of, as Pyomo expressions.

| name | unit | meaning |
|---|---|---|
| cost | scaled money | D, present value of cost |
| compute_pv | scaled unit-hours | C_pv, delivered compute weighted by discount and value decline |
| compute_raw | scaled unit-hours | C |
| energy_used | GWh | E, facility energy with rented compute's |
| energy_available | GWh | A, energy available at the sites (options built included) with rented compute's |
| worth | scaled money | present value of the served demand |

``compute_per_dollar`` is compute_pv / cost, ``compute_per_watt`` compute_raw / energy_available or / energy_used;
``npv`` worth − cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyomo.environ as pe

from procure.programme.power import built_terms

if TYPE_CHECKING:
    from procure.case import Case
    from procure.programme.draft import Draft

__all__ = ["available_mw", "define_functionals", "gather_compute"]

GWH = 1e-3


def gather_compute(draft: Draft) -> None:
    """Fill compute, energy, availability and value from the variables."""
    case, f = draft.case, draft.functionals
    delivered = draft.arrays["delivered"]
    W = len(case.workloads)
    flat = delivered.ravel().tolist()
    f["compute_raw"].add(np.ones(delivered.size), flat)
    f["compute_pv"].add(np.tile(case.compute_weight, W), flat)
    worth = case.demand_value * case.discount[None, 1:] * draft.scales.compute / draft.scales.money
    f["worth"].add(worth.ravel(), flat)

    f["energy_used"].add(draft.run_energy * GWH, draft.arrays["run"].tolist())
    rent = draft.arrays["rent"]
    r, t = np.nonzero(rent != None)  # noqa: E711
    drawn = (case.hours * case.rental.kw_per_compute_unit[r] / 1000.0 * GWH).tolist()
    f["energy_used"].add(drawn, rent[r, t].tolist())
    f["energy_available"].add(drawn, rent[r, t].tolist())
    f["energy_available"].constant += float(available_mw(case).sum()) * case.hours * GWH
    options, builds = case.power_options, draft.arrays["build"]
    for k in range(len(options)):
        for when in range(case.T):
            standing = built_terms(builds, options, k, when)
            f["energy_available"].add([float(options.adds[k]) * case.hours * GWH] * len(standing), standing)


def available_mw(case: Case) -> np.ndarray:
    """MW available by period without options (shape T): own rows; in a campus the lesser of its row and their sum."""
    sites = case.sites
    total = np.where((sites.campus < 0)[:, None], np.where(np.isfinite(sites.power_mw), sites.power_mw, 0.0), 0.0).sum(
        axis=0
    )
    for k in range(len(sites.campus_names)):
        total = total + np.minimum(sites.campus_power_mw[k], sites.power_mw[sites.campus == k].sum(axis=0))
    return np.asarray(total, dtype=float)


def define_functionals(draft: Draft) -> None:
    """Attach each functional to the model as an expression of its name."""
    for name, functional in draft.functionals.items():
        setattr(draft.model, name, pe.Expression(expr=functional.expression()))
