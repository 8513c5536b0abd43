"""A bill run in the books: a posting per bill, and one that clears what rounding leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.accounting import (
    EXCISE,
    FEES,
    GRID_OPERATOR,
    INCENTIVE,
    OFFTAKER,
    ROUNDING,
    SHARING,
    SUPPLIER,
    VAT_INPUT,
    VAT_NEIGHBOURS,
    VAT_NOT_RECOVERABLE,
    VAT_OUTPUT,
    Entry,
    Posting,
    member_account,
    producer_account,
    trial_balance,
)
from backend.billing.amounts import BANDS, BillTotals, Line
from backend.community import Biller, Tariff, VatStatus
from backend.errors import BalanceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.billing.bill import Bill
    from backend.billing.bills import BillRun

__all__ = ["check_postings", "post_bills"]

_PASSED_THROUGH = (SUPPLIER, GRID_OPERATOR, EXCISE, OFFTAKER, INCENTIVE)


def post_bills(run: BillRun, tariff: Tariff, version: int) -> list[Posting]:
    """Post every bill of a run; a bill of nothing has no posting.

    Args:
        run: The bills.
        tariff: In force: who bills what, and whether the community recovers VAT.
        version: Of the settlement run.

    Returns:
        Postings with stable ids, so that posting again is harmless.

    Raises:
        BalanceError: If the accounts do not come to the run's totals.
    """
    postings = []
    for bill in run.bills:
        prefix = f"{bill.community.id}/{bill.period.id}/{version}"
        entries = _entries(bill, tariff)
        if entries:
            postings.append(
                Posting(
                    f"{prefix}/bill/{bill.seat}", f"bill of seat {bill.seat} for {bill.period.label}", entries
                )
            )
    if run.totals.rounding:
        first = run.bills[0]
        clearing = (Entry(SHARING, run.totals.rounding), Entry(ROUNDING, -run.totals.rounding))
        name = f"{first.community.id}/{first.period.id}/{version}/rounding"
        postings.append(Posting(name, f"cents that rounding leaves for {first.period.label}", clearing))
    check_postings(postings, run.totals)
    return postings


def _entries(bill: Bill, tariff: Tariff) -> tuple[Entry, ...]:
    lines, billed = bill.amounts.lines, tariff.billed_by_community
    input_account = VAT_INPUT if tariff.vat_status is VatStatus.LIABLE else VAT_NOT_RECOVERABLE
    sides = [
        (member_account(bill.seat), bill.amounts.debit),
        (producer_account(bill.seat), -bill.amounts.credit),
        (FEES, -lines[Line.FEE]),
        (VAT_OUTPUT, bill.amounts.vat_bought - bill.amounts.vat_debit),
        (input_account, bill.amounts.vat_credit - bill.amounts.vat_sold),
        (VAT_NEIGHBOURS, -bill.amounts.vat_bought),
        (VAT_NEIGHBOURS, bill.amounts.vat_sold),
        (INCENTIVE, lines[Line.INCENTIVE]),
    ]
    if Biller.SHARED in billed:
        sides += [(SHARING, -lines[Line.BOUGHT]), (SHARING, lines[Line.SOLD])]
        sides.append((EXCISE, -lines[Line.EXCISE_SHARED]))
    if Biller.RESIDUAL in billed:
        sides.append((SUPPLIER, -sum(lines[Line.RESIDUAL : Line.RESIDUAL + BANDS])))
        sides.append((EXCISE, -lines[Line.EXCISE]))
    if Biller.NETWORK in billed:
        sides.append((GRID_OPERATOR, -lines[Line.NETWORK] - lines[Line.NETWORK_SHARED]))
    if Biller.SURPLUS in billed:
        sides.append((OFFTAKER, lines[Line.SURPLUS]))
    return tuple(Entry(account, amount) for account, amount in sides if amount)


def check_postings(postings: Sequence[Posting], totals: BillTotals) -> None:
    """Hold a run's accounts against the totals that go on chain.

    Raises:
        BalanceError: Naming the first that differs.
    """
    sums = trial_balance(postings)
    neighbours = sum(
        -entry.amount
        for posting in postings
        for entry in posting.entries
        if entry.account == VAT_NEIGHBOURS and entry.amount < 0
    )
    found = {
        "debits": sum(amount for account, amount in sums.items() if account.startswith("member/")),
        "credits": -sum(amount for account, amount in sums.items() if account.startswith("producer/")),
        "fees": -sums.get(FEES, 0),
        "vat_debits": -sums.get(VAT_OUTPUT, 0) + neighbours,
        "vat_credits": sums.get(VAT_INPUT, 0) + sums.get(VAT_NOT_RECOVERABLE, 0) + neighbours,
        "pass_through": -sum(sums.get(account, 0) for account in _PASSED_THROUGH),
        "rounding": -sums.get(ROUNDING, 0),
    }
    for name, expected in totals.as_dict().items():
        if found[name] != expected:
            raise BalanceError(
                f"The accounts give {name} of {found[name]} cents, the bills {expected}. Nothing is posted."
            )
    for account in (SHARING, VAT_NEIGHBOURS):
        if sums.get(account, 0):
            raise BalanceError(
                f"The account {account} should be cleared, {sums[account]} cents are left on it."
            )
