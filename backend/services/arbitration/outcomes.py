"""Carrying an outcome out: the prevailing readings become a new version, the period is settled anew, the case ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.commitments.keccak import keccak256
from backend.errors import ConflictError
from backend.metering import ReadingTable
from backend.ports import ReadingLoad
from backend.ports.case_records import CaseState, Party
from backend.ports.failpoints import reach
from backend.quantities import PeriodCalendar
from backend.services.arbitration.cases import view_case
from backend.services.arbitration.claims import claimed_readings
from backend.services.commit import bytes_of, hex_of
from backend.services.ruled_readings import ruled_file
from backend.services.settle_period import settle_period

if TYPE_CHECKING:
    from backend.ports import RunRecord
    from backend.services.arbitration.cases import CaseDesk, CaseView

__all__ = ["CarriedOut", "carry_out"]

_SETTLER = "settler"


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """What became of an outcome.

    Attributes:
        run: The run that settles it.
        batch: Id of the batch that carries it, 0x-hex.
        changed: Did it change the readings that were settled?
    """

    run: RunRecord
    batch: str
    changed: bool


def carry_out(desk: CaseDesk, case_id: str) -> CarriedOut:
    """Carry a final outcome out, as far as contest windows allow; the same call goes on after a crash.

    Raises:
        ConflictError: If the outcome is not final, or there is none.
        PartageError: Of the settlement, in words.
    """
    view = view_case(desk, case_id)
    case, context = view.record, desk.context
    if view.state not in {CaseState.FINAL, CaseState.FULFILLED} or view.prevailing is Party.NONE:
        raise ConflictError(
            f"Case {case.number} is {view.state.name.lower()}; only a final outcome is carried out."
        )
    with context.store.reading() as records:
        record = records.period(case.community, case.period)
        before = records.batches(case.community, case.period)
    assert record is not None, "a case stands on an open period"
    context.intervals.add_readings(*_load_of(desk, view))
    reach("arbitration.readings_kept")
    run = settle_period(context, case.community, record.span)
    with context.store.reading() as records:
        batch = records.batches(case.community, case.period)[-1]
    reach("arbitration.settled")
    if view.state is CaseState.FINAL:
        desk.send(case, "fulfilment", _SETTLER, "fulfil", case.number, batch.batch_id)
    return CarriedOut(run, batch.batch_id, changed=not before or before[-1].batch_id != batch.batch_id)


def _load_of(desk: CaseDesk, view: CaseView) -> tuple[ReadingLoad, ReadingTable]:
    """The prevailing claim's readings as a load of their own, the same whenever it is made."""
    case = view.record
    claim = next(claim for claim in view.claims if claim.party == view.prevailing)
    readings = claimed_readings(desk, case, claim)
    community = desk.context.community(case.community).community
    with desk.context.store.reading() as records:
        record = records.period(case.community, case.period)
    assert record is not None, "a case stands on an open period"
    calendar = PeriodCalendar(record.span, community.time_zone, community.resolution_minutes)
    count = len(readings.energy)
    table = ReadingTable(
        metering_points=(case.metering_point,),
        point=np.zeros(count, dtype=np.int32),
        start_utc=np.array(calendar.starts_utc()[case.first : case.until], dtype=np.int64),
        energy=np.array(readings.energy, dtype=np.int64),
        quality=np.array(readings.quality, dtype=np.uint8),
        resolution_minutes=community.resolution_minutes,
    )
    content = keccak256(readings.as_bytes())
    load_id = keccak256(f"{case.community}\x00case {case.id} {int(view.prevailing)}".encode() + content).hex()
    load = ReadingLoad(
        id=load_id,
        community=case.community,
        received_utc=view.ruled_utc,
        files=(ruled_file(case.number),),
        file_hash="0x" + content.hex(),
        salt=hex_of(keccak256(bytes_of(claim.evidence_salt) + content)),
        rows=count,
        binding=True,
    )
    return load, table
