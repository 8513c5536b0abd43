"""Assemble a period's readings, commit to them, and anchor the batch on chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.commitments import form_batch_id, form_source_hash
from backend.errors import NotFoundError
from backend.metering import Quality
from backend.metering.decisions import hold_missing
from backend.metering.estimation import assemble_period
from backend.metering.replacement import OWN_ESTIMATES, is_measured, keep_missing
from backend.ports import BatchRecord, ContractCall, OutboxEntry
from backend.services.commit import PeriodCommitments, bytes_of, hex_of
from backend.services.coverage import loads_of
from backend.services.gap_methods import (
    HISTORY_SECONDS,
    known_loads,
    made_with,
    method_of_period,
    name_inputs,
    rule_of_period,
)
from backend.services.treatments import NO_TREATMENTS, take_away

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.metering import Finding, PeriodReadings
    from backend.ports import PeriodRecord, ReadingLoad
    from backend.quantities import PeriodCalendar
    from backend.services.context import CommunityView, SettlementContext
    from backend.services.treatments import Treatments

__all__ = ["anchor_batch", "assemble", "submission"]

_LABEL_IMPORTED = 1
_BATCH_TYPES = {
    "Batch": [
        {"name": "community", "type": "bytes32"},
        {"name": "period", "type": "uint32"},
        {"name": "version", "type": "uint32"},
        {"name": "predecessor", "type": "bytes32"},
        {"name": "root", "type": "bytes32"},
        {"name": "measured", "type": "uint64"},
        {"name": "estimated", "type": "uint64"},
        {"name": "missing", "type": "uint64"},
        {"name": "label", "type": "uint8"},
        {"name": "source", "type": "bytes32"},
    ]
}
_NO_PREDECESSOR = "0x" + "00" * 32


def assemble(
    context: SettlementContext,
    view: CommunityView,
    calendar: PeriodCalendar,
    record: PeriodRecord,
    loads: Sequence[str],
    treatments: Treatments,
    former: Sequence[BatchRecord] = (),
) -> tuple[PeriodReadings, list[Finding]]:
    """A period's readings as these loads give them, gaps treated by the rule in force.

    What a former batch had measured is never estimated: it stays missing, with a finding.

    Args:
        context: Ports.
        view: The community.
        calendar: The period's intervals.
        record: The period as opened.
        loads: Ids of the loads to read, so that a replay knows what was known then.
        treatments: What was decided about readings.
        former: Batches of the period that were anchored before.

    Returns:
        The readings of slots 0 to ``record.slots`` - 1, and what was found.
    """
    readings, findings = _assemble(context, view, calendar, record, loads, treatments)
    if former and np.isin(readings.source, OWN_ESTIMATES).any():
        measured = np.zeros(readings.energy.shape, dtype=np.bool_)
        for batch in former:
            then = made_with(context, view, calendar, record, batch, treatments) or NO_TREATMENTS
            measured |= is_measured(_assemble(context, view, calendar, record, batch.loads, then)[0])
        readings, withdrawn = keep_missing(readings, measured, view.points)
        findings += withdrawn
    return readings, findings


def _assemble(
    context: SettlementContext,
    view: CommunityView,
    calendar: PeriodCalendar,
    record: PeriodRecord,
    loads: Sequence[str],
    treatments: Treatments,
) -> tuple[PeriodReadings, list[Finding]]:
    """Readings as loads give them, whatever was anchored before."""
    frozen = {term["point"]: term["slot"] for term in record.terms}
    table = context.intervals.readings(
        record.community,
        list(frozen),
        calendar.start_utc - HISTORY_SECONDS,
        calendar.end_utc + HISTORY_SECONDS,
        loads,
    )
    decisions = treatments.around(record).decisions
    table = take_away(context.intervals, record.community, table, loads, decisions)
    readings, findings = assemble_period(
        table,
        view.community,
        frozen,
        calendar,
        slot_count=record.slots,
        returned=set(treatments.returned),
        limits=rule_of_period(context, view, record).limits,
        method=method_of_period(context, view, calendar, record, loads),
    )
    readings, waiting = hold_missing(readings, frozen, decisions)
    return readings, findings + waiting


def anchor_batch(
    context: SettlementContext,
    view: CommunityView,
    calendar: PeriodCalendar,
    record: PeriodRecord,
    treatments: Treatments,
) -> BatchRecord:
    """The batch of the present inputs: the last one where they are the same, else a new version on chain.

    Args:
        context: Ports.
        view: The community.
        calendar: The period's intervals.
        record: The period as opened.
        treatments: What was decided about readings.

    Raises:
        PeriodError: If there is no reading in the period.
        ContractRefusal: If the batch breaks the limits in force, with the rule, the value and the limit.
    """
    loads = loads_of(context, record.community, calendar)
    known = known_loads(context, view, calendar, record)
    inputs = name_inputs(context, view, calendar, record, known, treatments)
    with context.store.reading() as records:
        batches = records.batches(record.community, record.period)
        keys = records.slot_keys(record.community, record.period)
    if batches and batches[-1].inputs_hash == inputs:
        return batches[-1]
    readings, _ = assemble(context, view, calendar, record, known, treatments, batches)
    if batches and _says_the_same(context, view, calendar, record, batches, readings, treatments):
        return batches[-1]  # what arrived lies around the period and changed nothing in it
    signer = context.chain.address_of("importer")
    version = len(batches) + 1
    anchor = view.record.anchor
    batch_id = form_batch_id(bytes_of(anchor), record.period, version, bytes_of(signer))
    commitments = PeriodCommitments(anchor, record, keys, calendar.intervals_per_day)
    tree = commitments.batch(batch_id, readings.energy, readings.quality, readings.source)
    batch = BatchRecord(
        community=record.community,
        period=record.period,
        version=version,
        batch_id=hex_of(batch_id),
        root=hex_of(tree.root),
        measured=readings.count(Quality.MEASURED, Quality.EDITED),
        estimated=readings.count(Quality.ESTIMATED),
        missing=readings.count(Quality.MISSING),
        label=_LABEL_IMPORTED,
        source=_source(context, record.community, loads),
        signer=signer,
        inputs_hash=inputs,
        loads=tuple(known),
    )
    predecessor = batches[-1].batch_id if batches else _NO_PREDECESSOR
    entry = submission(context, anchor, batch, predecessor)
    context.announce(lambda records: records.add_batch(batch), entry)
    return batch


def _says_the_same(
    context: SettlementContext,
    view: CommunityView,
    calendar: PeriodCalendar,
    record: PeriodRecord,
    batches: Sequence[BatchRecord],
    readings: PeriodReadings,
    treatments: Treatments,
) -> bool:
    """Are these the readings that the last batch was made of?"""
    *before, batch = batches
    then = made_with(context, view, calendar, record, batch, treatments)
    if then is None:
        return False  # it was made with something that is not known any more
    former, _ = assemble(context, view, calendar, record, batch.loads, then, before)
    pairs = (
        (former.energy, readings.energy),
        (former.quality, readings.quality),
        (former.source, readings.source),
    )
    return all(np.array_equal(before, after) for before, after in pairs)


def _source(context: SettlementContext, community: str, loads: Sequence[str]) -> str:
    """The salted hash of the source files of the loads that reach into the period."""
    known: dict[str, ReadingLoad] = {load.id: load for load in context.intervals.loads(community)}
    used = [known[load] for load in loads if load in known]
    if not used:
        raise NotFoundError(
            f"the manifest of {community} lacks a load that its readings name; restore it from a backup."
        )
    return hex_of(form_source_hash(bytes_of(used[0].salt), [bytes_of(load.file_hash) for load in used]))


def submission(context: SettlementContext, anchor: str, batch: BatchRecord, predecessor: str) -> OutboxEntry:
    """The call that anchors a batch, signed by the importer; nothing is sent.

    Args:
        context: Ports.
        anchor: The community on chain, 0x-hex.
        batch: What is anchored.
        predecessor: Id of the batch before it, zero of the first.
    """
    message = {
        "community": anchor,
        "period": batch.period,
        "version": batch.version,
        "predecessor": predecessor,
        "root": batch.root,
        "measured": batch.measured,
        "estimated": batch.estimated,
        "missing": batch.missing,
        "label": batch.label,
        "source": batch.source,
    }
    signature = context.chain.sign_typed_data("importer", "meter_data_ledger", "Batch", _BATCH_TYPES, message)
    call = ContractCall("settler", "meter_data_ledger", "submitBatch", (message, signature))
    return OutboxEntry(
        f"{batch.community}/{batch.period}/batch/{batch.version}", batch.community, batch.period, call
    )
