from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from backend.accounting import FEES, PLAIN_ACCOUNTS, member_account, producer_account
from backend.adapters.documents.invoice_words import say
from backend.billing.invoices import (
    BankMovement,
    OpenItem,
    PaymentCode,
    PostedEntry,
    PostingKind,
    journal_lines,
    match_movements,
    means_of,
    plan_payments,
    restate,
    statements_of,
)
from backend.errors import BalanceError, InputError

DAY = date(2017, 7, 3)
NAMES = {"anna": "Anna", "bob": "Bob"}
REFERENCES = {"anna": "RUELLE-2017-000001", "bob": "RUELLE-2017-000002"}
ANNA = OpenItem("RUELLE-2017-000001", ("RUELLE.I-2017-000001",), 302, "anna", "DE89370400440532013000")
BOB = OpenItem("RUELLE-2017-000002", ("RUELLE.I-2017-000002",), 302, "bob", "AT611904300234573201")


def _numbered(invoices):
    return [replace(invoice, number=f"N{place}") for place, invoice in enumerate(invoices)]


def test_a_statement_sets_a_prosumers_documents_off_and_comes_to_its_bill(ruelle, make_invoices):
    run = ruelle.bill()
    anna, bob = statements_of(_numbered(make_invoices(run)), REFERENCES, DAY)
    assert anna.balance == run.bill_of("anna").amounts.payable
    assert bob.balance == run.bill_of("bob").amounts.payable
    assert [entry.kind for entry in bob.entries] == ["380", "389"]


def test_payments_come_to_the_run_to_the_cent(ruelle, make_invoices, parties):
    run = ruelle.bill()
    total = sum(bill.amounts.payable for bill in run.bills)
    statements = statements_of(_numbered(make_invoices(run)), REFERENCES, DAY)
    plan = plan_payments(statements, parties, NAMES, total, "ruelle")
    assert plan.collected + sum(item.amount for item in plan.open) - plan.paid_out == total
    with pytest.raises(BalanceError, match="no payment is made"):
        plan_payments(statements, parties, NAMES, total + 1, "ruelle")


def test_an_incentive_is_paid_without_an_invoice(make_invoices):
    statement = statements_of([], REFERENCES, DAY, {"anna": 250, "bob": 0})
    assert [(entry.kind, entry.amount) for entry in statement[0].entries] == [("incentive", -250)]
    assert len(statement) == 1


def test_whoever_is_to_be_paid_needs_an_account_and_all_who_lack_one_are_named(parties):
    statements = statements_of([], REFERENCES, DAY, {"anna": 5, "bob": 7})
    nobody = {name: replace(details, iban="") for name, details in parties.items()}
    with pytest.raises(
        InputError, match=r"anna and bob have no IBAN.*partage parties load ruelle PARTIES\.toml"
    ):
        plan_payments(statements, nobody, NAMES, -12, "ruelle")
    assert [
        payment.amount for payment in plan_payments(statements, parties, NAMES, -12, "ruelle").transfers
    ] == [5, 7]


def test_a_mandate_is_used_only_where_the_community_may_collect(parties):
    statements = statements_of([], REFERENCES, DAY, {"anna": -5})
    mute = parties | {"": replace(parties[""], creditor_id="")}
    told = [plan_payments(statements, known, NAMES, 5, "ruelle") for known in (parties, mute)]
    assert [(len(plan.debits), len(plan.open)) for plan in told] == [(1, 0), (0, 1)]
    assert [means_of(statements[0], known, NAMES).code for known in (parties, mute)] == [
        PaymentCode.SEPA_DEBIT,
        PaymentCode.SEPA_TRANSFER,
    ]


def test_a_correction_pays_the_difference_only(ruelle, make_ruelle, make_invoices):
    kept = _numbered(make_invoices())
    corrected = make_ruelle(shared_price=130_000).bill()
    credited, fresh = restate(kept, make_invoices(corrected, run_version=2), date(2017, 7, 1), 2)
    statements = {
        item.participant: item.balance for item in statements_of([*credited, *fresh], REFERENCES, DAY)
    }
    before = ruelle.bill()
    for name, balance in statements.items():
        assert balance == corrected.bill_of(name).amounts.payable - before.bill_of(name).amounts.payable


def _movement(amount, end_to_end="", remittance="", iban=""):
    return BankMovement(
        f"{end_to_end}{remittance}{iban}{amount}", date(2017, 7, 3), amount, end_to_end, remittance, iban
    )


@pytest.mark.parametrize(
    ("movement", "by"),
    [
        (_movement(302, end_to_end="RUELLE-2017-000001"), "end_to_end"),
        (_movement(302, remittance="facture ruelle 2017 000001 merci"), "number"),
        (_movement(302, remittance="RUELLE.I-2017-000001"), "number"),
        (_movement(302, iban="DE89370400440532013000"), "amount"),
    ],
)
def test_a_movement_pays_the_bill_that_it_names_or_whose_account_it_comes_from(movement, by):
    found = match_movements([movement], [ANNA, BOB])
    assert [(match.item, match.by, match.outcome) for match in found.matches] == [(ANNA, by, "paid")]
    assert found.rests == {ANNA.reference: 0, BOB.reference: 302}


