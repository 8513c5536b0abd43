"""A community file (COMMUNITY.toml): read strictly, and written so that reading gives the same community."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import TypeVar

from backend.community.members import Community, Direction, MeteringPoint, Participant
from backend.community.rule import (
    Biller,
    ConformityLimits,
    GapTreatment,
    PriceWindow,
    Rule,
    SharingKeyChoice,
    Tariff,
)
from backend.community.tables import Document, Table, name_nearest
from backend.community.vat import VatStatus
from backend.errors import CommunityDefinitionError, InputError
from backend.quantities import PARTS_PER_MILLION, parse_cents, parse_price
from backend.quantities.periods import load_time_zone

__all__ = ["METHODS", "read_definition", "read_rule"]

METHODS = (
    "dynamic",
    "static",
    "equal",
    "static_cascade",
    "hybrid",
    "scheduled",
    "pairwise",
    "priority",
    "flow",
    "incentive",
)
_SOURCES = ("solar", "wind", "hydro", "biogas", "biomass", "geothermal", "cogeneration", "storage", "other")
_PHASES = ("L1", "L2", "L3", "L123")
_OTHER_BILLERS = ("supplier", "grid_operator", "offtaker", "producer")
_RULE_TABLES = ("settlement", "allocation", "sharing_key", "conformity", "tariff")
_TABLES = ("community", *_RULE_TABLES, "participants", "metering_points")
_COMMUNITY_KEYS = (
    *("id", "name", "country", "time_zone", "currency", "resolution_minutes"),
    *("vat_status", "note"),
)
_TARIFF_KEYS = (
    *("shared_price", "residual_price", "surplus_price", "network_price"),
    *("monthly_fee", "vat_ppm", "billed_by"),
)
_PARTICIPANT_KEYS = tuple(field.name for field in fields(Participant))
_POINT_KEYS = tuple(field.name for field in fields(MeteringPoint))
_WINDOW = '{ from = "00:00", to = "06:00", price = "0.16" }'
_HOURS_MAX = 24 * 366
_DAY_MINUTES = 24 * 60

_Value = TypeVar("_Value")


def read_definition(text: str, file: str) -> Community:
    """Read a community file.

    Args:
        text: Its content, TOML.
        file: Its name, for messages.

    Returns:
        The community with its points in file order, which is slot order.

    Raises:
        CommunityDefinitionError: Naming file, line, table, key and value of the first thing that does not fit, and the
            nearest known word where one was mistyped.
    """
    document = Document(text, file)
    document.refuse_unknown_tables(_TABLES)
    head = document.table("community", _COMMUNITY_KEYS, required=True)
    assert head is not None
    participants = [_read_participant(table) for table in document.tables("participants", _PARTICIPANT_KEYS)]
    points = [_read_point(table) for table in document.tables("metering_points", _POINT_KEYS)]
    rule = _read_rule_tables(document, _vat_status(head), None)
    _check_coefficients(document, rule, points)
    _check_owners(document, participants, points)
    return _placed(
        file,
        lambda: Community(
            id=head.text("id"),
            name=head.text("name"),
            country=_country(head),
            time_zone=_time_zone(head),
            currency=head.choice("currency", ("EUR",), "EUR"),
            resolution_minutes=_resolution(head),
            participants=tuple(participants),
            metering_points=tuple(points),
            rule=rule,
            note=head.text("note", ""),
        ),
    )


def read_rule(text: str, file: str, community: Community) -> Rule:
    """Read a file of rule tables alone: what is asked to be voted or rehearsed.

    Args:
        text: Any of the tables ``settlement``, ``allocation``, ``sharing_key``, ``conformity``, ``tariff``.
        file: Its name, for messages.
        community: Tables that are absent keep its rule; coefficients must name its points.

    Raises:
        CommunityDefinitionError: As for ``read_definition``.
    """
    document = Document(text, file)
    document.refuse_unknown_tables(_RULE_TABLES)
    rule = _read_rule_tables(document, community.rule.tariff.vat_status, community.rule)
    _check_coefficients(document, rule, community.metering_points)
    _placed(file, lambda: rule.check_points([point.id for point in community.metering_points]))
    return rule


def _placed(file: str, build: Callable[[], _Value]) -> _Value:
    """What ``build`` gives; refusals of the values themselves get the file's name."""
    try:
        return build()
    except InputError as error:
        message = str(error)
        raise CommunityDefinitionError(
            message if message.startswith(file) else f"{file}: {message}"
        ) from None


