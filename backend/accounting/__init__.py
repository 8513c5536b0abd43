"""Accounts, entries and postings: money that sums to zero, never overwritten.

Amounts are whole cents, debit positive. A posting is immutable and balances on construction; a mistake is undone by
posting its reversal with a reason, not by changing what stands. Accounts are named by seat, never by person.
"""

from backend.accounting.accounts import (
    EXCISE,
    FEES,
    GRID_OPERATOR,
    INCENTIVE,
    OFFTAKER,
    PLAIN_ACCOUNTS,
    ROUNDING,
    SHARING,
    SUPPLIER,
    VAT_INPUT,
    VAT_NEIGHBOURS,
    VAT_NOT_RECOVERABLE,
    VAT_OUTPUT,
    check_account,
    member_account,
    producer_account,
)
from backend.accounting.postings import Entry, Posting, trial_balance

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
    "Entry",
    "Posting",
    "check_account",
    "member_account",
    "producer_account",
    "trial_balance",
]
