"""``partage invoices``, ``parties``, ``payments``: what a treasurer sends, collects and pays."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.output import print_json, print_table, progress, write_file

if TYPE_CHECKING:
    from backend.billing.invoices import PaymentPlan
    from backend.services.issue_invoices import InvoicedRun
    from backend.services.payments import MatchedStatement

__all__ = ["invoices", "parties", "payments"]

Community = Annotated[str, typer.Argument(help="Id of the community.")]
Period = Annotated[str, typer.Option(help="A month such as 2017-06.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When; the bills' date of payment without.")
]

Run = Annotated[
    int | None, typer.Option(help="A run that a later one corrected; the period's final run without.")
]

parties = typer.Typer(help="Addresses, accounts and mandates for invoices.", no_args_is_help=True)
payments = typer.Typer(help="Collect, pay out, and match with the bank.", no_args_is_help=True)


@parties.callback()
def parties_group() -> None:
    """Addresses, accounts and mandates for invoices."""


@payments.callback()
def payments_group() -> None:
    """Collect, pay out, and match with the bank."""


@parties.command("template")
def template(community: Community) -> None:
    """Print a PARTIES.toml to fill in, for exactly the community's members; what is known stands in it."""
    from backend.bootstrap import open_existing
    from backend.services.parties import begin_parties

    print(begin_parties(open_existing().context, community), end="")


@parties.command("load")
def load(
    community: Community, file: Annotated[Path, typer.Argument(help="PARTIES.toml")], as_json: Json = False
) -> None:
    """Load who is who on invoices; whom the file leaves out stays as known."""
    from backend.bootstrap import open_existing, read_text
    from backend.services.parties import lacking_details, load_parties

    text = read_text(file, what="parties file")
    wiring = open_existing()
    with wiring.writing(f"parties load {community}"):
        count = load_parties(wiring.context, community, text, file.name)
    lacking = lacking_details(wiring.context, community)
    if as_json:
        print_json({"community": community, "parties": count, "lacking": lacking})
        return
    print(f"{community}: {count} {'party' if count == 1 else 'parties'} known from {file.name}")
    for words in lacking:
        print(f"  {words}")
    if lacking:
        print("  Invoices that need these are refused until they are loaded too.")


@parties.command("erase")
def erase(
    community: Community,
    participant: Annotated[str, typer.Argument(help="Whose details; empty quotes for the community's own.")],
) -> None:
    """Destroy what is known of a party; invoices that were issued keep what they say."""
    from backend.bootstrap import open_existing
    from backend.services.parties import erase_party

    wiring = open_existing()
    with wiring.writing(f"parties erase {community}"):
        erase_party(wiring.context, community, participant)
    print(f"{community}: erased")


def invoices(
    community: Community,
    period: Period,
    out: Annotated[Path, typer.Option(help="Folder for the documents.")],
    archive: Annotated[
        bool, typer.Option("--zip", help="Pack the folder into a zip file and anchor its manifest.")
    ] = False,
    locale: Annotated[str, typer.Option(help="en or fr; the country's language without.")] = "",
    run: Run = None,
    as_json: Json = False,
) -> None:
    """Issue the invoices of a final run and write all its documents; safe to repeat, goes on where it was stopped."""
    from backend.bootstrap import open_existing
    from backend.ports import RunState
    from backend.services.anchor_documents import anchor_documents
    from backend.services.export_invoices import export_invoices

    wiring = open_existing()
    with wiring.writing(f"invoices {community} {period}"):
        invoiced = _issue(wiring.context, community, period, locale, run)
    steps = len(invoiced.invoices) + len(invoiced.statements)
    with progress(shown=not as_json, total=steps, what=f"invoices of {period}") as on_step:
        written = export_invoices(
            wiring.context, invoiced, wiring.invoice_files, out, on_step, archive=archive
        )
    is_anchored = archive and invoiced.run.state is RunState.FINAL
    if is_anchored:
        with wiring.writing(f"invoices {community} {period}"):
            anchor_documents(wiring.context, invoiced.run, written.manifest_hash)
    if as_json:
        print_json(
            {
                "community": community,
                "period": period,
                "run": invoiced.run.version,
                "invoices": len(invoiced.invoices),
                "statements": len(invoiced.statements),
                "total_cents": invoiced.total,
                "files": written.files,
                "new_files": written.new,
                "manifest_hash": written.manifest_hash,
                "anchored": is_anchored,
                "archive": str(written.archive) if written.archive else None,
            }
        )
        return
    print(f"{out}: {len(invoiced.invoices)} invoices, {written.files} files, {written.new} of them new")
    if written.archive:
        print(f"{written.archive}: all of them, with their manifest")
    print(f"manifest {written.manifest_hash}{', anchored on chain' if is_anchored else ''}")


def _issue(context: Any, community: str, period: str, locale: str, run: int | None) -> InvoicedRun:
    from backend.errors import InputError
    from backend.quantities import SettlementPeriod
    from backend.services.issue_invoices import invoiced_run, issue_invoices

    if locale not in {"", "en", "fr"}:
        raise InputError(f"there is no locale {locale!r}; invoices are written in en and fr.")
    if run is not None:
        return invoiced_run(context, community, SettlementPeriod.from_month(period), run)
    return issue_invoices(context, community, SettlementPeriod.from_month(period), locale or None)


@payments.command("debit")
def debit(
    community: Community,
    period: Period,
    out: Annotated[Path, typer.Option(help="File to write, pain.008 XML.")],
    day: Day = None,
    run: Run = None,
    as_json: Json = False,
) -> None:
    """Write the SEPA direct debit of a final run: what members with a mandate owe."""
    _write("debit", community, period, out, day, run, as_json=as_json)


