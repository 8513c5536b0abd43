"""What invoices need to know of whom: told all at once, and as a file to fill in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.billing.invoices.parties import COMMUNITY_PARTY, PartyDetails
from backend.community import Biller, Direction, Seller, VatStatus
from backend.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from backend.community import Community, Participant

__all__ = ["Need", "missing_details", "needs_of_community", "refuse_missing", "write_parties_template"]

_NAMES = {
    "iban": "IBAN",
    "vat_id": "vat_id or tax_id",
    "creditor_id": "SEPA creditor identifier (creditor_id)",
}
_ADDRESS = ("street", "postcode", "city")
_LISTED = 3
_NOTE_COLUMN = 32
_INCENTIVE = "incentive"

_NOTES = {
    "name": "legal name, where it is another",
    "country": "two letters of ISO 3166",
    "vat_id": "of a seller who owes VAT or is exempt from it; tax_id where there is none",
    "tax_id": "local tax number",
    "legal_id": "number in a register of companies",
    "legal_scheme": "that register by ISO 6523: 0002 is SIREN",
    "mandate_id": "reference of the direct debit mandate, once signed",
    "mandate_date": "such as 2026-01-15",
    "creditor_id": "for direct debits",
}
_IBAN_NOTES = {"own": "members pay to it", "paid": "to be paid for energy", "other": "for direct debits"}


@dataclass(frozen=True, slots=True)
class Need:
    """What is needed of a party, and what is of use.

    Attributes:
        party: Participant's id, or ``COMMUNITY_PARTY``.
        required: Without these no invoice that names it can be issued or paid.
        optional: What may be told too.
    """

    party: str
    required: tuple[str, ...]
    optional: tuple[str, ...]


def needs_of_community(community: Community) -> tuple[Need, ...]:
    """What a community's invoices will need, by its file alone: of itself, then of each participant."""
    tariff = community.rule.tariff
    address = (*_ADDRESS, "country") if community.country == "none" else _ADDRESS
    taxed = tariff.vat_status is not VatStatus.PRIVATE
    own = Need(
        COMMUNITY_PARTY,
        (*address, *(("vat_id",) if taxed else ()), "iban"),
        ("name", "street_2", "tax_id", "legal_id", "legal_scheme", "email", "bic", "creditor_id"),
    )
    return (own, *(_need_of(community, participant, address) for participant in community.participants))


def _need_of(community: Community, participant: Participant, address: tuple[str, ...]) -> Need:
    tariff = community.rule.tariff
    directions = {
        point.direction for point in community.metering_points if point.participant == participant.id
    }
    feeds_in = Direction.FEED_IN in directions
    billed = tariff.billed_by_community
    key = community.rule.sharing_key
    nets = key.method != _INCENTIVE  # an incentive is paid on, and sells nothing
    shares = nets and (tariff.seller is Seller.PRODUCER or Biller.SHARED in billed)
    sells = feeds_in and (shares or Biller.SURPLUS in billed)
    owns_surplus = key.surplus_owner == "consumer" and Biller.SURPLUS in billed
    is_paid = sells or owns_surplus or not nets
    taxed = (sells or owns_surplus) and participant.vat_status is not VatStatus.PRIVATE
    required = (*address, *(("vat_id",) if taxed else ()), *(("iban",) if is_paid else ()))
    optional = ("name", "street_2", "vat_id", "tax_id", "legal_id", "legal_scheme", "email", "iban", "bic")
    more = tuple(name for name in optional if name not in required)
    return Need(participant.id, required, (*more, "mandate_id", "mandate_date"))


def refuse_missing(
    parties: Mapping[str, PartyDetails], needs: Iterable[tuple[str, Sequence[str]]], community: str
) -> None:
    """Refuse unless all that is needed is known; what is missing is told of everyone at once, by id.

    Args:
        parties: Details by participant; the community's under ``COMMUNITY_PARTY``.
        needs: Party and the attributes needed of it; ``vat_id`` may be a ``tax_id`` instead.
        community: Its id, for the remedy.

    Raises:
        InputError: Saying which fields are missing for whom.
    """
    told = missing_details(parties, needs)
    if told:
        raise InputError(
            f"{'; '.join(told)}. Write it into PARTIES.toml (partage parties template {community} > PARTIES.toml "
            f"begins one) and load it with: partage parties load {community} PARTIES.toml"
        )


def missing_details(
    parties: Mapping[str, PartyDetails], needs: Iterable[tuple[str, Sequence[str]]]
) -> list[str]:
    """What is missing, in words; those who lack the same are told together."""
    missing: dict[str, dict[str, None]] = {}
    for party, names in needs:
        details = parties.get(party, PartyDetails())
        for name in names:
            if not (getattr(details, name) or (name == "vat_id" and details.tax_id)):
                missing.setdefault(party, {})[name] = None
    alike: dict[tuple[str, ...], list[str]] = {}
    for party, lacking in missing.items():
        alike.setdefault(tuple(lacking), []).append(party or "the community")
    return [
        f"{_who(who)} {'has' if len(who) == 1 else 'have'} no {', '.join(_NAMES.get(name, name) for name in names)}"
        for names, who in alike.items()
    ]


def _who(parties: Sequence[str]) -> str:
    if len(parties) == 1:
        return parties[0]
    if len(parties) <= _LISTED:
        return f"{', '.join(parties[:-1])} and {parties[-1]}"
    return f"{', '.join(parties[:_LISTED])} and {len(parties) - _LISTED} more"


def write_parties_template(community: Community, parties: Mapping[str, PartyDetails]) -> str:
    """A file of parties to fill in: a table for the community and each member, what is needed of each, what is of use.

    Args:
        community: Whose members.
        parties: What is known already, which is written where it belongs.

    Returns:
        TOML that ``read_parties`` takes as it is; what is left empty counts as not known.
    """
    people = {participant.id: participant.name for participant in community.participants}
    lines = [
        f"# Who is who on the invoices of {community.id}. All of it is personal: keep the file private.",
        "# Fill in what stands between the quotes; lines that begin with # may be left as they are. Then:",
        f"#   partage parties load {community.id} PARTIES.toml",
    ]
    for need in needs_of_community(community):
        if need.party == COMMUNITY_PARTY:
            lines += ["", _noted("[community]", community.name)]
        else:
            lines += ["", _noted("[[participants]]", people[need.party]), f'id = "{need.party}"']
        details = parties.get(need.party, PartyDetails())
        for name in (*need.required, *need.optional):
            value = getattr(details, name)
            is_needed = name in need.required and not (name == "vat_id" and details.tax_id)
            line = f"{'' if value or is_needed else '# '}{name} = {_quoted(value)}"
            lines.append(_noted(line, "" if value else _note(need, name)))
    return "\n".join(lines) + "\n"


def _note(need: Need, name: str) -> str:
    if name == "iban":
        return _IBAN_NOTES["own" if not need.party else "paid" if name in need.required else "other"]
    return _NOTES.get(name, "")


def _noted(line: str, note: str) -> str:
    plain = " ".join("".join(char if char.isprintable() else " " for char in note).split())
    return f"{line:<{_NOTE_COLUMN}}# {plain}" if plain else line


def _quoted(value: str) -> str:
    """A basic string of TOML, which is one of JSON too."""
    return json.dumps(value, ensure_ascii=False)
