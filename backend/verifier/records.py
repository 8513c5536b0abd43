"""What the anchored records must be among themselves: the right chain, run, batch and bills, and sums that balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from backend.verifier.bundle import Bundle, Point
from backend.verifier.chain import ChainFacts, PeriodFacts
from backend.verifier.contract_code import SOURCES
from backend.verifier.leaves import batch_id, run_id
from backend.verifier.methods import (
    FLOW,
    METHODS,
    PAIRWISE,
    PRIORITY,
    SCHEDULED,
    binds_operator,
    credits_any,
    is_scheduled,
)
from backend.verifier.strict_json import Curve
from backend.verifier.verdict import STATES, Findings, Place

__all__ = ["check_identity", "check_records", "check_rule", "check_shape"]

_TOTALS_END = 1 << 64
_SUMMED = ("energy", "allocated", "value", "credited")
_PAYABLE = ("contestable", "final")


def check_identity(bundle: Bundle, facts: ChainFacts, findings: Findings) -> bool:
    """Hold the chain against the one that the bundle means; nothing else counts where it is another."""
    ok = findings.compare("chain.id", Place("chain", "chain.chain_id"), facts.chain_id, bundle.chain_id)
    place = Place("chain", "chain.genesis_hash")
    ok &= findings.compare("chain.genesis", place, facts.genesis_hash, bundle.genesis_hash)
    for field in fields(bundle.contracts):
        place = Place("contract", f"chain.contracts.{field.name}")
        ok &= _check_code(field.name, place, facts, findings)
    named = {field.name for field in fields(bundle.contracts)}
    for name in sorted(facts.codes.keys() - named):
        ok &= _check_code(name, Place("contract", name), facts, findings)
    if ok:
        place = Place("period", "period")
        opened = "open" if facts.opened else "not open"
        ok = findings.compare("terms.open", place, "open", opened)
    return ok and facts.period is not None


def _check_code(name: str, place: Place, facts: ChainFacts, findings: Findings) -> bool:
    found = "published code" if name in facts.published else "other code" if facts.codes[name] else "nothing"
    expected = f"the published code of {SOURCES[name]}, referring to the bundle's contracts"
    return findings.hold("chain.code", place, name in facts.published, expected, found)


def check_rule(facts: PeriodFacts, findings: Findings) -> bool:
    """Check that the rule is one that this program can read; nothing can be held against another."""
    key, tariff, place = facts.rule.key, facts.rule.tariff, Place("rule")
    known = key.method in METHODS
    ok = findings.hold("rule.method", place, known, "a method that this program knows (1 to 10)", key.method)
    tiers = all(method < PAIRWISE and method != SCHEDULED and method > 0 for method in key.tier_methods)
    tiers = tiers and all(tier < len(key.tier_methods) for tier in key.tiers)
    tiers = tiers and bool(key.tier_methods) is (key.method == PRIORITY)
    ok &= findings.hold("rule.tiers", place, tiers, "tiers of methods 1 to 5", (key.tier_methods, key.tiers))
    ascending = key.producers == tuple(sorted(set(key.producers)))
    ascending = ascending and bool(key.producers) is (key.method == PAIRWISE)
    ok &= findings.hold("rule.producers", place, ascending, "ascending slots, of pairwise", key.producers)
    forms = (facts.rule.source, tariff.pricing, tariff.seller)
    readable = all(form <= most for form, most in zip(forms, (1, 3, 1), strict=True))
    return ok & findings.hold("rule.form", place, readable, "source, pricing, seller up to 1, 3, 1", forms)


def check_shape(bundle: Bundle, facts: PeriodFacts, findings: Findings) -> bool:
    """Hold the bundle's lists against the frozen days and intervals; where they differ no tree can be built."""
    terms = facts.terms
    ok = findings.compare("period.days", Place("days", "days"), terms.day_count, len(bundle.days))
    chain = Place("period book")
    ok &= findings.compare("period.book", chain, terms.day_count, len(facts.intervals))
    ok &= findings.compare("period.book", chain, terms.slots, len(facts.seats))
    ok &= findings.compare("period.book", chain, terms.max_intervals, max(facts.intervals, default=0))
    ok &= findings.hold(
        "period.book", chain, len(facts.points) == terms.slots, f"{terms.slots} points", len(facts.points)
    )
    bands = sum(facts.intervals)
    ok &= findings.hold("period.book", chain, len(facts.bands) >= bands, f"{bands} bands", len(facts.bands))
    if not ok:
        return False
    for d, day in enumerate(bundle.days):
        if day.headers is not None:
            place = Place("headers", f"days[{d}].headers")
            ok &= findings.compare("period.intervals", place, facts.intervals[d], len(day.headers))
    for i, point in enumerate(bundle.points):
        ok &= _check_point_shape(i, point, facts, findings)
    return ok


def _check_point_shape(i: int, point: Point, facts: PeriodFacts, findings: Findings) -> bool:
    terms = facts.terms
    place = Place("metering point", f"points[{i}].slot", point.slot)
    ok = findings.hold("point.slot", place, point.slot < terms.slots, f"below {terms.slots}", point.slot)
    name = f"points[{i}].row_paths"
    ok &= findings.compare(
        "period.days", Place("paths", name, point.slot), terms.day_count, len(point.row_paths)
    )
    ok &= _check_presence(i, point, facts, findings)
    curves: dict[str, Sequence[Sequence[object]] | None] = {
        what: getattr(point, what) for what in (*_SUMMED, "quality", "source", "coefficients", "details")
    }
    for what, curve in curves.items():
        name = f"points[{i}].{what}"
        if curve is None:
            continue
        if not findings.compare("period.days", Place(what, name, point.slot), terms.day_count, len(curve)):
            ok = False
            continue
        for d, values in enumerate(curve):
            expected = facts.intervals[d] if point.is_active(d) else 0
            place = Place(what, f"{name}[{d}]", point.slot)
            ok &= findings.compare("period.intervals", place, expected, len(values))
    sums = {what: sum(map(sum, getattr(point, what) or ())) for what in _SUMMED}
    for what, total in {**sums, "links": sum(link.value for link in point.links)}.items():
        place = Place(what, f"points[{i}].{what}", point.slot)
        ok &= findings.hold(
            "point.total", place, total < _TOTALS_END, "below 2^64, as a leaf holds it", total
        )
    return ok


