"""The participant's points as they were registered: all of them, with the tag, direction, factor, days and class."""

from __future__ import annotations

from unicodedata import normalize

from backend.verifier.bundle import Bundle
from backend.verifier.chain import PeriodFacts
from backend.verifier.leaves import Salter, class_leaf, tag, terms_id
from backend.verifier.trees import climb, depth_for
from backend.verifier.verdict import Findings, Place

__all__ = ["check_registration"]

_WORST_VAT_CLASS = 2
_STANDARD = 0


def check_registration(bundle: Bundle, facts: PeriodFacts, findings: Findings) -> None:
    """Check that the bundle has each point of the participant, as the registry and the class tree have it."""
    expected = [
        slot
        for slot, seat in enumerate(facts.seats)
        if seat == bundle.seat and facts.points[slot].from_day < facts.points[slot].until_day
    ]
    slots = [point.slot for point in bundle.points]
    place = Place("participant", "points")
    findings.compare("seat.points", place, f"slots {expected}", f"slots {slots}")
    findings.compare("seat.first", Place("participant", "seat"), slots[0], bundle.seat)
    _check_meters(bundle, findings)
    terms = terms_id(bundle.community, bundle.period)
    depth = depth_for(facts.terms.slots)
    for i, point in enumerate(bundle.points):
        record = facts.points[point.slot]
        pairs = (
            ("direction", record.direction, point.direction),
            ("factor_ppm", record.factor_ppm, point.factor_ppm),
            ("from_day", record.from_day, point.from_day),
            ("until_day", record.until_day, point.until_day),
        )
        for name, registered, given in pairs:
            place = Place("metering point", f"points[{i}].{name}", point.slot)
            findings.compare(f"point.{name}", place, registered, given)
        place = Place("metering point", f"points[{i}].number", point.slot)
        findings.compare("point.tag", place, record.tag, tag(point.nonce, point.number))
        place = Place("class", f"points[{i}].vat_class", point.slot)
        found = (point.vat_class, point.network_class)
        known = point.vat_class <= _WORST_VAT_CLASS and point.network_class == _STANDARD
        findings.hold("class.known", place, known, "VAT class 0 to 2, network class 0", found)
        place = Place("class", f"points[{i}].class_path", point.slot)
        if findings.compare("path.length", place, depth, len(point.class_path)):
            salt = Salter(point.key, bundle.community, terms, 0x0A, point.slot).salt()
            leaf = class_leaf(salt, point.vat_class, point.network_class)
            place = Place("class", f"points[{i}].vat_class", point.slot)
            root = climb(leaf, point.slot, point.class_path)
            findings.compare("class.root", place, facts.terms.classes_root, root)


def _check_meters(bundle: Bundle, findings: Findings) -> None:
    """Refuse a meter that was confirmed twice: nonces differ, so only who knows its number can see it."""
    for i, point in enumerate(bundle.points):
        twins = [
            other.slot
            for other in bundle.points[:i]
            if (_plain(other.number), other.direction) == (_plain(point.number), point.direction)
            and max(other.from_day, point.from_day) < min(other.until_day, point.until_day)
        ]
        place = Place("metering point", f"points[{i}].number", point.slot)
        found = f"slot {twins[0]} has it on the same days" if twins else "one slot"
        findings.hold("point.once", place, not twins, "one slot for a meter and direction", found)


def _plain(number: str) -> str:
    """A number without what writing it otherwise changes: separators, case, width of its characters."""
    return "".join(letter for letter in normalize("NFKC", number).lower() if letter.isalnum())
