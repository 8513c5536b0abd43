"""A run's postings as lines of an accounting journal that balance, entry by entry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from backend.errors import BalanceError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

__all__ = ["JournalLine", "PostedEntry", "PostingKind", "journal_lines"]


class PostingKind(Enum):
    """What a posting books, as a message key."""

    BILL = "bill"
    ROUNDING = "rounding"


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """A posting as kept.

    Attributes:
        id: Of the posting.
        day: When it was posted.
        kind: What it books.
        period: Label of the period.
        takes_back: Does it take back what a corrected settlement replaces?
        document: Number of the bill that it books, or the posting's id.
        entries: (account of our chart, cents; debit positive).
    """

    id: str
    day: date
    kind: PostingKind
    period: str
    takes_back: bool
    document: str
    entries: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line of a journal.

    Attributes:
        sequence: Number of its entry in the period's journal, from 1 without gaps.
        posted: The entry.
        account: Number in the general chart.
        account_key: Its name as a message key.
        subledger: Account of a single participant in it, or empty.
        subledger_name: Its name.
        debit, credit: One of them is zero. [cents]
    """

    sequence: int
    posted: PostedEntry
    account: str
    account_key: str
    subledger: str
    subledger_name: str
    debit: int
    credit: int


#: Our accounts in the French general chart (PCG): members are customers, producers suppliers.
_CHART = {
    "member": "411000",
    "producer": "401000",
    "fees": "756000",
    "sharing": "467000",
    "supplier": "467100",
    "grid-operator": "467200",
    "offtaker": "467300",
    "incentive": "467400",
    "vat/neighbours": "467500",
    "vat/output": "445710",
    "vat/input": "445660",
    "community/vat-not-recoverable": "635800",
    "excise": "447000",
    "rounding": "658000",
}


def journal_lines(entries: Sequence[PostedEntry], names: Mapping[str, str]) -> tuple[JournalLine, ...]:
    """The journal of a community's postings.

    Args:
        entries: In the order in which they were posted.
        names: Label of each seat's account, by seat number.

    Raises:
        BalanceError: If an entry does not sum to zero, or the chart lacks an account.

    Invariants:
        - Σ debit = Σ credit, for each entry and in all.
    """
    lines = []
    for sequence, posted in enumerate(entries, start=1):
        if sum(amount for _, amount in posted.entries):
            raise BalanceError(f"Posting {posted.id} does not sum to zero; there is no journal of it.")
        lines += [_line(sequence, posted, account, amount, names) for account, amount in posted.entries]
    return tuple(lines)


def _line(
    sequence: int, posted: PostedEntry, account: str, amount: int, names: Mapping[str, str]
) -> JournalLine:
    kind, _, seat = (
        account.partition("/") if account.startswith(("member/", "producer/")) else (account, "", "")
    )
    if kind not in _CHART:
        raise BalanceError(f"The journal's chart has no account for {account!r}; name one before exporting.")
    prefix = {"member": "C", "producer": "F"}.get(kind, "")
    return JournalLine(
        sequence=sequence,
        posted=posted,
        account=_CHART[kind],
        account_key=kind,
        subledger=f"{prefix}{int(seat):05d}" if seat else "",
        subledger_name=names.get(seat, "") if seat else "",
        debit=max(amount, 0),
        credit=max(-amount, 0),
    )
