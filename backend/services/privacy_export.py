"""Everything that is held about a participant, in files that people and programs read (GDPR, articles 15 and 20)."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any

from backend.errors import ChainError, NotFoundError
from backend.grid import trace_network
from backend.grid.network_form import read_network
from backend.metering import Quality
from backend.ports.grid_event_records import EventQuery
from backend.quantities import PeriodCalendar, format_kilowatt_hours
from backend.quantities.cells import harmless_cell
from backend.services.bundles import proof_of
from backend.services.consents import consents_of
from backend.services.forecasts.forecast import forecast_of
from backend.services.grid.events import elements_alone, entry_as_dict
from backend.services.member_views import subject_of
from backend.services.operator_allocation import series_of
from backend.services.privacy import erasure_of, periods_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from backend.ports import IntervalStore, PeriodRecord, Records, UserRecord
    from backend.ports.grid_records import NetworkPoint
    from backend.services.context import CommunityView, SettlementContext

__all__ = ["EXPORT_WORDS", "export_person"]

#: What each file of an export is, by language.
EXPORT_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "What Partage holds about you",
        "made": "Made on",
        "person.json": "Your name, metering points, details for invoices, log-ins, sessions, passkeys and accounts",
        "readings.csv": "Readings of your meters, in every version that was received",
        "register-reads.csv": "What the registers of your meters showed, in every version that was received",
        "operator-allocations.csv": "What the grid operator allocated to your meters",
        "allocations/": "What each settlement gave you, interval by interval",
        "bills/": "Your bills, to read and as data",
        "invoices/": "Invoices and credit notes from and to you, as data",
        "postings.csv": "Entries of your accounts in the community's books",
        "keys.json": "Keys that open your values on the chain: keep them to yourself",
        "consents.json": "Consents that you gave, as the chain has them",
        "forecasts.csv": "What was forecast of your home, when it was made, and from what",
        "accesses.csv": "Who looked at your data, at what, and when",
        "chain": "On the chain stand roots, totals and tags that nobody can trace to you without these keys; your "
        "account's seat, votes and consents stand there under its address for ever.",
    },
    "fr": {
        "title": "Ce que Partage conserve sur vous",
        "made": "Établi le",
        "person.json": "Votre nom, vos points de mesure, vos coordonnées de facturation, identifiants, sessions, "
        "clés d'accès et comptes",
        "readings.csv": "Les relevés de vos compteurs, dans chaque version reçue",
        "register-reads.csv": "Les index de vos compteurs, dans chaque version reçue",
        "operator-allocations.csv": "Ce que le gestionnaire de réseau a affecté à vos compteurs",
        "allocations/": "Ce que chaque règlement vous a attribué, intervalle par intervalle",
        "bills/": "Vos décomptes, à lire et en données",
        "invoices/": "Les factures et avoirs reçus ou émis par vous, en données",
        "postings.csv": "Les écritures de vos comptes dans les livres de la communauté",
        "keys.json": "Les clés qui ouvrent vos valeurs sur la chaîne : gardez-les pour vous",
        "consents.json": "Les consentements que vous avez donnés, tels que la chaîne les connaît",
        "forecasts.csv": "Ce qui a été prévu de votre foyer, quand, et d'après quoi",
        "accesses.csv": "Qui a consulté vos données, lesquelles et quand",
        "chain": "Sur la chaîne figurent des racines, des totaux et des étiquettes que personne ne peut relier à vous "
        "sans ces clés ; le siège, les votes et les consentements de votre compte y restent sous son adresse.",
    },
}
_LAST_UTC = 7_258_118_400  # 2200-01-01
_EVENTS_MAX = 100_000
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that the format knows: the same data are the same bytes


def export_person(context: SettlementContext, render_bill: Callable[..., bytes], user: UserRecord) -> bytes:
    """A ZIP of everything that is held about the participant whom a user is.

    Args:
        context: Ports.
        render_bill: Writes a bill as PDF.
        user: Who asks, and in which language.

    Raises:
        NotFoundError: If the participant is not there.
    """
    view = context.community(user.community)
    with context.store.reading() as records:
        periods = periods_of(records, user.community, user.participant)
        files = {"person.json": _json(_person(records, view, user))}
        files |= _documents(records, user)
        files["keys.json"] = _json(_keys(records, user, periods))
        files["postings.csv"] = _postings(records, user, periods)
        files["accesses.csv"] = _accesses(records, user)
        files["forecasts.csv"] = _forecasts(records, user)
        names = _names(view, user)
    files["readings.csv"] = _readings(context.intervals, view, names)
    files["register-reads.csv"] = _register_reads(context.intervals, view, names)
    files["operator-allocations.csv"] = _readings(
        context.operator_allocations, view, [series for name in names for series in series_of(name)]
    )
    files |= _allocations(context, view, periods)
    files |= _printed(context, render_bill, user)
    files["consents.json"] = _json(_consents(context, user))
    files["index.html"] = _index(files, user, context.clock.now_utc())
    return _zipped(files)


def _zipped(files: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _FIRST_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, files[name])
    return written.getvalue()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str).encode()


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(columns)
    table.writerows([harmless_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def _instant(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _names(view: CommunityView, user: UserRecord) -> list[str]:
    return [point.id for point in view.community.points_of(user.participant)]


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _person(records: Records, view: CommunityView, user: UserRecord) -> dict[str, Any]:
    """Master data, and by what the person logs in; no hash of a password or session."""
    person = next((known for known in view.community.participants if known.id == user.participant), None)
    if person is None:
        raise NotFoundError(f"There is no participant {user.participant!r} here.")
    users = [known for known in records.users(user.community) if known.participant == user.participant]
    points = view.community.points_of(user.participant)
    asked = erasure_of(records, user.community, user.participant)
    joined = records.network_points(
        user.community, [name for point in points for name in (point.id, point.number)]
    )
    return {
        "participant": _fields(person),
        "metering_points": [_fields(point) | {"slot": view.slots[point.id]} for point in points],
        "treatments": [
            _fields(known)
            for known in records.treatments(user.community)
            if known.metering_point in {point.id for point in points}
        ],
        "reading_decisions": [
            _fields(known) | {"treatment": known.treatment.value}
            for known in records.decisions(user.community)
            if known.metering_point in {point.id for point in points}
        ],
        "anomalies": _anomalies(records, user),
        "network_connections": [_fields(known) for known in joined],
        "network_events": [
            {"network": network, **entry_as_dict(entry, [])}
            for network, element in sorted(_own_elements(records, joined))
            for entry in records.timeline(network, EventQuery(element=element, limit=_EVENTS_MAX))
        ],
        "invoice_details": [
            dict(party.details)
            for party in records.parties(user.community)
            if party.participant == user.participant
        ],
        "erasure_asked": None if asked is None else _instant(asked.asked_utc),
        "users": [_user(records, known) for known in users],
    }


def _anomalies(records: Records, user: UserRecord) -> list[dict[str, Any]]:
    """What looks for anomalies found at one's meters, with the time it was believed."""
    made = {look.id: look.made_utc for look in records.anomaly_looks(user.community)}
    return [
        {"believed_utc": made[known.look], **_fields(known.anomaly), "kind": known.anomaly.kind.value}
        | {"figures": dict(known.anomaly.figures)}
        for known in records.anomalies(user.community)
        if user.participant in known.owners
    ]


