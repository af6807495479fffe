"""What runs is the most that installed units and power give, and demand comes first."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from random_cases import random_frames
from scipy.optimize import linprog

from procure.baselines.running import exact, power_up, share_out, steps_of
from procure.case import Case


@pytest.mark.parametrize("seed", range(8))
def test_power_goes_where_it_gives_the_most_compute(seed):
    """Against the linear programme: Σ gain·compute·run, run within installed units, sites' and campuses' power."""
    rng = np.random.default_rng(seed)
    case = Case.from_frames(random_frames(rng, generations=4, sites=4, periods=4))
    G, S = len(case.generations.names), len(case.sites.names)
    units = rng.integers(0, 40, (G, S, 1)).astype(float)
    gain = rng.uniform(1, 9, (G, S, 1))
    site = np.where(np.isinf(case.sites.power_mw[:, :1]), np.inf, rng.uniform(0, 5, (S, 1)))
    campus = rng.uniform(0, 5, (len(case.sites.campus_names), 1))
    run = power_up(case, steps_of(case), units, gain, site, campus)

    rows = [(m, s) for m in range(len(case.modes.names)) for s in range(S)]
    g = case.modes.generation
    value = np.array([gain[g[m], s, 0] * case.modes.compute[m] for m, s in rows])
    mw = np.array([case.peak_mw[g[m], s] * case.modes.power[m] for m, s in rows])
    left, right = [], []
    for i in range(G):
        for s in range(S):
            left.append([float(g[m] == i and at == s) for m, at in rows])
            right.append(units[i, s, 0])
    for s in np.flatnonzero(np.isfinite(site[:, 0])):
        left.append([mw[k] * (at == s) for k, (_, at) in enumerate(rows)])
        right.append(site[s, 0])
    for k in range(len(campus)):
        left.append([mw[j] * (case.sites.campus[at] == k) for j, (_, at) in enumerate(rows)])
        right.append(campus[k, 0])
    best = linprog(-value, A_ub=np.array(left), b_ub=np.array(right), method="highs")

    found = float((gain[run.generation, run.site, 0] * case.modes.compute[run.mode] * run.units).sum())
    assert found == pytest.approx(-best.fun, rel=1e-9)
    drawn = case.peak_mw[run.generation, run.site] * case.modes.power[run.mode] * run.units
    for s in range(S):
        assert drawn[run.site == s].sum() <= site[s, 0]
    for k in range(len(campus)):
        assert drawn[case.sites.campus[run.site] == k].sum() <= campus[k, 0]
    for i in range(G):
        for s in range(S):
            assert run.units[(run.generation == i) & (run.site == s)].sum() <= units[i, s, 0] * (1 + 1e-12)


def test_modes_are_steps_of_falling_merit():
    case = Case.from_frames(random_frames(np.random.default_rng(3), generations=2, sites=2, periods=4))
    steps = steps_of(case)
    for g in range(2):
        known = steps.mode[g] >= 0
        assert steps.compute[g][known].sum() == case.modes.compute[case.modes.generation == g].max()
        slopes = (steps.compute[g][known] / steps.power[g][known]).tolist()
        assert all(a > b for a, b in pairwise(slopes))


def test_demand_is_served_first_from_where_there_is_least_choice():
    rate = np.array([[10.0, 10.0], [0.0, 8.0]])  # the second row can serve the second workload alone
    must, more = share_out(
        rate, np.array([5.0, 5.0]), np.array([0.0, 48.0]), np.full(2, np.inf), np.ones(2), np.ones(2)
    )
    np.testing.assert_allclose(must, [[0.0, 0.8], [0.0, 5.0]])  # 40 from the second row, 8 from the first
    np.testing.assert_allclose(more, [[4.2, 0.0], [0.0, 0.0]])


def test_what_a_full_target_leaves_goes_to_the_next_workload():
    rate = np.array([[10.0, 9.0]])
    _, more = share_out(rate, np.array([5.0]), np.zeros(2), np.array([20.0, 100.0]), np.ones(2), np.ones(1))
    np.testing.assert_allclose(more, [[2.0, 3.0]])


def test_the_cheapest_compute_serves_a_target():
    rate = np.array([[10.0], [10.0]])
    _, more = share_out(rate, np.array([5.0, 5.0]), np.zeros(1), np.array([60.0]), np.ones(1), np.array([2.0, 1.0]))
    np.testing.assert_allclose(more, [[1.0], [5.0]])


def test_compute_that_costs_more_than_it_is_worth_stays_off_but_for_the_minimum():
    rate, cost = np.array([[10.0]]), np.array([7.0])
    must, more = share_out(rate, np.array([5.0]), np.array([20.0]), np.array([50.0]), np.ones(1), cost, np.array([0.5]))
    np.testing.assert_allclose([must[0, 0], more[0, 0]], [2.0, 0.0])
    _, more = share_out(rate, np.array([5.0]), np.array([20.0]), np.array([50.0]), np.ones(1), cost, np.array([0.8]))
    np.testing.assert_allclose(more, [[3.0]])


def test_units_are_written_in_billionths_and_never_more_than_they_were():
    units = np.array([2.9999999999, 1.23456789012345, 7.0])
    assert exact(units).tolist() == [3.0, 1.23456789, 7.0]
