"""Bills as they were issued, and bundles: a bill with all that proves it and nothing of a neighbour's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from backend.billing.invoices import language_of
from backend.commitments import BundlePoint, BundleSubject, ChainFacts, PeriodTrees, build_bundle
from backend.community import AllocationSource, Direction
from backend.community.tables import name_nearest
from backend.errors import NotFoundError
from backend.ports import RunState
from backend.quantities import PeriodCalendar
from backend.services.commit import PeriodCommitments, bytes_of
from backend.services.flow_costs import kept_costs
from backend.services.open_period import band_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from backend.community import Rule
    from backend.ports import BatchRecord, BillRecord, PeriodRecord, RunRecord
    from backend.quantities import SettlementPeriod
    from backend.services.context import CommunityView, SettlementContext

__all__ = ["bills_of", "make_bundle", "proof_of", "run_of", "shows_headers", "write_bill_pdfs"]

_PARTICIPANTS_MIN = 5  # below, a direction's interval totals would tell about single members
_BUNDLED_CONTRACTS = (
    "registry",
    "rule_book",
    "period_book",
    "meter_data_ledger",
    "schedule_book",
    "settlement_ledger",
    "billing_ledger",
)


def run_of(
    context: SettlementContext, community: str, period: SettlementPeriod, version: int | None = None
) -> RunRecord:
    """The run of that version; without one, the final run, else the latest that was not voided.

    Raises:
        NotFoundError: If the period has none.
    """
    with context.store.reading() as records:
        records.community(community)
        runs = records.runs(community, period.id)
    if version is not None:
        runs = [run for run in runs if run.version == version]
    else:
        final = [run for run in runs if run.state is RunState.FINAL]
        runs = final or [run for run in runs if run.state is not RunState.VOIDED]
    if not runs:
        raise NotFoundError(
            f"{period.label} of {community} is not settled yet; settle it with: partage settle {community} "
            f"--period {period.label}"
        )
    return runs[-1]


def bills_of(
    context: SettlementContext, community: str, period: SettlementPeriod, version: int | None = None
) -> tuple[RunRecord, list[BillRecord]]:
    """A run and its bills in seat order.

    Raises:
        NotFoundError: If the period is not settled or not billed.
    """
    run = run_of(context, community, period, version)
    with context.store.reading() as records:
        bills = records.bills(community, period.id, run.version)
    if not bills:
        raise NotFoundError(
            f"run {run.version} of {period.label} of {community} has no bills yet; settle again."
        )
    return run, sorted(bills, key=lambda bill: bill.seat)


def shows_headers(
    view: CommunityView, record: PeriodRecord, rule: Rule | None = None, *, to_member: bool = True
) -> bool:
    """May the totals of an interval be seen?

    Where five or more participants stand behind each of them, or all of a smaller number consented that members see
    them.

    Args:
        view: The community.
        record: The period, with its points.
        rule: In force, where the rounds of headers are asked for besides the totals of both directions.
        to_member: Whether a member asks; consents hold for nobody else.
    """
    consents = {
        participant.id: participant.headers_consent and to_member
        for participant in view.community.participants
    }
    groups = [
        {str(term["participant"]) for term in record.terms if term["direction"] == direction}
        for direction in Direction
    ]
    groups += [] if rule is None else _round_groups(rule, record)
    return all(
        len(group) >= _PARTICIPANTS_MIN or all(consents.get(member, False) for member in group)
        for group in groups
    )


def _round_groups(rule: Rule, record: PeriodRecord) -> list[set[str]]:
    """Whose energy each round of a header sums up: that of one producer, or of a tier."""
    key = rule.sharing_key
    if rule.source is AllocationSource.OPERATOR:
        return []
    owners = {str(term["point"]): str(term["participant"]) for term in record.terms}
    consumers = {str(term["point"]) for term in record.terms if term["direction"] == Direction.CONSUMPTION}
    if key.method == "priority":
        *first, _ = (set(tier.points) & consumers for tier in key.tiers)
        tiers = [*first, consumers.difference(*first)]
        return [{owners[point] for point in tier} for tier in tiers]
    if key.method == "flow":
        return [{owner} for point, owner in owners.items() if point not in consumers]
    return [{owners[point]} for point in key.pairs_ppm if point in owners]


def make_bundle(
    context: SettlementContext,
    community: str,
    period: SettlementPeriod,
    participant: str,
    version: int | None = None,
) -> dict[str, Any]:
    """A participant's bundle of a billed period.

    Raises:
        NotFoundError: If the period is not billed, or the participant has no bill in it.
    """
    view = context.community(community)
    run, bills = bills_of(context, community, period, version)
    billed = [bill.participant for bill in bills]
    if participant not in billed:
        raise NotFoundError(
            f"{participant!r} has no bill in {period.label} of {community}; {name_nearest(participant, billed)}"
        )
    with context.store.reading() as records:
        record = records.period(community, period.id)
        batches = {batch.version: batch for batch in records.batches(community, period.id)}
        keys = {key.slot: key for key in records.slot_keys(community, period.id)}
    if record is None:
        raise NotFoundError(f"{period.label} of {community} was never opened.")
    own = [term for term in record.terms if term["participant"] == participant]
    if not {term["slot"] for term in own} <= keys.keys():
        raise NotFoundError(
            f"the keys of {participant!r} for {period.label} were erased; nothing can be proved with them any more."
        )
    if not {term["slot"] for term in record.terms} <= keys.keys():
        raise NotFoundError(
            f"{period.label} of {community} cannot be proved anew: the keys of a former member were erased. Bundles "
            "that were made before hold as they did."
        )
    trees = _rebuild(context, view, record, (run, bills), batches[run.batch_version])
    subject = BundleSubject(
        period=period.id,
        run_version=run.version,
        points=[
            BundlePoint(
                slot=term["slot"],
                number=term["number"],
                nonce=bytes_of(keys[term["slot"]].nonce),
                factor_ppm=term["factor_ppm"],
                from_day=term["from_day"],
                until_day=term["until_day"],
            )
            for term in own
        ],
        shows_headers=shows_headers(view, record, _rule_of(context, view, run)),
    )
    facts = context.chain.facts()
    chain = ChainFacts(
        facts.chain_id,
        bytes_of(facts.genesis_hash),
        {name: bytes_of(facts.contracts[name]) for name in _BUNDLED_CONTRACTS},
    )
    return build_bundle(chain, subject, trees)


def _rule_of(context: SettlementContext, view: CommunityView, run: RunRecord) -> Rule:
    """The rule that a run was made by."""
    with context.store.reading() as records:
        versions = records.rule_versions(run.community)
    return view.rule_of(next(version for version in versions if version.version == run.rule_version))


def _rebuild(
    context: SettlementContext,
    view: CommunityView,
    record: PeriodRecord,
    billed: tuple[RunRecord, Sequence[BillRecord]],
    batch: BatchRecord,
) -> PeriodTrees:
    """The trees of a run, from what is stored, right or altered.

    Holding them against the chain is the verifier's part.
    """
    run, bills = billed
    members = view.community
    calendar = PeriodCalendar(record.span, members.time_zone, members.resolution_minutes)
    frame = context.intervals.allocation(run.community, run.period, run.version)
    with context.store.reading() as records:
        schedules = records.schedules(run.community, run.period)
        keys = records.slot_keys(run.community, run.period)
    commitments = PeriodCommitments(view.record.anchor, record, keys, calendar.intervals_per_day)
    amounts = {bill.seat: bill.content["amounts"] for bill in bills}
    # Hashing lets go of the interpreter, so the two large trees grow side by side.
    with ThreadPoolExecutor(max_workers=1) as pool:
        batch_id = bytes_of(batch.batch_id)
        batch_tree = pool.submit(commitments.batch, batch_id, frame.energy, frame.quality, frame.source)
        rule = _rule_of(context, view, run)
        bands = band_codes(rule, calendar)
        run_tree = commitments.run(bytes_of(run.run_id), frame, bands, rule, conserving=False)
        schedule = next((known for known in schedules if known.schedule_id == run.basis), None)
        costs = kept_costs(frame)
        return PeriodTrees(
            classes=commitments.classes(),
            batch=batch_tree.result(),
            run=run_tree,
            bills=commitments.bills(bytes_of(run.run_id), amounts),
            coefficients=None
            if schedule is None
            else commitments.coefficients(
                bytes_of(run.basis),
                context.intervals.schedule(run.community, run.period, schedule.version),
            ),
            credits=_credits(rule),
            costs=None if costs is None else commitments.costs(costs),
        )


def _credits(rule: Rule) -> bool:
    """Does the rule credit anything beside what is shared?"""
    key = rule.sharing_key
    computed = rule.source is AllocationSource.COMPUTED
    return computed and (key.surplus_owner == "consumer" or key.method == "incentive")


def proof_of(context: SettlementContext, run: RunRecord) -> dict[str, Any]:
    """What a printed bill says of its proof."""
    facts = context.chain.facts()
    return {
        "chain_id": facts.chain_id,
        "embedded": facts.embedded,
        "run_id": run.run_id,
        "run_version": run.version,
        "run_root": run.root,
        "bill_root": run.bill_root,
        "billing_ledger": facts.contracts["billing_ledger"],
        "state": run.state.value,
        "bill_state": run.bill_state.value,
    }


def write_bill_pdfs(
    context: SettlementContext,
    render: Callable[..., bytes],
    community: str,
    period: SettlementPeriod,
    folder: Path,
    locale: str,
    on_bill: Callable[[str], None] = lambda _: None,
) -> int:
    """Write each bill of a period as a PDF named by its participant, readable by its owner alone; returns how many.

    ``on_bill`` is told whose bill begins. ``locale`` is ``en``, ``fr``, or empty for that of the community's country.
    """
    run, bills = bills_of(context, community, period)
    proof = proof_of(context, run)
    language = locale or language_of(context.community(community).community.country)
    for bill in bills:
        on_bill(bill.participant)
        content = {**bill.content, "number": bill.number, "issued_utc": bill.issued_utc}
        document = render(content, proof, language)
        folder.mkdir(parents=True, exist_ok=True)  # not before a first bill could be set
        place = folder / f"{period.label}-{bill.participant}.pdf"
        place.touch(mode=0o600)
        place.chmod(0o600)
        place.write_bytes(document)
    return len(bills)
