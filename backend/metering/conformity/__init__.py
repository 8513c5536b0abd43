"""Conformity: what in a community's readings cannot be, or is hard to believe.

A rule has an id, a title, a severity, a treatment, a table of whole-number parameters that can be voted
(``ConformityTerms``) and a function that yields its cases: where, in words, with the value found and the limit. Rules
look at a community's whole history at once (``backend.metering.inspection``), for a fault is known by its course and
by the neighbours; they change nothing. Floating point is welcome here: what a rule computes is never settled.
"""

from backend.metering.conformity.counted_spans import RegisterSpan, register_spans
from backend.metering.conformity.rules import RULES, Rule, check_readings
from backend.metering.conformity.terms import ConformityTerms

__all__ = ["RULES", "ConformityTerms", "RegisterSpan", "Rule", "check_readings", "register_spans"]
