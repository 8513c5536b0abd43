"""Who is who on an invoice: addresses, tax numbers, bank accounts, mandates. Personal, erasable, never logged.

A file PARTIES.toml has a table ``[community]`` and one ``[[participants]]`` each. All of it is optional until an
invoice or a payment needs it; then what is missing is named, and for whom.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from stdnum import bic, iban, luhn
from stdnum.eu import at_02, vat

from backend.community.tables import Document, Table, name_nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["COMMUNITY_PARTY", "PartyDetails", "read_parties"]

#: Under which key the community's own details are kept: no participant has an empty id.
COMMUNITY_PARTY = ""

_SIREN = "0002"
#: Registers of ISO 6523 that a company of our countries has a number in.
_SCHEMES = (
    *("0002", "0007", "0009", "0060", "0088", "0096", "0106", "0151", "0183", "0184", "0190", "0191", "0192"),
    *("0195", "0198", "0199", "0200", "0201", "0204", "0208", "0209", "0210", "0211", "0213", "0240"),
)
#: ISO 3166-1, two letters each.
_LETTERS = (
    "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCR"
    "CUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHU"
    "IDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQ"
    "MRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSI"
    "SJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW"
)
_COUNTRIES = frozenset(_LETTERS[place : place + 2] for place in range(0, len(_LETTERS), 2))


@dataclass(frozen=True, slots=True)
class PartyDetails:
    """What the treasurer knows of a party; empty where nothing is known.

    Attributes:
        name: Legal name, where it is not the one of the community file.
        street, street_2, postcode, city: Postal address.
        country: ISO 3166-1, two letters.
        vat_id: VAT identifier with its country, such as ``FR40123456782``.
        tax_id: Local tax number of a seller who has no VAT identifier.
        legal_id: Number in a register of companies.
        legal_scheme: That register, of ISO 6523; ``0002`` is SIREN.
        email: Where invoices are sent.
        iban, bic: Account.
        mandate_id: Reference of the SEPA mandate that it signed.
        mandate_date: When, ISO 8601.
        creditor_id: SEPA creditor identifier (the community's).
    """

    name: str = ""
    street: str = ""
    street_2: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    vat_id: str = ""
    tax_id: str = ""
    legal_id: str = ""
    legal_scheme: str = ""
    email: str = ""
    iban: str = ""
    bic: str = ""
    mandate_id: str = ""
    mandate_date: str = ""
    creditor_id: str = ""

    @property
    def can_be_debited(self) -> bool:
        """Is there an account and a signed mandate?"""
        return bool(self.iban and self.mandate_id and self.mandate_date)

    def as_dict(self) -> dict[str, str]:
        """JSON-ready; what is empty is left out."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> PartyDetails:
        """The details that ``as_dict`` gave."""
        return cls(**kept)


_KEYS = tuple(field.name for field in fields(PartyDetails))


def read_parties(text: str, file: str, participants: Collection[str]) -> dict[str, PartyDetails]:
    """Read a file of parties.

    Args:
        text: Its content, TOML.
        file: Its name, for messages.
        participants: Ids that it may name.

    Returns:
        Details by participant id; the community's under ``COMMUNITY_PARTY``. Of whom the file tells nothing is not
        there; what it leaves empty counts as not known.

    Raises:
        CommunityDefinitionError: Naming file, line, key and value of the first thing that does not fit.
    """
    document = Document(text, file)
    document.refuse_unknown_tables(("community", "participants"))
    found = {}
    own = document.table("community", _KEYS, required=False)
    if own is not None:
        found[COMMUNITY_PARTY] = _read(own)
    if "participants" in document.root:
        for table in document.tables("participants", ("id", *_KEYS)):
            participant = table.text("id")
            if participant not in participants:
                raise table.error("id", f'is "{participant}"; {name_nearest(participant, participants)}')
            if participant in found:
                raise table.error("id", f'is "{participant}", which is there twice; each is listed once')
            found[participant] = _read(table)
    return {party: details for party, details in found.items() if details != PartyDetails()}


def _read(table: Table) -> PartyDetails:
    texts = {
        name: " ".join(table.text(name).split())
        for name in _KEYS
        if name != "mandate_date" and _is_told(table, name)
    }
    signed = table.date("mandate_date") if _is_told(table, "mandate_date") else None
    details = PartyDetails(**texts, mandate_date=signed.isoformat() if signed else "")
    _check_codes(table, details)
    if bool(details.mandate_id) != bool(details.mandate_date):
        lacking = "mandate_date" if details.mandate_id else "mandate_id"
        raise table.error(lacking, "is missing; a mandate has a reference and the date of its signature")
    return _compact(details)


def _is_told(table: Table, name: str) -> bool:
    """A line between whose quotes nothing stands is one of the template that nobody has filled in yet."""
    value = table.raw(name) if table.has(name) else ""
    return not (isinstance(value, str) and not value.strip())


def _check_codes(table: Table, details: PartyDetails) -> None:
    if details.country and details.country not in _COUNTRIES:
        raise table.error(
            "country", f'is "{details.country}"; write two capital letters of ISO 3166 such as "FR"'
        )
    if details.legal_scheme and details.legal_scheme not in _SCHEMES:
        listed = ", ".join(_SCHEMES)
        raise table.error(
            "legal_scheme", f'is "{details.legal_scheme}"; registers of ISO 6523 known here are {listed}'
        )
    checks = {
        "iban": (_is_iban, "is no IBAN: its check digits do not fit"),
        "bic": (bic.is_valid, "is no BIC of 8 or 11 characters"),
        "creditor_id": (at_02.is_valid, "is no SEPA creditor identifier: its check digits do not fit"),
        "vat_id": (vat.is_valid, "is no VAT identifier of an EU country: its check digits do not fit"),
    }
    for name, (is_valid, problem) in checks.items():
        value = getattr(details, name)
        if value and not is_valid(value):
            raise table.error(name, f"{problem}; check it against the document that it is from")
    if details.legal_scheme == _SIREN and not luhn.is_valid(details.legal_id.replace(" ", "")):
        raise table.error("legal_id", "is no SIREN: its check digit does not fit")
    if details.email and ("@" not in details.email or " " in details.email):
        raise table.error("email", "is no e-mail address")


def _is_iban(value: str) -> bool:
    """Structure and check digits; lists of a country's banks lag behind and are not asked."""
    return bool(iban.is_valid(value, check_country=False))


def _compact(details: PartyDetails) -> PartyDetails:
    """Account and tax numbers without the blanks that people read them by."""
    coded = ("iban", "bic", "creditor_id", "vat_id")
    plain = {name: getattr(details, name).replace(" ", "").upper() for name in coded}
    return PartyDetails(**asdict(details) | plain)
