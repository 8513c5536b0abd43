"""Which movements on the bank account pay which bills."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BankMovement", "Match", "Matching", "OpenItem", "match_movements"]


@dataclass(frozen=True, slots=True)
class BankMovement:
    """A booked movement on the community's account.

    Attributes:
        id: The bank's reference, empty where it gives none.
        day: Of booking.
        amount: Above zero where the account is credited. [cents]
        end_to_end: End-to-end id, empty where there is none.
        remittance: What the payer wrote.
        iban: Account of the other side, where the bank names it.
    """

    id: str
    day: date
    amount: int
    end_to_end: str
    remittance: str
    iban: str


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
    """A movement that pays an item in full, and by what it was recognised.

    Attributes:
        by: ``end_to_end``, ``number`` or ``amount``.
    """

    movement: BankMovement
    item: OpenItem
    by: str


@dataclass(frozen=True, slots=True)
class Matching:
    """The outcome.

    Attributes:
        matches: Each movement and each item at most once.
        differing: A movement names an item but not its amount: a person decides.
        movements: That name nothing known.
        items: That nothing paid.
    """

    matches: tuple[Match, ...]
    differing: tuple[Match, ...]
    movements: tuple[BankMovement, ...]
    items: tuple[OpenItem, ...]


def match_movements(movements: Sequence[BankMovement], items: Sequence[OpenItem]) -> Matching:
    """Find what each movement pays: by its end-to-end id, else by a number that it names, else by account and amount.

    The last is taken only where one item alone has that account and amount and no other movement claims it; an amount
    by itself is never enough, for neighbours often owe the same.

    Args:
        movements: In the order of booking.
        items: Open ones.
    """
    left = {item.reference: item for item in items}
    matches, differing, unnamed = [], [], []
    for movement in movements:
        named, by = _named(movement, items)
        if named is None:
            unnamed.append(movement)
        elif named.reference in left and named.amount == movement.amount:
            matches.append(Match(movement, left.pop(named.reference), by))
        else:
            differing.append(Match(movement, named, by))
    unknown = []
    for movement in unnamed:
        found = _by_account(movement, list(left.values()))
        rivals = [
            other for other in unnamed if (other.iban, other.amount) == (movement.iban, movement.amount)
        ]
        if found is None or len(rivals) > 1:
            unknown.append(movement)
        else:
            matches.append(Match(movement, left.pop(found.reference), "amount"))
    return Matching(tuple(matches), tuple(differing), tuple(unknown), tuple(left.values()))


def _named(movement: BankMovement, items: Sequence[OpenItem]) -> tuple[OpenItem | None, str]:
    for item in items:
        if movement.end_to_end and movement.end_to_end.upper() == item.reference.upper():
            return item, "end_to_end"
    said = _plain(f" {movement.end_to_end} {movement.remittance} ")
    found = [item for item in items if any(_says(said, number) for number in (item.reference, *item.numbers))]
    return (found[0], "number") if len(found) == 1 else (None, "")


def _says(said: str, number: str) -> bool:
    """Is the number there as a whole, however it was punctuated? 17-000001 is no part of 17-0000012."""
    return f" {_plain(number)} " in said


def _plain(text: str) -> str:
    return re.sub(r"[^A-Z0-9]+", " ", text.upper())


def _by_account(movement: BankMovement, items: Sequence[OpenItem]) -> OpenItem | None:
    fitting = [
        item
        for item in items
        if movement.iban and item.iban == movement.iban and item.amount == movement.amount
    ]
    return fitting[0] if len(fitting) == 1 else None