@payments.command("transfer")
def transfer(
    community: Community,
    period: Period,
    out: Annotated[Path, typer.Option(help="File to write, pain.001 XML.")],
    day: Day = None,
    run: Run = None,
    as_json: Json = False,
) -> None:
    """Write the SEPA credit transfer of a final run: what members are owed."""
    _write("transfer", community, period, out, day, run, as_json=as_json)


def _write(
    kind: str,
    community: str,
    period: str,
    out: Path,
    day: datetime | None,
    run: int | None,
    *,
    as_json: bool,
) -> None:
    from backend.bootstrap import open_existing
    from backend.quantities import format_cents
    from backend.services.payments import plan_run, write_payments

    wiring = open_existing()
    with wiring.writing(f"payments {kind} {community} {period}"):
        invoiced = _issue(wiring.context, community, period, "", run)
        plan = plan_run(invoiced)
        chosen: date | None = day.date() if day else None
        content = write_payments(wiring.context, invoiced, wiring.payment_files, kind, chosen)
    write_file(out, content.decode(), private=True)  # it names accounts
    told = _summary(plan, invoiced.total)
    if as_json:
        print_json({"community": community, "period": period, "file": str(out), **told})
        return
    count, cents = (
        told["debits" if kind == "debit" else "transfers"],
        plan.collected if kind == "debit" else plan.paid_out,
    )
    print(f"{out}: {count} payment{'s' * (count != 1)}, {format_cents(cents)} EUR")
    print(
        f"the run comes to {format_cents(invoiced.total)} EUR: {format_cents(plan.collected)} by mandate, "
        f"{format_cents(told['open_cents'])} paid by members themselves, {format_cents(plan.paid_out)} paid out"
    )


def _summary(plan: PaymentPlan, total: int) -> dict[str, int]:
    return {
        "debits": len(plan.debits),
        "debits_cents": plan.collected,
        "transfers": len(plan.transfers),
        "transfers_cents": plan.paid_out,
        "open": len(plan.open),
        "open_cents": sum(payment.amount for payment in plan.open),
        "total_cents": total,
    }


@payments.command("match")
def match(
    community: Community,
    file: Annotated[Path, typer.Argument(help="The bank's statement, camt.053 XML.")],
    assign: Annotated[
        list[str] | None,
        typer.Option(help="MOVEMENT=BILL: book a movement that names no bill on one; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Book a bank statement on the bills that it pays; what is left over is told. Safe to repeat."""
    from backend.bootstrap import open_existing, read_text
    from backend.services.payments import match_statement

    text = read_text(file, what="bank statement")
    assigned = _assigned(assign or [])
    wiring = open_existing()
    with wiring.writing(f"payments match {community}"):
        told = match_statement(
            wiring.context, community, wiring.payment_files, text.encode(), file.name, assigned
        )
    if as_json:
        print_json({"community": community, **_matched(told)})
        return
    _print_matching(community, file, told)


def _assigned(words: list[str]) -> dict[str, str]:
    from backend.errors import InputError

    assigned = {}
    for word in words:
        movement, sign, bill = word.rpartition("=")
        if not sign or not movement or not bill:
            raise InputError(f"{word!r} assigns nothing; write MOVEMENT=BILL, such as R9=ROOF-2017-000004.")
        assigned[movement] = bill
    return assigned


def _matched(told: MatchedStatement) -> dict[str, Any]:
    found = told.matching
    return {
        "booked": [
            {
                "bill": match.item.reference,
                "movement": match.movement.id,
                "cents": match.amount,
                "by": match.by,
                "outcome": match.outcome,
                "rest_cents": match.rest,
            }
            for match in found.matches
        ],
        "unknown_movements": [
            {
                "day": movement.day.isoformat(),
                "cents": movement.amount,
                "currency": movement.currency,
                "id": movement.id,
            }
            for movement in found.movements
        ],
        "open": [{"bill": bill, "rest_cents": rest} for bill, rest in found.rests.items() if rest],
        "paid": sum(1 for rest in found.rests.values() if not rest),
        "known_movements": told.known,
    }


def _print_matching(community: str, file: Path, told: MatchedStatement) -> None:
    from backend.quantities import format_cents

    found = told.matching
    rows = [
        [match.outcome, match.movement.id, match.item.reference, format_cents(match.amount), match.by]
        for match in found.matches
    ]
    rows += [
        [
            "unknown",
            movement.id,
            "",
            format_cents(movement.amount),
            "" if movement.currency == "EUR" else movement.currency,
        ]
        for movement in found.movements
    ]
    if rows:
        print_table(["", "movement", "bill", "EUR", "known by"], rows, text_columns=3)
    rests = {bill: rest for bill, rest in found.rests.items() if rest}
    if rests:
        print("Not settled yet (below zero: to be paid out):")
        print_table(
            ["bill", "of", "EUR"],
            [[bill, told.items[bill].participant, format_cents(rest)] for bill, rest in rests.items()],
            text_columns=2,
        )
    count = len(found.matches)
    print(
        f"{count} movement{'s' * (count != 1)} booked now, {told.known} before, {len(found.movements)} unknown; "
        f"{len(found.rests) - len(rests)} of {len(found.rests)} bills settled"
    )
    name = next((movement.id for movement in found.movements if movement.currency == "EUR"), "")
    if name:
        print(f"Book an unknown one by hand: partage payments match {community} {file} --assign {name}=BILL")
