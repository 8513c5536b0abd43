"""Entries and postings, checked on construction."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.accounting.accounts import check_account
from backend.errors import BalanceError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Entry", "Posting", "trial_balance"]

_ENTRIES_MIN = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a posting.

    Attributes:
        account: Its name in the chart.
        amount: Debit positive, credit negative, never zero. [cents]
    """

    account: str
    amount: int

    def __post_init__(self) -> None:
        check_account(self.account)
        if self.amount == 0:
            raise BalanceError(f"An entry of zero on {self.account} says nothing; leave it out.")


@dataclass(frozen=True, slots=True)
class Posting:
    """An immutable, balanced set of entries.

    Attributes:
        id: Made by the caller and kept before it is posted, so that posting it again is harmless.
        reason: Why, in words without personal data.
        entries: At least two.

    Invariants:
        - The entries sum to zero.
    """

    id: str
    reason: str
    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        if not self.id or not self.reason:
            raise BalanceError("A posting needs an id and a reason.")
        if len(self.entries) < _ENTRIES_MIN:
            raise BalanceError(
                f"Posting {self.id} has {len(self.entries)} entries; money comes from somewhere and goes somewhere."
            )
        total = sum(entry.amount for entry in self.entries)
        if total:
            raise BalanceError(
                f"Posting {self.id} does not balance: its entries sum to {total} cents instead of 0."
            )

    def reversed(self, posting_id: str, reason: str) -> Posting:
        """The posting that undoes this one: same accounts, opposite amounts."""
        return Posting(
            posting_id, reason, tuple(Entry(entry.account, -entry.amount) for entry in self.entries)
        )

    def as_pairs(self) -> tuple[tuple[str, int], ...]:
        """(account, amount in cents) pairs, as records keep them."""
        return tuple((entry.account, entry.amount) for entry in self.entries)


def trial_balance(postings: Iterable[Posting]) -> dict[str, int]:
    """Sum per account, sorted by name; accounts that come to zero stay, so that one sees that they were used.

    Args:
        postings: Each id at most once.

    Returns:
        Sum by account. [cents]

    Raises:
        BalanceError: If a posting is there twice, or the sums do not come to zero.
    """
    sums: dict[str, int] = defaultdict(int)
    seen: set[str] = set()
    for posting in postings:
        if posting.id in seen:
            raise BalanceError(f"Posting {posting.id} is there twice; it counts once.")
        seen.add(posting.id)
        for entry in posting.entries:
            sums[entry.account] += entry.amount
    total = sum(sums.values())
    if total:
        raise BalanceError(f"The accounts sum to {total} cents instead of 0.")
    return dict(sorted(sums.items()))
