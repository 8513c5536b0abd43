"""``partage settle``, ``bills``, ``bundle``, ``verify``: from readings to proved bills."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.cli.output import command_name, print_json, print_table, progress, write_file
from backend.cli.summary import print_summary

if TYPE_CHECKING:
    from backend.bootstrap import Wiring
    from backend.ports import RunRecord
    from backend.quantities import SettlementPeriod
    from backend.verifier import Verdict

__all__ = ["bills", "bundle", "settle", "verify"]

Community = Annotated[str, typer.Argument(help="Id of the community.")]
Period = Annotated[str, typer.Option(help="A month such as 2017-06.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_STAGES = 6


def settle(
    community: Community,
    period: Annotated[
        str,
        typer.Option(help="A month such as 2017-06; without, every settled month that corrections reached."),
    ] = "",
    as_json: Json = False,
) -> None:
    """Check, anchor, allocate, anchor, bill, anchor; finalise once the window has passed. Safe to repeat."""
    from backend.bootstrap import open_existing
    from backend.quantities import SettlementPeriod

    wiring = open_existing()
    if period:
        report = _settle_month(wiring, community, SettlementPeriod.from_month(period), quiet=as_json)[1]
        if as_json:
            print_json(report)
        else:
            print_summary(report)
        return
    from backend.services.report import report_total
    from backend.services.restatement import touched_periods

    touched = touched_periods(wiring.context, community)
    settled = [_settle_month(wiring, community, month, quiet=as_json) for month in touched]
    reports = [report for _, report in settled]
    if as_json:
        total = report_total([run for run, _ in settled], reports) if settled else None
        print_json({"community": community, "periods": reports, "total": total})
        return
    for report in reports:
        print_summary(report)
    if not reports:
        print(f"{community}: no reading arrived for a month that is settled; name another with --period.")


def _settle_month(
    wiring: Wiring, community: str, month: SettlementPeriod, *, quiet: bool
) -> tuple[RunRecord, dict[str, Any]]:
    from backend.services.report import report_period
    from backend.services.settle_period import settle_period

    with (
        wiring.writing(f"settle {community} {month.label}"),
        progress(shown=not quiet, total=_STAGES, what=f"{community} {month.label}") as on_stage,
    ):
        run = settle_period(wiring.context, community, month, on_stage=on_stage)
    return run, report_period(wiring.context, run)


def bills(
    community: Community,
    period: Period,
    pdf: Annotated[Path | None, typer.Option(help="Write a PDF per bill into this folder.")] = None,
    locale: Annotated[str, typer.Option(help="en or fr, for the PDFs; the country's without.")] = "",
    as_json: Json = False,
) -> None:
    """Show the bills of a settled period, or write them as PDFs."""
    from backend.bootstrap import open_existing
    from backend.errors import InputError
    from backend.quantities import SettlementPeriod, format_cents
    from backend.services.bundles import bills_of, write_bill_pdfs

    wiring = open_existing()
    month = SettlementPeriod.from_month(period)
    run, records = bills_of(wiring.context, community, month)
    if pdf is not None:
        if pdf.exists() and not pdf.is_dir():
            raise InputError(f"{pdf} is a file; name a folder for the PDFs.")
        with progress(shown=not as_json, total=len(records), what=f"bills of {period}") as on_bill:
            written = write_bill_pdfs(
                wiring.context, wiring.render_bill, community, month, pdf, locale, on_bill
            )
        if as_json:
            print_json({"community": community, "period": period, "run": run.version, "files": written})
        else:
            print(f"{pdf}: {written} bills")
        return
    if as_json:
        listed = [
            {
                **bill.content,
                "participant": bill.participant,
                "name": bill.content["participant"]["name"],
                "number": bill.number,
            }
            for bill in records
        ]
        print_json({"community": community, "period": period, "run": run.version, "bills": listed})
        return
    rows = [
        [
            bill.participant,
            bill.number or "-",
            format_cents(bill.content["amounts"]["debit"]),
            format_cents(bill.content["amounts"]["credit"]),
            format_cents(bill.content["saving"]["saving"]),
        ]
        for bill in records
    ]
    print_table(["participant", "number", "to pay EUR", "to receive EUR", "saved EUR"], rows, text_columns=2)


def bundle(
    community: Community,
    period: Period,
    participant: Annotated[str, typer.Option(help="Whose bill.")],
    out: Annotated[Path, typer.Option(help="File to write.")],
) -> None:
    """Write a bill with all that proves it, and nothing of a neighbour's."""
    from backend.bootstrap import open_existing
    from backend.quantities import SettlementPeriod
    from backend.services.bundles import make_bundle

    wiring = open_existing()
    made = make_bundle(wiring.context, community, SettlementPeriod.from_month(period), participant)
    text = json.dumps(made, separators=(",", ":")) + "\n"
    write_file(out, text, private=True)  # it holds the member's keys and readings
    print(
        f"{out}: {participant}, {period}, {len(text):,} bytes; check it with: {command_name()} verify {out}"
    )


def verify(
    file: Annotated[Path, typer.Argument(help="A bundle, or the dossier of a case.")],
    rpc: Annotated[str, typer.Option(help="URL of a node; without, the chain of PARTAGE_HOME.")] = "",
    deployment: Annotated[
        Path | None, typer.Option(help="deployment.json of the contracts that you know; else PARTAGE_HOME's.")
    ] = None,
    community: Annotated[
        str | None, typer.Option(help="The community's id on chain, 0x and 64 hex digits, where you know it.")
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no chain; for the dossier of a case.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check a bill or a case's dossier, and all behind it, against the chain; exit 0 only if all of it holds."""
    from backend.bootstrap import known_deployment, node_for_verification, read_text
    from backend.cli.dossiers import check_dossier
    from backend.errors import InputError, VerificationError
    from backend.verifier import is_dossier, load_bundle, load_pins
    from backend.verifier import verify as check

    text = read_text(file, what="bundle")
    if is_dossier(text):
        own = None if rpc else known_deployment()
        known = read_text(deployment, what="deployment") if deployment else own
        ask = (lambda: node_for_verification(rpc)) if (rpc or own) and not offline else None
        check_dossier(text, ask, load_pins(known, community), as_json=as_json)
        return
    if offline:
        raise InputError(
            "A bill is checked against the chain; only the dossier of a case can be checked without."
        )
    try:
        given = load_bundle(text)
    except VerificationError as error:
        raise VerificationError(f"{file.name}: {error}; give a file that `partage bundle` wrote.") from None
    node = node_for_verification(rpc)
    known = read_text(deployment, what="deployment") if deployment else None if rpc else known_deployment()
    verdict = check(given, node, pins=load_pins(known, community))
    if as_json:
        print_json({**asdict(verdict), "failures": [asdict(failure) for failure in verdict.failures]})
    else:
        _print_verdict(verdict)
    if not verdict.ok:
        raise typer.Exit(1)


def _print_verdict(verdict: Verdict) -> None:
    """What was checked, failures first."""
    for check in verdict.failures:
        print(f"  FAILS  {check.id} at {check.place}: expected {check.expected}, found {check.found}")
    for check in verdict.checks:
        if check.ok:
            print(f"  holds  {check.id:<28}{check.count:>8,}")
    for sentence in verdict.unchecked:
        print(f"  not checked: {sentence}")
    for point in verdict.covers:
        print(f"  covers: {point}")
    print(
        f"run {verdict.run_state}, bills {verdict.bills_state}, readings {verdict.readings_label}; chain read at block "
        f"{verdict.block_number} {verdict.block_hash[:10]}..."
    )
    print("all of it holds" if verdict.ok else "this bill does NOT hold")
