"""A run's postings as lines of an accounting journal that balance, entry by entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from backend.errors import BalanceError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["JournalLine", "PostedEntry", "journal_lines"]


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """A posting as kept.

    Attributes:
        id: Of the posting.
        day: When it was posted.
        label: What for, without personal data.
        document: Number of the bill that it books, or the posting's id.
        entries: (account of our chart, cents; debit positive).
    """

    id: str
    day: date
    label: str
    document: str
    entries: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line of a journal.

    Attributes:
        sequence: Number of its entry, from 1 without gaps.
        day: Of booking.
        account: Number in the general chart.
        account_name: Its name.
        subledger: Account of a single participant in it, or empty.
        subledger_name: Its name.
        document: Voucher's number.
        label: What for.
        debit, credit: One of them is zero. [cents]
    """

    sequence: int
    day: date
    account: str
    account_name: str
    subledger: str
    subledger_name: str
    document: str
    label: str
    debit: int
    credit: int


#: Our accounts in the French general chart (PCG): members are customers, producers suppliers.
_CHART = {
    "member": ("411000", "Clients"),
    "producer": ("401000", "Fournisseurs"),
    "fees": ("756000", "Cotisations"),
    "sharing": ("467000", "Énergie partagée, compte de passage"),
    "supplier": ("467100", "Fourniture, pour compte de tiers"),
    "grid-operator": ("467200", "Acheminement, pour compte de tiers"),
    "offtaker": ("467300", "Surplus, pour compte de tiers"),
    "vat/output": ("445710", "TVA collectée"),
    "vat/input": ("445660", "TVA déductible"),
    "community/vat-not-recoverable": ("635800", "TVA non récupérable"),
    "excise": ("447000", "Accise, à reverser"),
    "incentive": ("467400", "Prime de partage, pour compte de tiers"),
    "rounding": ("658000", "Différences d’arrondi"),
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
    number, name = _CHART[kind]
    prefix = {"member": "C", "producer": "F"}.get(kind, "")
    return JournalLine(
        sequence=sequence,
        day=posted.day,
        account=number,
        account_name=name,
        subledger=f"{prefix}{int(seat):05d}" if seat else "",
        subledger_name=names.get(seat, "") if seat else "",
        document=posted.document,
        label=posted.label,
        debit=max(amount, 0),
        credit=max(-amount, 0),
    )