def _vat_status(table: Table) -> VatStatus:
    return VatStatus[
        table.choice("vat_status", [status.name.lower() for status in VatStatus], "private").upper()
    ]


def _country(head: Table) -> str:
    value = head.text("country")
    if value != "none" and not (len(value) == 2 and value.isascii() and value.isalpha() and value.isupper()):  # noqa: PLR2004 -- ISO 3166
        raise head.error("country", f'is "{value}"; write two letters such as "FR", or "none" without a law')
    return value


def _time_zone(head: Table) -> str:
    value = head.text("time_zone")
    try:
        load_time_zone(value)
    except InputError:
        raise head.error(
            "time_zone", f'is "{value}", which is no IANA name; write one such as "Europe/Paris"'
        ) from None
    return value


def _resolution(head: Table) -> int:
    minutes = head.integer("resolution_minutes", 1, 60)
    if 60 % minutes:
        raise head.error(
            "resolution_minutes", f"is {minutes}, which does not divide the hour; use 5, 15, 30 or 60"
        )
    return minutes


def _read_participant(table: Table) -> Participant:
    try:
        return Participant(
            id=table.text("id"),
            name=table.text("name"),
            vat_status=_vat_status(table),
            headers_consent=table.flag("headers_consent", default=False),
        )
    except CommunityDefinitionError as error:
        raise _in_table(table, error) from None


def _read_point(table: Table) -> MeteringPoint:
    direction = Direction[table.choice("direction", ("consumption", "feed_in")).upper()]
    if table.has("source") and direction is not Direction.FEED_IN:
        raise table.error("source", "is of feed-in points only; remove it from a consumption point")
    try:
        return MeteringPoint(
            id=table.text("id"),
            participant=table.text("participant"),
            direction=direction,
            external_id=table.text("external_id") if table.has("external_id") else None,
            source=table.choice("source", _SOURCES) if table.has("source") else None,
            phase=table.choice("phase", _PHASES) if table.has("phase") else None,
            max_power_watts=table.integer("max_power_watts", 1, 10**9)
            if table.has("max_power_watts")
            else None,
            participation_ppm=table.integer("participation_ppm", 1, PARTS_PER_MILLION, PARTS_PER_MILLION),
            valid_from=table.date("valid_from"),
            valid_to=table.date("valid_to"),
            latitude=table.number("latitude", -90, 90) if table.has("latitude") else None,
            longitude=table.number("longitude", -180, 180) if table.has("longitude") else None,
        )
    except CommunityDefinitionError as error:
        raise _in_table(table, error) from None


def _in_table(table: Table, error: CommunityDefinitionError) -> CommunityDefinitionError:
    """The refusal with its place, where the value itself refused and could not know it."""
    message = str(error)
    if f"[{table.name}]" in message:
        return error
    return table.error("", f"cannot be taken: {message.removesuffix('.')}")


