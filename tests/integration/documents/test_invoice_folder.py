"""Many invoices, set by several processes."""

from dataclasses import replace

import pytest

from backend.adapters.documents import invoice_folder
from backend.adapters.documents.invoice_folder import write_documents
from backend.billing.invoices import statements_of
from backend.errors import BalanceError, InputError
from backend.ports.invoice_files import RunDocuments
from tests.unit.invoice_documents.by_hand import ANNA, make


def documents(count, **changes):
    invoices = tuple(
        replace(
            make(**changes),
            number=f"RUELLE.I-2017-{place:06d}",
            buyer=replace(ANNA, id=f"member-{place}"),
        )
        for place in range(1, count + 1)
    )
    references = {invoice.buyer.id: f"RUELLE-2017-{place:06d}" for place, invoice in enumerate(invoices)}
    statements = statements_of(invoices, references, invoices[0].due)
    return RunDocuments(
        community="ruelle",
        country="FR",
        period="2017-06",
        run_version=1,
        language="fr",
        issued=invoices[0].issued,
        span=(invoices[0].first, invoices[0].last),
        invoices=invoices,
        statements=statements,
        names={"": "La Ruelle"},
        means={statement.participant: invoices[0].payment for statement in statements},
        journal=(),
        salt="0x" + "5a" * 32,
    )


def ignore(step):
    """No progress is shown."""


@pytest.mark.slow
def test_several_processes_write_what_one_does(tmp_path, monkeypatch):
    made = documents(6)
    alone = write_documents(made, tmp_path / "alone", ignore)
    monkeypatch.setattr(invoice_folder, "_CHUNK", 2)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    steps: list[str] = []
    together = write_documents(made, tmp_path / "together", steps.append)
    assert together == alone
    assert sorted(set(steps)) == sorted([invoice.number for invoice in made.invoices])


def test_an_invoice_that_breaks_a_rule_is_not_written(tmp_path):
    made = documents(2)
    odd = replace(ANNA, address=replace(ANNA.address, country="XX"))
    wrong = replace(made, invoices=(made.invoices[0], replace(made.invoices[1], buyer=odd)))
    with pytest.raises(BalanceError, match=r"RUELLE\.I-2017-000002 is not valid"):
        write_documents(wrong, tmp_path / "out", ignore)
    assert [path.name for path in (tmp_path / "out" / "invoices").iterdir()] == ["RUELLE.I-2017-000001.pdf"]
    assert write_documents(made, tmp_path / "out", ignore).new == 6  # its two files and the four tables


def test_a_folder_of_another_run_is_refused(tmp_path):
    write_documents(documents(1), tmp_path / "out", ignore)
    with pytest.raises(InputError, match="holds run 1 of 2017-06 of ruelle; name another folder for run 2"):
        write_documents(replace(documents(1), run_version=2), tmp_path / "out", ignore)
    (tmp_path / "out" / "manifest.json").write_text("{}")
    with pytest.raises(InputError, match="no manifest of ours"):
        write_documents(documents(1), tmp_path / "out", ignore)


def test_the_same_documents_give_the_same_archive(tmp_path):
    first = write_documents(documents(1), tmp_path / "a" / "june", ignore, archive=True)
    second = write_documents(documents(1), tmp_path / "b" / "june", ignore, archive=True)
    assert first.archive
    assert second.archive
    assert first.archive.read_bytes() == second.archive.read_bytes()
