"""What the steward sends for a member: each in a lane of the outbox of its own.

A lane holds up only itself: where a call that the chain would have taken a moment ago is refused when it is mined,
because the member used the same nonce elsewhere, say, nobody's settlement waits behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.ports import ContractCall, OutboxEntry
from backend.services.lanes import lane_of

if TYPE_CHECKING:
    from backend.ports import CommunityRecord
    from backend.services.context import SettlementContext

__all__ = ["relay_to_registry"]

_SENDER = "steward"


def relay_to_registry(
    context: SettlementContext,
    record: CommunityRecord,
    name: tuple[object, ...],
    function: str,
    *arguments: Any,
) -> None:
    """Send a call to the registry and wait until it is final; sending it again under its name changes nothing.

    Args:
        context: Ports.
        record: The community.
        name: What the call is for; the same again is the same call.
        function: Of the registry.
        arguments: After the community's id on chain, where it takes it first.

    Raises:
        ContractRefusal: In words; nothing is kept.
    """
    told = "/".join(map(str, name))
    purpose = f"{record.id}/{told}"
    call = ContractCall(_SENDER, "registry", function, arguments)
    # Asked each time, so that a paper that was used says so: it may have been given, taken back and sent again.
    context.announce(lambda _: None, OutboxEntry(purpose, lane_of(record.id, purpose), 0, call))
