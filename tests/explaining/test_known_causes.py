"""Every known cause is found; the set is irreducible and every way out works, both tried on the input tables alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from helpers import frames
from known import KNOWN
from lifting import feasible, only

from procure.explaining.asking import open_case
from procure.explaining.diagnosis import diagnose

if TYPE_CHECKING:
    from procure.case import Case
    from procure.explaining import Explanation


@pytest.fixture(scope="module")
def explained() -> dict[str, tuple[Case, Explanation]]:
    return {}


def explain(explained: dict[str, Any], name: str) -> tuple[Case, Explanation]:
    if name not in explained:
        case, _ = open_case(frames(**KNOWN[name][0]))
        explained[name] = (case, diagnose(case))
    return explained[name]


@pytest.mark.parametrize("name", KNOWN)
def test_known_cause_is_named(explained: dict[str, Any], name: str) -> None:
    case, found = explain(explained, name)
    assert not feasible(case)
    assert found.status == "infeasible"
    named = {(m.kind, m.subject) for clash in found.clashes for m in clash.members}
    assert KNOWN[name][1] <= named, str(found)


@pytest.mark.parametrize("name", KNOWN)
def test_each_set_is_irreducible(explained: dict[str, Any], name: str) -> None:
    case, found = explain(explained, name)
    for clash in found.clashes:
        assert clash.irreducible
        assert not feasible(only(case, clash.members)), "the limits hold together"
        for member in clash.members:
            rest = [m for m in clash.members if m is not member]
            assert feasible(only(case, rest)), f"not needed: {member}"


@pytest.mark.parametrize("name", KNOWN)
def test_each_way_out_works(explained: dict[str, Any], name: str) -> None:
    case, found = explain(explained, name)
    assert found.ways_out, str(found)
    for way in found.ways_out:
        assert way.proven
        assert way.changes
        assert feasible(way.apply(case)), way.text
