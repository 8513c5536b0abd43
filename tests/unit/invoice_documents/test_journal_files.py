from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from backend.adapters.documents.journal_files import (
    FEC_COLUMNS,
    write_fec,
    write_invoice_table,
    write_journal_csv,
    write_statement_table,
)
from backend.billing.invoices import PostedEntry, PostingKind, journal_lines, statements_of
from backend.errors import BalanceError

LINES = journal_lines(
    [
        PostedEntry(
            "a",
            date(2017, 7, 1),
            PostingKind.BILL,
            "2017-06",
            False,
            "R-1",
            (("member/0", 302), ("fees", -200), ("sharing", -102)),
        )
    ],
    {"0": "Anna\tMüller"},
)


def _cents(text):
    whole, fraction = text.replace(",", ".").split(".")
    return int(whole) * 100 + int(fraction)


def test_a_fec_has_the_eighteen_columns_of_the_law_and_balances():
    rows = [row.split("\t") for row in write_fec(LINES).decode().rstrip("\r\n").split("\r\n")]
    assert tuple(rows[0]) == FEC_COLUMNS
    assert {len(row) for row in rows} == {18}
    named = [dict(zip(FEC_COLUMNS, row, strict=True)) for row in rows[1:]]
    assert sum(_cents(row["Debit"]) for row in named) == sum(_cents(row["Credit"]) for row in named) == 302
    assert named[0]["EcritureDate"] == "20170701"
    assert (named[0]["CompteNum"], named[0]["CompAuxNum"]) == ("411000", "C00000")
    assert named[0]["EcritureLib"] == "Décompte de partage 2017-06"
    assert named[0]["CompAuxLib"] == "Anna Müller"


@pytest.mark.parametrize("write", [write_fec, partial(write_journal_csv, language="en")])
def test_a_journal_out_of_balance_is_not_written(write):
    with pytest.raises(BalanceError, match="1 cents out of balance"):
        write([replace(LINES[0], debit=303), *LINES[1:]])


def test_a_plain_journal_has_a_row_per_line():
    rows = list(csv.DictReader(io.StringIO(write_journal_csv(LINES, "en").decode("utf-8-sig"))))
    assert [(row["account"], row["debit"], row["credit"]) for row in rows] == [
        ("411000", "3.02", "0.00"),
        ("756000", "0.00", "2.00"),
        ("467000", "0.00", "1.02"),
    ]


def test_the_treasurers_table_has_one_row_per_invoice(kinds):
    named = [replace(invoice, number=f"N{place:03d}") for place, invoice in enumerate(kinds.values())]
    rows = list(csv.DictReader(io.StringIO(write_invoice_table(named[::-1]).decode("utf-8-sig"))))
    assert [row["number"] for row in rows] == [invoice.number for invoice in named]
    assert [_cents(row["total"].lstrip("-")) for row in rows] == [abs(invoice.total) for invoice in named]


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", " =1+1", "\n@SUM(A1)", "＝1+1", "-2+3", "\t=1"])
def test_a_name_is_never_a_formula_in_a_spreadsheet(make_invoice, name):
    plain = make_invoice()
    odd = replace(plain, buyer=replace(plain.buyer, name=name))
    (row,) = csv.DictReader(io.StringIO(write_invoice_table([odd]).decode("utf-8-sig"), newline=""))
    assert row["buyer"] == f"'{name}"


def test_a_name_is_never_a_formula_in_a_journal_by_law():
    named = [replace(line, subledger_name="=HYPERLINK(1)") for line in LINES]
    assert "\t'=HYPERLINK(1)\t" in write_fec(named).decode()


def test_a_statement_table_says_what_each_pays(kinds):
    statements = statements_of([kinds["self-billed"]], {"bob": "R-2"}, date(2017, 7, 31), {"bob": 23})
    (row,) = csv.DictReader(
        io.StringIO(write_statement_table(statements, {"bob": "Bob"}).decode("utf-8-sig"))
    )
    assert (row["bill"], row["name"], row["balance"]) == ("R-2", "Bob", "-1.63")
    assert row["of_it_incentive"] == "-0.23"
