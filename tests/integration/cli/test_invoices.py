"""A treasurer's month: who is who, invoices, payments, and the bank's answer."""

import csv
import json
import zipfile
from hashlib import sha256

import pytest
from lxml import etree
from pypdf import PdfReader

from backend.adapters.documents.invoice_checks import faults_of
from backend.commitments.keccak import keccak256
from tests.integration.settlement.small_community import load_and_settle, open_home, readings_csv

PARTIES = """
[community]
street = "1 rue des Toits"
postcode = "69100"
city = "Villeurbanne"
vat_id = "FR40303265045"
legal_id = "303265045"
legal_scheme = "0002"
iban = "FR7630006000011234567890189"
creditor_id = "FR72ZZZ123456"

[[participants]]
id = "ada"
street = "2 rue des Toits"
postcode = "69100"
city = "Villeurbanne"
iban = "DE89370400440532013000"
mandate_id = "TOITS-1"
mandate_date = "2024-01-15"

[[participants]]
id = "ben"
street = "3 rue des Toits"
postcode = "69100"
city = "Villeurbanne"
vat_id = "FR83404833048"
iban = "AT611904300234573201"

[[participants]]
id = "cleo"
street = "4 rue des Toits"
postcode = "69100"
city = "Villeurbanne"
"""
SPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"


@pytest.fixture
def known(home, partage, tmp_path):
    """A settled home whose parties are known."""
    file = tmp_path / "PARTIES.toml"
    file.write_text(PARTIES)
    assert partage("parties", "load", "toits", file).code == 0
    return home


@pytest.fixture
def export(partage, tmp_path):
    def run(*more, out="march"):
        outcome = partage(
            "invoices", "toits", "--period", "2024-03", "--out", tmp_path / out, "--json", *more
        )
        assert outcome.code == 0, outcome
        return json.loads(outcome.out), tmp_path / out

    return run


def test_all_documents_of_a_run_are_written_valid_and_named_by_one_manifest(known, export, partage):
    told, folder = export("--zip")
    assert (told["invoices"], told["statements"]) == (4, 3)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert told["manifest_hash"] == "0x" + keccak256((folder / "manifest.json").read_bytes()).hex()
    for entry in manifest["files"]:
        assert sha256((folder / entry["path"]).read_bytes()).hexdigest() == entry["sha256"]
    written = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert written == {entry["path"] for entry in manifest["files"]} | {"manifest.json"}
    assert {path.stat().st_mode & 0o077 for path in folder.rglob("*")} == {0}
    for page in (folder / "invoices").iterdir():
        (xml,) = PdfReader(page).attachments["factur-x.xml"]
        assert [fault for fault in faults_of(xml) if fault.is_fatal] == []
    with zipfile.ZipFile(folder.with_name("march.zip")) as packed:
        assert {name.removeprefix("march/") for name in packed.namelist()} == written
    bills = json.loads(partage("bills", "toits", "--period", "2024-03", "--json").out)["bills"]
    rows = _rows(folder / "statements.csv")
    assert {row["participant"]: row["balance"] for row in rows} == {
        bill["participant"]: f"{bill['amounts']['payable'] / 100:.2f}" for bill in bills
    }


def test_the_manifest_of_packed_documents_is_anchored_once(known, export):
    from backend.bootstrap import open_existing

    told, _ = export("--zip")
    again, _ = export("--zip")
    assert told["anchored"] is again["anchored"] is True
    context = open_existing().context
    with context.store.reading() as records:
        (run,) = records.runs("toits")
    assert context.chain.read("billing_ledger", "documentsOf", run.run_id) == [told["manifest_hash"]]


def test_writing_again_goes_on_where_it_was_stopped_and_changes_nothing(known, export):
    first, folder = export()
    before = {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()
    }
    lost = min((folder / "invoices").iterdir())
    lost.unlink()
    again, _ = export()
    assert (first["new_files"], again["new_files"]) == (first["files"], 2)
    assert again["manifest_hash"] == first["manifest_hash"]
    assert {path: path.read_bytes() for path in before} == {path: kept[0] for path, kept in before.items()}
    untouched = [path for path, kept in before.items() if path.stat().st_mtime_ns == kept[1]]
    assert len(untouched) == len(before) - 2
    elsewhere, other = export(out="again")
    assert elsewhere["manifest_hash"] == first["manifest_hash"]
    assert sorted(path.name for path in other.rglob("*")) == sorted(path.name for path in folder.rglob("*"))


def test_numbers_have_no_gap_and_each_seller_its_own_series(known, export):
    _, folder = export()
    numbers = sorted(path.stem for path in (folder / "invoices").iterdir())
    assert [number.rsplit("-", 2)[0] for number in numbers] == [
        "TOITS.I",
        "TOITS.I",
        "TOITS.I",
        "TOITS.I.BEN",
    ]
    assert [int(number.rsplit("-", 1)[1]) for number in numbers] == [1, 2, 3, 1]


