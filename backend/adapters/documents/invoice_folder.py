"""A run's documents in a folder: Factur-X, UBL, statements, tables, and a manifest of what they are.

Each file is put in its place whole, so that one that is there is complete: an export that was stopped goes on where it
was. What an invoice says never changes, so its files never do. Invoices are set by several processes, spawned afresh
(Typst hangs in forked ones); each compiles the business rules once and then holds every file against them.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import zipfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from backend.adapters.documents.facturx_pdf import render_invoice, render_statement
from backend.adapters.documents.invoice_checks import check_xml
from backend.adapters.documents.invoice_view import StatementPage
from backend.adapters.documents.invoice_xml import write_facturx_xml, write_ubl_xml
from backend.adapters.documents.journal_files import (
    write_fec,
    write_invoice_table,
    write_journal_csv,
    write_statement_table,
)
from backend.adapters.durable_files import flush_folder, make_folder, write_durably
from backend.commitments.keccak import keccak256
from backend.errors import InputError
from backend.ports.invoice_files import WrittenDocuments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from backend.billing.invoices import Invoice
    from backend.ports.invoice_files import RunDocuments

__all__ = ["write_documents"]

_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600
_CHUNK = 16
_MANIFEST = "manifest.json"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that the form knows: the same files give the same archive


def write_documents(
    documents: RunDocuments,
    folder: Path,
    on_step: Callable[[str], None],
    *,
    archive: bool = False,
    workers: int | None = None,
) -> WrittenDocuments:
    """Write a run's documents.

    Args:
        documents: What to write.
        folder: Where; made if need be, readable by its owner alone.
        on_step: Told the number of each document as it is done, whether written now or before.
        archive: Pack the folder into ``<folder>.zip`` too.
        workers: Processes that set invoices; as many as there are cores without.

    Raises:
        InputError: If the folder cannot be written, or holds another run.
        BalanceError: If an invoice breaks a schema or a business rule; it is not written.
    """
    try:
        return _write(documents, folder, on_step, archive=archive, workers=workers or os.cpu_count() or 1)
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written ({error.strerror}); name a folder that you may write and that has room."
        ) from None


def _write(
    documents: RunDocuments, folder: Path, on_step: Callable[[str], None], *, archive: bool, workers: int
) -> WrittenDocuments:
    _check_folder(documents, folder)
    for place in (folder, folder / "invoices", folder / "ubl", folder / "statements"):
        make_folder(place, _PRIVATE_FOLDER)
    pages: list[Invoice | StatementPage] = [*documents.invoices, *_pages(documents)]
    pending: list[Invoice | StatementPage] = []
    for page in pages:
        if all(place.is_file() for place in _places(folder, page)):
            on_step(_name_of(page))
        else:
            pending.append(page)
    new = 0
    for name, files in _set_all(folder, pending, workers):
        new += files
        on_step(name)
    for name, content in _tables(documents).items():
        place = folder / name
        if not place.is_file() or place.read_bytes() != content:
            _put(place, content)
            new += 1
    for place in (folder / "invoices", folder / "ubl", folder / "statements", folder):
        flush_folder(place)
    return _seal(documents, folder, new, archive=archive)


def _check_folder(documents: RunDocuments, folder: Path) -> None:
    """Refuse a folder with other documents in it: an export is of one run."""
    manifest = folder / _MANIFEST
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; name a folder for the documents.")
    if manifest.is_file():
        try:
            kept = json.loads(manifest.read_text())
            known = (kept["community"], kept["period"], kept["run_version"])
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{manifest} is no manifest of ours; name another folder.") from None
        if known != (documents.community, documents.period, documents.run_version):
            raise InputError(
                f"{folder} holds run {known[2]} of {known[1]} of {known[0]}; name another folder for run "
                f"{documents.run_version} of {documents.period} of {documents.community}."
            )


def _name_of(page: Invoice | StatementPage) -> str:
    return page.statement.reference if isinstance(page, StatementPage) else page.number


def _places(folder: Path, page: Invoice | StatementPage) -> tuple[Path, ...]:
    """Of an invoice its page, then its plain XML; of a statement its page."""
    name = _name_of(page)
    if isinstance(page, StatementPage):
        return (folder / "statements" / f"{name}.pdf",)
    return folder / "invoices" / f"{name}.pdf", folder / "ubl" / f"{name}.xml"


def _set_all(folder: Path, pages: Sequence[Invoice | StatementPage], most: int) -> Iterator[tuple[str, int]]:
    """Write documents, by several processes where there are many; yields what is done: its number, its files."""
    workers = min(most, len(pages) // _CHUNK)
    if workers < 2:  # noqa: PLR2004 -- one process is this one
        for page in pages:
            yield _write_page(folder, page)
        return
    chunks = [pages[start : start + _CHUNK] for start in range(0, len(pages), _CHUNK)]
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = [pool.submit(_write_pages, folder, chunk) for chunk in chunks]
        try:
            for done in as_completed(waiting):
                yield from done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _write_pages(folder: Path, pages: Sequence[Invoice | StatementPage]) -> list[tuple[str, int]]:
    return [_write_page(folder, page) for page in pages]


def _write_page(folder: Path, page: Invoice | StatementPage) -> tuple[str, int]:
    places = _places(folder, page)
    if isinstance(page, StatementPage):
        _put(places[0], render_statement(page))
    else:
        cii, ubl = write_facturx_xml(page), write_ubl_xml(page)
        for xml in (cii, ubl):
            check_xml(xml, page.number)
        _put(places[1], ubl)
        _put(places[0], render_invoice(page, cii))
    return _name_of(page), len(places)


def _put(place: Path, content: bytes) -> None:
    write_durably(place, content, mode=_PRIVATE_FILE, flush=False)


def _pages(documents: RunDocuments) -> Iterator[StatementPage]:
    """A statement for everyone who has more than one document, or something paid without one."""
    by_number = {invoice.number: invoice for invoice in documents.invoices}
    for statement in documents.statements:
        of = tuple(by_number[entry.number] for entry in statement.entries if entry.number in by_number)
        if len(statement.entries) == 1 and of:
            continue
        participant = statement.participant
        yield StatementPage(
            statement=statement,
            documents=of,
            names=(documents.names[""], documents.names.get(participant, participant)),
            means=documents.means[participant],
            language=documents.language,
            issued=documents.issued,
            span=documents.span,
        )


def _tables(documents: RunDocuments) -> dict[str, bytes]:
    tables = {
        "invoices.csv": write_invoice_table(documents.invoices),
        "statements.csv": write_statement_table(documents.statements, documents.names),
        "journal.csv": write_journal_csv(documents.journal, documents.language),
    }
    if documents.country == "FR":
        tables["journal-fec.txt"] = write_fec(documents.journal)
    return tables


def _seal(documents: RunDocuments, folder: Path, new: int, *, archive: bool) -> WrittenDocuments:
    """Name every file with its hash, and the whole by one."""
    names = sorted(
        [f"invoices/{invoice.number}.pdf" for invoice in documents.invoices]
        + [f"ubl/{invoice.number}.xml" for invoice in documents.invoices]
        + [f"statements/{page.statement.reference}.pdf" for page in _pages(documents)]
        + list(_tables(documents))
    )
    manifest = {
        "format": "partage-invoices",
        "version": 1,
        "community": documents.community,
        "period": documents.period,
        "run_version": documents.run_version,
        "salt": documents.salt,
        "files": [
            {"path": name, "sha256": sha256((folder / name).read_bytes()).hexdigest()} for name in names
        ],
    }
    text = json.dumps(manifest, sort_keys=True, indent=1).encode() + b"\n"
    place = folder / _MANIFEST
    if not place.is_file() or place.read_bytes() != text:
        write_durably(place, text, mode=_PRIVATE_FILE)
    packed = _pack(folder, [*names, _MANIFEST]) if archive else None
    return WrittenDocuments(len(names), new, "0x" + keccak256(text).hex(), packed)


def _pack(folder: Path, names: list[str]) -> Path:
    """The same files give the same archive, put in its place whole."""
    place = folder.with_name(f"{folder.name}.zip")
    partial = folder.with_name(f"{folder.name}.zip.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
                for name in names:
                    entry = zipfile.ZipInfo(f"{folder.name}/{name}", _ZIP_TIME)
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    entry.external_attr = _PRIVATE_FILE << 16
                    packed.writestr(entry, (folder / name).read_bytes())
            file.flush()
            os.fsync(file.fileno())
        partial.replace(place)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    flush_folder(place.parent)
    return place
