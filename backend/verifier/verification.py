"""The whole verification: from a bundle and a chain to a verdict."""

from __future__ import annotations

from backend.verifier.bill import LINE_NAMES, PointTotals, compute_bill
from backend.verifier.bundle import Bundle, Point, load_bundle, parse_bundle
from backend.verifier.chain import Call, ChainFacts, PeriodFacts, read_chain
from backend.verifier.curves import Progress, check_curves
from backend.verifier.leaves import Salter, bill_leaf, run_id
from backend.verifier.period import Period
from backend.verifier.pins import Pins, check_pins
from backend.verifier.records import check_identity, check_records, check_rule, check_shape
from backend.verifier.registration import check_registration
from backend.verifier.schedule import check_basis
from backend.verifier.trees import climb, depth_for, join
from backend.verifier.verdict import STATES, Findings, Place, Verdict

__all__ = ["verify", "verify_against"]


def verify(bundle: object, call: Call, progress: Progress | None = None, pins: Pins | None = None) -> Verdict:
    """Verify a bundle against a chain.

    Args:
        bundle: The bundle: JSON text, a decoded object, or one that is parsed already.
        call: Sends a JSON-RPC request (method, parameters) and gives its result, such as ``http_call`` makes.
        progress: Told (steps done, steps in all).
        pins: What is known of contracts and community; without, they are what the bundle says.

    Returns:
        The verdict; a bundle that is well formed but false gets one too.

    Raises:
        VerificationError: If the bundle cannot be read as one; the message names the field.
        ChainUnavailableError: If the chain cannot be read.
    """
    if isinstance(bundle, str | bytes):
        bundle = load_bundle(bundle)
    elif not isinstance(bundle, Bundle):
        bundle = parse_bundle(bundle)
    return verify_against(bundle, read_chain(bundle, call), progress, pins)


def verify_against(
    bundle: Bundle, facts: ChainFacts, progress: Progress | None = None, pins: Pins | None = None
) -> Verdict:
    """Verify a bundle against what the chain was read to hold; no input or output happens here.

    Invariants:
        - ``ok`` only if every check holds; a chain or list of another shape ends the verification early, and fails it.
    """
    findings = Findings()
    period = facts.period
    check_pins(bundle, pins or Pins(), findings)
    if check_identity(bundle, facts, findings) and period is not None:
        check_records(bundle, period, findings)
        if check_rule(period, findings) and check_shape(bundle, period, findings):
            whole = Period(bundle, period, findings)
            check_basis(whole)
            check_registration(bundle, period, findings)
            totals = check_curves(whole, progress or _ignore)
            _check_bill(bundle, period, totals, findings)
        else:
            findings.unchecked.append(
                "readings, rows and bill: the bundle does not have the shape of the period, or no rule that is known"
            )
    else:
        findings.unchecked.append(
            "everything that the contracts hold: this is not the chain or period of the bundle"
        )
    return Verdict(
        ok=findings.ok,
        run_state=_state(period.run.state if period else 0),
        bills_state=_state(period.bills.state if period else 0),
        contestable_until=max(period.run.contestable_until, period.bills.contestable_until) if period else 0,
        readings_label={0: "measured", 1: "imported"}.get(period.batch.label, "unknown")
        if period
        else "unknown",
        block_number=facts.block_number,
        block_hash="0x" + facts.block_hash.hex(),
        checks=findings.checks(),
        unchecked=tuple(findings.unchecked),
        covers=tuple(_describe(point, len(bundle.days)) for point in bundle.points),
    )


def _check_bill(bundle: Bundle, facts: PeriodFacts, totals: list[PointTotals], findings: Findings) -> None:
    bill = bundle.bill
    classes = [point.vat_class for point in bundle.points if point.slot == bundle.seat]
    computed = compute_bill(
        totals, facts.rule, bundle.seat, classes[0] if classes else bundle.points[0].vat_class
    )
    for i, (name, expected, found) in enumerate(zip(LINE_NAMES, computed.lines, bill.lines, strict=True)):
        findings.compare("bill.line", Place(f"bill line, {name}", f"bill.lines[{i}]"), expected, found)
    for name in ("vat_debit", "vat_credit", "debit", "credit"):
        place = Place(f"bill, {name.replace('_', ' ')}", f"bill.{name}")
        findings.compare(f"bill.{name}", place, getattr(computed, name), getattr(bill, name))
    depth = depth_for(facts.terms.slots)
    if not findings.compare("path.length", Place("bill", "bill.path"), depth, len(bill.path)):
        return
    run = run_id(bundle.community, bundle.period, bundle.run_version)
    # The seat's key: the first point's, since `seat.first` holds the two to be one.
    salt = Salter(bundle.points[0].key, bundle.community, run, 0x06, bundle.seat).salt()
    leaf = bill_leaf(salt, (*bill.lines, bill.vat_debit, bill.vat_credit, bill.debit, bill.credit))
    root = join(climb(leaf, bundle.seat, bill.path), bundle.bill_stairs_root)
    findings.compare("bill.root", Place("bill", "bill"), facts.bills.root, root)


def _describe(point: Point, days: int) -> str:
    direction = "feed-in" if point.feeds_in else "consumption"
    active = f"{point.until_day - point.from_day} of {days} days"
    percent, rest = divmod(point.factor_ppm, 10_000)
    factor = f"{percent}.{rest:04}".rstrip("0").rstrip(".")
    return f"{point.number}, {direction}, {active}, {factor} %"


def _state(number: int) -> str:
    return STATES[number] if number < len(STATES) else f"unknown ({number})"


def _ignore(_done: int, _total: int) -> None:
    """Take progress when nobody asks for it."""