def test_without_addresses_nothing_is_issued_and_no_number_is_lost(refuses, known, partage, export, tmp_path):
    assert partage("parties", "erase", "toits", "cleo").code == 0
    refuses(
        *("invoices", "toits", "--period", "2024-03", "--out", tmp_path / "out"),
        said=["cleo has no street, postcode, city", "PARTIES.toml"],
    )
    (tmp_path / "cleo.toml").write_text(PARTIES[PARTIES.index('[[participants]]\nid = "cleo"') :])
    assert partage("parties", "load", "toits", tmp_path / "cleo.toml").code == 0
    assert export()[0]["invoices"] == 4


def test_a_template_names_exactly_the_members_and_takes_what_is_filled_in(home, partage, tmp_path):
    told = partage("parties", "template", "toits")
    assert [line for line in told.out.splitlines() if line.startswith("id")] == [
        f'id = "{name}"' for name in ("ada", "ben", "cleo")
    ]
    file = tmp_path / "PARTIES.toml"
    file.write_text(told.out)
    assert "0 parties known" in partage("parties", "load", "toits", file).out
    file.write_text(PARTIES)
    assert partage("parties", "load", "toits", file).out.strip() == "toits: 4 parties known from PARTIES.toml"
    file.write_text(partage("parties", "template", "toits").out)
    assert 'iban = "AT611904300234573201"' in file.read_text()
    file.write_text(file.read_text().replace('"FR83404833048"', '""'))
    assert "ben has no vat_id or tax_id" in partage("parties", "load", "toits", file).out


def test_payments_come_to_the_run_and_the_bank_says_who_paid(known, export, partage, tmp_path):
    told, folder = export()
    debit = json.loads(
        partage(
            "payments", "debit", "toits", "--period", "2024-03", "--out", tmp_path / "d.xml", "--json"
        ).out
    )
    assert debit["debits_cents"] + debit["open_cents"] - debit["transfers_cents"] == told["total_cents"]
    transfer = partage("payments", "transfer", "toits", "--period", "2024-03", "--out", tmp_path / "t.xml")
    assert transfer.code == 0
    sums = [
        etree.parse(tmp_path / name).xpath("string(//*[local-name()='GrpHdr']/*[local-name()='CtrlSum'])")
        for name in ("d.xml", "t.xml")
    ]
    assert [f"{debit[name] / 100:.2f}" for name in ("debits_cents", "transfers_cents")] == sums
    assert (tmp_path / "d.xml").stat().st_mode & 0o077 == 0
    rows = {row["participant"]: row for row in _rows(folder / "statements.csv")}
    ada, cleo = rows["ada"], rows["cleo"]
    (tmp_path / "bank.xml").write_text(
        _statement((ada["balance"], ada["bill"]), (cleo["balance"], "merci"), ("1.00", cleo["bill"]))
    )
    found = json.loads(partage("payments", "match", "toits", tmp_path / "bank.xml", "--json").out)
    assert [(item["bill"], item["by"], item["outcome"]) for item in found["booked"]] == [
        (ada["bill"], "number", "paid"),
        (cleo["bill"], "number", "part"),
    ]
    (unknown,) = found["unknown_movements"]
    rest = int(cleo["balance"].replace(".", "")) - 100
    assert {item["bill"]: item["rest_cents"] for item in found["open"]}[cleo["bill"]] == rest
    again = json.loads(partage("payments", "match", "toits", tmp_path / "bank.xml", "--json").out)
    assert (again["booked"], again["paid"], again["known_movements"]) == ([], 1, 2)
    said = partage("payments", "match", "toits", tmp_path / "bank.xml")
    assert "0 movements booked now, 2 before, 1 unknown; 1 of 3 bills settled" in said.out
    assign = f"--assign {unknown['id']}=BILL"
    assert assign in said.out
    told = partage(
        "payments", "match", "toits", tmp_path / "bank.xml", "--assign", f"{unknown['id']}={cleo['bill']}"
    )
    assert "too much" in told.out
    assert "person" in told.out
    assert "-1.00" in told.out


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("R9", ["'R9' assigns nothing", "MOVEMENT=BILL"]),
        ("R9=TOITS-2024-000001", ["no new movement is named 'R9'"]),
    ],
)
def test_an_assignment_that_fits_nothing_is_refused(known, export, refuses, tmp_path, word, said):
    export()
    (tmp_path / "bank.xml").write_text(_statement(("1.00", "merci")))
    refuses("payments", "match", "toits", tmp_path / "bank.xml", "--assign", word, said=said)


def test_a_bill_that_does_not_exist_is_refused_with_the_nearest(known, export, refuses, tmp_path, partage):
    _, folder = export()
    bill = _rows(folder / "statements.csv")[0]["bill"]
    (tmp_path / "bank.xml").write_text(_statement(("1.00", "merci")))
    found = json.loads(partage("payments", "match", "toits", tmp_path / "bank.xml", "--json").out)
    name = found["unknown_movements"][0]["id"]
    refuses(
        *("payments", "match", "toits", tmp_path / "bank.xml", "--assign", f"{name}={bill}0"),
        said=["There is no bill", f"Did you mean {bill}?"],
    )


