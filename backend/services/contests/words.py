"""What a proof would show to everyone for ever, in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from backend.commitments.leaves import LeafKind

if TYPE_CHECKING:
    from backend.commitments.openings import Place
    from backend.services.contests.proofs import Proof
    from backend.services.replay import Rebuilt

__all__ = ["CONTEST_WORDS", "PROFILED_WORDS", "describe"]

CONTEST_WORDS = {
    "header": "the totals of an interval say what no rows could give",
    "input": "a row is not what the anchored reading says",
    "row": "what a point was given is not what the sharing key gives",
    "flow": "what a point was given is not the sum of its links",
    "link": "a link carries too much, or less than would be better, by what it costs",
    "step": "a point was given, or shared, more or less than is even",
    "sum": "a point's running totals are not those before and its own energy",
    "value": "what a point's share is worth is not what the rule gives",
    "totals": "a point's totals of the period are not those of its last row",
    "slot": "a leaf stands where none must be, or is missing where one must be",
    "last_stair": "the sums over all points are not what the interval's totals claim",
    "period_totals": "the sums over all points are not what the run claims",
    "reading_counts": "the counts of readings are not what the batch claims",
    "period_stair": "a sum over the period's totals is wrong",
    "stair": "a sum over an interval's rows is wrong",
    "reading_stair": "a count of readings is wrong",
    "linear": "an interpolated reading is not what lies between its neighbours",
    "similar": "an estimated reading is not the mean of the similar days",
    "method": "a reading is estimated by a method that the rule does not have",
    "replaced": "an estimate stands where an earlier batch had a measured reading",
    "bill": "a bill is not what the tariff gives for the period's totals",
    "bill_stair": "a sum over bills is wrong",
    "bill_totals": "the sums over all bills are not what was claimed",
}
#: Where a profiled estimate is looked at and nothing else can be proved, in the languages of the pages.
PROFILED_WORDS = {
    "en": "no contract can check a profiled estimate, which takes similar days, holidays and the register; who doubts "
    "it opens a case",
    "fr": "aucun contrat ne peut vérifier une estimation profilée, qui prend des jours semblables, les jours fériés et "
    "l'index ; qui en doute ouvre un litige",
}
_SHOWN = {
    LeafKind.HEADER: "the community's totals {when}",
    LeafKind.STAIR: "sums over the first points of the registry {when}",
    LeafKind.ROW: "energy, allocation and running totals of {point} {when}",
    LeafKind.PERIOD: "the period's totals of {point}",
    LeafKind.PERIOD_STAIR: "the period's sums over the first points of the registry",
    LeafKind.BILL: "the whole bill of {participant}",
    LeafKind.BILL_STAIR: "sums over the first bills",
    LeafKind.READING: "the reading of {point} {when}",
    LeafKind.LINKS: "whom {point} traded with in the period, and how much",
    LeafKind.COST: "what one link to {point} costs and may carry",
    LeafKind.DETAIL: "whom {point} was linked with {when}",
}


def describe(proof: Proof, rebuilt: Rebuilt) -> list[str]:
    """One phrase for each thing that the proof shows; none where it shows hashes alone.

    Args:
        proof: The proof.
        rebuilt: Whose run it is.
    """
    return list(dict.fromkeys(_phrase(place, rebuilt) for place in proof.shown))


def _phrase(place: Place, rebuilt: Rebuilt) -> str:
    term = next((term for term in rebuilt.record.terms if term["slot"] == place.slot), None)
    names = (
        {"point": term["point"], "participant": term["participant"]}
        if term
        else {"point": "", "participant": ""}
    )
    return _SHOWN[place.kind].format(when=f"at {_instant(place, rebuilt)}", **names)


def _instant(place: Place, rebuilt: Rebuilt) -> str:
    calendar = rebuilt.calendar
    start = calendar.starts_utc()[calendar.day_offsets[place.day] + place.t]
    zone = ZoneInfo(calendar.time_zone)
    return datetime.fromtimestamp(start, UTC).astimezone(zone).isoformat(timespec="minutes")