def _own_elements(records: Records, joined: Sequence[NetworkPoint]) -> set[tuple[str, str]]:
    """Networks and what in them tells of somebody: their connections, and what feeds nobody else."""
    connections: dict[str, set[str]] = {}
    for known in joined:
        connections.setdefault(known.network, set()).add(known.connection)
    found = set()
    for network, names in connections.items():
        topology = trace_network(read_network(records.network(network).document))
        rows = [row for row, one in enumerate(topology.network.connections) if one.id in names]
        found |= {(network, element) for element in elements_alone(topology, rows)}
    return found


def _user(records: Records, user: UserRecord) -> dict[str, Any]:
    backup = records.key_backup(user.id)
    return {
        "id": user.id,
        "login": user.login,
        "roles": list(user.roles),
        "locale": user.locale,
        "disabled": user.disabled,
        "sessions": [
            {"opened": _instant(int(known.id.partition("-")[0], 16)), "ends": _instant(known.expires_utc)}
            for known in records.logins(user.id)
        ],
        "passkeys": [_fields(known) for known in records.passkeys(user.id)],
        "accounts": [_fields(known) for known in records.accounts(user.id)],
        "sealed_key": None if backup is None else _fields(backup),
    }


def _documents(records: Records, user: UserRecord) -> dict[str, bytes]:
    files = {}
    for period in records.periods(user.community):
        for bill in records.bills(user.community, period.period):
            if bill.participant == user.participant:
                files[f"bills/{period.label}-{bill.version}.json"] = _json(_fields(bill))
    for invoice in records.invoices(user.community):
        if user.participant in {invoice.seller, invoice.buyer}:
            files[f"invoices/{invoice.number}.json"] = _json(_fields(invoice))
    return files


