"""A community file (COMMUNITY.toml): read strictly, and written so that reading gives the same community."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

from backend.community.conformity_tables import LIMIT_KEYS, read_limits
from backend.community.feeders import Feeder
from backend.community.governance_terms import GOVERNANCE_KEYS, read_governance
from backend.community.key_tables import KEY_KEYS, METHODS, read_sharing_key
from backend.community.legal import LegalTerms
from backend.community.members import Community, Direction, MeteringPoint, Participant
from backend.community.rule import AllocationSource, ConformityLimits, Rule
from backend.community.site import SITE_KEYS, read_site
from backend.community.tables import Document, Table, name_nearest
from backend.community.tariff_tables import TARIFF_KEYS, check_pricing, read_tariff
from backend.community.vat import VatStatus
from backend.errors import CommunityDefinitionError, InputError
from backend.quantities import PARTS_PER_MILLION
from backend.quantities.periods import load_time_zone

__all__ = ["METHODS", "read_definition", "read_rule", "read_rule_document"]

_SOURCES = ("solar", "wind", "hydro", "biogas", "biomass", "geothermal", "cogeneration", "storage", "other")
_PHASES = ("L1", "L2", "L3", "L123")
_RULE_TABLES = ("settlement", "allocation", "sharing_key", "conformity", "tariff")
_TABLES = (
    *("community", "site", "legal", "governance", *_RULE_TABLES),
    *("participants", "metering_points", "feeders"),
)
_COMMUNITY_KEYS = (
    *("id", "name", "country", "time_zone", "currency", "resolution_minutes"),
    *("vat_status", "note"),
)
_PARTICIPANT_KEYS = tuple(field.name for field in fields(Participant))
_POINT_KEYS = tuple(field.name for field in fields(MeteringPoint))
_FEEDER_KEYS = tuple(field.name for field in fields(Feeder))
_HOURS_MAX = 24 * 366
_OF_PANELS = (("tilt_degrees", 0, 90), ("azimuth_degrees", 0, 360), ("peak_kw", 0.01, 1e6))
_FEED_IN_ONLY = ("source", *(key for key, _, _ in _OF_PANELS))
_LEGAL_KEYS = tuple(field.name for field in fields(LegalTerms))
_VOLTAGES = ("low", "medium", "high", "very_high")
_INCENTIVE_MINUTES = 60

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
    _check_owners(document, participants, points)
    listed = document.tables("feeders", _FEEDER_KEYS) if "feeders" in document.root else ()
    feeders = [_read_feeder(table, points) for table in listed]
    rule = _read_rule_tables(_Surroundings(document, _vat_status(head), points, _resolution(head)), None)
    legal = document.table("legal", _LEGAL_KEYS, required=False)
    governance = read_governance(document.table("governance", GOVERNANCE_KEYS, required=False))
    site = _placed(file, lambda: read_site(document.table("site", SITE_KEYS, required=False)))
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
            legal=_read_legal(legal) if legal else LegalTerms(),
            governance=governance,
            feeders=tuple(feeders),
            site=site,
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
    return read_rule_document(Document(text, file), community)


def read_rule_document(document: Document, community: Community) -> Rule:
    """The same of a document that is read already.

    Raises:
        CommunityDefinitionError: As for ``read_definition``.
    """
    document.refuse_unknown_tables(_RULE_TABLES)
    surroundings = _Surroundings(
        document,
        community.rule.tariff.vat_status,
        community.metering_points,
        community.resolution_minutes,
    )
    return _read_rule_tables(surroundings, community.rule)


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
            energy_poor=table.flag("energy_poor", default=False),
        )
    except CommunityDefinitionError as error:
        raise _in_table(table, error) from None


def _read_point(table: Table) -> MeteringPoint:
    direction = Direction[table.choice("direction", ("consumption", "feed_in")).upper()]
    for key in _FEED_IN_ONLY:
        if table.has(key) and direction is not Direction.FEED_IN:
            raise table.error(key, "is of feed-in points only; remove it from a consumption point")
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
            **{key: table.number(key, low, high) for key, low, high in _OF_PANELS if table.has(key)},
        )
    except CommunityDefinitionError as error:
        raise _in_table(table, error) from None


def _read_feeder(table: Table, points: Sequence[MeteringPoint]) -> Feeder:
    behind = table.raw("metering_points") if table.has("metering_points") else []
    if not isinstance(behind, list) or not all(isinstance(name, str) for name in behind):
        raise table.error("metering_points", 'is a list of ids, such as ["home-01-load", "home-01-solar"]')
    if table.has("metering_points") and not behind:
        raise table.error("metering_points", "is empty; list who is behind it, or remove the line for all")
    known = {point.id for point in points}
    for name in behind:
        if name not in known:
            nearest = name_nearest(name, known).removesuffix(".")
            raise table.error("metering_points", f'names "{name}", which is not in the file; {nearest}')
    try:
        return Feeder(
            id=table.text("id"),
            external_id=table.text("external_id") if table.has("external_id") else None,
            metering_points=tuple(behind),
        )
    except CommunityDefinitionError as error:
        raise _in_table(table, error) from None


def _in_table(table: Table, error: CommunityDefinitionError) -> CommunityDefinitionError:
    """The refusal with its place, where the value itself refused and could not know it."""
    message = str(error)
    if f"[{table.name}]" in message:
        return error
    return table.error("", f"cannot be taken: {message.removesuffix('.')}")


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What rule tables are read against."""

    document: Document
    vat_status: VatStatus
    points: Sequence[MeteringPoint]
    resolution_minutes: int


