"""Who shares: participants, their metering points, the rule they voted, and how a community file says it.

A *participant* owns *metering points*, each of one direction. The *rule* (sharing key, tariff, conformity limits,
contest window) is versioned apart from the members: members come and go, a rule holds from a period's start.
All values are checked on construction; ``read_definition`` turns a community file into them or says what is wrong.
"""

from backend.community.conformity_tables import changed_terms
from backend.community.definition import METHODS, read_definition, read_rule
from backend.community.feeders import Feeder, FeederSeries, is_feeder_series
from backend.community.governance_terms import GovernanceTerms
from backend.community.members import Community, Direction, MeteringPoint, Participant
from backend.community.rule import (
    AllocationSource,
    Biller,
    ConformityLimits,
    GapTreatment,
    LinkCap,
    LinkTerms,
    PriceWindow,
    Pricing,
    Rule,
    Seller,
    SharingKeyChoice,
    Tariff,
    Tier,
)
from backend.community.rule_form import form_of_rule, read_rule_form
from backend.community.site import CommunitySite
from backend.community.vat import VatStatus
from backend.community.writing import write_definition

__all__ = [
    "METHODS",
    "AllocationSource",
    "Biller",
    "Community",
    "CommunitySite",
    "ConformityLimits",
    "Direction",
    "Feeder",
    "FeederSeries",
    "GapTreatment",
    "GovernanceTerms",
    "LinkCap",
    "LinkTerms",
    "MeteringPoint",
    "Participant",
    "PriceWindow",
    "Pricing",
    "Rule",
    "Seller",
    "SharingKeyChoice",
    "Tariff",
    "Tier",
    "VatStatus",
    "changed_terms",
    "form_of_rule",
    "is_feeder_series",
    "read_definition",
    "read_rule",
    "read_rule_form",
    "write_definition",
]
