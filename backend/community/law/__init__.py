"""Which sharing keys, steps and perimeters a country's law allows, with the article that says so.

A *profile* is a country's law as dated parameters: its *forms* (a community is one of them), and for each the methods,
the perimeter and the limits. ``check_law`` holds a community against it on a date and gives findings; it never guesses:
what the file does not say (coordinates, power) is a finding of its own. The sources are named beside each figure, as
they stood on 1 November 2026; they inform a decision and are no legal advice.
"""

from backend.community.law.checking import check_law, network_rebate, require_lawful, shared_excise
from backend.community.law.findings import LegalFinding, Severity
from backend.community.law.profiles import PROFILES
from backend.community.law.provisions import Dated, Form, Profile

__all__ = [
    "PROFILES",
    "Dated",
    "Form",
    "LegalFinding",
    "Profile",
    "Severity",
    "check_law",
    "network_rebate",
    "require_lawful",
    "shared_excise",
]