def _read_rule_tables(around: _Surroundings, base: Rule | None) -> Rule:
    document = around.document
    settlement = document.table("settlement", ("contest_window_hours",), required=False)
    window = base.contest_window_seconds if base else None
    if settlement is not None and settlement.has("contest_window_hours"):
        window = settlement.integer("contest_window_hours", 0, _HOURS_MAX) * 3600
    allocation = document.table("allocation", ("source",), required=False)
    source = base.source if base else AllocationSource.COMPUTED
    if allocation is not None and allocation.has("source"):
        known = [source.name.lower() for source in AllocationSource]
        source = AllocationSource[allocation.choice("source", known).upper()]
    key_table = document.table("sharing_key", KEY_KEYS, required=base is None)
    limits = document.table("conformity", LIMIT_KEYS, required=False)
    tariff_table = document.table("tariff", TARIFF_KEYS, required=base is None)
    kept_limits = base.limits if base else ConformityLimits()
    key = read_sharing_key(key_table, around.points) if key_table else _kept(base).sharing_key
    if key_table and key.method == "incentive" and around.resolution_minutes != _INCENTIVE_MINUTES:
        raise key_table.error(
            "method",
            f'is "incentive", which counts shared energy by the hour; the community settles every '
            f"{around.resolution_minutes} minutes: write resolution_minutes = 60",
        )
    if tariff_table:
        tariff = read_tariff(tariff_table, around.vat_status, key, around.points)
    else:
        tariff = _kept(base).tariff
        if key_table:
            check_pricing(key_table, tariff, key)
    return Rule(
        sharing_key=key,
        tariff=tariff,
        limits=read_limits(limits, kept_limits) if limits else kept_limits,
        contest_window_seconds=window,
        source=source,
    )


def _kept(base: Rule | None) -> Rule:
    assert base is not None  # else the table was required
    return base


def _read_legal(table: Table) -> LegalTerms:
    default = LegalTerms()
    return LegalTerms(
        form=table.text("form", default.form),
        grid_level=table.integer("grid_level", 1, 7) if table.has("grid_level") else None,
        same_transformer=table.flag("same_transformer", default=False)
        if table.has("same_transformer")
        else None,
        primary_substation=table.text("primary_substation", default.primary_substation),
        voltage=table.choice("voltage", _VOLTAGES, default.voltage),
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