def _read_rule_tables(document: Document, vat_status: VatStatus, base: Rule | None) -> Rule:
    _refuse_operator_allocation(document)
    settlement = document.table("settlement", ("contest_window_hours",), required=False)
    window = base.contest_window_seconds if base else None
    if settlement is not None and settlement.has("contest_window_hours"):
        window = settlement.integer("contest_window_hours", 0, _HOURS_MAX) * 3600
    key = document.table(
        "sharing_key", ("method", "coefficients_ppm", "surplus_owner"), required=base is None
    )
    limits = document.table("conformity", ("max_estimated_ppm", "max_missing_ppm", "gaps"), required=False)
    tariff = document.table("tariff", _TARIFF_KEYS, required=base is None)
    kept_limits = base.limits if base else ConformityLimits()
    return Rule(
        sharing_key=_read_sharing_key(key) if key else _kept(base).sharing_key,
        tariff=_read_tariff(tariff, vat_status) if tariff else _kept(base).tariff,
        limits=_read_limits(limits) if limits else kept_limits,
        contest_window_seconds=window,
    )


def _kept(base: Rule | None) -> Rule:
    assert base is not None  # else the table was required
    return base


def _refuse_operator_allocation(document: Document) -> None:
    table = document.table("allocation", ("source",), required=False)
    if table and table.choice("source", ("computed", "operator"), "computed") == "operator":
        raise table.error(
            "source", 'is "operator", which cannot be settled yet; write "computed" or remove the table'
        )


def _read_sharing_key(table: Table) -> SharingKeyChoice:
    method = table.choice("method", METHODS)
    coefficients = table.raw("coefficients_ppm") if table.has("coefficients_ppm") else {}
    if not isinstance(coefficients, dict):
        raise table.error("coefficients_ppm", 'is no table; write it like { "home-01-load" = 600000 }')
    for point, value in coefficients.items():
        if not isinstance(value, int) or isinstance(value, bool):
            raise table.error(
                "coefficients_ppm",
                f'of "{point}" is {value!r}; write whole ppm such as 600000',
            )
    if method == "static" and not coefficients:
        raise table.error("coefficients_ppm", 'is missing; "static" shares by it')
    if method == "dynamic" and coefficients:
        raise table.error(
            "coefficients_ppm", 'is not used by "dynamic"; remove it, or write method = "static"'
        )
    owner = table.choice("surplus_owner", ("producer",), "producer")
    try:
        return SharingKeyChoice(method=method, coefficients_ppm=coefficients, surplus_owner=owner)
    except InputError as error:
        raise table.error("coefficients_ppm", f"cannot be taken: {str(error).removesuffix('.')}") from None


def _check_coefficients(document: Document, rule: Rule, points: Sequence[MeteringPoint]) -> None:
    directions = {point.id: point.direction for point in points}
    for point in rule.sharing_key.coefficients_ppm:
        line = document.line_of("sharing_key", 0, "coefficients_ppm")
        place = (
            f"{document.file}, line {line}: [sharing_key] coefficients_ppm"
            if line
            else f"{document.file}: [sharing_key]"
        )
        if point not in directions:
            raise CommunityDefinitionError(
                f'{place} names metering point "{point}", which is not in the file; {name_nearest(point, directions)}'
            )
        if directions[point] is not Direction.CONSUMPTION:
            raise CommunityDefinitionError(
                f'{place} names "{point}", which feeds in; coefficients are of consumption points.'
            )


def _check_owners(
    document: Document, participants: Sequence[Participant], points: Sequence[MeteringPoint]
) -> None:
    known = [participant.id for participant in participants]
    if len(set(known)) < len(known):
        return  # who is there twice is told by name
    for index, point in enumerate(points):
        if point.participant not in known:
            line = document.line_of("metering_points", index, "participant")
            place = f"{document.file}, line {line}" if line else document.file
            raise CommunityDefinitionError(
                f'{place}: [metering_points] {point.id} belongs to participant "{point.participant}", who is not '
                f"in the file; {name_nearest(point.participant, known)}"
            )


def _read_limits(table: Table) -> ConformityLimits:
    default = ConformityLimits()
    gaps = table.choice("gaps", [treatment.value for treatment in GapTreatment], default.gaps.value)
    return ConformityLimits(
        max_estimated_ppm=table.integer("max_estimated_ppm", 0, PARTS_PER_MILLION, default.max_estimated_ppm),
        max_missing_ppm=table.integer("max_missing_ppm", 0, PARTS_PER_MILLION, default.max_missing_ppm),
        gaps=GapTreatment(gaps),
    )


