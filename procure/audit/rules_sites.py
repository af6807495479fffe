"""Rules of sites: density, cooling, licences, rack positions; and of what can be built there and when."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from procure.audit.arrays import total_by
from procure.audit.decisions import online
from procure.audit.exact import excess, fraction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.audit.decisions import Decisions
    from procure.audit.inputs import Inputs
    from procure.audit.report import Ledger

    Floats = NDArray[np.float64]

__all__ = ["check_builds", "check_sites"]


def check_sites(ledger: Ledger, inputs: Inputs, decisions: Decisions) -> None:
    """Add the rules of what may stand where: density, cooling, licences and their caps, rack positions."""
    standing = decisions.standing
    here = standing > 0
    too_dense = inputs.gen["rack_kw"][:, None] - inputs.site["max_rack_kw"][None, :]
    ledger.rule(
        "density",
        "Units stand only where the rack density that they need is allowed",
        np.where(here & ~inputs.dense[:, :, None], too_dense[:, :, None], 0.0),
        "kW per rack",
        axes=inputs.axes,
    )
    ledger.rule(
        "cooling",
        "Units stand only where their cooling is",
        np.where(inputs.cooled[:, :, None], 0.0, standing),
        "units",
        axes=inputs.axes,
    )
    ledger.rule(
        "licence_dates",
        "Units stand only where, and from when, a licence allows them",
        np.where(inputs.licensed, 0.0, standing),
        "units",
        axes=inputs.axes,
    )
    ever = inputs.initial[:, :, None] + np.cumsum(decisions.installed, axis=2)
    caps = inputs.licence_caps
    counted = [ever[g, s] if g >= 0 else ever[:, s].sum(axis=0) for g, s, _ in caps]
    over = np.array([row - most for row, (_, _, most) in zip(counted, caps, strict=True)]).reshape(len(caps), inputs.T)
    ledger.rule(
        "licence_caps",
        "Units ever installed under a licence, those there at the start included, are within its max_units",
        over,
        "units",
        axes=[
            [f"{inputs.generations[g] if g >= 0 else '*'} at {inputs.sites[s]}" for g, s, _ in caps],
            inputs.calendar.labels,
        ],
    )
    _space(ledger, inputs, decisions)


def _space(ledger: Ledger, inputs: Inputs, decisions: Decisions) -> None:
    racks, shells = inputs.gen["racks"], inputs.shell_options
    built = online(decisions.shell, shells.lead)
    limit = inputs.racks.copy()
    limit += total_by(shells.site, shells.adds[:, None] * built, len(inputs.sites))
    used = np.einsum("g,gst->st", racks, decisions.standing)

    def exactly(index: tuple[int, ...]) -> Fraction:
        s, t = index
        here = decisions.standing[:, s, t]
        taken = sum((fraction(racks[g]) * fraction(here[g]) for g in np.flatnonzero(here)), Fraction())
        there = fraction(inputs.racks[s, t])
        for k in np.flatnonzero(shells.site == s):
            there += fraction(shells.adds[k]) * fraction(built[k, t])
        return taken - there

    ledger.rule(
        "space",
        "Rack positions of installed units are within those of the site, shells built included",
        excess(used, limit, exactly),
        "racks",
        axes=inputs.axes[1:],
    )


def check_builds(ledger: Ledger, inputs: Inputs, decisions: Decisions) -> None:
    """Add the windows and greatest numbers of power options, shells and projects."""
    projects = inputs.projects
    latest = np.full(len(projects.names), np.nan)
    for rule, what, options, builds in (
        ("power_option_window", "Power options", inputs.power_options, decisions.power),
        ("shell_option_window", "Shells", inputs.shell_options, decisions.shell),
    ):
        ledger.rule(
            rule,
            f"{what} are built from their earliest to their latest period",
            _outside(builds, options.earliest, options.latest),
            "periods",
            axes=[options.names, inputs.calendar.labels],
        )
    ledger.rule(
        "project_window",
        "Projects start no sooner than their earliest period",
        _outside(decisions.projects, projects.earliest, latest),
        "periods",
        axes=[projects.names, inputs.calendar.labels],
    )
    counts = [
        decisions.power.sum(axis=1) - inputs.power_options.max_builds,
        decisions.shell.sum(axis=1) - inputs.shell_options.max_builds,
        decisions.projects.sum(axis=1) - 1.0,
    ]
    ledger.rule(
        "max_builds",
        "Nothing is built more often than max_builds, no project starts twice",
        np.concatenate(counts),
        "builds",
        axes=[[*inputs.power_options.names, *inputs.shell_options.names, *projects.names]],
    )


def _outside(builds: Floats, earliest: Floats, latest: Floats) -> Floats:
    """Periods by which builds (K × T) miss their windows."""
    t = np.arange(builds.shape[1])[None, :]
    early = np.nan_to_num(earliest, nan=-np.inf)[:, None] - t
    late = t - np.nan_to_num(latest, nan=np.inf)[:, None]
    return np.where(builds != 0, np.maximum(early, late), 0.0)
