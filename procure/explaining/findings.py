"""What an explanation says: causes, limits that cannot hold together, ways out, or the limits that bind."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from procure.explaining.limits import Member
    from procure.explaining.ways import WayOut

__all__ = ["Binding", "Cause", "Clash", "Explanation", "Reason"]


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause that plain arithmetic shows, with the cell it is about."""

    text: str
    sheet: str
    cell: str | None

    def __str__(self) -> str:
        """Return the line a planner reads."""
        return self.text


@dataclass(frozen=True, slots=True)
class Clash:
    """Limits that cannot hold together.

    ``irreducible``: without any one of them the others can hold (tried on whole numbers, one by one). ``whole``:
    fractions of units and lots would do; only whole numbers do not.
    """

    members: tuple[Member, ...]
    irreducible: bool
    whole: bool

    @property
    def headline(self) -> str:
        """What the members have in common, as a line above them."""
        n = len(self.members)
        if n == 1:
            return "This limit alone cannot be met:"
        tail = (
            "without any one of them the others can" if self.irreducible else "some of them may not be needed for that"
        )
        whole = " on whole numbers of units" if self.whole else ""
        return f"These {n} limits cannot hold together{whole}; {tail}:"


@dataclass(frozen=True, slots=True)
class Binding:
    """A limit that holds a feasible case back: its place, what it says, and its share of the relaxation's optimum."""

    where: str
    cell: str | None
    text: str
    share: float

    def __str__(self) -> str:
        """Return the line a planner reads."""
        return f"{self.where}: {self.text}"


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of an explanation: ``kind`` is cause, limit, way_out or note; ``about`` the finding behind it."""

    kind: str
    text: str
    about: Any = None

    def __str__(self) -> str:
        """Return the line a planner reads."""
        return f"way out: {self.text}" if self.kind == "way_out" else self.text


@dataclass(slots=True)
class Explanation:
    """Why a case has no plan and the cheapest ways out; for a feasible case, what holds it back.

    ``status`` is ``infeasible``, ``feasible`` or ``unknown`` (no answer within the time). ``causes`` are shown by plain
    arithmetic; each of ``clashes`` is a smallest set of limits that cannot hold together; ``ways_out`` come cheapest
    first, and each is enough by itself; ``binding`` limits are those of a feasible case; ``notes`` say what is
    not known.
    """

    status: str
    causes: list[Cause] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    ways_out: list[WayOut] = field(default_factory=list)
    binding: list[Binding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def headline(self) -> str:
        """The verdict in one sentence."""
        if self.status == "feasible":
            return "The case is feasible: a plan exists that satisfies every limit."
        if self.status == "unknown":
            return "Whether the case has a plan was not settled within the time."
        return "No plan can satisfy every limit of the case together."

    @property
    def reasons(self) -> list[Reason]:
        """Every finding as a line, in the order in which a planner reads them."""
        lines = [Reason("cause", str(cause), cause) for cause in self.causes]
        for clash in self.clashes:
            lines.extend(Reason("limit", str(member), member) for member in clash.members)
        lines.extend(Reason("way_out", str(way), way) for way in self.ways_out)
        lines.extend(Reason("note", note) for note in self.notes)
        return lines

    def __str__(self) -> str:
        """Return the whole explanation as text."""
        from procure.explaining.limits import compact

        parts = [self.headline]
        if self.causes:
            parts.append("\n".join(["Plain causes:", *(f"  {cause}" for cause in self.causes)]))
        parts.extend(
            "\n".join([clash.headline, *(f"  {line}" for line in compact(list(clash.members)))])
            for clash in self.clashes
        )
        if self.ways_out:
            lines = [f"  {'or ' if i else ''}{way}" for i, way in enumerate(self.ways_out)]
            parts.append("\n".join(["Ways out, the cheapest first; each is enough by itself:", *lines]))
            if any(item.old == item.new for way in self.ways_out for item in way.changes):
                parts.append("A blank cell repeats the one before: type the old figure into the period after a change.")
        if self.binding:
            parts.append("\n".join(["What holds it back most (relaxation):", *(f"  {item}" for item in self.binding)]))
        parts.extend(self.notes)
        return "\n\n".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """Return the explanation as plain data for JSON: every line, cell, figure and change."""
        return {
            "status": self.status,
            "message": self.headline,
            "causes": [{"text": c.text, "sheet": c.sheet, "cell": c.cell} for c in self.causes],
            "clashes": [
                {
                    "headline": clash.headline,
                    "irreducible": clash.irreducible,
                    "whole_numbers": clash.whole,
                    "limits": [
                        {name: getattr(m, name) for name in ("kind", "subject", "sheet", "cell", "where", "text")}
                        for m in clash.members
                    ],
                }
                for clash in self.clashes
            ],
            "ways_out": [
                {
                    "kind": way.kind,
                    "text": str(way),
                    "proven": way.proven,
                    "price": way.price,
                    "changes": [
                        {name: getattr(c, name) for name in ("sheet", "cell", "where", "column")}
                        | {"old": c.shown[0], "new": c.shown[1]}
                        for c in way.changes
                    ],
                }
                for way in self.ways_out
            ],
            "binding": [asdict(item) for item in self.binding],
            "notes": self.notes,
            "seconds": round(self.seconds, 3),
        }  # fmt: skip
