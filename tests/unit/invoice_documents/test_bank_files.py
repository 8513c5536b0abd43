from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from lxml import etree

from backend.adapters.documents.bank_statements import read_bank_statement
from backend.adapters.documents.sepa_files import end_to_end_of, write_debits, write_transfers
from backend.billing.invoices import PartyDetails, Payment
from backend.errors import InputError

OWN = PartyDetails(iban="FR7630006000011234567890189", bic="AGRIFRPP", creditor_id="FR72ZZZ123456")
ANNA = PartyDetails(iban="DE89370400440532013000", mandate_id="RUELLE-0001", mandate_date="2017-01-15")
BOB = PartyDetails(iban="AT611904300234573201", mandate_id="RUELLE-0002", mandate_date="2017-01-16")
PAYMENTS = [
    Payment("anna", "Anna Müller", 421, "RUELLE-2017-000001", date(2017, 7, 31), ANNA),
    Payment("bob", "Bob", 1_999_999, "RUELLE-2017-000002", date(2017, 7, 31), BOB),
]


def _debits(payments=PAYMENTS):
    return write_debits(
        "La Ruelle & Cie",
        OWN,
        payments,
        run="ruelle/2017-06/1",
        made=date(2017, 7, 1),
        collected=date(2017, 7, 31),
    )


def _transfers(payments=PAYMENTS):
    return write_transfers(
        "La Ruelle & Cie",
        OWN,
        payments,
        run="ruelle/2017-06/1",
        made=date(2017, 7, 1),
        executed=date(2017, 7, 31),
    )


@pytest.mark.parametrize("write", [_debits, _transfers])
def test_a_payment_file_comes_to_its_payments_and_names_each(write):
    tree = etree.fromstring(write())
    said = {etree.QName(node).localname: node.text for node in tree.iter()}
    assert tree.xpath("//*[local-name()='GrpHdr']/*[local-name()='CtrlSum']/text()") == ["20004.20"]
    assert tree.xpath("//*[local-name()='InstdAmt']/text()") == ["4.21", "19999.99"]
    assert tree.xpath("//*[local-name()='EndToEndId']/text()") == ["RUELLE-2017-000001", "RUELLE-2017-000002"]
    assert said["NbOfTxs"] == "2"
    assert "Anna Muller" in etree.tostring(tree).decode()


@pytest.mark.parametrize("write", [_debits, _transfers])
def test_writing_the_same_payments_again_gives_the_same_bytes(write):
    assert write() == write()


def test_a_first_debit_says_so_and_stands_apart_from_later_ones():
    first = replace(PAYMENTS[0], is_first=True)
    tree = etree.fromstring(_debits([first, PAYMENTS[1]]))
    told = {
        group.xpath("string(.//*[local-name()='SeqTp'])"): group.xpath(".//*[local-name()='InstdAmt']/text()")
        for group in tree.iter("{*}PmtInf")
    }
    assert told == {"FRST": ["4.21"], "RCUR": ["19999.99"]}


def test_a_debit_names_its_mandate():
    tree = etree.fromstring(_debits())
    assert tree.xpath("//*[local-name()='MndtId']/text()") == ["RUELLE-0001", "RUELLE-0002"]
    assert tree.xpath("//*[local-name()='DtOfSgntr']/text()") == ["2017-01-15", "2017-01-16"]


@pytest.mark.parametrize("write", [_debits, _transfers])
def test_no_payment_makes_no_file(write):
    with pytest.raises(InputError, match="There is nothing to be"):
        write([])


def test_a_value_that_the_schema_refuses_is_told_without_repeating_it():
    odd = replace(PAYMENTS[0], details=replace(ANNA, mandate_id="R" * 36))
    with pytest.raises(InputError, match=r"does not fit pain\.008") as refused:
        _debits([odd])
    assert "RRRR" not in str(refused.value)


