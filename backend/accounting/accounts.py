"""The chart of accounts of one community.

| account | holds | normal side |
|---|---|---|
| ``member/<seat>`` | what a participant owes | debit |
| ``producer/<seat>`` | what a participant is owed for its energy | credit |
| ``sharing`` | clearing of energy bought from and sold to neighbours; zero once a run is posted | - |
| ``fees`` | the community's own income | credit |
| ``vat/output`` | VAT charged, owed to the state | credit |
| ``vat/input`` | VAT paid to liable producers, recovered from the state | debit |
| ``community/vat-not-recoverable`` | the same where the community cannot recover it: its cost | debit |
| ``vat/neighbours`` | VAT of producers who sell themselves, taken from buyers for them; zero once a run is posted | - |
| ``supplier``, ``grid-operator`` | collected on their behalf | credit |
| ``excise`` | collected for the state | credit |
| ``incentive`` | premiums paid on for the body that grants them | debit |
| ``offtaker`` | surplus paid out on its behalf | debit |
| ``rounding`` | cents by which bought and sold lines differ | either |
"""

from __future__ import annotations

import re

from backend.errors import BalanceError

__all__ = [
    "EXCISE",
    "FEES",
    "GRID_OPERATOR",
    "INCENTIVE",
    "OFFTAKER",
    "PLAIN_ACCOUNTS",
    "ROUNDING",
    "SHARING",
    "SUPPLIER",
    "VAT_INPUT",
    "VAT_NEIGHBOURS",
    "VAT_NOT_RECOVERABLE",
    "VAT_OUTPUT",
    "check_account",
    "member_account",
    "producer_account",
]

SHARING = "sharing"
FEES = "fees"
VAT_OUTPUT = "vat/output"
VAT_INPUT = "vat/input"
VAT_NOT_RECOVERABLE = "community/vat-not-recoverable"
SUPPLIER = "supplier"
GRID_OPERATOR = "grid-operator"
OFFTAKER = "offtaker"
ROUNDING = "rounding"
VAT_NEIGHBOURS = "vat/neighbours"
EXCISE = "excise"
INCENTIVE = "incentive"

#: Those that are nobody's own.
PLAIN_ACCOUNTS = frozenset(
    {
        *(SHARING, FEES, VAT_OUTPUT, VAT_INPUT, VAT_NEIGHBOURS, VAT_NOT_RECOVERABLE),
        *(SUPPLIER, GRID_OPERATOR, EXCISE, OFFTAKER, INCENTIVE, ROUNDING),
    }
)
_SEATED = re.compile(r"(member|producer)/(0|[1-9][0-9]{0,9})")


def member_account(seat: int) -> str:
    """What the participant of that seat owes."""
    assert seat >= 0, seat
    return f"member/{seat}"


def producer_account(seat: int) -> str:
    """What the participant of that seat is owed."""
    assert seat >= 0, seat
    return f"producer/{seat}"


def check_account(name: str) -> None:
    """Refuse a name that the chart does not have.

    Raises:
        BalanceError: Naming it.
    """
    if name not in PLAIN_ACCOUNTS and not _SEATED.fullmatch(name):
        raise BalanceError(
            f"There is no account {name!r} in the chart; use member/<seat>, producer/<seat> or one of "
            f"{sorted(PLAIN_ACCOUNTS)}."
        )