def test_the_first_debit_of_a_mandate_stays_the_first_and_the_next_run_is_recurrent(
    known, export, partage, tmp_path
):
    export()
    file = tmp_path / "d.xml"
    words = ("payments", "debit", "toits", "--period", "2024-03", "--out", file)
    for _ in range(2):
        assert partage(*words).code == 0
        assert "<SeqTp>FRST</SeqTp>" in file.read_text()
    wiring = open_home(known)
    load_and_settle(wiring, csv=readings_csv(scale=2))
    wiring.store.close()
    assert partage(*words).code == 0
    assert "<SeqTp>RCUR</SeqTp>" in file.read_text()
    assert "FRST" not in file.read_text()


def test_a_statement_of_another_account_is_refused(known, export, refuses, tmp_path):
    export()
    (tmp_path / "bank.xml").write_text(
        _statement(("1.00", "x")).replace("FR7630006000011234567890189", "DE89")
    )
    refuses("payments", "match", "toits", tmp_path / "bank.xml", said=["another account"])


def test_a_correction_credits_the_former_invoices_and_pays_the_difference(known, export, partage, tmp_path):
    first, _ = export()
    wiring = open_home(known)
    load_and_settle(wiring, csv=readings_csv(scale=2))
    wiring.store.close()
    told, folder = export(out="corrected")
    assert told["run"] == 2
    kinds = [row["type"] for row in _rows(folder / "invoices.csv")]
    assert sorted(set(kinds)) == ["261", "380", "381", "389"]
    assert kinds.count("381") == kinds.count("380")
    bills = json.loads(partage("bills", "toits", "--period", "2024-03", "--json").out)["bills"]
    assert told["total_cents"] == sum(bill["amounts"]["payable"] for bill in bills) - first["total_cents"]
    assert partage("invoices", "toits", "--period", "2024-03", "--out", tmp_path / "march").code == 1
    # What was asked for before the correction is still owed, and its documents can be written again as they were.
    again, folder = export("--run", "1", "--zip", out="again")
    assert (again["manifest_hash"], again["anchored"]) == (first["manifest_hash"], False)
    debit = json.loads(
        partage(
            *("payments", "debit", "toits", "--period", "2024-03", "--run", "1"),
            *("--out", tmp_path / "d.xml", "--json"),
        ).out
    )
    assert debit["total_cents"] == first["total_cents"]


def test_the_journal_of_a_french_community_is_a_balanced_fec(known, export):
    _, folder = export()
    rows = _rows(folder / "journal-fec.txt", "\t")
    debit, credit = (sum(int(row[name].replace(",", "")) for row in rows) for name in ("Debit", "Credit"))
    assert debit == credit > 0
    entries = {row["EcritureNum"]: row["PieceRef"] for row in rows if row["CompAuxNum"]}
    bills = {row["bill"] for row in _rows(folder / "statements.csv")}
    assert set(entries.values()) == bills
    assert {number[: len("VE-2024-03-")] for number in entries} == {"VE-2024-03-"}
    assert {row["CompAuxLib"] for row in rows if row["CompAuxNum"]} == {"Ada", "Ben", "Cleo"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["invoices", "toits", "--period", "2024-04", "--out", "x"], ["2024-04 of toits is not settled"]),
        (["invoices", "toits", "--period", "2024-03", "--out", "x", "--locale", "de"], ["no locale 'de'"]),
        (["invoices", "nobody", "--period", "2024-03", "--out", "x"], ["no community 'nobody'"]),
        (["parties", "erase", "toits", "nobody"], ["Nothing is known of nobody"]),
        (["parties", "load", "toits", "none.toml"], ["none.toml is not a file"]),
        (["parties", "template", "nobody"], ["no community 'nobody'"]),
        (
            ["payments", "debit", "toits", "--period", "2024-03", "--run", "4", "--out", "x.xml"],
            ["No invoices were issued for run 4 of 2024-03 of toits; they were for: none"],
        ),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(known, refuses, words, said):
    refuses(*words, said=said)


def _rows(file, delimiter=","):
    return list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines(), delimiter=delimiter))


def _statement(*payments):
    entries = "".join(
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>'
        f"<BookgDt><Dt>2024-05-02</Dt></BookgDt><NtryDtls><TxDtls><RmtInf><Ustrd>{text}</Ustrd></RmtInf>"
        "</TxDtls></NtryDtls></Ntry>"
        for amount, text in payments
    )
    return (
        f'<Document xmlns="{SPACE}"><BkToCstmrStmt><Stmt><Acct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></Acct>'
        f"{entries}</Stmt></BkToCstmrStmt></Document>"
    )
