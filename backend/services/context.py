"""The ports that settlement services share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.community import Community, read_definition
from backend.governance import decode_rule
from backend.ports.holidays import no_holidays
from backend.services.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from backend.community import Rule
    from backend.ports import (
        CarbonIntensity,
        ChainGateway,
        Clock,
        CommunityRecord,
        IntervalStore,
        OutboxEntry,
        Records,
        RecordStore,
        RuleVersionRecord,
    )
    from backend.ports.holidays import HolidayDates

__all__ = ["CommunityView", "SettlementContext"]


@dataclass(frozen=True, slots=True)
class CommunityView:
    """A stored community, read.

    Attributes:
        record: As kept.
        community: Its members and the rule that its file asks for.
    """

    record: CommunityRecord
    community: Community

    @property
    def slots(self) -> Mapping[str, int]:
        """Slot by metering point id."""
        return self.record.slots

    @property
    def points(self) -> Mapping[int, str]:
        """Metering point id by slot."""
        return {slot: point for point, slot in self.record.slots.items()}

    def rule_of(self, version: RuleVersionRecord) -> Rule:
        """The rule that a version states."""
        return decode_rule(version.definition, self.points)


@dataclass(frozen=True)
class SettlementContext:
    """What a settlement needs of the world.

    Attributes:
        store: Records.
        intervals: Readings and allocations.
        operator_allocations: What the grid operator allocated: of a consumption point what it was given, of a feed-in
            point what of it was shared, as readings.
        chain: Contracts.
        clock: Time.
        random_bytes: Source of keys and nonces; takes a length.
        default_window_seconds: Contest window where a rule leaves it open. [s]
        carbon: The grid's carbon intensity.
        holidays: Public holidays by country.
    """

    store: RecordStore
    intervals: IntervalStore
    operator_allocations: IntervalStore
    chain: ChainGateway
    clock: Clock
    random_bytes: Callable[[int], bytes]
    default_window_seconds: int
    carbon: CarbonIntensity
    holidays: HolidayDates = no_holidays

    @property
    def outbox(self) -> Outbox:
        """Sends what is announced."""
        return Outbox(self.store, self.chain)

    def chain_time_utc(self) -> int:
        """Time that a transaction sent now would see: the contracts go by it, not by our clock. [s since 1970, UTC]

        A chain whose blocks follow faster than seconds runs ahead of the clock; one of a network may be behind it.
        """
        return self.chain.block_time_utc()

    def community(self, community: str) -> CommunityView:
        """A stored community.

        Raises:
            NotFoundError: If none of that id was loaded.
        """
        with self.store.reading() as records:
            record = records.community(community)
        return CommunityView(record, read_definition(record.definition, f"{community}.toml"))

    def announce(self, keep: Callable[[Records], None], *entries: OutboxEntry) -> None:
        """Ask the contracts, then keep records and announcements in one transaction, then send.

        Raises:
            ContractRefusal: In words; nothing is kept.
        """
        for entry in entries:
            self.chain.preflight(entry.call)
        with self.store.transaction() as records:
            keep(records)
            for entry in entries:
                records.announce(entry)
        asked = {entry.id for entry in entries}
        for community in dict.fromkeys(entry.community for entry in entries):
            self.outbox.drain(community, asked)
