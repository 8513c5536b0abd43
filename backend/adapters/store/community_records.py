"""Communities, their rules and what they decided about faulty points; facts by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from backend.adapters.store.record_set import RecordSet, record_of, row_of
from backend.adapters.store.tables import CommunityRow, FactRow, RuleVersionRow, SlotRow, TreatmentRow
from backend.errors import ConflictError, NotFoundError
from backend.ports import CommunityRecord, PointTreatment, RuleVersionRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["CommunityRecords"]


class CommunityRecords(RecordSet):
    """Master data."""

    def put_community(self, record: CommunityRecord) -> None:
        """Keep a community as it is loaded now. The time of its creation stays the first.

        Raises:
            ConflictError: If its anchor changes, or a slot that was given is taken away, moved or given twice.
        """
        row = row_of(CommunityRow, record)
        kept = self._kept(row)
        if kept is None:
            self._writer().add(row)
            self._writer().flush()
        else:
            self._require_same(kept, row, f"Community {record.id}", only={"anchor"})
            row.created_utc = kept.created_utc
            self._replace(kept, row)
        self._give_slots(record.id, record.slots)

    def _give_slots(self, community: str, slots: Mapping[str, int]) -> None:
        given = self._slots(community)
        for point, slot in given.items():
            if slots.get(point) != slot:
                raise ConflictError(
                    f"{community}: metering point {point} has slot {slot} for good, not {slots.get(point, 'none')}; "
                    "a slot is given once. Keep it, and give a new point the next free one."
                )
        taken = {slot: point for point, slot in given.items()}
        for point, slot in slots.items():
            if taken.setdefault(slot, point) != point:
                raise ConflictError(
                    f"{community}: slot {slot} is {taken[slot]}'s, it cannot be {point}'s too; "
                    "give it the next free one."
                )
            if point not in given:
                self._writer().add(SlotRow(community=community, metering_point=point, slot=int(slot)))
        self._writer().flush()

    def _slots(self, community: str) -> dict[str, int]:
        columns = select(
            SlotRow.metering_point, SlotRow.slot
        )  # no objects: thousands of them are asked often
        rows = self._session.exec(columns.where(SlotRow.community == community).order_by(col(SlotRow.slot)))
        return dict(rows.all())

    def community(self, community: str) -> CommunityRecord:
        """A community.

        Raises:
            NotFoundError: If there is none of that id.
        """
        row = self._session.get(CommunityRow, community)
        if row is None:
            known = ", ".join(record.id for record in self.communities())
            remedy = (
                f"there are: {known}" if known else "load one with: partage community load COMMUNITY.toml"
            )
            raise NotFoundError(f"There is no community {community!r} here; {remedy}.")
        return record_of(CommunityRecord, row, slots=self._slots(community))

    def communities(self) -> list[CommunityRecord]:
        """All, by id."""
        rows = self._session.exec(select(CommunityRow).order_by(col(CommunityRow.id)))
        return [record_of(CommunityRecord, row, slots=self._slots(row.id)) for row in rows]

    def add_rule_version(self, record: RuleVersionRecord) -> None:
        """Keep a rule version; the same again changes nothing.

        Raises:
            ConflictError: If that version is kept with another content.
        """
        self._keep_once(
            row_of(RuleVersionRow, record), f"Rule version {record.version} of {record.community}"
        )

    def rule_versions(self, community: str) -> list[RuleVersionRecord]:
        """All, by version."""
        rows = self._session.exec(
            select(RuleVersionRow)
            .where(RuleVersionRow.community == community)
            .order_by(col(RuleVersionRow.version))
        )
        return _records(RuleVersionRecord, rows)

    def add_treatment(self, record: PointTreatment) -> None:
        """Keep a decision; the same again changes nothing.

        Raises:
            ConflictError: If something else was decided about the point at the same second.
        """
        what = (
            f"The treatment of {record.metering_point} of {record.community} decided at {record.decided_utc}"
        )
        self._keep_once(row_of(TreatmentRow, record), what)

    def treatments(self, community: str) -> list[PointTreatment]:
        """All, in the order of decision."""
        rows = self._session.exec(
            select(TreatmentRow)
            .where(TreatmentRow.community == community)
            .order_by(col(TreatmentRow.decided_utc), col(TreatmentRow.metering_point))
        )
        return _records(PointTreatment, rows)

    def fact(self, name: str) -> Any | None:
        """A fact, None where it was never put."""
        row = self._session.get(FactRow, name)
        return None if row is None else row.value

    def put_fact(self, name: str, value: Any) -> None:
        """Keep a fact; what stood under its name is replaced."""
        row = FactRow(name=name, value=value)
        self._put(row)


def _records(record_type: Any, rows: Iterable[Any]) -> list[Any]:
    return [record_of(record_type, row) for row in rows]
