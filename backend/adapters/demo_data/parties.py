"""Who is who on the demonstration's invoices: invented, and each name and address says so.

Accounts and the creditor identifier are the examples that banks print in their own manuals; nobody is paid by them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.billing.invoices import COMMUNITY_PARTY, PartyDetails, write_parties_template
from backend.community import Direction

if TYPE_CHECKING:
    from backend.community import Community

__all__ = ["write_demo_parties"]

_MARK = "invented for the demonstration"
_ACCOUNTS = ("DE89370400440532013000", "AT611904300234573201", "NL91ABNA0417164300", "BE68539007547034")
_OWN_ACCOUNT, _OWN_CREDITOR = "FR7630006000011234567890189", "DE98ZZZ09999999999"
_SIGNED = "2016-07-01"


def write_demo_parties(community: Community) -> str:
    """A PARTIES.toml of a demonstration's community: every other one who uses energy has signed a mandate.

    Returns:
        What a treasurer would write, so that invoices and bank files can be tried at once.
    """
    using = {
        point.participant for point in community.metering_points if point.direction is Direction.CONSUMPTION
    }
    parties = {COMMUNITY_PARTY: _details(0, community.name, iban=_OWN_ACCOUNT, creditor_id=_OWN_CREDITOR)}
    for number, participant in enumerate(community.participants, start=1):
        account = {"iban": _ACCOUNTS[number % len(_ACCOUNTS)]}
        if participant.id in using and number % 2:
            account |= {"mandate_id": f"DEMO-{number:02d}", "mandate_date": _SIGNED}
        parties[participant.id] = _details(number, participant.name, **account)
    return write_parties_template(community, parties)


def _details(number: int, name: str, **more: str) -> PartyDetails:
    return PartyDetails(
        name=f"{name} ({_MARK})",
        street=f"{number} Example Street",
        postcode="00000",
        city="Exampleville",
        country="US",
        tax_id=f"EXAMPLE-{number:02d}",
        **more,
    )