def _printed(
    context: SettlementContext, render_bill: Callable[..., bytes], user: UserRecord
) -> dict[str, bytes]:
    with context.store.reading() as records:
        found = [
            (period.label, run, records.bill(user.community, run.period, run.version, user.participant))
            for period in records.periods(user.community)
            for run in records.runs(user.community, period.period)
        ]
    return {
        f"bills/{label}-{run.version}.pdf": render_bill(
            {**bill.content, "number": bill.number, "issued_utc": bill.issued_utc},
            proof_of(context, run),
            user.locale,
        )
        for label, run, bill in found
        if bill is not None
    }


def _keys(
    records: Records, user: UserRecord, periods: Sequence[tuple[PeriodRecord, list[dict[str, Any]]]]
) -> list[dict[str, Any]]:
    return [
        {"period": period.label, "slot": key.slot, "key": key.key, "nonce": key.nonce}
        for period, terms in periods
        for key in records.slot_keys(user.community, period.period)
        if key.slot in {term["slot"] for term in terms}
    ]


def _postings(
    records: Records, user: UserRecord, periods: Sequence[tuple[PeriodRecord, list[dict[str, Any]]]]
) -> bytes:
    rows = []
    for period, terms in periods:
        own = {f"{kind}/{term['seat']}" for term in terms for kind in ("member", "producer")}
        for posting in records.postings(user.community, period.period):
            rows += [
                (period.label, posting.id, posting.reason, account, cents)
                for account, cents in posting.entries
                if account in own
            ]
    return _table(("period", "posting", "reason", "account", "amount_cents"), rows)


def _accesses(records: Records, user: UserRecord) -> bytes:
    rows = []
    for by, what, at_utc in records.accesses(subject_of(user.community, user.participant)):
        who = records.user(by)
        rows.append((_instant(at_utc), who.login if who else by, what))
    return _table(("at", "by", "what"), rows)


def _forecasts(records: Records, user: UserRecord) -> bytes:
    """Every forecast that is about the person alone, as it was made."""
    rows = []
    for record in records.forecasts(user.community):
        if user.participant not in record.owners:
            continue
        made = forecast_of(record)
        head = (
            record.subject,
            record.target,
            record.unit,
            _instant(record.origin_utc),
            _instant(record.made_utc),
        )
        tail = (record.model_name, record.model, record.weather.value, record.reason)
        low, high = made.at(0.1).tolist(), made.at(0.9).tolist()
        rows += [
            (*head, _instant(start), f"{mean:.1f}", f"{p10:.1f}", f"{p90:.1f}", *tail)
            for start, mean, p10, p90 in zip(
                made.starts_utc.tolist(), made.mean.tolist(), low, high, strict=True
            )
        ]
    columns = ("subject", "target", "unit", "origin", "made", "start", "mean", "p10", "p90")
    return _table((*columns, "model", "model_hash", "weather", "fallback"), rows)


