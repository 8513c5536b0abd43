"""A run's invoices written by all processes and by one: Factur-X, UBL, both rule books, tables and manifest."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from backend.billing.invoices import (
    Address,
    Invoice,
    InvoiceLine,
    InvoiceType,
    Party,
    PaymentCode,
    PaymentMeans,
    VatGroup,
    statements_of,
)
from backend.errors import BalanceError
from backend.ports.invoice_files import RunDocuments
from backend.services.benchmarks.measurement import Benchmark, Measurement, time_best

if TYPE_CHECKING:
    from pathlib import Path

    from backend.ports.invoice_files import InvoiceFiles, WrittenDocuments

__all__ = ["bench_invoices"]

_FIRST, _LAST, _ISSUED, _DUE = date(2017, 6, 1), date(2017, 6, 30), date(2017, 7, 1), date(2017, 7, 31)


def bench_invoices(count: int, together: InvoiceFiles, alone: InvoiceFiles, folder: Path) -> Benchmark:
    """Write the documents of a made run.

    Args:
        count: Invoices. [1]
        together: Writes by as many processes as there are cores.
        alone: Writes by this one.
        folder: Empty; gone afterwards.

    Raises:
        BalanceError: If both do not write the same, or a document breaks a business rule.
    """
    made = _documents(count)

    def write(by: InvoiceFiles, name: str) -> tuple[float, WrittenDocuments]:
        return time_best(lambda: by(made, folder / name, lambda _: None, archive=False), 1)

    ours, written = write(together, "together")
    single, same = write(alone, "alone")
    again, kept = write(together, "together")
    if not written.manifest_hash == same.manifest_hash == kept.manifest_hash or kept.new:
        raise BalanceError(
            "The same run was written in two ways; its manifest must not depend on who writes."
        )
    checked = f"{count / ours:,.0f} invoices a second, each XML held against schema and business rules"
    rows = (
        Measurement(f"by {os.cpu_count()} processes", ours, 1, 1.0, checked),
        Measurement(
            "by one process", single, 1, single / ours, f"{count / single:,.0f} a second, same manifest"
        ),
        Measurement("again, all there", again, 1, again / ours, "nothing is written twice"),
    )
    return Benchmark(
        "invoices", f"{count:,} made invoices as Factur-X and UBL, {written.files:,} files", rows
    )


def _documents(count: int) -> RunDocuments:
    """A run of nobody: every third member sells too, so that statements set off."""
    own = Party("size", "Made for size", _address(0), vat_id="FR40303265045", is_member=False)
    invoices: list[Invoice] = []
    for number in range(1, count + 1):
        member = Party(f"home-{number - (number % 3 == 0):04d}", f"Home {number}", _address(number))
        invoices.append(_sold(own, member, number) if number % 3 == 0 else _bought(own, member, number))
    bills = {name: f"SIZE-2017-{name[-4:]}" for name in _members(invoices)}
    invoices = [replace(invoice, reference=bills[_member(invoice)]) for invoice in invoices]
    statements = statements_of(invoices, bills, _DUE)
    return RunDocuments(
        community="size",
        country="FR",
        period="2017-06",
        run_version=1,
        language="fr",
        issued=_ISSUED,
        span=(_FIRST, _LAST),
        invoices=tuple(invoices),
        statements=statements,
        names={"": own.name} | {name: name for name in bills},
        means={name: PaymentMeans(PaymentCode.SET_OFF) for name in bills},
        journal=(),
        salt="0x" + "00" * 32,
    )


def _member(invoice: Invoice) -> str:
    return invoice.buyer.id if invoice.buyer.is_member else invoice.seller.id


def _members(invoices: list[Invoice]) -> list[str]:
    return list(dict.fromkeys(_member(invoice) for invoice in invoices))


def _address(number: int) -> Address:
    return Address(f"{number} made street", "00000", "Nowhere", "FR")


def _bought(own: Party, member: Party, number: int) -> Invoice:
    lines = (
        InvoiceLine.of_energy("bought", f"{member.id}-load", "", 300_000_000 + number * 7_919, 120_000),
        InvoiceLine.of_pieces("fee", 1, 200),
    )
    group = VatGroup("S", 200_000)
    return _invoice(f"SIZE.I-2017-{number:06d}", InvoiceType.INVOICE, own, member, group, lines)


def _sold(own: Party, member: Party, number: int) -> Invoice:
    lines = (
        InvoiceLine.of_energy("sold", f"{member.id}-solar", "", 200_000_000 + number * 104_729, 120_000),
    )
    plain = replace(own, vat_id="")  # BR-O-03: outside the scope of VAT no identifier is named
    outside = VatGroup("O", 0, "vat.outside_scope", "VATEX-EU-O")
    return _invoice(f"SIZE.I.HOMES-2017-{number:06d}", InvoiceType.SELF_BILLED, member, plain, outside, lines)


def _invoice(
    number: str,
    type_: InvoiceType,
    seller: Party,
    buyer: Party,
    vat: VatGroup,
    lines: tuple[InvoiceLine, ...],
) -> Invoice:
    return Invoice(
        number=number,
        type=type_,
        issued=_ISSUED,
        due=_DUE,
        currency="EUR",
        language="fr",
        seller=seller,
        buyer=buyer,
        payee=None,
        first=_FIRST,
        last=_LAST,
        vat=vat,
        lines=lines,
        payment=PaymentMeans(PaymentCode.SET_OFF),
        reference="",
        preceding=None,
        issuer="",
        is_closing=False,
        community="size",
        period="2017-06",
        run_version=1,
    )