@pytest.mark.parametrize(
    "movement",
    [
        _movement(302),
        _movement(302, remittance="RUELLE-2017-0000012"),
        _movement(302, remittance="RUELLE-2017-000001 RUELLE-2017-000002"),
        _movement(303, iban="DE89370400440532013000"),
        _movement(302, iban="FR7630006000011234567890189"),
    ],
)
def test_an_amount_alone_or_a_number_that_is_not_told_whole_pays_nothing(movement):
    found = match_movements([movement], [ANNA, BOB])
    assert (found.matches, found.movements) == ((), (movement,))
    assert found.rests == {ANNA.reference: 302, BOB.reference: 302}


def test_parts_add_up_and_what_is_too_much_is_told_until_it_went_back():
    parts = [_movement(cents, end_to_end=ANNA.reference) for cents in (300, 2, 302, -302)]
    found = match_movements(parts, [ANNA, BOB])
    assert [(match.outcome, match.rest) for match in found.matches] == [
        ("part", 2),
        ("paid", 0),
        ("too much", -302),
        ("paid", 0),
    ]


def test_a_debit_that_the_bank_takes_back_opens_its_bill_again():
    found = match_movements([_movement(-302, end_to_end=ANNA.reference)], [ANNA], {ANNA.reference: 302})
    assert [(match.outcome, match.rest) for match in found.matches] == [("returned", 302)]


def test_what_is_paid_out_is_a_bill_below_zero():
    owed = replace(BOB, amount=-302)
    found = match_movements(
        [_movement(-300, end_to_end=BOB.reference), _movement(-2, end_to_end=BOB.reference)], [owed]
    )
    assert [(match.outcome, match.rest) for match in found.matches] == [("part", -2), ("paid", 0)]


def test_a_movement_for_several_bills_pays_them_if_it_is_their_sum():
    both = f"{ANNA.reference} et {BOB.reference}"
    found = match_movements([_movement(402, remittance=both)], [ANNA, BOB], {BOB.reference: 202})
    assert [(match.item, match.amount) for match in found.matches] == [(ANNA, 302), (BOB, 100)]
    assert match_movements([_movement(403, remittance=both)], [ANNA, BOB]).matches == ()


def test_an_invoice_between_two_members_names_the_bill_of_the_one_who_pays():
    between = ("RUELLE.I.BOB-2017-000001",)
    seller, buyer = replace(BOB, amount=-302, numbers=between), replace(ANNA, numbers=between)
    (match,) = match_movements([_movement(302, remittance=between[0])], [seller, buyer]).matches
    assert match.item == buyer


def test_a_person_may_say_what_a_movement_pays_but_not_in_another_currency():
    unnamed = replace(_movement(302, remittance="merci"), id="R9")
    assigned = {"R9": BOB.reference}
    (match,) = match_movements([unnamed], [ANNA, BOB], assigned=assigned).matches
    assert (match.item, match.by) == (BOB, "person")
    abroad = replace(unnamed, currency="CHF")
    assert match_movements([abroad], [ANNA, BOB], assigned=assigned).movements == (abroad,)
    named = _movement(302, end_to_end=ANNA.reference)
    assert match_movements([replace(named, currency="CHF")], [ANNA]).matches == ()


def test_two_payments_alike_from_one_account_are_not_guessed():
    alike = _movement(302, iban="DE89370400440532013000")
    assert match_movements([alike, alike], [ANNA]).matches == ()


def test_a_journal_balances_and_numbers_its_entries_without_gaps():
    posted = [
        PostedEntry(
            *("a", DAY, PostingKind.BILL, "2017-06", False, "R-1"),
            (("member/0", 302), ("fees", -200), ("sharing", -102)),
        ),
        PostedEntry(
            *("b", DAY, PostingKind.BILL, "2017-06", False, "R-2"), (("producer/1", -102), ("sharing", 102))
        ),
    ]
    lines = journal_lines(posted, {"0": "anna", "1": "bob"})
    assert sum(line.debit for line in lines) == sum(line.credit for line in lines) == 404
    assert [line.sequence for line in lines] == [1, 1, 1, 2, 2]
    assert [(line.account, line.subledger) for line in lines if line.subledger] == [
        ("411000", "C00000"),
        ("401000", "F00001"),
    ]


@pytest.mark.parametrize("account", sorted(PLAIN_ACCOUNTS | {member_account(0), producer_account(0)}))
def test_the_journal_has_a_number_and_a_name_for_every_account_of_the_chart(account):
    entries = ((account, 7), (FEES, -7))
    posted = PostedEntry(
        "a", DAY, PostingKind.BILL, "2017-06", takes_back=False, document="R", entries=entries
    )
    line = journal_lines([posted], {"0": "anna"})[0]
    assert len(line.account) == len("411000")
    assert {say(language, f"account.{line.account_key}") for language in ("en", "fr")}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ((("fees", -1),), "does not sum to zero"),
        ((("fees", -1), ("unheard-of", 1)), "no account for 'unheard-of'"),
    ],
)
def test_a_posting_that_does_not_balance_has_no_journal(entries, message):
    with pytest.raises(BalanceError, match=message):
        journal_lines([PostedEntry("a", DAY, PostingKind.BILL, "2017-06", False, "x", entries)], {})
