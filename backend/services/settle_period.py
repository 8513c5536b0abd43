"""Settle a period: open, check, anchor, allocate, anchor, bill, anchor; finalise once the window has passed.

Safe to repeat at any time: every step first looks at what stands. The same inputs (loads, treatments, rule) make no new
version; other inputs make a new batch, a new run that supersedes the old one when it is final, and new bills.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from backend.commitments import form_run_id
from backend.community import AllocationSource
from backend.errors import BalanceError, ConflictError
from backend.ports import ContractCall, OutboxEntry, RunRecord, RunState
from backend.ports.failpoints import reach
from backend.quantities import PeriodCalendar
from backend.services.accounts import seat_waiting
from backend.services.anchor_batch import anchor_batch, assemble
from backend.services.bonds import bond_wei, release_bonds
from backend.services.commit import PeriodCommitments, bytes_of, hex_of
from backend.services.coverage import loads_of
from backend.services.flow_costs import FLOW
from backend.services.governance_rules import sync_rules
from backend.services.issue_bills import ComputedBills, issue_bills, propose_bills
from backend.services.open_period import band_codes, open_period, rule_version_in
from backend.services.replay import replay_run
from backend.services.run_basis import basis_of, require_basis
from backend.services.run_frame import settle_frame
from backend.services.treatments import NO_TREATMENTS, treatments_of
from backend.services.windows import has_passed

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.community import Rule
    from backend.ports import BatchRecord, PeriodRecord
    from backend.quantities import SettlementPeriod
    from backend.services.context import SettlementContext
    from backend.services.run_basis import RunBasis
    from backend.services.treatments import Treatments

__all__ = ["settle_period"]

_Result = TypeVar("_Result")
_STATES = {
    0: RunState.PREPARED,
    1: RunState.CONTESTABLE,
    2: RunState.FINAL,
    3: RunState.SUPERSEDED,
    4: RunState.VOIDED,
}


def settle_period(
    context: SettlementContext,
    community: str,
    period: SettlementPeriod,
    *,
    issue: bool = True,
    as_delivered: bool = False,
    on_stage: Callable[[str], None] = lambda _: None,
) -> RunRecord:
    """Settle a period as far as its contest windows allow.

    Args:
        context: Ports.
        community: Its id.
        period: Which civil dates.
        issue: Finalise, number and post the bills; without, they are computed and anchored but stay contestable.
        as_delivered: Settle the readings as the operator delivered them, those whatever was decided about them.
        on_stage: Told the name of each stage as it starts.

    Returns:
        The run of the present inputs, with its state and the seconds of each stage.

    Raises:
        PartageError: In words; nothing is lost, and the same call goes on from there.
    """
    treatments = NO_TREATMENTS if as_delivered else treatments_of(context, community)
    return _Settlement(context, community, period, treatments, on_stage).settle(issue=issue)


class _Settlement:
    """One call of ``settle_period``."""

    def __init__(
        self,
        context: SettlementContext,
        community: str,
        period: SettlementPeriod,
        treatments: Treatments,
        on_stage: Callable[[str], None],
    ) -> None:
        self._context = context
        self._treatments = treatments
        self._view = context.community(community)
        members = self._view.community
        self._calendar = PeriodCalendar(period, members.time_zone, members.resolution_minutes)
        self._on_stage = on_stage
        self._seconds: dict[str, float] = {}

    def settle(self, *, issue: bool) -> RunRecord:
        """Go through the stages."""
        context, view, calendar = self._context, self._view, self._calendar
        sync_rules(context, view.record.id)
        loads_of(context, view.record.id, calendar)  # else nothing is opened, let alone announced
        rule = view.rule_of(rule_version_in(context, view.record.id, calendar.period.id))
        require_basis(context, view.record.id, calendar, rule)
        context.outbox.drain(view.record.id)
        record = self._timed("open", lambda: open_period(context, view, calendar))
        seat_waiting(context, view.record.id)  # their slots are confirmed now
        batch = self._timed(
            "readings", lambda: anchor_batch(context, view, calendar, record, self._treatments)
        )
        run = self._timed("allocation", lambda: self._run_of(record, batch))
        run = self._timed("finality", lambda: self._finalise(run))
        computed = ComputedBills()
        run = self._timed("bills", lambda: propose_bills(context, view, calendar, record, run, computed))
        if issue and run.state is RunState.FINAL and run.bill_state is not RunState.FINAL:
            run = self._timed("issue", lambda: issue_bills(context, view, calendar, record, run, computed))
        self._release()
        return self._keep_seconds(run)

    def _timed(self, stage: str, work: Callable[[], _Result]) -> _Result:
        self._on_stage(stage)
        started = time.perf_counter()
        result = work()
        self._seconds[stage] = round(time.perf_counter() - started, 3)
        return result

    def _keep_seconds(self, run: RunRecord) -> RunRecord:
        """Times are of the call that did the work; a repeat that finds everything done keeps them."""
        if run.seconds:
            return run
        run = replace(run, seconds=self._seconds)
        with self._context.store.transaction() as records:
            records.put_run(run)
        return run

    def _run_of(self, record: PeriodRecord, batch: BatchRecord) -> RunRecord:
        """The run of a batch and a basis: the one that stands, or a new one on chain in place of a voided one."""
        self._take_over_states()
        with self._context.store.reading() as records:
            runs = records.runs(record.community, record.period)
            version = next(
                v for v in records.rule_versions(record.community) if v.version == record.rule_version
            )
        rule = self._view.rule_of(version)
        standing = [
            run for run in runs if run.batch_version == batch.version and run.state is not RunState.VOIDED
        ]
        # What links cost is settled with a run: a point that moved later makes no other run of the same readings.
        if standing and rule.sharing_key.method == FLOW and rule.source is not AllocationSource.OPERATOR:
            return standing[-1]
        basis = basis_of(self._context, record, self._calendar, rule)
        for run in standing:
            if run.basis == basis.id:
                return run
        for run in runs:
            if run.state is RunState.CONTESTABLE:
                self._finalise(
                    run
                )  # one open run per period; within its window the contract refuses the new one
        return self._propose(record, batch, rule, basis, len(runs) + 1)

    def _propose(
        self, record: PeriodRecord, batch: BatchRecord, rule: Rule, basis: RunBasis, version: int
    ) -> RunRecord:
        context, anchor = self._context, self._view.record.anchor
        with context.store.reading() as records:
            former = records.batches(record.community, record.period)[: batch.version - 1]
            keys = records.slot_keys(record.community, record.period)
        readings, _ = assemble(
            context, self._view, self._calendar, record, batch.loads, self._treatments, former
        )
        bands = band_codes(rule, self._calendar)
        frame = settle_frame(self._view, record, rule, readings, bands, basis)
        run_id = form_run_id(bytes_of(anchor), record.period, version)
        commitments = PeriodCommitments(anchor, record, keys, self._calendar.intervals_per_day)
        tree = commitments.run(run_id, frame, bands, rule)
        run = RunRecord(
            community=record.community,
            period=record.period,
            version=version,
            run_id=hex_of(run_id),
            batch_version=batch.version,
            rule_version=record.rule_version,
            root=hex_of(tree.root),
            feed_in=tree.feed_in,
            consumption=tree.consumption,
            allocated=tree.allocated,
            shared=tree.shared,
            state=RunState.CONTESTABLE,
            basis=basis.id,
            created_utc=context.clock.now_utc(),
        )
        _check_balance(run)
        context.intervals.add_allocation(
            record.community, record.period, version, frame, replace_unannounced=True
        )
        reach("settle.after_allocation")
        context.announce(
            lambda records: records.put_run(run), _proposal(anchor, run, batch, bond_wei(context))
        )
        return run

    def _finalise(self, run: RunRecord) -> RunRecord:
        """Attest a run, finalise it once its window has passed, and take over the state that the chain tells."""
        context, anchor = self._context, self._view.record.anchor
        told = context.chain.read("settlement_ledger", "run", run.run_id)
        is_open = _STATES[told["state"]] is RunState.CONTESTABLE
        if is_open and int(told["attestedBy"], 16) == 0:
            self._attest(run)
        if (
            is_open
            and has_passed(context, anchor, told)
            and not context.chain.read("demands", "pendingOf", run.run_id)
        ):
            purpose = f"{run.community}/{run.period}/run/{run.version}/final"
            call = ContractCall("settler", "settlement_ledger", "finalise", (run.run_id,))
            context.announce(lambda _: None, OutboxEntry(purpose, run.community, run.period, call))
        self._take_over_states()
        with context.store.reading() as records:
            return next(r for r in records.runs(run.community, run.period) if r.version == run.version)

    def _attest(self, run: RunRecord) -> None:
        """Say on chain, with the auditor's key, that the run was rebuilt from its readings.

        Raises:
            ConflictError: If it is not what they give; nothing is said then.
        """
        replay = replay_run(self._context, run)
        if not replay.holds:
            first = replay.differences[0]
            raise ConflictError(
                f"run {run.version} of {self._calendar.period.label} is not what its readings give: "
                f"{first.what} {first.field} is {first.held[:80]}, {first.due[:80]} is due. It is not attested; look "
                f"with: partage watch --once"
            )
        purpose = f"{run.community}/{run.period}/run/{run.version}/attested"
        call = ContractCall("auditor", "settlement_ledger", "attest", (run.run_id,))
        self._context.announce(lambda _: None, OutboxEntry(purpose, run.community, run.period, call))

    def _release(self) -> None:
        """Take back the bonds of all runs of the period whose fate is decided."""
        with self._context.store.reading() as records:
            runs = records.runs(self._view.record.id, self._calendar.period.id)
        for run in runs:
            release_bonds(self._context, run)

    def _take_over_states(self) -> None:
        """Write down what the chain says of every run of the period: a final one supersedes those before it."""
        with self._context.store.reading() as records:
            runs = records.runs(self._view.record.id, self._calendar.period.id)
        changed = []
        for known in runs:
            state = _STATES[self._context.chain.read("settlement_ledger", "run", known.run_id)["state"]]
            bills = known.bill_state
            if known.bill_root:
                told = _STATES[self._context.chain.read("billing_ledger", "bills", known.run_id)["state"]]
                # Bills are written down as final when they are numbered and posted, which issuing does in one step.
                bills = bills if told is RunState.FINAL else told
            if (state, bills) != (known.state, known.bill_state):
                changed.append(replace(known, state=state, bill_state=bills))
        if changed:
            with self._context.store.transaction() as records:
                for known in changed:
                    records.put_run(known)


def _check_balance(run: RunRecord) -> None:
    """Stop where energy is not conserved, before anything is announced."""
    if run.allocated != run.shared or run.shared > run.feed_in or run.allocated > run.consumption:
        raise BalanceError(
            f"run {run.version} of period {run.period} does not conserve energy: feed-in {run.feed_in}, consumption "
            f"{run.consumption}, allocated {run.allocated}, shared {run.shared} mWh. This is a fault of "
            "the program; nothing was anchored."
        )


def _proposal(anchor: str, run: RunRecord, batch: BatchRecord, bond: int) -> OutboxEntry:
    proposal: dict[str, Any] = {
        "community": anchor,
        "period": run.period,
        "version": run.version,
        "ruleVersion": run.rule_version,
        "batchId": batch.batch_id,
        "basis": run.basis,
        "root": run.root,
        "feedIn": run.feed_in,
        "consumption": run.consumption,
        "allocated": run.allocated,
        "shared": run.shared,
    }
    call = ContractCall("settler", "settlement_ledger", "proposeRun", (proposal,), bond)
    return OutboxEntry(f"{run.community}/{run.period}/run/{run.version}", run.community, run.period, call)
