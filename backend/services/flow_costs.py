"""What links cost in a period: the key that shares by it, and what a run anchors of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.allocation.flow import FlowKey
from backend.allocation.flow_network import FlowPoint
from backend.commitments import FlowScale, LinkCosts

if TYPE_CHECKING:
    from backend.community import Rule
    from backend.ports import AllocationFrame, PeriodRecord
    from backend.services.context import CommunityView

__all__ = ["FLOW", "flow_key_of", "kept_costs", "link_costs_of"]

FLOW = "flow"


def flow_key_of(view: CommunityView, record: PeriodRecord, rule: Rule) -> FlowKey:
    """The flow key of a period's members.

    Args:
        view: The community, for positions and phases.
        record: The period as opened.
        rule: In force; its key is ``flow``.
    """
    terms = rule.sharing_key.links
    assert terms is not None, rule.sharing_key.method
    known = {point.id: point for point in view.community.metering_points}
    points = {term["slot"]: FlowPoint.of(known[term["point"]], term["seat"]) for term in record.terms}
    return FlowKey.of(terms, view.slots, points, view.community.resolution_minutes)


def link_costs_of(view: CommunityView, record: PeriodRecord, rule: Rule) -> LinkCosts:
    """What each link costs and carries, by today's terms and places; arguments as ``flow_key_of``."""
    network = flow_key_of(view, record, rule).network
    weights = network.weights
    scale = FlowScale(weights.shared, weights.consumer_step, weights.producer_step, network.steps)
    return LinkCosts.of(network.producer_slots, network.consumer_slots, weights.costs, network.caps, scale)


def kept_costs(frame: AllocationFrame) -> LinkCosts | None:
    """What links cost when a run was made; None of other keys."""
    if frame.link_costs is None or frame.flow_scale is None:
        return None
    return LinkCosts.of_arrays(frame.link_costs, frame.flow_scale)