def _check_presence(i: int, point: Point, facts: PeriodFacts, findings: Findings) -> bool:
    """Check that the point has what the key tells of it, and nothing that the key does not tell."""
    rule, ok = facts.rule, True
    scheduled = is_scheduled(rule) and not point.feeds_in
    flows = rule.key.method == FLOW and not binds_operator(rule)
    for what, expected in (
        ("credited", credits_any(rule)),
        ("coefficients", scheduled),
        ("coefficient_path", scheduled),
        ("details", flows),
    ):
        words = {True: "there", False: "null"}
        found = words[getattr(point, what) is not None]
        place = Place(what, f"points[{i}].{what}", point.slot)
        ok &= findings.compare("point.form", place, words[expected], found)
    return ok


def check_records(bundle: Bundle, facts: PeriodFacts, findings: Findings) -> None:
    """Check the anchored run, batch and bills against the bundle, the terms and each other."""
    _check_run(bundle, facts, findings)
    _check_batch(bundle, facts, findings)
    _check_bills(bundle, facts, findings)


def _check_run(bundle: Bundle, facts: PeriodFacts, findings: Findings) -> None:
    run, place = facts.run, Place("run", "run_version")
    if not findings.hold("run.found", place, run.state > 0, f"run {bundle.run_version}, anchored", STATES[0]):
        return
    meant = (bundle.community.hex(), bundle.period, bundle.run_version)
    findings.compare("run.of", place, meant, (run.community.hex(), run.period, run.version))
    findings.compare("run.rule", place, facts.terms.rule_version, run.rule_version)
    findings.compare("run.batch", Place("run", "batch_id"), run.batch_id, bundle.batch_id)
    state = STATES[run.state] if run.state < len(STATES) else f"unknown ({run.state})"
    findings.hold("run.state", place, state in _PAYABLE, "contestable or final", state)
    conserved = run.shared == run.allocated <= min(run.consumption, run.feed_in)
    found = f"P {run.feed_in}, C {run.consumption}, A {run.allocated}, S {run.shared}"
    findings.hold("run.conserves", place, conserved, "S = A, at most P and C", found)
    for feeds_in, total in ((True, run.feed_in), (False, run.consumption)):
        own = [point for point in bundle.points if point.feeds_in is feeds_in]
        energy, given = (sum(sum(map(sum, curve)) for curve in curves) for curves in _curves(own))
        rest = run.allocated - given
        # As in each interval: neighbours have no less than nothing, and share no more than they have.
        fits = energy <= total and 0 <= rest <= total - energy
        found = f"{energy} of {total} mWh, {given} of {run.allocated} shared"
        findings.hold("run.own", place, fits, "totals in which one's own fit", found)


def _curves(points: Sequence[Point]) -> tuple[list[Curve], list[Curve]]:
    return [point.energy for point in points], [point.allocated for point in points]


def _check_batch(bundle: Bundle, facts: PeriodFacts, findings: Findings) -> None:
    batch, place = facts.batch, Place("batch", "batch_id")
    if not findings.hold("batch.found", place, batch.submitted_at > 0, "a batch, anchored", "none"):
        return
    meant = (bundle.community.hex(), bundle.period)
    findings.compare("batch.of", place, meant, (batch.community.hex(), batch.period))
    named = batch_id(bundle.community, bundle.period, batch.version, batch.signer)
    findings.compare("batch.id", place, named, bundle.batch_id)
    counted = batch.measured + batch.estimated + batch.missing
    findings.compare("batch.complete", place, facts.terms.expected_readings, counted)


def _check_bills(bundle: Bundle, facts: PeriodFacts, findings: Findings) -> None:
    bills, place = facts.bills, Place("bills", "run_version")
    if not findings.hold("bills.found", place, bills.state > 0, "bills of the run, anchored", STATES[0]):
        return
    named = run_id(bundle.community, bundle.period, bundle.run_version)
    meant = (bundle.community.hex(), named.hex())
    findings.compare("bills.of", place, meant, (bills.community.hex(), bills.run_id.hex()))
    state = STATES[bills.state] if bills.state < len(STATES) else f"unknown ({bills.state})"
    findings.hold("bills.state", place, state in _PAYABLE, "contestable or final", state)
    owed = (
        bills.credits
        + bills.fees
        + bills.vat_debits
        - bills.vat_credits
        + bills.pass_through
        + bills.rounding
    )
    findings.compare("bills.balance", place, owed, bills.debits)
    active = {
        seat
        for seat, point in zip(facts.seats, facts.points, strict=False)
        if point.from_day < point.until_day
    }
    findings.compare("bills.fees", place, len(active) * facts.rule.tariff.monthly_fee, bills.fees)
    bill = bundle.bill
    for name, own, total in (
        ("debit", bill.debit, bills.debits),
        ("credit", bill.credit, bills.credits),
        ("vat_debit", bill.vat_debit, bills.vat_debits),
        ("vat_credit", bill.vat_credit, bills.vat_credits),
    ):
        findings.hold(
            "bills.own", Place("bill", f"bill.{name}"), own <= total, f"at most {total}, of all bills", own
        )