def _readings(intervals: IntervalStore, view: CommunityView, points: Sequence[str]) -> bytes:
    """Each load's readings, so that what was corrected is there too."""
    community, rows = view.record.id, []
    start, end = intervals.span(community) or (0, 0)
    for load in intervals.loads(community):
        table = intervals.readings(community, points, start, end, [load.id])
        rows += [
            (
                points[point],
                _instant(at),
                table.resolution_minutes,
                "" if quality == Quality.MISSING else format_kilowatt_hours(energy),
                Quality(quality).name.lower(),
                _instant(load.received_utc),
            )
            for point, at, energy, quality in zip(
                table.point.tolist(),
                table.start_utc.tolist(),
                table.energy.tolist(),
                table.quality.tolist(),
                strict=True,
            )
        ]
    columns = ("metering_point", "start", "resolution_minutes", "energy_kwh", "quality", "received")
    return _table(columns, rows)


def _register_reads(intervals: IntervalStore, view: CommunityView, points: Sequence[str]) -> bytes:
    """Each load's register reads, as for readings."""
    rows = []
    for load in intervals.loads(view.record.id):
        if not load.registers:
            continue
        found = intervals.register_reads(view.record.id, points, 0, _LAST_UTC, [load.id])
        rows += [
            (
                point,
                _instant(read.instant_utc),
                read.series.channel,
                read.meter,
                format_kilowatt_hours(read.value),
                read.code,
                _instant(load.received_utc),
            )
            for point in points
            for read in found.get(point, ())
        ]
    columns = ("metering_point", "at", "register", "meter", "energy_kwh", "source_quality", "received")
    return _table(columns, rows)


def _allocations(
    context: SettlementContext,
    view: CommunityView,
    periods: Sequence[tuple[PeriodRecord, list[dict[str, Any]]]],
) -> dict[str, bytes]:
    files, members = {}, view.community
    for period, terms in periods:
        calendar = PeriodCalendar(period.span, members.time_zone, members.resolution_minutes)
        starts = [_instant(start) for start in calendar.starts_utc()]
        with context.store.reading() as records:
            runs = records.runs(view.record.id, period.period)
        for run in runs:
            frame = context.intervals.allocation(view.record.id, period.period, run.version)
            rows = [
                (term["point"], start, format_kilowatt_hours(energy), format_kilowatt_hours(shared))
                for term in terms
                for start, energy, shared in zip(
                    starts,
                    frame.energy[term["slot"]].tolist(),
                    frame.allocated[term["slot"]].tolist(),
                    strict=True,
                )
            ]
            columns = ("metering_point", "start", "energy_kwh", "allocated_kwh")
            files[f"allocations/{period.label}-{run.version}.csv"] = _table(columns, rows)
    return files


def _consents(context: SettlementContext, user: UserRecord) -> list[dict[str, Any]]:
    try:
        told = consents_of(context, user)
    except ChainError:
        return []
    return [
        {
            "grantee": consent["grantee"].address,
            "scope": consent["scope"].name.lower(),
            "begins": _instant(consent["from_utc"]),
            "ends": _instant(consent["until_utc"]),
            "holds": consent["holds"],
        }
        for consent in told
    ]


def _index(files: dict[str, bytes], user: UserRecord, now: int) -> bytes:
    """A page that says what each file is, in the user's language."""
    words = EXPORT_WORDS[user.locale]
    rows = []
    for name in sorted(files):
        key = name if name in words else name.partition("/")[0] + "/"
        rows.append(
            f'<tr><td><a href="{escape(name, quote=True)}">{escape(name)}</a></td><td>{escape(words[key])}</td></tr>'
        )
    return (
        f'<!doctype html><html lang="{user.locale}"><meta charset="utf-8"><title>{escape(words["title"])}</title>'
        f"<h1>{escape(words['title'])}</h1><p>{escape(words['made'])} {_instant(now)}. {escape(words['chain'])}</p>"
        f"<table>{''.join(rows)}</table></html>"
    ).encode()