def _read_tariff(table: Table, vat_status: VatStatus) -> Tariff:
    prices, windows = _read_residual_price(table)
    try:
        return Tariff(
            shared_price=table.quantity("shared_price", parse_price),
            residual_prices=prices,
            windows=windows,
            surplus_price=table.quantity("surplus_price", parse_price),
            network_price=table.quantity("network_price", parse_price),
            monthly_fee=table.quantity("monthly_fee", parse_cents, "0"),
            vat_ppm=table.integer("vat_ppm", 0, PARTS_PER_MILLION, 0),
            vat_status=vat_status,
            billed_by_community=_read_billers(table),
        )
    except CommunityDefinitionError:
        raise
    except InputError as error:
        raise table.error("residual_price", f"cannot be taken: {str(error).removesuffix('.')}") from None


def _read_residual_price(table: Table) -> tuple[tuple[int, ...], tuple[PriceWindow, ...]]:
    """Prices by band and the windows that name them; windows of equal price share a band."""
    value = table.raw("residual_price")
    if not isinstance(value, list):
        return (table.quantity("residual_price", parse_price),), (PriceWindow(0, _DAY_MINUTES, 0),)
    prices: list[int] = []
    windows: list[PriceWindow] = []
    for number, entry in enumerate(value, start=1):
        if not isinstance(entry, dict) or not all(
            isinstance(entry.get(key), str) for key in ("from", "to", "price")
        ):
            raise table.error(
                "residual_price",
                f"window {number} must be like {_WINDOW}",
            )
        extra = sorted(set(entry) - {"from", "to", "price"})
        if extra:
            raise table.error(
                "residual_price",
                f'window {number} has "{extra[0]}"; known are from, to, price',
            )
        try:
            price = parse_price(entry["price"], f"the price of window {number}")
        except InputError as error:
            raise table.error("residual_price", f"cannot be taken: {str(error).removesuffix('.')}") from None
        if price not in prices:
            prices.append(price)
        start, end = (_minute(table, number, entry[key]) for key in ("from", "to"))
        windows.append(PriceWindow(start, end, prices.index(price)))
    return tuple(prices), tuple(windows)


def _minute(table: Table, number: int, text: str) -> int:
    hours, _, minutes = text.partition(":")
    if len(text) == len("00:00") and f"{hours}{minutes}".isdecimal() and text.isascii():
        minute = int(hours) * 60 + int(minutes)
        if int(minutes) < 60 and minute <= _DAY_MINUTES:  # noqa: PLR2004 -- minutes of an hour
            return minute
    raise table.error(
        "residual_price",
        f'window {number} names the time "{text}"; write it like "06:00" or "24:00"',
    )


def _read_billers(table: Table) -> Biller:
    names = {biller.name.lower(): biller for biller in Biller if biller.name}
    if not table.has("billed_by"):
        return Biller.SHARED
    value = table.raw("billed_by")
    if not isinstance(value, dict):
        raise table.error(
            "billed_by", 'is no table; write it like { shared = "community", residual = "supplier" }'
        )
    billers = Biller.SHARED
    for line, who in value.items():
        if line not in names:
            raise table.error("billed_by", f'names "{line}"; {name_nearest(line, names).removesuffix(".")}')
        if who not in ("community", *_OTHER_BILLERS):
            known = ("community", *_OTHER_BILLERS)
            raise table.error(
                "billed_by", f'of {line} is "{who}"; {name_nearest(str(who), known).removesuffix(".")}'
            )
        if line == "shared" and who != "community":
            raise table.error(
                "billed_by", f'of shared is "{who}"; only "community" can bill the shared energy yet'
            )
        if who == "community":
            billers |= names[line]
    return billers
