"""Which movements on the bank account pay which bills."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["BankMovement", "Match", "Matching", "OpenItem", "match_movements"]

EURO = "EUR"


@dataclass(frozen=True, slots=True)
class BankMovement:
    """A booked movement on the community's account.

    Attributes:
        id: The bank's reference, empty where it gives none.
        day: Of booking.
        amount: Above zero where the account is credited. [cents of the currency]
        end_to_end: End-to-end id, empty where there is none.
        remittance: What the payer wrote.
        iban: Account of the other side, where the bank names it.
        currency: ISO 4217; one in another than the euro pays nothing by itself.
    """

    id: str
    day: date
    amount: int
    end_to_end: str
    remittance: str
    iban: str
    currency: str = EURO


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A bill that is to be paid.

    Attributes:
        reference: Number of the bill.
        numbers: Numbers of its documents: a payer may name one of them.
        amount: Above zero where the participant pays. [cents]
        participant: Whose.
        iban: Its account, where known.
    """

    reference: str
    numbers: tuple[str, ...]
    amount: int
    participant: str
    iban: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A movement that was booked on an item, and by what it was recognised.

    Attributes:
        amount: What of the movement was booked on the item. [cents]
        by: ``end_to_end``, ``number``, ``amount`` or ``person``.
        rest: What is left of the item afterwards: of its sign where too little was paid, of the other where too much
            was. [cents]
    """

    movement: BankMovement
    item: OpenItem
    amount: int
    by: str
    rest: int

    @property
    def outcome(self) -> str:
        """``paid``, ``part``, ``returned`` (the money went back) or ``too much``."""
        if not self.rest:
            return "paid"
        if (self.rest > 0) != (self.item.amount > 0):
            return "too much"
        return "part" if (self.amount > 0) == (self.item.amount > 0) else "returned"


@dataclass(frozen=True, slots=True)
class Matching:
    """The outcome.

    Attributes:
        matches: What was booked, in the order of booking.
        movements: That name nothing known: a person decides.
        rests: What is left of each item, by its reference; zero where it is paid. [cents]

    Invariants:
        - Each movement is booked once or left over; the rest of an item is its amount less all that was booked on it.
    """

    matches: tuple[Match, ...]
    movements: tuple[BankMovement, ...]
    rests: Mapping[str, int]


def match_movements(
    movements: Sequence[BankMovement],
    items: Sequence[OpenItem],
    received: Mapping[str, int] | None = None,
    assigned: Mapping[str, str] | None = None,
) -> Matching:
    """Book movements on the bills that they name: by a person's word, by end-to-end id, by a number told whole.

    A part is booked as a part; what is too much, or comes back, is booked too, so that the rest of a bill is always its
    amount less what was received for it. A movement that names several pays all if it is the sum of their rests.
    One that names nothing pays a bill by account and amount where one bill alone has that account and that rest and no
    other movement claims it; an amount by itself is never enough, for neighbours often owe the same.

    Args:
        movements: In the order of booking.
        items: All bills, paid or not.
        received: What was booked on items before. [cents]
        assigned: Bill's reference by the bank's reference of a movement, where a person decided.
    """
    by_reference = {item.reference: item for item in items}
    rests = {item.reference: item.amount - (received or {}).get(item.reference, 0) for item in items}
    matches, unnamed = [], []

    def book(movement: BankMovement, item: OpenItem, amount: int, by: str) -> None:
        rests[item.reference] -= amount
        matches.append(Match(movement, item, amount, by, rests[item.reference]))

    for movement in movements:
        told = (assigned or {}).get(movement.id, "")
        named, by = ([by_reference[told]], "person") if told else _named(movement, items)
        if movement.currency != EURO:
            unnamed.append(movement)
        elif len(named) == 1:
            book(movement, named[0], movement.amount, by)
        elif named and movement.amount == sum(rests[item.reference] for item in named):
            for item in named:
                book(movement, item, rests[item.reference], by)
        else:
            unnamed.append(movement)
    unknown = []
    for movement in unnamed:
        fitting = [item for item in items if _fits(movement, item, rests[item.reference])]
        rivals = [
            other for other in unnamed if (other.iban, other.amount) == (movement.iban, movement.amount)
        ]
        if len(fitting) == 1 and len(rivals) == 1:
            book(movement, fitting[0], movement.amount, "amount")
        else:
            unknown.append(movement)
    return Matching(tuple(matches), tuple(unknown), rests)


def _named(movement: BankMovement, items: Sequence[OpenItem]) -> tuple[list[OpenItem], str]:
    """The items that a movement names, by their own number or a document's.

    An invoice between two members is on the bills of both: it names the one whose money flows that way.
    """
    for item in items:
        own = {name.upper() for name in (item.reference, *item.numbers)}
        if movement.end_to_end and movement.end_to_end.upper() in own:
            return [item], "end_to_end"
    said = _plain(f" {movement.end_to_end} {movement.remittance} ")
    found = [item for item in items if any(_says(said, number) for number in (item.reference, *item.numbers))]
    if len(found) > 1:
        found = [item for item in found if (item.amount > 0) == (movement.amount > 0)]
    return found, "number"


def _says(said: str, number: str) -> bool:
    """Is the number there as a whole, however it was punctuated? 17-000001 is no part of 17-0000012."""
    return f" {_plain(number)} " in said


def _plain(text: str) -> str:
    return re.sub(r"[^A-Z0-9]+", " ", text.upper())


def _fits(movement: BankMovement, item: OpenItem, rest: int) -> bool:
    """Does it come from the bill's own account, and to its rest?"""
    return (
        bool(movement.iban)
        and movement.currency == EURO
        and item.iban == movement.iban
        and rest == movement.amount != 0
    )
