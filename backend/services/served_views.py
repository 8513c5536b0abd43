"""Who served whom in a settled period, participant by participant, as far as the one who asks may know."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from backend.community import Direction
from backend.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend.services.settled_periods import SettledPeriod, SettledPeriods

__all__ = ["flows_of", "participants_shown", "require_crowd"]

_FEWEST = 5  # participants whose sum may be shown without their consent (docs/protocol.md section 11)
OTHERS = ""


def participants_shown(period: SettledPeriod, viewer: str) -> frozenset[str]:
    """Participants that a member sees one by one: themselves, and who consented.

    Args:
        period: Which run.
        viewer: The participant who asks; empty for none.
    """
    consenting = {
        participant.id for participant in period.view.community.participants if participant.headers_consent
    }
    return frozenset(consenting | {viewer} if viewer else consenting)


def flows_of(
    settled: SettledPeriods, community: str, label: str, *, viewer: str, everyone: bool
) -> dict[str, Any]:
    """What flowed from whom to whom, over a period's run in force. [mWh]

    Args:
        settled: Where to look.
        community: Its id.
        label: Of the period.
        viewer: The participant who asks; empty for a role.
        everyone: Show each participant; else only the viewer and those who consented, the others as one.

    Returns:
        Producers and consumers with their sums, and the links between them, largest first.

    Raises:
        NotFoundError: If the period is not there, or too few stand behind *the others* of a direction to hide anyone.
    """
    period = settled.find(community, label)
    frame = settled.frame(period)
    owners = {term["slot"]: str(term["participant"]) for term in period.record.terms}
    shown = frozenset(owners.values()) if everyone else participants_shown(period, viewer)
    sides = {direction: _side(period, owners, direction, shown) for direction in Direction}
    totals = {slot: int(energy) for slot, energy in enumerate(frame.energy.sum(axis=1))}
    given = {slot: int(energy) for slot, energy in enumerate(frame.allocated.sum(axis=1))}
    links: Counter[tuple[str, str]] = Counter()
    for producer, consumer, energy, *_ in frame.links.tolist():
        links[_group(owners[producer], shown), _group(owners[consumer], shown)] += energy
    return {
        "period": period.record.period,
        "label": label,
        "version": period.run.version,
        "producers": _nodes(period, sides[Direction.FEED_IN], totals, given, "surplus_milliwatt_hours"),
        "consumers": _nodes(period, sides[Direction.CONSUMPTION], totals, given, "residual_milliwatt_hours"),
        "links": [
            {"producer": producer, "consumer": consumer, "energy_milliwatt_hours": energy}
            for (producer, consumer), energy in sorted(links.items(), key=lambda link: (-link[1], link[0]))
        ],
    }


def _group(participant: str, shown: frozenset[str]) -> str:
    return participant if participant in shown else OTHERS


def _side(
    period: SettledPeriod, owners: Mapping[int, str], direction: Direction, shown: frozenset[str]
) -> dict[str, list[int]]:
    """Slots of a direction by who is shown as whose."""
    slots: dict[str, list[int]] = {}
    for term in period.record.terms:
        if term["direction"] == direction:
            slots.setdefault(_group(owners[term["slot"]], shown), []).append(term["slot"])
    require_crowd(period, direction, shown)
    return slots


def require_crowd(period: SettledPeriod, direction: Direction, shown: frozenset[str]) -> None:
    """Refuse to tell those who are not shown as one where they are too few to hide each other.

    Raises:
        NotFoundError: If one to four participants of the direction are not shown.
    """
    owners = {str(term["participant"]) for term in period.record.terms if term["direction"] == direction}
    hidden = len(owners - shown)
    if 0 < hidden < _FEWEST:
        raise NotFoundError(
            f"Who served whom in {period.record.label} is not shown: {hidden} participants of a direction did "
            f"not consent, and fewer than {_FEWEST} are too few to be shown together."
        )


def _nodes(
    period: SettledPeriod,
    side: Mapping[str, Sequence[int]],
    totals: Mapping[int, int],
    given: Mapping[int, int],
    rest: str,
) -> list[dict[str, Any]]:
    names = {participant.id: participant.name for participant in period.view.community.participants}
    nodes = [
        {
            "id": group,
            "label": names.get(group, ""),
            "metering_points": len(slots),
            "energy_milliwatt_hours": sum(totals[slot] for slot in slots),
            "shared_milliwatt_hours": sum(given[slot] for slot in slots),
            rest: sum(totals[slot] - given[slot] for slot in slots),
        }
        for group, slots in side.items()
    ]
    return sorted(nodes, key=lambda node: (node["id"] == OTHERS, -node["shared_milliwatt_hours"], node["id"]))
