from __future__ import annotations

import pytest

from backend.accounting import Entry, Posting, member_account, producer_account, trial_balance
from backend.errors import BalanceError


def post(name, *pairs):
    return Posting(name, "a bill", tuple(Entry(account, amount) for account, amount in pairs))


def test_a_posting_that_does_not_sum_to_zero_is_refused_with_the_difference():
    with pytest.raises(BalanceError, match="bill/1 does not balance: its entries sum to 1 cents"):
        post("bill/1", ("member/0", 201), ("fees", -200))


def test_an_account_outside_the_chart_is_refused():
    for name in ("members/0", "member/", "member/-1", "member/01", "fees ", "member/anna"):
        with pytest.raises(BalanceError, match="no account"):
            Entry(name, 1)


def test_an_entry_of_zero_is_refused():
    with pytest.raises(BalanceError, match="says nothing"):
        Entry("fees", 0)


def test_money_needs_two_sides_an_id_and_a_reason():
    with pytest.raises(BalanceError, match="0 entries"):
        post("bill/1")
    with pytest.raises(BalanceError, match="id and a reason"):
        Posting("x", "", (Entry("fees", 1), Entry("rounding", -1)))


def test_a_reversal_undoes_and_keeps_what_stood():
    first = post("bill/1", (member_account(3), 253), ("fees", -200), ("vat/output", -53))
    undo = first.reversed("bill/1/undone", "the readings were corrected")
    assert trial_balance([first, undo]) == {"fees": 0, "member/3": 0, "vat/output": 0}
    assert first.as_pairs() == (("member/3", 253), ("fees", -200), ("vat/output", -53))


def test_a_trial_balance_adds_up_by_account():
    postings = [
        post("a", (member_account(0), 30), ("sharing", -30)),
        post("b", ("sharing", 29), (producer_account(1), -29)),
        post("c", ("sharing", 1), ("rounding", -1)),
    ]
    assert trial_balance(postings) == {"member/0": 30, "producer/1": -29, "rounding": -1, "sharing": 0}


def test_a_posting_counts_once():
    with pytest.raises(BalanceError, match="there twice"):
        trial_balance([post("a", ("fees", 1), ("rounding", -1))] * 2)