def test_an_end_to_end_id_has_at_most_thirty_five_characters():
    assert end_to_end_of("RUELLE-2017-000001") == "RUELLE-2017-000001"
    assert len(end_to_end_of("X" * 36)) == 35
    assert end_to_end_of("X" * 36) != end_to_end_of("X" * 37)


ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts>{status}</Sts>
<BookgDt><Dt>2017-07-03</Dt></BookgDt><NtryDtls>{details}</NtryDtls></Ntry>"""
DETAIL = """<TxDtls><Refs><EndToEndId>{end}</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy="EUR">{amount}</Amt></TxAmt>
</AmtDtls><RltdPties><DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct></RltdPties>
<RmtInf><Ustrd>Facture</Ustrd><Ustrd>RUELLE-2017-000001</Ustrd></RmtInf></TxDtls>"""


def _statement(*entries, version="02", iban="FR7630006000011234567890189"):
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><Stmt>'
        f"<Acct><Id><IBAN>{iban}</IBAN></Id></Acct>{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def _entry(amount="4.21", sign="CRDT", status="BOOK", details=None):
    found = DETAIL.format(end="NOTPROVIDED", amount=amount) if details is None else details
    return ENTRY.format(amount=amount, sign=sign, status=status, details=found)


def test_a_statement_gives_its_booked_movements():
    account, movements = read_bank_statement(_statement(_entry(), _entry(status="PDNG")), "s.xml")
    assert account == OWN.iban
    assert [(item.amount, item.day, item.end_to_end, item.remittance, item.iban) for item in movements] == [
        (421, date(2017, 7, 3), "", "Facture RUELLE-2017-000001", "DE89370400440532013000")
    ]


def test_a_later_version_writes_the_state_deeper():
    content = _statement(_entry(status="<Cd>BOOK</Cd>"), _entry(status="<Cd>PDNG</Cd>"), version="08")
    assert len(read_bank_statement(content, "s.xml")[1]) == 1


def test_a_batch_is_taken_apart_where_its_parts_come_to_it():
    parts = DETAIL.format(end="A", amount="4.20") + DETAIL.format(end="B", amount="0.01")
    _, movements = read_bank_statement(_statement(_entry(details=parts)), "s.xml")
    assert [(item.end_to_end, item.amount) for item in movements] == [("A", 420), ("B", 1)]
    parts = DETAIL.format(end="A", amount="4.20") + DETAIL.format(end="B", amount="0.02")
    _, movements = read_bank_statement(_statement(_entry(details=parts)), "s.xml")
    assert [(item.end_to_end, item.amount) for item in movements] == [("", 421)]


def test_a_payment_made_in_another_currency_counts_as_the_account_booked_it():
    detail = DETAIL.format(end="A", amount="5.00").replace('"EUR"', '"CHF"')
    (movement,) = read_bank_statement(_statement(_entry(details=detail)), "s.xml")[1]
    assert (movement.end_to_end, movement.amount, movement.currency) == ("A", 421, "EUR")


def test_an_entry_in_another_currency_is_read_and_says_so():
    abroad = _entry().replace('"EUR"', '"USD"')
    _, movements = read_bank_statement(_statement(abroad, _entry()), "s.xml")
    assert [movement.currency for movement in movements] == ["USD", "EUR"]


def test_what_leaves_the_account_is_negative():
    assert read_bank_statement(_statement(_entry(sign="DBIT")), "s.xml")[1][0].amount == -421


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"date;amount", "not XML"),
        (b"<a/>", "no camt.053"),
        (_statement().replace(b"053", b"054"), "no camt.053"),
        (_statement(_entry(amount="4.215")), "no amount in whole euro cents"),
        (_statement(_entry(sign="?")), "where CRDT or DBIT is due"),
        (_statement(_entry().replace("2017-07-03", "soon")), "date of booking"),
        (_statement(_entry(amount="x")), "no readable amount"),
    ],
)
def test_what_cannot_be_read_is_refused(content, message):
    with pytest.raises(InputError, match=message):
        read_bank_statement(content, "s.xml")


def test_an_entity_is_never_expanded():
    bomb = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + _statement(_entry()).replace(
        b"Facture", b"&x;"
    )
    assert read_bank_statement(bomb, "s.xml")[1][0].remittance == "RUELLE-2017-000001"
