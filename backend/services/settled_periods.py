"""What is settled, as pages and programs look at it: periods by label, the run in force, one's own slots."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from backend.community import Community, read_definition
from backend.errors import NotFoundError
from backend.ports import RunState
from backend.ports.holidays import no_holidays
from backend.quantities import PeriodCalendar
from backend.services.context import CommunityView

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend.ports import AllocationFrame, IntervalStore, PeriodRecord, Records, RecordStore, RunRecord
    from backend.ports.holidays import HolidayDates

__all__ = ["SettledPeriod", "SettledPeriods", "run_in_force"]

_SHOWN = (RunState.FINAL, RunState.CONTESTABLE)


@lru_cache(maxsize=32)
def _read(definition: str, community: str) -> Community:
    return read_definition(definition, f"{community}.toml")


def run_in_force(runs: Iterable[RunRecord]) -> RunRecord | None:
    """The run that bills stand on: the newest final one, else the newest that can still be contested."""
    billed = [run for run in runs if run.bill_root]
    for state in _SHOWN:
        standing = [run for run in billed if run.state is state]
        if standing:
            return max(standing, key=lambda run: run.version)
    return None


@dataclass(frozen=True)
class SettledPeriod:
    """A period and one of its runs.

    Attributes:
        view: The community.
        record: As opened.
        run: The one that is looked at.
    """

    view: CommunityView
    record: PeriodRecord
    run: RunRecord

    @property
    def calendar(self) -> PeriodCalendar:
        """Its intervals."""
        members = self.view.community
        return PeriodCalendar(self.record.span, members.time_zone, members.resolution_minutes)

    def terms_of(self, participant: str) -> list[dict[str, Any]]:
        """What was frozen for the slots of a participant, in slot order."""
        return [dict(term) for term in self.record.terms if term["participant"] == participant]


@dataclass(frozen=True)
class SettledPeriods:
    """All settled periods.

    Attributes:
        store: Records.
        intervals: Readings and allocations.
        holidays: Public holidays by country.
    """

    store: RecordStore
    intervals: IntervalStore
    holidays: HolidayDates = no_holidays

    def community(self, community: str) -> CommunityView:
        """A community.

        Raises:
            NotFoundError: If there is none; the message names no other.
        """
        with self.store.reading() as records:
            return self._view(records, community)

    @staticmethod
    def _view(records: Records, community: str) -> CommunityView:
        try:
            record = records.community(community)
        except NotFoundError:
            raise NotFoundError(f"There is no community {community!r} here.") from None
        return CommunityView(record, _read(record.definition, community))

    def find(self, community: str, label: str, version: int | None = None) -> SettledPeriod:
        """A period with the run in force, or the run of a version.

        Raises:
            NotFoundError: If community, period or run is not there.
        """
        with self.store.reading() as records:
            view = self._view(records, community)
            record = next((found for found in records.periods(community) if found.label == label), None)
            runs = records.runs(community, record.period) if record else []
        if record is None:
            raise NotFoundError(f"Period {label!r} of {community} is not here.")
        run = run_in_force(runs) if version is None else next((r for r in runs if r.version == version), None)
        if run is None:
            wanted = "settled" if version is None else f"here in version {version}"
            raise NotFoundError(f"Period {label} of {community} is not {wanted} yet.")
        return SettledPeriod(view, record, run)

    def frame(self, period: SettledPeriod) -> AllocationFrame:
        """The run's rows."""
        return self.intervals.allocation(period.run.community, period.run.period, period.run.version)
