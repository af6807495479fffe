"""What happens to units: the sheets ``deployment``, ``running``, ``warehouse`` and ``builds``.

Rows stand in the order period, site, generation. Whole units are int64; running units may be fractional.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from procure.planning.tables import named, tally, texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.case import Case
    from procure.planning.quantities import Quantities

__all__ = ["builds", "deployment", "running", "warehouse"]


def deployment(q: Quantities) -> pd.DataFrame:
    """Units installed, removed and standing at each site after a period's moves; racks, units running and peak MW."""
    case, installed, moves = q.case, q.solution.installed, q.solution.moves
    shape = installed.shape
    at = np.ravel_multi_index((q.run.generation, q.run.site, q.run.period), shape)
    runs = tally(at, q.run.units, installed.size).reshape(shape)
    peak_mw = tally(at, q.row_mw, installed.size).reshape(shape)
    t, s, g = np.nonzero(((installed != 0) | (moves != 0)).transpose(2, 1, 0))
    total, move = installed[g, s, t], moves[g, s, t]
    return pd.DataFrame(
        {
            "period": named(case.calendar.labels, t),
            "site": named(case.sites.names, s),
            "generation": named(case.generations.names, g),
            "installed": np.maximum(move, 0),
            "removed": np.maximum(-move, 0),
            "installed_total": total,
            "racks": case.generations.racks[g] * total,
            "running": runs[g, s, t],
            "peak_mw": peak_mw[g, s, t],
        }
    )


def running(q: Quantities) -> pd.DataFrame:
    """Units that run, by power mode and workload, with delivered compute (unit-hours), energy and peak facility MW."""
    case, run = q.case, q.run
    return pd.DataFrame(
        {
            "period": named(case.calendar.labels, run.period),
            "site": named(case.sites.names, run.site),
            "generation": named(case.generations.names, run.generation),
            "mode": named(case.modes.names, run.mode),
            "workload": named(case.workloads, run.workload),
            "running": run.units,
            "compute_hours": q.row_compute,
            "energy_mwh": q.row_mwh,
            "peak_mw": q.row_mw,
        }
    )


def warehouse(q: Quantities) -> pd.DataFrame:
    """Units owned and installed nowhere during a period."""
    stored = q.solution.stored
    t, g = np.nonzero(stored.T)
    return pd.DataFrame(
        {
            "period": named(q.case.calendar.labels, t),
            "generation": named(q.case.generations.names, g),
            "stored": stored[g, t],
        }
    )


def _campus(case: Case, site: NDArray[np.int64]) -> NDArray[np.object_]:
    """Return the name of the metered campus of each site, blank where it has none."""
    return named((*case.sites.campus_names, ""), case.sites.campus[site])


def builds(q: Quantities) -> pd.DataFrame:
    """Power and shell options built and projects started, by the period in which that is decided and paid.

    ``complete`` and ``ready`` are the period (and its first day) from which the build counts, ``added`` the firm MW or
    rack positions of all of the row's builds.
    """
    case, solution = q.case, q.solution
    power, shell, none = case.power_options, case.shell_options, np.zeros(len(case.projects))
    parts = []
    for kind, names, site, counts, lead, adds in (
        ("power", power.names, power.site, solution.power_builds, power.lead, power.adds),
        ("shell", shell.names, shell.site, solution.shell_builds, shell.lead, shell.adds),
        ("project", case.projects.names, None, solution.project_starts, case.projects.lead, none),
    ):
        t, k = np.nonzero(counts.T)
        where = texts([""] * t.size) if site is None else named(case.sites.names, site[k])
        parts.append(
            pd.DataFrame(
                {
                    "period": named(case.calendar.labels, t),
                    "kind": texts([kind] * t.size),
                    "name": named(names, k),
                    "count": counts[k, t].astype(np.int64),
                    "site": where,
                    "complete": texts(case.calendar.label(int(x)) for x in t + lead[k]),
                    "ready": pd.to_datetime([case.calendar.first_day(int(x)) for x in t + lead[k]]).as_unit("us"),
                    "added": counts[k, t] * adds[k],
                    "campus": texts([""] * t.size) if site is None else _campus(case, site[k]),
                    "at": t,
                }
            )
        )
    return pd.concat(parts).sort_values("at", kind="stable").drop(columns="at").reset_index(drop=True)
