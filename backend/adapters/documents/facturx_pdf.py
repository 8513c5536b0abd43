"""An invoice as Factur-X: an A4 page for people that carries its XML for programs (PDF/A-3, PDF/UA).

Typst sets the page, attaches the XML and declares PDF/A-3. What it does not know is Factur-X's own metadata (which file
is the invoice, in which profile); they are put into the document's XMP by an update that is appended to the file, as
the PDF standard foresees: the page's bytes stay as Typst wrote them, and the same invoice gives the same bytes.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.adapters.documents.invoice_view import view_invoice, view_statement
from backend.errors import MissingToolError

if TYPE_CHECKING:
    from datetime import date

    from backend.adapters.documents.invoice_view import StatementPage
    from backend.billing.invoices import Invoice

__all__ = ["render_invoice", "render_statement"]

_TEMPLATE = Path(__file__).with_name("invoice.typ")
_NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_PROPERTIES = {
    "DocumentFileName": ("factur-x.xml", "The name of the embedded XML document"),
    "DocumentType": ("INVOICE", "The type of the hybrid document in capital letters"),
    "Version": ("1.0", "The actual version of the standard applying to the embedded XML document"),
    "ConformanceLevel": ("EN 16931", "The conformance level of the embedded XML document"),
}
_SCHEMAS = b"<pdfaExtension:schemas><rdf:Bag>"
_METADATA = re.compile(rb"/Metadata (\d+) 0 R")
_TRAILER = re.compile(rb"trailer\s*<<(.*?)>>\s*startxref\s*(\d+)\s*%%EOF\s*$", re.DOTALL)


def render_invoice(invoice: Invoice, xml: bytes) -> bytes:
    """Set an invoice and attach its XML.

    Args:
        invoice: Numbered.
        xml: Its CII, as ``write_facturx_xml`` gives it.

    Returns:
        A Factur-X PDF; the same arguments give the same bytes.

    Raises:
        MissingToolError: If Typst is not installed.
    """
    assert invoice.number, "a draft is no document"
    page = _set(view_invoice(invoice), xml.decode(), invoice.issued, ["a-3a", "ua-1"])
    return _declare(page)


def render_statement(page: StatementPage) -> bytes:
    """Set the statement of a participant's documents."""
    return _set(view_statement(page), "", page.issued, ["ua-1"])


def _set(view: dict[str, Any], xml: str, day: date, standards: list[Any]) -> bytes:
    try:
        import typst
    except ImportError:
        raise MissingToolError(
            "Writing invoices as PDF needs the Python package typst; run scripts/setup."
        ) from None
    inputs = {"view": json.dumps(view, ensure_ascii=False), "xml": xml}
    stamp = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    options: dict[str, Any] = {"sys_inputs": inputs, "format": "pdf", "timestamp": stamp}
    template = _TEMPLATE.read_bytes()
    try:
        page: Any = typst.compile(template, ignore_system_fonts=True, pdf_standards=standards, **options)
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        # A name in a script that Typst's own fonts lack: the system's are asked, and PDF/A stays.
        kept: list[Any] = ["a-3a"] if "a-3a" in standards else ["1.7"]
        page = typst.compile(template, ignore_system_fonts=False, pdf_standards=kept, **options)
    assert isinstance(page, bytes)
    return page


def _declare(page: bytes) -> bytes:
    """Append new XMP that says what the attachment is."""
    catalog, trailer = _METADATA.search(page), _TRAILER.search(page)
    assert catalog is not None, "the page has no metadata to add to"
    assert trailer is not None, "the page does not end with a plain trailer"
    number = int(catalog[1])
    head = re.search(rb"(?:^|\s)%d 0 obj\s*<<.*?/Length (\d+).*?>>\s*stream\r?\n" % number, page, re.DOTALL)
    assert head is not None, "the metadata are no plain stream"
    known = page[head.end() : head.end() + int(head[1])]
    said = _with_properties(known)
    start = len(page) + 1
    update = b"\n%d 0 obj\n<</Type/Metadata/Subtype/XML/Length %d>>\nstream\n%s\nendstream\nendobj\n" % (
        number,
        len(said),
        said,
    )
    table = start + len(update) - 1
    return (
        page
        + update
        + b"xref\n0 1\n0000000000 65535 f\r\n%d 1\n%010d 00000 n\r\ntrailer\n<<%s/Prev %s>>\nstartxref\n%d\n%%%%EOF\n"
        % (number, start, trailer[1].strip(), trailer[2], table)
    )


def _with_properties(xmp: bytes) -> bytes:
    assert xmp.count(_SCHEMAS) == 1, "the metadata have no list of extension schemas"
    described = "".join(
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:name>{name}</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        f"<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{text}</pdfaProperty:description></rdf:li>"
        for name, (_, text) in _PROPERTIES.items()
    )
    schema = (
        '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{_NAMESPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{described}</rdf:Seq></pdfaSchema:property></rdf:li>"
    )
    values = "".join(f"<fx:{name}>{value}</fx:{name}>" for name, (value, _) in _PROPERTIES.items())
    own = f'<rdf:Description rdf:about="" xmlns:fx="{_NAMESPACE}">{values}</rdf:Description>'
    said = xmp.replace(_SCHEMAS, _SCHEMAS + schema.encode(), 1)
    return said.replace(b"</rdf:RDF>", own.encode() + b"</rdf:RDF>", 1)
